"""The ranking read from the store, against the summary's own rows; who sees what of it."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from dashboard.data import demo, submissions, units
from dashboard.data.ingest import importer
from dashboard.data.queries import standing
from dashboard.data.schema import returned, submission, summary
from dashboard.data.store import Store, connect
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.data.ingest.books import INCOME_HEADS, TOWN, UNITS, VILLAGES, book

ROOT = "320412"
SINCE, NOW = Period(2016, 1), Period(2017, 2)
OFFICE = Viewer("office", Role.OFFICE, ROOT)


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('standing')}/demo.db")
    demo.fill(store, settings, villages=32, households=64)
    return store


def of(
    store: Store, viewer: Viewer | None, settings: Settings, period: Period = NOW
) -> standing.Standing:
    focus = units.focus(store, OFFICE, ROOT, period)
    return standing.of_children(store, viewer, focus, settings, SINCE)


def test_points_are_those_of_the_summary_rows(filled: Store, settings: Settings) -> None:
    """Every town's score anew from the rollup, by the formula of the help page."""
    found = of(filled, OFFICE, settings)
    assert len(found.board.places) == 16
    weights = {entry.code: entry.weight for entry in settings.catalogue.core}
    with filled.reading() as connection:
        rows = connection.execute(
            select(summary).where(summary.c.parent_code == ROOT, summary.c.period == str(NOW))
        ).all()
    for place in found.board.places:
        gained, carried = 0.0, 0.0
        for row in rows:
            if row.unit_code != place.code or row.indicator_code not in weights:
                continue
            if row.value is None or row.scheduled is None or row.denominator == 0:
                continue
            entry = settings.catalogue[row.indicator_code]
            if entry.direction == "up":
                share = row.value / row.scheduled if row.scheduled > 0 else 1.0
            elif row.value <= row.scheduled:
                share = 1.0
            elif row.baseline is not None and row.baseline > row.scheduled:
                share = (row.baseline - row.value) / (row.baseline - row.scheduled)
            else:
                share = row.scheduled / row.value
            gained += weights[row.indicator_code] * min(max(share, 0.0), 1.2)
            carried += weights[row.indicator_code]
        assert place.points == pytest.approx(100 * gained / carried - place.penalty, abs=1e-6)


def test_who_did_not_report_is_apart(filled: Store, settings: Settings) -> None:
    found = of(filled, OFFICE, settings, Period(2017, 3))
    reasons = {each.reason for each in found.board.apart}
    assert len(found.board.apart) == 2
    assert reasons == {"本季度未填报"}


def test_a_town_sees_places_and_points_and_its_own_reasons(
    filled: Store, settings: Settings
) -> None:
    whole, own = of(filled, OFFICE, settings), "320412104"
    town = of(filled, Viewer("town", Role.TOWN, own), settings)
    assert town.own == own
    assert [(p.code, p.rank, p.points) for p in town.board.places] == [
        (p.code, p.rank, p.points) for p in whole.board.places
    ]
    assert town.board[own] == whole.board[own]
    assert {f.unit for f in town.figures} == {own}
    others = [place for place in town.board.places if place.code != own]
    assert all(not p.contributions and not p.levers and not p.tracks for p in others)
    assert town.history == whole.history


@pytest.mark.parametrize(
    "viewer",
    [
        None,
        Viewer("public", Role.PUBLIC, ROOT),
        Viewer("elsewhere", Role.TOWN, "320413101"),
        Viewer("village", Role.TOWN, "320412104201"),
    ],
)
def test_others_see_nothing(viewer: Viewer | None, filled: Store, settings: Settings) -> None:
    found = of(filled, viewer, settings)
    assert found.board.places == ()
    assert found.board.apart == ()
    assert (found.history, found.figures, found.villages) == ({}, (), {})


def test_late_and_returned_reports_cost_points(filled: Store, settings: Settings) -> None:
    costs = settings.policy.scoring.penalties
    late = [p for p in of(filled, OFFICE, settings, Period(2016, 3)).board.places if p.late]
    assert [place.name for place in late] == ["横林镇"]
    assert late[0].penalty >= costs.late_report
    back = [p for p in of(filled, OFFICE, settings, Period(2016, 3)).board.places if p.returned]
    assert len(back) == 1
    assert back[0].penalty >= costs.returned_figure


def test_a_submission_is_noted_once_and_answers_what_was_sent_back(
    store: Store, settings: Settings
) -> None:
    files = [("a.xlsx", book({"单位": UNITS}))]
    rows = [INCOME_HEADS, (2016, 3, VILLAGES[0], 10, 0, 0, 0, 0, 0, 0)]
    importer.import_files(store, settings, [*files, ("b.xlsx", book({"村集体收入": rows}))], "测试")
    with store.reading() as connection:
        first = connection.execute(select(submission)).one()
    assert (first.unit_code, first.period, first.table_name) == (TOWN, "2016Q3", "village_income")
    assert first.first_batch == first.last_batch

    office = Viewer("office", Role.OFFICE, TOWN[:6])
    when = datetime(2016, 10, 20, 2, tzinfo=UTC)
    sent_back = (TOWN, Period(2016, 3), "village_income")
    with pytest.raises(NotAllowed):
        submissions.send_back(store, Viewer("x", Role.TOWN, TOWN), *sent_back, "不符", when)
    with pytest.raises(ValueError, match="原因"):
        submissions.send_back(store, office, *sent_back, " ", when)
    for due in (date(2016, 10, 25), None):
        submissions.send_back(store, office, *sent_back, "与村账不符", when, due)

    corrected = [INCOME_HEADS, (2016, 3, VILLAGES[0], 11, 0, 0, 0, 0, 0, 0)]
    importer.import_files(store, settings, [("c.xlsx", book({"村集体收入": corrected}))], "测试")
    with store.reading() as connection:
        again = connection.execute(select(submission)).one()
        answered = connection.execute(select(returned).order_by(returned.c.number)).all()
    assert again.first_batch == first.first_batch
    assert again.last_batch != first.first_batch
    assert [(row.number, row.answered_batch) for row in answered] == [
        (1, again.last_batch),
        (2, again.last_batch),
    ]
