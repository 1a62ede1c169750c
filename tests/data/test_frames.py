"""Frames of queries: typed as said, what is missing stays missing on the way there and back."""

import pandas as pd
import pytest

from dashboard.data.frames import frame, records

COLUMNS = ["code", "fen", "rate", "classes"]
ROWS = [
    ("a", 2**53 + 1, 0.5, {"x": 1}),  # an integer that a float does not hold
    ("b", None, None, None),  # nothing told
    ("c", 0, 0.0, {}),  # nothing, told
]


@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], ROWS[1:2], []])
def test_a_frame_is_what_pandas_makes_of_the_rows(rows: list[tuple[object, ...]]) -> None:
    expected = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    expected = expected.astype({"fen": "Int64", "rate": "Float64"})
    found = frame(rows, COLUMNS, whole=["fen"], real=["rate"])
    pd.testing.assert_frame_equal(found, expected)


def test_rows_come_back_as_they_were() -> None:
    made = frame(ROWS, COLUMNS, whole=["fen"], real=["rate"])
    assert records(made) == [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
    assert [type(row["fen"]) for row in records(made)] == [int, type(None), int]


def test_every_way_of_missing_is_none() -> None:
    made = pd.DataFrame({"a": [pd.NA, 1], "b": [float("nan"), 1.5], "c": [pd.NaT, pd.Timestamp(0)]})
    assert records(made)[0] == {"a": None, "b": None, "c": None}
