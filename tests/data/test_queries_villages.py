"""Villages and their income against plain loops over the rows that were put in."""

from itertools import product
from typing import Any

import pandas as pd
import pytest

from dashboard.data import units
from dashboard.data.ingest.apply import FileInfo, apply_rows
from dashboard.data.queries import villages
from dashboard.data.schema import INCOME_SOURCES
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

D, NEXT = "320412", "320411"
TOWN, OTHER_TOWN, NEXT_TOWN = f"{D}101", f"{D}102", f"{NEXT}101"
ONE, TWO, THREE, GONE = (f"{TOWN}20{n}" for n in (1, 2, 3, 4))
FOUR, NEXT_VILLAGE = f"{OTHER_TOWN}201", f"{NEXT_TOWN}201"
OFFICE = Viewer("office", Role.OFFICE, D)
NOW = Period(2016, 3)
SUMS = ["own_fen", "transfer_fen", "total_fen", "last_year_fen"]

UNITS = [
    # code, parent, level, valid_to, lon
    (D, None, "district", None, 119.9),
    (TOWN, D, "town", None, 119.8),
    (OTHER_TOWN, D, "town", None, None),
    (ONE, TOWN, "village", None, 119.81),  # reports every quarter
    (TWO, TOWN, "village", None, None),  # reports now, not last year; has no place on a map
    (THREE, TOWN, "village", None, 119.83),  # reported last year, not now
    (GONE, TOWN, "village", "2016-06-30", 119.84),  # merged away: it is no village any more
    (FOUR, OTHER_TOWN, "village", None, 119.9),  # of another town
    (NEXT, None, "district", None, 119.7),  # another district in the same store
    (NEXT_TOWN, NEXT, "town", None, 119.7),
    (NEXT_VILLAGE, NEXT_TOWN, "village", None, 119.7),
]
INCOME = [
    # village, period, fen by source in the order of INCOME_SOURCES
    (ONE, "2015Q3", (1, 1, 1, 1, 1, 1, 1)),  # before what the history asks for
    (ONE, "2015Q4", (90_000_000, 20_000_000, 0, 30_000_000, 0, 0, 5_000_000)),  # last year
    (ONE, "2016Q1", (20_000_000, 0, 0, 0, 0, 0, 0)),
    # 2016Q2 is missing: a gap in the history, not a zero.
    (ONE, "2016Q3", (100_000_000, 30_000_000, 0, 19_999_999, 0, 0, 0)),  # one fen below the line
    (ONE, "2016Q4", (200_000_000, 0, 0, 0, 0, 0, 0)),  # later than the focus
    (TWO, "2016Q3", (0, 0, 0, 0, 0, 0, 0)),  # a report of nothing: zero, which is not NA
    (THREE, "2015Q4", (1_000, 200, 30, 4_000, 500, 60, 7)),  # each source told apart
    (THREE, "2016Q2", (5, 5, 5, 5, 5, 5, 5)),  # an older quarter does not stand in for this one
    (GONE, "2015Q4", (3, 3, 3, 3, 3, 3, 3)),
    (FOUR, "2016Q3", (7_000_000, 0, 1_000_000, 0, 2_000_000, 900_000, 0)),
    (NEXT_VILLAGE, "2016Q3", (8, 8, 8, 8, 8, 8, 8)),
]
STRANGERS = [
    None,
    Viewer("public", Role.PUBLIC, D),
    Viewer("other", Role.TOWN, OTHER_TOWN),
    Viewer("next", Role.OFFICE, NEXT),
]


@pytest.fixture
def filled(store: Store, settings: Settings) -> Store:
    unit = [
        {
            "district_code": code[:6],
            "code": code,
            "parent_code": parent,
            "level": level,
            "name": f"名{code}",
            "lon": lon,
            "lat": None if lon is None else 31.6,
            "valid_to": None if gone is None else Period.parse("2016Q2").last_day,
        }
        for code, parent, level, gone, lon in UNITS
    ]
    income = [
        {"district_code": code[:6], "village_code": code, "period": period}
        | {f"{source}_fen": fen for source, fen in zip(INCOME_SOURCES, amounts, strict=True)}
        for code, period, amounts in INCOME
    ]
    with store.writing() as connection:
        file = FileInfo("a.xlsx", "0" * 64)
        apply_rows(connection, settings, {"unit": unit, "village_income": income}, file, "测试")
    return store


def at(store: Store, code: str, period: Period = NOW) -> Focus:
    viewer = OFFICE if code.startswith(D) else Viewer("next", Role.OFFICE, NEXT)
    return units.focus(store, viewer, code, period)


