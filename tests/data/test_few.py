"""The income of a village's few households is not told as the village's mean, by no road."""

from collections import defaultdict
from typing import Any

import pytest
from sqlalchemy import select

from dashboard.briefing import facts
from dashboard.components.decomposition.table import State
from dashboard.components.overview import figures
from dashboard.data import demo, schema, units
from dashboard.data.frames import Row
from dashboard.data.queries import lineage, progress, standing
from dashboard.data.queries.standing import rules_of
from dashboard.data.store import Store, connect
from dashboard.data.units import Focus
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

ROOT, TOWN = "320412", "320412104"
END = Period(2016, 4)
MEAN, BELOW, REGISTERED = "H04", "H09", "H01"
OFFICE, LEADER = Viewer("o", Role.OFFICE, ROOT), Viewer("l", Role.LEADER, ROOT)
SEES_NOT = [LEADER, Viewer("d", Role.DEPARTMENT, ROOT, "区水利局")]
SEES = [OFFICE, Viewer("t", Role.TOWN, TOWN)]


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A county of some two to twelve households a village."""
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('few')}/demo.db")
    demo.fill(store, settings, villages=40, households=260)
    return store


@pytest.fixture(scope="module")
def rows(filled: Store) -> dict[tuple[str, str], Any]:
    """Rows of summary at the year's end by (unit, indicator)."""
    with filled.engine.connect() as connection:
        of_quarter = schema.summary.c.period == str(END)
        found = connection.execute(select(schema.summary).where(of_quarter)).mappings().all()
    return {(row["unit_code"], row["indicator_code"]): dict(row) for row in found}


def at(store: Store, viewer: Viewer, unit: str) -> Focus:
    return units.focus(store, viewer, unit, END)


def told(store: Store, viewer: Viewer, unit: str, code: str = MEAN) -> Row:
    found = progress.of_unit(store, viewer, at(store, viewer, unit))
    return next(row for row in found if row["indicator"] == code)


def villages(rows: dict[tuple[str, str], Any]) -> list[str]:
    return sorted(unit for unit, code in rows if code == MEAN and len(unit) == 12)


def hidden(store: Store, rows: dict[tuple[str, str], Any], viewer: Viewer = LEADER) -> set[str]:
    return {u for u in villages(rows) if told(store, viewer, u)["source"] == "withheld"}


def test_a_few_households_income_is_told_to_nobody_who_may_not_see_them(
    filled: Store, rows: dict[tuple[str, str], Any]
) -> None:
    small = [u for u in villages(rows) if 0 < rows[u, REGISTERED]["value"] < 5]
    assert 3 <= len(small) < len(villages(rows)) / 2, "the county does not show what is asked"
    for viewer in SEES_NOT:
        for unit in small:
            for code in (MEAN, BELOW):
                row = told(filled, viewer, unit, code)
                assert row["value"] is row["numerator"] is row["denominator"] is row["rate"] is None
                assert (row["light"], row["source"]) == ("none", "withheld")


def test_nor_can_it_be_had_by_subtraction(filled: Store, rows: dict[tuple[str, str], Any]) -> None:
    gone = hidden(filled, rows)
    by_town: dict[str, list[int]] = defaultdict(list)
    for unit in gone:
        by_town[rows[unit, MEAN]["parent_code"]].append(rows[unit, REGISTERED]["value"])
    for town, counts in by_town.items():
        is_told = told(filled, LEADER, town)["source"] != "withheld"
        assert not is_told or len(counts) > 1, (town, counts)


def test_others_are_told_as_they_are(filled: Store, rows: dict[tuple[str, str], Any]) -> None:
    gone = hidden(filled, rows)
    for unit in set(villages(rows)) - gone:
        assert told(filled, LEADER, unit)["value"] == rows[unit, MEAN]["value"]
    assert len(gone) < len(villages(rows)) * 0.8
    assert not hidden(filled, rows, OFFICE)
    assert told(filled, LEADER, ROOT)["value"] == rows[ROOT, MEAN]["value"]


@pytest.mark.parametrize("viewer", SEES, ids=lambda viewer: viewer.role.value)
def test_who_sees_households_sees_their_mean(
    viewer: Viewer, filled: Store, rows: dict[tuple[str, str], Any]
) -> None:
    own = [unit for unit in villages(rows) if unit.startswith(viewer.unit_code)]
    assert own
    for unit in own:
        assert told(filled, viewer, unit)["value"] == rows[unit, MEAN]["value"]


def test_every_road_withholds_the_same(
    filled: Store, rows: dict[tuple[str, str], Any], settings: Settings
) -> None:
    gone = hidden(filled, rows)
    towns = sorted({rows[unit, MEAN]["parent_code"] for unit in gone})
    for town in towns:
        focus = at(filled, LEADER, town)
        below = {
            row["unit"]: row
            for row in progress.of_children(filled, LEADER, focus)
            if row["indicator"] == MEAN
        }
        assert {unit for unit, row in below.items() if row["value"] is None} == gone & set(below)
        found = lineage.lineage(filled, LEADER, focus, settings, MEAN)
        assert found is not None
        assert all(
            (piece.figure.value is None) == piece.is_withheld == (piece.unit in gone)
            for piece in found.pieces
        )
        ranked = standing.of_children(filled, LEADER, focus, settings, END)
        assert not gone & {f.unit for f in ranked.figures if f.indicator == MEAN}
        # What is printed is read by all, whoever has it made.
        written = facts.gather(filled, OFFICE, at(filled, OFFICE, town), settings)
        assert {c.code for c in written.children if c.now[MEAN].value is None} >= gone & set(below)
    unit = min(gone)
    own = lineage.lineage(filled, LEADER, at(filled, LEADER, unit), settings, MEAN)
    assert own is not None and own.row is not None
    assert own.row["value"] is None and not own.origins
    trend = progress.trend(filled, LEADER, at(filled, LEADER, unit), Period(2016, 1))
    shown = figures(settings.catalogue, trend, END)[MEAN]
    assert shown.reached == shown.text == State.WITHHELD


def test_a_village_is_ranked_without_it(settings: Settings) -> None:
    assert MEAN in {w.indicator for w in rules_of(settings).weighings}
    of_villages = {w.indicator for w in rules_of(settings, of_villages=True).weighings}
    assert of_villages and not of_villages & {MEAN, BELOW}
