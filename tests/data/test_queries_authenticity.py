"""Findings and reports of a demo district: what was planted is found, and who may see what."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from dashboard.data import demo, evidence, schema, units
from dashboard.data.evidence import Evidence
from dashboard.data.frames import records
from dashboard.data.queries import authenticity
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.authenticity.findings import Finding
from dashboard.policy.periods import Period
from dashboard.settings import Settings

ROOT, TOWN = "320412", "320412104"
OFFICE = Viewer("o", Role.OFFICE, ROOT)
LEADER = Viewer("l", Role.LEADER, ROOT)
YEAR_END = Period(2016, 4)


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('quality')}/demo.db")
    demo.fill(store, settings, villages=64, households=400)
    return store


@pytest.fixture(scope="module")
def known(filled: Store, settings: Settings) -> Evidence:
    return evidence_of(filled, settings, YEAR_END)


def evidence_of(store: Store, settings: Settings, period: Period) -> Evidence:
    district = units.focus(store, OFFICE, ROOT, period).unit
    with store.reading() as connection:
        return evidence.read(connection, district, "H04").at(period, settings.policy)


def found(
    store: Store, settings: Settings, viewer: Viewer, code: str = ROOT, period: Period = YEAR_END
) -> dict[str, Finding]:
    look = authenticity.look(store, viewer, units.focus(store, viewer, code, period), settings)
    assert look is not None
    return {lead.finding.check: lead.finding for lead in look.leads}


def rows(store: Store, table: Any) -> Iterator[Any]:
    with store.reading() as connection:
        yield from connection.execute(select(table)).mappings().all()


def test_incomes_are_the_rows_to_the_fen(filled: Store, known: Evidence) -> None:
    incomes = known.inputs.incomes
    told = 0
    for row in rows(filled, schema.village_income):
        if row["period"] > str(YEAR_END):
            continue
        i, at = incomes.villages.index(row["village_code"]), incomes.at(Period.parse(row["period"]))
        assert incomes.fen[i, at].tolist() == [row[f"{s}_fen"] for s in schema.INCOME_SOURCES]
        assert incomes.reported[i, at]
        told += 1
    assert told == incomes.reported.sum() > 0
    assert incomes.periods[-1] == YEAR_END


def test_floor_support_is_known_where_it_was_paid(filled: Store, known: Evidence) -> None:
    paid: dict[str, int] = {}
    for row in rows(filled, schema.fund_flow):
        if row["purpose"] == "兜底保障" and row["year"] == 2016:
            paid[row["unit_code"]] = paid.get(row["unit_code"], 0) + row["allocated_fen"]
    incomes = known.inputs.incomes
    lifted = {v: int(n) for v, n in zip(incomes.villages, incomes.lifted[:, -1], strict=True) if n}
    assert lifted == paid and paid
    # Some of them stand exactly at 120 万元 with it, and none would without.
    totals = incomes.fen[:, -1, :].sum(axis=1)
    assert all(totals[incomes.villages.index(code)] >= 120_000_000 for code in paid)
    assert all(incomes.total(YEAR_END)[incomes.villages.index(code)] < 120_000_000 for code in paid)


def test_exits_with_all_their_events(filled: Store, known: Evidence) -> None:
    events: dict[str, set[tuple[Any, str]]] = {}
    left = set()
    for row in rows(filled, schema.lifecycle_event):
        events.setdefault(row["subject"], set()).add((row["happened_on"], row["event"]))
        day = row["happened_on"]
        if row["event"] == "退出" and YEAR_END.first_day <= day <= YEAR_END.last_day:
            left.add(row["subject"])
    assert {one.subject for one in known.inputs.exits} == left
    assert left
    for one in known.inputs.exits:
        assert {(event.day, event.name) for event in one.events} == events[one.subject]


def test_corrections_are_revisions_of_a_batch(filled: Store, settings: Settings) -> None:
    overwritten = [
        row
        for row in rows(filled, schema.observation_revision)
        if row["table_name"] == "village_income"
    ]
    assert overwritten
    period = Period.parse(overwritten[0]["row_key"].split("|")[1])
    told = evidence_of(filled, settings, period).inputs.revisions
    wanted = [row for row in overwritten if row["row_key"].endswith(str(period))]
    assert len(told) == len(wanted)
    by_village = {row["row_key"].split("|")[0]: row["old_row"] for row in wanted}
    for one in told:
        old = by_village[one.village]
        assert one.old_fen == sum(old[f"{s}_fen"] for s in schema.INCOME_SOURCES)
        assert one.new_fen > one.old_fen, "the demo's corrections add rent that was forgotten"


def test_what_the_demo_planted_is_found(filled: Store, settings: Settings) -> None:
    told = found(filled, settings, OFFICE)
    same = told["same_values"]
    assert len(same.units) == 3
    assert len({row.value for row in same.rows}) == 1
    assert {code[:9] for code in same.units} == {same.units[0][:9]}, "villages of one town"
    assert told["timeliness"].title == "迟报"
    assert told["exits_without_steps"].rows


def test_nothing_is_kept_from_an_older_store(
    filled: Store, settings: Settings, tmp_path: Path
) -> None:
    with sqlite3.connect(str(filled.url.database)) as old:
        old.backup(sqlite3.connect(tmp_path / "copy.db"))
    own = connect(f"sqlite:///{tmp_path / 'copy.db'}")
    before = found(own, settings, OFFICE)
    with own.writing() as connection:
        connection.execute(
            schema.submission.delete().where(schema.submission.c.period == str(YEAR_END))
        )
    assert "timeliness" in before
    assert "timeliness" not in found(own, settings, OFFICE)


@pytest.mark.parametrize(
    "viewer",
    [
        None,
        Viewer("p", Role.PUBLIC, ROOT),
        Viewer("t", Role.TOWN, TOWN),
        Viewer("d", Role.DEPARTMENT, ROOT),
    ],
)
def test_nothing_for_who_may_not_see(
    viewer: Viewer | None, filled: Store, settings: Settings
) -> None:
    focus = units.focus(filled, OFFICE, ROOT, YEAR_END)
    assert authenticity.look(filled, viewer, focus, settings) is None


def test_a_town_is_told_of_itself_alone(filled: Store, settings: Settings) -> None:
    same = found(filled, settings, OFFICE)["same_values"]
    town = same.units[0][:9]
    viewer = Viewer("t", Role.TOWN, town)
    own = found(filled, settings, viewer, town)["same_values"]
    assert set(own.units) == set(same.units)
    names = {row["name"]: row["code"] for row in rows(filled, schema.unit)}
    for other in (row["code"] for row in rows(filled, schema.unit) if row["level"] == "town"):
        if other == town:
            continue
        told = found(filled, settings, Viewer("t", Role.TOWN, other), other)
        assert "same_values" not in told
        for one in told.values():
            said = {code for name, code in names.items() if name in one.sentence}
            assert all(code.startswith(other) for code in said)
            assert all(row.unit.startswith(other) for row in one.rows if row.unit)


def test_households_are_for_who_may_see_them(filled: Store, settings: Settings) -> None:
    open_, closed = (found(filled, settings, v)["exits_without_steps"] for v in (OFFICE, LEADER))
    homes = {row["number"]: row["village_code"] for row in rows(filled, schema.household)}
    of_households = [row for row in open_.rows if row.subject in homes]
    assert of_households, "the demo has exits of households without a step"
    assert not [row for row in closed.rows if row.subject in homes]
    village_names = {row["name"] for row in rows(filled, schema.unit) if row["level"] == "village"}
    assert not [name for name in village_names if name in closed.sentence]
    assert all(number not in open_.sentence for number in homes)


def test_when_who_reported(filled: Store) -> None:
    focus = units.focus(filled, OFFICE, ROOT, Period(2017, 3))
    told = records(authenticity.coverage(filled, OFFICE, focus))
    sent = {(r["unit_code"], r["table_name"], r["period"]) for r in rows(filled, schema.submission)}
    assert {(r["unit"], r["table"], r["period"]) for r in told if r["first_on"]} == sent
    assert len({r["unit"] for r in told}) == 16
    missing = {r["unit"] for r in told if r["period"] == "2017Q3" and r["days"] is None}
    assert len(missing) == 2, "two towns of the demo have not reported"
    only = authenticity.coverage(filled, OFFICE, units.focus(filled, OFFICE, TOWN, focus.period))
    assert set(only["unit"]) == {TOWN}
    stranger = Viewer("t", Role.TOWN, "320412103")
    assert authenticity.coverage(filled, stranger, focus).empty


def test_an_empty_district(store: Store, settings: Settings) -> None:
    """On both databases: every statement runs, and there is nothing to find."""
    with store.writing() as connection:
        connection.execute(
            insert(schema.unit),
            [
                {
                    "district_code": ROOT,
                    "code": ROOT,
                    "parent_code": None,
                    "level": "district",
                    "name": "区",
                    "kind": "",
                    "batch_id": "b",
                    "source_row": 1,
                }
            ],
        )
    focus = units.focus(store, OFFICE, ROOT, YEAR_END)
    look = authenticity.look(store, OFFICE, focus, settings)
    assert look is not None and look.leads == ()
    assert authenticity.coverage(store, OFFICE, focus).empty


def test_a_quarter_that_nobody_was_asked_for_is_no_gap(filled: Store) -> None:
    """The baseline of 2015 came with incomes alone; indicators are reported from 2016 on."""
    focus = units.focus(filled, OFFICE, ROOT, YEAR_END)
    told = authenticity.coverage(filled, OFFICE, focus)
    first = told.groupby("table")["period"].min()
    assert first.to_dict() == {"observation": "2016Q1", "village_income": "2015Q4"}
