"""The audit trail is added to; the database itself refuses anything else."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from dashboard.data import audit
from dashboard.data.schema import audit_event
from dashboard.data.store import Store

ROOT = "320412"
REFUSED = "操作日志只能增加"
CHANGES = [
    "UPDATE audit_event SET username = 'somebody else'",
    "UPDATE audit_event SET happened_at = '2016-01-01 00:00:00'",
    "DELETE FROM audit_event",
    "DELETE FROM audit_event WHERE action = 'login'",
]


def entries(store: Store) -> list[tuple[str, str]]:
    with store.reading() as connection:
        found = connection.execute(select(audit_event.c.username, audit_event.c.action))
        return [(row.username, row.action) for row in found]


@pytest.fixture
def noted(store: Store) -> Store:
    audit.record(store, ROOT, "zhang", "login")
    return store


@pytest.mark.parametrize("statement", CHANGES)
def test_what_was_done_is_neither_changed_nor_removed(statement: str, noted: Store) -> None:
    with pytest.raises(DBAPIError, match=REFUSED), noted.engine.begin() as connection:
        connection.execute(text(statement))
    assert entries(noted) == [("zhang", "login")]


def test_nor_is_it_replaced_or_cut_off(noted: Store) -> None:
    if noted.is_sqlite:
        statement = (
            "INSERT OR REPLACE INTO audit_event "
            "SELECT district_code, id, happened_at, 'nobody', origin, action, detail "
            "FROM audit_event"
        )
    else:
        statement = "TRUNCATE audit_event"
    with pytest.raises(DBAPIError, match=REFUSED), noted.engine.begin() as connection:
        connection.execute(text(statement))
    assert entries(noted) == [("zhang", "login")]


def test_it_is_added_to(noted: Store) -> None:
    audit.record(noted, ROOT, "li", "logout")
    assert sorted(entries(noted)) == [("li", "logout"), ("zhang", "login")]
