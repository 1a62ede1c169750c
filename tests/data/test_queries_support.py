"""Support and money against plain loops over the rows themselves."""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select

from dashboard.data import demo, schema, units
from dashboard.data.frames import records
from dashboard.data.queries import funds, support
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.kept import forget

ROOT, TOWN, OTHER = "320412", "320412104", "320412105"
OFFICE = Viewer("o", Role.OFFICE, ROOT)
LEADER = Viewer("l", Role.LEADER, ROOT)
SENDER = Viewer("t", Role.TOWN, TOWN)
PERIOD = Period(2016, 4)
DAY = PERIOD.last_day
Row = dict[str, Any]


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('support')}/demo.db")
    demo.fill(store, settings, villages=48, households=200)
    return store


def rows(store: Store, table: Any) -> list[Row]:
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def places(store: Store) -> dict[str, Row]:
    return {row["code"]: row for row in rows(store, schema.unit)}


def is_under(code: str, focus: str) -> bool:
    return code.startswith(focus)


def paired(store: Store, kind: str, subject: str) -> set[str]:
    return {
        row["subject"]
        for row in rows(store, schema.pairing)
        if (row["kind"], row["subject_type"]) == (kind, subject)
        and row["started_on"] <= DAY
        and (row["ended_on"] is None or row["ended_on"] >= DAY)
    }


@pytest.mark.parametrize("code", [ROOT, TOWN])
def test_villages_and_who_helps_them(filled: Store, settings: Settings, code: str) -> None:
    focus = units.focus(filled, OFFICE, code, PERIOD)
    found = {
        row["village"]: row for row in records(support.villages(filled, OFFICE, focus, settings))
    }
    wanted = {c for c, u in places(filled).items() if u["level"] == "village" and is_under(c, code)}
    assert set(found) == wanted
    for column, kind in support.KINDS.items():
        assert {v for v, row in found.items() if row[column]} == (
            paired(filled, kind, "village") & wanted
        )
    counted: dict[str, int] = defaultdict(int)
    for row in rows(filled, schema.measure):
        if row["subject_type"] == "village" and row["started_on"] <= DAY:
            counted[row["subject"]] += 1
    assert {v: row["measures"] for v, row in found.items()} == {v: counted[v] for v in wanted}
    assert any(not row["secretary"] for row in found.values())


def test_a_department_knows_its_own(filled: Store, settings: Settings) -> None:
    viewer = Viewer("d", Role.DEPARTMENT, ROOT, "区财政局")
    focus = units.focus(filled, viewer, ROOT, PERIOD)
    found = records(support.villages(filled, viewer, focus, settings))
    mine = {row["village"] for row in found if row["mine"]}
    wanted = {
        row["subject"]
        for row in rows(filled, schema.pairing)
        if row["organisation"] == "区财政局"
        and row["subject_type"] == "village"
        and row["started_on"] <= DAY
        and (row["ended_on"] is None or row["ended_on"] >= DAY)
    }
    assert mine == wanted != set()
    assert all("区财政局" in row["organisations"] for row in found if row["mine"])


@pytest.mark.parametrize(("viewer", "code"), [(OFFICE, ROOT), (SENDER, TOWN)])
def test_households_without_help(filled: Store, viewer: Viewer, code: str) -> None:
    focus = units.focus(filled, viewer, code, PERIOD)
    cadres = paired(filled, support.CADRE, "household")
    planned = {
        row["subject"]
        for row in rows(filled, schema.measure)
        if row["subject_type"] == "household" and row["started_on"] <= DAY
    }
    wanted: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows(filled, schema.household):
        village = row["village_code"]
        if row["identified_on"] > DAY or not is_under(village, code):
            continue
        for key in {code, village[:9] if code == ROOT else village}:
            wanted[key][0] += 1
            wanted[key][1] += row["number"] not in cadres
            wanted[key][2] += row["number"] not in planned
    found = records(support.households(filled, viewer, focus))
    told = {r["unit"]: [r["households"], r["unpaired"], r["unplanned"]] for r in found}
    assert told == dict(wanted)
    assert found[0]["unit"] == code


def test_small_counts_are_hidden_the_same_from_wherever_they_are_looked_at(filled: Store) -> None:
    whole = records(support.households(filled, LEADER, units.focus(filled, LEADER, ROOT, PERIOD)))
    open_ = records(support.households(filled, OFFICE, units.focus(filled, OFFICE, ROOT, PERIOD)))
    for seen, true in zip(whole, open_, strict=True):
        for name in ("unpaired", "unplanned"):
            hides = seen[name] is None or seen[name] != seen[name]
            assert hides or seen[name] == true[name]
            if 0 < true[name] < 5:
                assert hides
    for town in whole[1:]:
        focus = units.focus(filled, LEADER, town["unit"], PERIOD)
        own = records(support.households(filled, LEADER, focus))[0]
        assert str(own["unpaired"]) == str(town["unpaired"])


