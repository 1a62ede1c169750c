"""What has changed since last quarter, against the rollup's rows themselves, on both ways to it."""

import pytest
from sqlalchemy import select

from dashboard.data import demo, units
from dashboard.data.frames import records
from dashboard.data.queries import attention, progress
from dashboard.data.schema import summary, unit
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period, span
from dashboard.settings import Settings

ROOT = "320412"
OFFICE = Viewer("office", Role.OFFICE, ROOT)
QUARTERS = list(span(Period(2016, 1), Period(2017, 2)))


@pytest.fixture(scope="module")
def demo_store(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('attention')}/demo.db")
    demo.fill(store, settings, villages=48, households=200)
    return store


@pytest.fixture(scope="module")
def sides(demo_store: Store) -> list[str]:
    """The indicators that say of a village on which side of a line it is."""
    with demo_store.reading() as connection:
        told = connection.execute(
            select(summary.c.indicator_code, summary.c.value).where(summary.c.level == "village")
        ).all()
    beyond = {code for code, value in told if value not in (0, 1, None)}
    found = sorted({code for code, value in told if value is not None} - beyond)
    assert found
    return found


def expected(store: Store, code: str, now: Period, sides: list[str]) -> list[tuple[object, ...]]:
    """By the rows of both quarters, compared one by one."""
    with store.reading() as connection:
        villages = {
            row.code: row.name
            for row in connection.execute(select(unit).where(unit.c.level == "village"))
            if code in (ROOT, row.parent_code) and row.valid_to is None
        }
        values = {
            (row.indicator_code, row.unit_code, row.period): row.value
            for row in connection.execute(select(summary).where(summary.c.level == "village"))
        }
    found = []
    for indicator in sides:
        for village in sorted(villages):
            value = values.get((indicator, village, str(now)))
            before = values.get((indicator, village, str(now.previous())))
            if value is not None and value != before:
                found.append((village, villages[village], indicator, before, value))
    return found


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
def test_changed_since_last_quarter(demo_store: Store, sides: list[str], quarter: Period) -> None:
    towns = units.children(demo_store, OFFICE, units.focus(demo_store, OFFICE, ROOT, quarter))
    for code in (ROOT, *(town.code for town in towns)):
        focus = units.focus(demo_store, OFFICE, code, quarter)
        told = records(attention.changed_villages(demo_store, OFFICE, focus, sides))
        assert [tuple(row.values()) for row in told] == expected(demo_store, code, quarter, sides)


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
def test_a_town_is_told_the_same_from_rows_that_are_there(
    demo_store: Store, sides: list[str], quarter: Period
) -> None:
    towns = units.children(demo_store, OFFICE, units.focus(demo_store, OFFICE, ROOT, quarter))
    for town in towns:
        focus = units.focus(demo_store, OFFICE, town.code, quarter)
        both = (quarter, quarter.previous())
        rows = progress.rows_around(demo_store, OFFICE, focus, quarter.previous(), both)
        below = [row for row in rows if row["unit"] != town.code]
        found = attention.changed_children(below, sides, quarter)
        assert [tuple(row.values()) for row in found] == expected(
            demo_store, town.code, quarter, sides
        )


def test_something_changes(demo_store: Store, sides: list[str]) -> None:
    """Else the two above would compare nothing with nothing."""
    told = [expected(demo_store, ROOT, quarter, sides) for quarter in QUARTERS]
    assert sum(map(len, told)) > 10
    assert any(before is not None for rows in told for *_, before, _ in rows)
