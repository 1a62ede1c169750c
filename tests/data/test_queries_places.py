"""What the map is given: outlines and villages, against the registers' own rows, and for whom."""

import pytest
from sqlalchemy import select

from dashboard.data import demo, units
from dashboard.data.queries import places
from dashboard.data.schema import (
    boundary,
    household,
    lifecycle_event,
    pairing,
    unit,
    village_income,
)
from dashboard.data.store import Store, connect
from dashboard.data.units import Focus
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

ROOT, TOWN = "320412", "320412104"
NOW = Period(2017, 2)
OFFICE = Viewer("office", Role.OFFICE, ROOT)


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('places')}/demo.db")
    demo.fill(store, settings, villages=48, households=200)
    return store


def at(store: Store, code: str, period: Period = NOW) -> Focus:
    return units.focus(store, OFFICE, code, period)


def test_every_child_is_there_with_its_outline(filled: Store) -> None:
    with filled.reading() as connection:
        stored = {row.unit_code: row.geometry for row in connection.execute(select(boundary))}
        towns = set(connection.scalars(select(unit.c.code).where(unit.c.parent_code == ROOT)))
    found = places.outlines(filled, OFFICE, at(filled, ROOT))
    assert {area.code for area in found} == towns
    assert all(area.geometry == stored[area.code] for area in found)
    assert [area.code for area in places.outlines(filled, OFFICE, at(filled, TOWN))] == [TOWN]


def test_villages_as_the_registers_have_them(filled: Store, settings: Settings) -> None:
    told = places.villages(filled, OFFICE, at(filled, ROOT), settings)
    day = NOW.last_day
    with filled.reading() as connection:
        villages = connection.execute(select(unit).where(unit.c.level == "village")).all()
        income = {
            row.village_code
            for row in connection.execute(
                select(village_income).where(village_income.c.period == str(NOW))
            )
        }
        events = connection.execute(
            select(lifecycle_event).where(lifecycle_event.c.subject_type == "village")
        ).all()
        secretaries = {
            row.subject
            for row in connection.execute(select(pairing).where(pairing.c.kind == "第一书记"))
            if row.started_on <= day and (row.ended_on is None or row.ended_on >= day)
        }
        families = connection.execute(select(household.c.village_code)).scalars().all()
    exited = {e.subject for e in events if e.event == "退出" and e.happened_on <= day}
    assert len(told) == len(villages) == 48
    rows = {row["village"]: row for row in told}
    assert {code for code, row in rows.items() if row["exited"]} == exited
    assert {code for code, row in rows.items() if row["first_secretary"]} == secretaries
    for village in villages:
        row = rows[village.code]
        assert (row["lon"], row["lat"]) == (village.lon, village.lat)
        assert (row["village"] in income) == (row["total_fen"] is not None)
        assert 0 <= row["households"] <= families.count(village.code)
    assert exited and secretaries, "else the test says nothing"


def test_a_secretary_of_another_time_does_not_count(filled: Store, settings: Settings) -> None:
    before = places.villages(filled, OFFICE, at(filled, ROOT, Period(2015, 4)), settings)
    assert before
    assert not any(row["first_secretary"] or row["exited"] for row in before)


@pytest.mark.parametrize(
    ("viewer", "code"),
    [
        (None, ROOT),
        (Viewer("public", Role.PUBLIC, ROOT), ROOT),
        (Viewer("town", Role.TOWN, TOWN), ROOT),
        (Viewer("town", Role.TOWN, "320412103"), TOWN),
    ],
)
def test_others_see_nothing(
    viewer: Viewer | None, code: str, filled: Store, settings: Settings
) -> None:
    assert not places.outlines(filled, viewer, at(filled, code))
    assert not places.villages(filled, viewer, at(filled, code), settings)
