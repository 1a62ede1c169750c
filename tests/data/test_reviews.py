"""What the office decides on findings, on both databases."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, select

from dashboard.data import reviews, schema, submissions, units
from dashboard.data.reviews import Action
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.policy.authenticity.findings import Finding, Row
from dashboard.policy.periods import Period

ROOT, TOWN, VILLAGE = "320412", "320412104", "320412104201"
OFFICE = Viewer("o", Role.OFFICE, ROOT)
PERIOD = Period(2016, 4)
DUE = date(2017, 2, 1)


def finding(value: int = 5, table: str = "village_income") -> Finding:
    row = Row(table, VILLAGE, "2016Q4", "年累计收入", value)
    return Finding("same_values", "同镇同数", (VILLAGE,), PERIOD, 1.0, 0.01, "句子。", (row,))


@pytest.fixture
def focus(store: Store) -> Focus:
    levels = {ROOT: ("district", None), TOWN: ("town", ROOT), VILLAGE: ("village", TOWN)}
    with store.writing() as connection:
        connection.execute(
            insert(schema.unit),
            [
                {"district_code": ROOT, "code": code, "parent_code": above, "level": level}
                | {"name": code, "kind": "", "batch_id": "b", "source_row": 1}
                for code, (level, above) in levels.items()
            ],
        )
    return units.focus(store, OFFICE, ROOT, PERIOD)


def test_the_newest_decision_holds_and_the_older_ones_stay(store: Store, focus: Focus) -> None:
    one = finding()
    reviews.decide(store, OFFICE, focus, one, Action.ACCEPTED, "  三个村共用一处厂房 ")
    reviews.decide(store, OFFICE, focus, one, Action.CLOSED, "凭证核对无误")
    newest = reviews.newest(store, OFFICE, focus)[one.fingerprint]
    assert (newest.action, newest.reason) == (Action.CLOSED, "凭证核对无误")
    assert newest.decided_by == "o"
    with store.reading() as connection:
        kept = connection.execute(select(schema.finding_review).order_by("number")).all()
        trail = connection.scalars(select(schema.audit_event.c.action)).all()
    assert [(row.number, row.reason) for row in kept] == [
        (1, "三个村共用一处厂房"),
        (2, "凭证核对无误"),
    ]
    assert list(trail) == ["finding", "finding"]
    assert reviews.newest(store, OFFICE, focus.at(Period(2016, 3))) == {}


def test_other_figures_are_another_finding(store: Store, focus: Focus) -> None:
    reviews.decide(store, OFFICE, focus, finding(5), Action.ACCEPTED, "说明")
    assert finding(6).fingerprint not in reviews.newest(store, OFFICE, focus)
    assert finding(5).fingerprint in reviews.newest(store, OFFICE, focus)


def test_sending_back_reaches_the_town_and_its_answer_closes_it(store: Store, focus: Focus) -> None:
    one = finding()
    reviews.decide(store, OFFICE, focus, one, Action.RETURNED, "请核对", DUE, [TOWN])
    with store.reading() as connection:
        [row] = connection.execute(select(schema.returned)).all()
    assert (row.unit_code, row.period, row.table_name) == (TOWN, "2016Q4", "village_income")
    assert (row.reason, row.due_on, row.answered_batch) == ("请核对", DUE, None)
    assert reviews.newest(store, OFFICE, focus)[one.fingerprint].due_on == DUE
    # The town sends its incomes again: what was sent back is answered.
    sent = [{"district_code": ROOT, "village_code": VILLAGE, "period": "2016Q4"}]
    for batch in ("first", "second"):
        with store.writing() as connection:
            submissions.note(connection, "village_income", sent, batch, datetime.now(UTC))
    with store.reading() as connection:
        assert connection.scalar(select(schema.returned.c.answered_batch)) == "second"


@pytest.mark.parametrize(
    ("one", "due_on", "towns"),
    [
        (finding(table="lifecycle_event"), DUE, [TOWN]),  # no report that a town could send again
        (finding(), None, [TOWN]),
        (finding(), DUE, []),
    ],
)
def test_what_cannot_be_sent_back(
    one: Finding, due_on: date | None, towns: list[str], store: Store, focus: Focus
) -> None:
    with pytest.raises(ValueError, match="退回应选择"):
        reviews.decide(store, OFFICE, focus, one, Action.RETURNED, "请核对", due_on, towns)
    assert reviews.newest(store, OFFICE, focus) == {}


def test_nothing_is_sent_back_to_another_district(store: Store, focus: Focus) -> None:
    with pytest.raises(NotAllowed):
        reviews.decide(
            store, OFFICE, focus, finding(), Action.RETURNED, "请核对", DUE, [TOWN, "320413100"]
        )
    assert reviews.newest(store, OFFICE, focus) == {}
    with store.reading() as connection:
        assert connection.execute(select(schema.returned)).all() == []


def test_a_reason_is_asked_for(store: Store, focus: Focus) -> None:
    with pytest.raises(ValueError, match="原因"):
        reviews.decide(store, OFFICE, focus, finding(), Action.CLOSED, "  ")


@pytest.mark.parametrize(
    "viewer",
    [
        None,
        Viewer("l", Role.LEADER, ROOT),
        Viewer("t", Role.TOWN, TOWN),
        Viewer("x", Role.OFFICE, "320413"),  # the office of another district
    ],
)
def test_only_the_districts_office_decides(
    viewer: Viewer | None, store: Store, focus: Focus
) -> None:
    with pytest.raises(NotAllowed):
        reviews.decide(store, viewer, focus, finding(), Action.ACCEPTED, "说明")
    if viewer is None or viewer.unit_code != ROOT:
        assert reviews.newest(store, viewer, focus) == {}
