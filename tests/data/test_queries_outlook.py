"""The expected year ends of a store's villages: whose they are, for whom, and from which rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event, update

from dashboard.data import schema, units
from dashboard.data.ingest.apply import FileInfo, apply_rows
from dashboard.data.queries import outlook
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Role, Viewer
from dashboard.policy.outlook import LEAST_TESTED
from dashboard.policy.periods import Period
from dashboard.settings import Settings

ROOT, TOWN, OTHER = "320412", "320412101", "320412102"
NOW = Period(2017, 2)
OFFICE = Viewer("office", Role.OFFICE, ROOT)
TIMING = (0.2, 0.5, 0.7, 1.0)
SILENT, GONE, NEW = f"{TOWN}201", f"{TOWN}202", f"{TOWN}203"
FAR = [("320413", None, "district"), ("320413101", "320413", "town")]
FAR += [("320413101201", "320413101", "village")]
"""Another district's villages are none of this one's."""
WAN = 1_000_000


def rows() -> list[dict[str, Any]]:
    """Forty villages, 2016 by quarter and 2017 to its third; half of the year is in by June."""
    draw = np.random.default_rng(1)
    found = []
    for town in (TOWN, OTHER):
        for at in range(1, 21):
            village = f"{town}{200 + at}"
            for year in (2016, 2017):
                total = draw.uniform(100, 220) * WAN
                for quarter in (1, 2, 3, 4) if year == 2016 else (1, 2, 3):
                    if (village, year, quarter) == (SILENT, 2017, 2):
                        continue  # has not reported the quarter
                    if village == NEW and year == 2016:
                        continue  # has no year before
                    part = TIMING[quarter - 1] * (1 if quarter == 4 else draw.uniform(0.95, 1.05))
                    fen = int(total * part)
                    found.append(_income(village, Period(year, quarter), fen))
    return found


def _income(village: str, period: Period, fen: int) -> dict[str, Any]:
    amounts = {f"{source}_fen": 0 for source in schema.INCOME_SOURCES}
    amounts |= {"leasing_fen": fen - fen // 3, "fiscal_fen": fen // 3}
    return {"district_code": ROOT, "village_code": village, "period": str(period)} | amounts


@pytest.fixture
def filled(store: Store, settings: Settings) -> Store:
    tree = [(ROOT, None, "district"), (TOWN, ROOT, "town"), (OTHER, ROOT, "town")]
    tree += [(f"{t}{200 + at}", t, "village") for t in (TOWN, OTHER) for at in range(1, 21)]
    tables = {
        "unit": [
            {"district_code": c[:6], "code": c, "parent_code": p, "level": level, "name": f"名{c}"}
            for c, p, level in [*tree, *FAR]
        ],
        "village_income": rows(),
    }
    with store.writing() as connection:
        apply_rows(connection, settings, tables, FileInfo("a.xlsx", "0" * 64), "测试")
        # Merged into another village since: teaches, but its end is nobody's any more.
        connection.execute(
            update(schema.unit).where(schema.unit.c.code == GONE).values(valid_to=date(2017, 4, 1))
        )
    return store


def at(store: Store, code: str, period: Period = NOW) -> Focus:
    return units.focus(store, OFFICE, code, period)


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def test_the_whole_district(filled: Store, settings: Settings) -> None:
    focus = at(filled, ROOT)
    filled.see(filled.version, is_demo=False)
    with counted(filled) as statements:
        found = outlook.year_end(filled, OFFICE, focus, settings.policy)
        outlook.year_end(filled, OFFICE, at(filled, TOWN), settings.policy)
    assert len(statements) == 1, "one reading serves all units of the district"
    assert found is not None
    assert found.line.key == "village_target_2016"
    assert found.check is not None
    assert (found.check.tested, found.check.years) == (39, (2016,))
    assert found.missing == ((f"名{SILENT}", f"名{TOWN}"),)
    codes = {village.code for village in found.villages}
    assert len(codes) == 38
    assert not codes & {SILENT, GONE, "320413101201"}
    for village in found.villages:
        one = village.standing.forecast
        assert one.expected == pytest.approx(one.reached / 0.5, rel=0.02)
        assert (village in found.misses) == (one.expected <= 150 * WAN)
    gaps = [village.standing.gap for village in found.villages]
    assert gaps == sorted(gaps, reverse=True)
    assert found.last_year is None


def test_a_town_and_a_village_have_the_districts_forecast(
    filled: Store, settings: Settings
) -> None:
    """The same expectation wherever one looks; a town sees its own villages and no other's."""
    whole = outlook.year_end(filled, OFFICE, at(filled, ROOT), settings.policy)
    assert whole is not None
    by_code = {village.code: village for village in whole.villages}
    clerk = Viewer("town", Role.TOWN, TOWN)
    town = outlook.year_end(filled, clerk, at(filled, TOWN), settings.policy)
    assert town is not None
    assert town.check == whole.check
    assert {v.code for v in town.villages} == {c for c in by_code if c.startswith(TOWN)}
    for village in town.villages:
        assert village == by_code[village.code]
    one = outlook.year_end(filled, clerk, at(filled, f"{TOWN}205"), settings.policy)
    assert one is not None
    assert one.villages == (by_code[f"{TOWN}205"],)
    last = [r for r in rows() if (r["village_code"], r["period"]) == (f"{TOWN}205", "2016Q4")]
    assert one.last_year == last[0]["leasing_fen"] + last[0]["fiscal_fen"]
    new = outlook.year_end(filled, clerk, at(filled, NEW), settings.policy)
    assert new is not None
    assert new.villages
    assert new.last_year is None


def test_nobody_else_is_told(filled: Store, settings: Settings) -> None:
    others = [
        None,
        Viewer("public", Role.PUBLIC, ROOT),
        Viewer("town", Role.TOWN, TOWN),  # the district is not its own
        Viewer("elsewhere", Role.OFFICE, "320413"),
    ]
    focus = at(filled, ROOT)
    for viewer in others:
        with counted(filled) as statements:
            assert outlook.year_end(filled, viewer, focus, settings.policy) is None
        assert statements == []


def test_a_closed_year_and_the_first_one(filled: Store, settings: Settings) -> None:
    closed = outlook.year_end(filled, OFFICE, at(filled, ROOT, Period(2016, 4)), settings.policy)
    assert closed is None
    first = outlook.year_end(filled, OFFICE, at(filled, ROOT, Period(2016, 3)), settings.policy)
    assert first is not None
    assert first.check is None, f"fewer than {LEAST_TESTED} village-years are closed"
    assert not first.villages


def test_later_quarters_are_not_looked_at(filled: Store, settings: Settings) -> None:
    """Looking back at June from October gives what June gave."""
    before = outlook.year_end(filled, OFFICE, at(filled, ROOT), settings.policy)
    with filled.writing() as connection:
        connection.execute(
            update(schema.village_income)
            .where(schema.village_income.c.period == "2017Q3")
            .values(leasing_fen=999 * WAN)
        )
    assert outlook.year_end(filled, OFFICE, at(filled, ROOT), settings.policy) == before


def test_the_2020_line_holds_in_2020(filled: Store, settings: Settings) -> None:
    found = outlook.year_end(filled, OFFICE, at(filled, ROOT, Period(2020, 1)), settings.policy)
    assert found is not None
    assert found.line.key == "village_target_2020"
    assert len(found.missing) == 39