def test_measures_by_class(filled: Store) -> None:
    focus = units.focus(filled, OFFICE, ROOT, PERIOD)
    people = {row["number"]: row["persons"] for row in rows(filled, schema.household)}
    wanted: dict[tuple[str, str, str], list[Any]] = {}
    for row in rows(filled, schema.measure):
        if row["started_on"] > DAY:
            continue
        key = (row["subject_type"], row["category"], row["department"])
        got = wanted.setdefault(key, [set(), 0, 0])
        got[0].add(row["subject"])
        got[1] += people.get(row["subject"], 0)
        got[2] += row["amount_fen"] or 0
    found = {
        (r["subject"], r["category"], r["department"]): (
            r["subjects"],
            0 if r["subject"] == "village" else r["persons"],
            r["amount_fen"] or 0,
        )
        for r in records(support.measures(filled, OFFICE, focus).fillna(0))
    }
    assert found == {key: (len(v[0]), v[1], v[2]) for key, v in wanted.items()}


def test_plans_are_the_tasks_that_were_due(filled: Store) -> None:
    focus = units.focus(filled, OFFICE, ROOT, PERIOD)
    wanted: dict[str, list[int]] = {
        code: [0, 0] for code, u in places(filled).items() if u["level"] == "town"
    }
    for row in rows(filled, schema.task):
        if row["kind"] == support.PLAN and row["due_month"] <= f"{DAY:%Y-%m}":
            wanted[row["unit_code"]][0] += 1
            wanted[row["unit_code"]][1] += row["done_on"] is not None and row["done_on"] <= DAY
    found = records(support.plans(filled, OFFICE, focus))
    assert {r["unit"]: [r["tasks"], r["done"]] for r in found} == wanted


@pytest.mark.parametrize("code", [ROOT, TOWN])
def test_money_adds_up_to_the_fen(filled: Store, code: str) -> None:
    focus = units.focus(filled, OFFICE, code, PERIOD)
    mine = [
        row
        for row in rows(filled, schema.fund_flow)
        if row["year"] == 2016 and is_under(row["unit_code"], code) and row["happened_on"] <= DAY
    ]
    found = funds.by_source(filled, OFFICE, focus)
    for name in ("arranged_fen", "allocated_fen", "spent_fen"):
        assert int(found[name].sum()) == sum(row[name] for row in mine)
    assert int(found["flows"].sum()) == len(mine) > 0


def test_what_is_late_idle_or_named_by_the_audit(filled: Store, settings: Settings) -> None:
    focus = units.focus(filled, OFFICE, ROOT, PERIOD)
    rules = settings.policy.funds
    wanted = {}
    for row in rows(filled, schema.fund_flow):
        if row["happened_on"] > DAY:
            continue
        days = (DAY - row["happened_on"]).days
        late = row["arranged_fen"] - row["allocated_fen"] if days >= rules.late_after_days else 0
        idle = row["allocated_fen"] - row["spent_fen"] if days >= rules.idle_after_days else 0
        if late or idle or row["audit_state"] in ("整改中", *rules.misuse):
            wanted[row["number"]] = (late, idle)
    found = records(funds.to_look_into(filled, OFFICE, focus, rules))
    assert {r["number"]: (r["late_fen"], r["idle_fen"]) for r in found} == wanted
    sums = [r["late_fen"] + r["idle_fen"] for r in found]
    assert sums == sorted(sums, reverse=True)


def test_both_sides_of_floor_support(filled: Store, settings: Settings) -> None:
    focus = units.focus(filled, OFFICE, ROOT, PERIOD)
    found = records(funds.floor(filled, OFFICE, focus, settings.policy.funds))
    wanted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows(filled, schema.fund_flow):
        if row["purpose"] == "兜底保障" and row["year"] == 2016:
            wanted[row["unit_code"]][row["source"] == "镇级财政"] += row["allocated_fen"]
    assert {r["unit"]: [r["district_fen"], r["town_fen"]] for r in found} == dict(wanted)
    assert found


def test_projects_are_overdue_by_their_date(filled: Store) -> None:
    focus = units.focus(filled, OFFICE, ROOT, Period(2018, 4))
    day = date(2018, 12, 31)
    found = {r["number"]: r["overdue"] for r in records(funds.projects(filled, OFFICE, focus))}
    wanted = {
        row["number"]: row["due_on"] <= day and row["status"] != "已完工"
        for row in rows(filled, schema.project)
        if row["started_on"] <= day
    }
    assert {k: bool(v) for k, v in found.items()} == wanted
    assert any(wanted.values())


def test_nothing_for_who_may_not_see(filled: Store, settings: Settings) -> None:
    focus = units.focus(filled, OFFICE, OTHER, PERIOD)
    rules = settings.policy.funds
    for viewer in (None, SENDER, Viewer("p", Role.PUBLIC, ROOT)):
        for frame in (
            support.villages(filled, viewer, focus, settings),
            support.households(filled, viewer, focus),
            support.measures(filled, viewer, focus),
            support.plans(filled, viewer, focus),
            funds.by_source(filled, viewer, focus),
            funds.to_look_into(filled, viewer, focus, rules),
            funds.floor(filled, viewer, focus, rules),
            funds.projects(filled, viewer, focus),
        ):
            assert frame.empty


def test_a_page_asks_little(filled: Store, settings: Settings) -> None:
    store = filled.for_a_look()
    store.see(store.version, is_demo=True)
    focus = units.focus(store, LEADER, ROOT, PERIOD)
    forget()
    asked: list[str] = []
    event.listen(filled.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    support.villages(store, LEADER, focus, settings)
    support.households(store, LEADER, focus)
    support.measures(store, LEADER, focus)
    support.plans(store, LEADER, focus)
    assert len([s for s in asked if s.lstrip().upper().startswith("SELECT")]) == 5