def told(village: str, period: str) -> tuple[int, ...] | None:
    return next((a for v, p, a in INCOME if (v, p) == (village, period)), None)


def expected(under: str, period: Period) -> list[dict[str, Any]]:
    """A second, naive answer: the villages whose code begins so, each looked up by itself."""
    rows = []
    for code, parent, level, gone, lon in sorted(UNITS, key=lambda row: row[0]):
        if level != "village" or gone or not code.startswith(under):
            continue
        now = told(code, str(period))
        last = told(code, f"{period.year - 1}Q4")
        row: dict[str, Any] = {"village": code, "name": f"名{code}", "town": parent, "lon": lon}
        row |= {
            f"{source}_fen": None if now is None else now[place]
            for place, source in enumerate(INCOME_SOURCES)
        }
        # operating, leasing, dividend are its own; fiscal, ecological are handed to it.
        row["own_fen"] = None if now is None else now[0] + now[1] + now[2]
        row["transfer_fen"] = None if now is None else now[3] + now[4]
        row["total_fen"] = None if now is None else sum(now)
        row["last_year_fen"] = None if last is None else sum(last)
        rows.append(row)
    return rows


def plain(frame: pd.DataFrame, columns: list[str]) -> list[dict[str, Any]]:
    return [
        {name: None if pd.isna(row[name]) else row[name] for name in columns}
        for row in frame.to_dict("records")
    ]


def test_incomes_are_the_rows(filled: Store, settings: Settings) -> None:
    for code, period in product(
        (D, TOWN, OTHER_TOWN, ONE, THREE, NEXT),
        (NOW, Period(2016, 1), Period(2015, 4), Period(2017, 1)),
    ):
        viewer = OFFICE if code.startswith(D) else Viewer("next", Role.OFFICE, NEXT)
        frame = villages.incomes(filled, viewer, at(filled, code, period), settings.policy)
        wanted = expected(code, period)
        assert wanted
        assert plain(frame, list(wanted[0])) == wanted, (code, period)
        assert list(frame.columns) == [*villages.INCOME_COLUMNS, *SUMS]
        # Every figure names the batch that it came with; no figure, no batch.
        assert (frame["batch"].notna() == frame["total_fen"].notna()).all()


def test_no_report_is_not_a_report_of_nothing(filled: Store, settings: Settings) -> None:
    frame = villages.incomes(filled, OFFICE, at(filled, TOWN), settings.policy)
    totals = frame.set_index("village")["total_fen"]
    assert totals[TWO] == 0
    assert pd.isna(totals[THREE])


def test_a_village_without_a_place_is_still_a_village(filled: Store, settings: Settings) -> None:
    frame = villages.incomes(filled, OFFICE, at(filled, TOWN), settings.policy)
    assert frame.set_index("village")["lon"].isna().to_dict() == {
        ONE: False,
        TWO: True,
        THREE: False,
    }


def test_history_is_the_rows_in_time(filled: Store) -> None:
    for code, since, until in product(
        (ONE, TWO, THREE, FOUR), ("2015Q4", "2016Q2"), ("2016Q1", "2016Q3", "2016Q4")
    ):
        focus = at(filled, code, Period.parse(until))
        frame = villages.history(filled, OFFICE, focus, Period.parse(since))
        wanted = sorted((p, *a) for v, p, a in INCOME if v == code and since <= p <= until)
        found = frame[["period", *villages.SOURCE_COLUMNS]].itertuples(index=False, name=None)
        assert list(found) == wanted, (code, since, until)
        assert frame["batch"].notna().all()


def test_strangers_see_nothing(filled: Store, settings: Settings) -> None:
    for viewer, code in product(STRANGERS, (TOWN, ONE)):
        focus = at(filled, code)
        assert len(villages.incomes(filled, OFFICE, focus, settings.policy))
        assert villages.incomes(filled, viewer, focus, settings.policy).empty, viewer
        assert villages.history(filled, viewer, focus, Period(2015, 4)).empty, viewer


def test_a_town_sees_its_own_and_not_the_district(filled: Store, settings: Settings) -> None:
    viewer = Viewer("town", Role.TOWN, TOWN)
    assert list(villages.incomes(filled, viewer, at(filled, TOWN), settings.policy)["village"]) == [
        ONE,
        TWO,
        THREE,
    ]
    assert len(villages.history(filled, viewer, at(filled, ONE), Period(2015, 4))) == 3
    assert villages.incomes(filled, viewer, at(filled, D), settings.policy).empty
