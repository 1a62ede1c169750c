"""Frames of queries as plain rows."""

from typing import Any

import pandas as pd


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A query's rows as dictionaries; what is missing is None."""
    columns = [
        [
            None if gone else value
            for value, gone in zip(column.tolist(), column.isna(), strict=True)
        ]
        for column in (frame[name] for name in frame)
    ]
    names = [str(name) for name in frame]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
