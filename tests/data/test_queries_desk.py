"""The office's desk: imports, who has reported, who did what; nobody else reads it."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.data import audit, submissions, units
from dashboard.data.frames import records
from dashboard.data.ingest import importer
from dashboard.data.queries import desk
from dashboard.data.store import Store
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.data.ingest.books import INCOME, OTHER_TOWN, TOWN, book, load_units

ROOT = "320412"
OFFICE = Viewer("office", Role.OFFICE, ROOT)
OTHERS = [
    None,
    Viewer("l", Role.LEADER, ROOT),
    Viewer("t", Role.TOWN, TOWN),
    Viewer("d", Role.DEPARTMENT, ROOT, "区财政局"),
    Viewer("p", Role.PUBLIC, ROOT),
]
LONG_AGO, LATER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def filled(store: Store, settings: Settings) -> Store:
    load_units(store, settings)
    importer.import_files(store, settings, [("收入.xlsx", book({"村集体收入": INCOME}))], "office")
    return store


def test_imports_newest_first(filled: Store) -> None:
    newest, first = records(desk.batches(filled, OFFICE))
    assert (newest["file"], newest["new"], newest["changed"]) == ("收入.xlsx", 2, 0)
    assert (newest["sheets"], first["sheets"]) == (["village_income"], ["unit"])
    assert newest["imported_at"] >= first["imported_at"]
    assert newest["status"] == "applied"


def test_who_has_reported(filled: Store) -> None:
    period = Period(2016, 3)
    focus = units.focus(filled, OFFICE, ROOT, period)
    rows = {(r["unit"], r["table"]): r for r in records(desk.calendar(filled, OFFICE, focus, 15))}
    assert len(rows) == 4, "two towns, two sheets"
    came = rows[TOWN, "village_income"]
    assert came["first_at"] is not None
    assert came["late"], "today is long after 15 October 2016"
    assert rows[OTHER_TOWN, "village_income"]["first_at"] is None
    in_time = desk.calendar(filled, OFFICE, focus, 90)
    assert len(in_time) == 4
    submissions.send_back(
        filled, OFFICE, TOWN, period, "village_income", "请核对", datetime.now(UTC)
    )
    own = units.focus(filled, Viewer("t", Role.TOWN, TOWN), TOWN, period)
    [one, two] = records(desk.calendar(filled, Viewer("t", Role.TOWN, TOWN), own, 15))
    assert {one["table"], two["table"]} == {"observation", "village_income"}
    back = one if one["table"] == "village_income" else two
    assert (back["returned"], back["reason"]) == (1, "请核对")
    assert desk.calendar(filled, Viewer("t", Role.TOWN, TOWN), focus, 15).empty
    assert desk.calendar(filled, None, focus, 15).empty


def test_a_report_before_the_due_day_is_in_time(filled: Store) -> None:
    this = Period.of(datetime.now(UTC).date())
    focus = units.focus(filled, OFFICE, ROOT, this)
    assert not any(row["late"] for row in records(desk.calendar(filled, OFFICE, focus, 15)))


def test_who_did_what(filled: Store) -> None:
    audit.record(filled, ROOT, "zhang", "login", "10.0.0.1")
    audit.record(filled, ROOT, "li", "login_failed")
    whole = records(desk.trail(filled, OFFICE, LONG_AGO, LATER))
    assert [(r["username"], r["action"]) for r in whole] == [
        ("li", "login_failed"),
        ("zhang", "login"),
        ("office", "import"),
        ("测试", "import"),
    ]
    assert whole[1]["origin"] == "10.0.0.1"
    only = desk.trail(filled, OFFICE, LONG_AGO, LATER, action="login")
    assert list(only["username"]) == ["zhang"]
    assert list(desk.trail(filled, OFFICE, LONG_AGO, LATER, username="li")["action"]) == [
        "login_failed"
    ]
    ended = whole[0]["happened_at"] - timedelta(days=1)
    assert desk.trail(filled, OFFICE, LONG_AGO, ended).empty
    assert desk.actions(filled, OFFICE) == ["import", "login", "login_failed"]


@pytest.mark.parametrize("viewer", OTHERS)
def test_nobody_else_reads_it(filled: Store, viewer: Viewer | None) -> None:
    assert desk.batches(filled, viewer).empty
    assert desk.trail(filled, viewer, LONG_AGO, LATER).empty
    assert desk.actions(filled, viewer) == []
