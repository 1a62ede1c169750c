"""Frames of queries: made of rows, and as plain rows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.arrays import FloatingArray, IntegerArray

Row = Mapping[str, Any]
"""A row of a query by column; what is missing is None."""


def frame(
    rows: Iterable[Sequence[Any]],
    columns: Sequence[str],
    whole: Collection[str] = (),
    real: Collection[str] = (),
) -> pd.DataFrame:
    """Rows of a query with named columns: those of `whole` are Int64, of `real` Float64 (NA where a
    row has None), the others what the database gave."""
    parts = list(zip(*rows, strict=True)) or [()] * len(columns)
    made: dict[str, Any] = {}
    for name, part in zip(columns, parts, strict=True):
        if name in whole or name in real:
            gone = np.fromiter((value is None for value in part), bool, len(part))
            given = ((0 if value is None else value) for value in part)
            if name in whole:
                made[name] = IntegerArray(np.fromiter(given, np.int64, len(part)), gone)
            else:
                made[name] = FloatingArray(np.fromiter(given, np.float64, len(part)), gone)
        else:
            made[name] = pd.Series(part, dtype=object)
    return pd.DataFrame(made, columns=list(columns))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A query's rows as dictionaries; what is missing is None."""
    columns = [_plain(column) for _, column in frame.items()]
    names = [str(name) for name in frame]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(column: "pd.Series[Any]") -> list[Any]:
    if isinstance(column.array, IntegerArray | FloatingArray):
        return list(column.array.to_numpy(dtype=object, na_value=None).tolist())  # type: ignore[arg-type]
    values, gone = column.tolist(), column.isna().to_numpy()
    if not gone.any():
        return list(values)
    return [None if is_gone else value for value, is_gone in zip(values, gone, strict=True)]
