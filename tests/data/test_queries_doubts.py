"""Figures that wait to be checked, against a naive second look at what was found and sent back."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from dashboard.data import demo, reviews, schema, submissions, units
from dashboard.data.queries import authenticity
from dashboard.data.queries.doubts import NONE, doubts
from dashboard.data.reviews import Action
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

D = "320412"
OFFICE, LEADER = Viewer("office", Role.OFFICE, D), Viewer("leader", Role.LEADER, D)
# The demo's year end: villages just over the line, equal values in one town, exits without steps.
YEAR_END = Period(2016, 4)
INCOMES = {"V01", "V02", "V03", "V04", "V11"}


@pytest.fixture(params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        store = connect(f"sqlite:///{tmp_path / 'doubts.db'}")
    else:
        store = connect(request.getfixturevalue("postgresql_url"))
    demo.fill(store, settings, villages=48, households=200)
    return store


def parents(store: Store) -> dict[str, str | None]:
    with store.reading() as connection:
        rows = connection.execute(select(schema.unit.c.code, schema.unit.c.parent_code))
        return {row.code: row.parent_code for row in rows}


def upwards(code: str, above: dict[str, str | None]) -> set[str]:
    return {code} | (upwards(parent, above) if (parent := above[code]) in above else set())


def test_open_findings_mark_the_figures_made_of_their_rows(
    filled: Store, settings: Settings
) -> None:
    focus = units.focus(filled, OFFICE, D, YEAR_END)
    look = authenticity.look(filled, OFFICE, focus, settings)
    assert look is not None
    above = parents(filled)
    expected = set()
    for lead in look.leads:
        if lead.finding.check == "timeliness":
            continue  # who was late is no doubt about a figure
        for row in lead.finding.rows:
            codes = {"village_income": INCOMES, "lifecycle_event": {"H05"}}.get(row.table, set())
            if row.table == "household_income":
                codes = {"H04", "H09"}
            with filled.reading() as connection:
                home = row.unit or connection.scalar(
                    select(schema.household.c.village_code).where(
                        schema.household.c.number == row.subject
                    )
                )
            if row.period in ("2016Q4", "2016"):
                expected |= {(unit, code) for unit in upwards(str(home), above) for code in codes}
    found = doubts(filled, OFFICE, focus, settings)
    assert found.marked == expected
    assert (D, "V03") in found
    assert found.any_of(D, ["V03", "V09"]) and not found.any_of(D, ["V09"])
    assert found.of(D) == {code for unit, code in expected if unit == D}


def test_what_the_office_is_done_with_is_marked_no_more(filled: Store, settings: Settings) -> None:
    focus = units.focus(filled, OFFICE, D, YEAR_END)
    look = authenticity.look(filled, OFFICE, focus, settings)
    assert look is not None
    for lead in look.leads:
        action = Action.ACCEPTED
        if lead.finding.check == "same_values":
            action = Action.RETURNED
        towns = sorted({code[:9] for code in lead.finding.units}) if action != "accepted" else ()
        due = date(2017, 2, 1) if towns else None
        reviews.decide(filled, OFFICE, focus, lead.finding, action, "已核实", due, towns)
    found = doubts(filled, OFFICE, focus, settings)
    same = next(lead for lead in look.leads if lead.finding.check == "same_values")
    villages = {row.unit for row in same.finding.rows}
    assert {unit for unit, _ in found.marked if len(unit) == 12} == villages, "sent back is open"
    assert {code for _, code in found.marked} == INCOMES


def test_what_was_sent_back_is_marked_until_it_is_answered(
    filled: Store, settings: Settings
) -> None:
    quiet = Period(2016, 1)
    focus = units.focus(filled, LEADER, D, quiet)
    before = doubts(filled, LEADER, focus, settings)
    town = next(u for u in units.children(filled, LEADER, focus))
    now = datetime.now(UTC)
    submissions.send_back(filled, OFFICE, town.code, quiet, "village_income", "请核对", now)
    new = doubts(filled, LEADER, focus, settings).marked - before.marked
    assert {unit for unit, _ in new} <= {D, town.code}
    assert (town.code, "V03") in doubts(filled, LEADER, focus, settings)
    below = units.focus(filled, LEADER, town.code, quiet)
    villages = units.children(filled, LEADER, below)
    at_town = doubts(filled, LEADER, below, settings)
    assert villages and all((one.code, "V03") in at_town for one in villages)
    one = units.focus(filled, LEADER, villages[0].code, quiet)
    assert (villages[0].code, "V03") in doubts(filled, LEADER, one, settings)
    submissions.send_back(filled, OFFICE, town.code, quiet, "observation", "请核对", now)
    # Reported by the town itself: not its villages', and no register's.
    both = doubts(filled, LEADER, below, settings)
    assert (town.code, "V09") in both and (villages[0].code, "V09") not in both
    assert (town.code, "H01") not in both


def test_marks_stay_within_the_viewers_scope(filled: Store, settings: Settings) -> None:
    focus = units.focus(filled, OFFICE, D, YEAR_END)
    whole = doubts(filled, OFFICE, focus, settings)
    town = next(code for code, _ in sorted(whole.marked) if len(code) == 9)
    own = Viewer("town", Role.TOWN, town)
    assert doubts(filled, own, focus, settings) == NONE, "not the district's"
    assert doubts(filled, None, focus, settings) == NONE
    here = units.focus(filled, own, town, YEAR_END)
    seen = doubts(filled, own, here, settings)
    assert seen.marked == {(u, c) for u, c in whole.marked if u.startswith(town)}
    department = Viewer("d", Role.DEPARTMENT, D, "区财政局")
    assert doubts(filled, department, focus, settings) == NONE, "findings are not for departments"
