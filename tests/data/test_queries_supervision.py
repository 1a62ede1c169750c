"""Tasks and inspections against plain loops over the rows themselves."""

from collections import defaultdict
from typing import Any

import pytest
from sqlalchemy import select

from dashboard.data import demo, schema, units
from dashboard.data.frames import records
from dashboard.data.queries import supervision
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

ROOT, TOWN = "320412", "320412104"
OFFICE = Viewer("o", Role.OFFICE, ROOT)
PERIOD = Period(2016, 3)
DAY = PERIOD.last_day
Row = dict[str, Any]


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('supervision')}/demo.db")
    demo.fill(store, settings, villages=32, households=64)
    return store


def rows(store: Store, table: Any, code: str) -> list[Row]:
    with store.reading() as connection:
        every = connection.execute(select(table)).mappings()
        return [dict(row) for row in every if row["unit_code"].startswith(code)]


@pytest.mark.parametrize("code", [ROOT, TOWN])
def test_due_and_done_by_kind(filled: Store, code: str) -> None:
    focus = units.focus(filled, OFFICE, code, PERIOD)
    wanted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows(filled, schema.task, code):
        if "2016-01" <= row["due_month"] <= "2016-09":
            wanted[row["unit_code"], row["kind"]][0] += 1
            done = row["done_on"] is not None and row["done_on"] <= DAY
            wanted[row["unit_code"], row["kind"]][1] += done
    found = records(supervision.by_kind(filled, OFFICE, focus))
    assert {(r["unit"], r["kind"]): [r["due"], r["done"]] for r in found} == dict(wanted)
    assert code != ROOT or any(r["due"] > r["done"] for r in found), "something is overdue"


def test_by_month_and_post(filled: Store) -> None:
    focus = units.focus(filled, OFFICE, ROOT, PERIOD)
    wanted: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows(filled, schema.task, ROOT):
        if row["due_month"].startswith("2016"):
            key = (row["due_month"], row["department"], row["post"])
            done = row["done_on"] is not None and row["done_on"] <= DAY
            wanted[key][0] += 1
            wanted[key][1] += done
            wanted[key][2] += not done and row["due_month"] <= "2016-09"
    found = records(supervision.by_month(filled, OFFICE, focus))
    assert {
        (r["due_month"], r["department"], r["post"]): [r["due"], r["done"], r["overdue"]]
        for r in found
    } == dict(wanted)


def test_findings_overdue_first(filled: Store) -> None:
    focus = units.focus(filled, OFFICE, ROOT, PERIOD)
    wanted = {
        (row["unit_code"], row["period"], row["kind"]): row["fix_due_on"] is not None
        and row["fix_due_on"] <= DAY
        and (row["fixed_on"] is None or row["fixed_on"] > DAY)
        for row in rows(filled, schema.inspection, ROOT)
        if "2016Q1" <= row["period"] <= "2016Q3"
    }
    found = records(supervision.inspections(filled, OFFICE, focus))
    told = {(r["unit"], r["period"], r["kind"]): bool(r["overdue"]) for r in found}
    assert told == wanted
    overdue = [bool(r["overdue"]) for r in found]
    assert overdue == sorted(overdue, reverse=True)
    assert any(overdue)


def test_nothing_for_who_may_not_see(filled: Store) -> None:
    focus = units.focus(filled, OFFICE, ROOT, PERIOD)
    for viewer in (None, Viewer("t", Role.TOWN, TOWN), Viewer("p", Role.PUBLIC, ROOT)):
        assert supervision.by_kind(filled, viewer, focus).empty
        assert supervision.by_month(filled, viewer, focus).empty
        assert supervision.inspections(filled, viewer, focus).empty
