"""What is noted in the audit trail before it is shown or handed out, and a login that rests."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from dashboard.components import downloads
from dashboard.data import audit, schema
from dashboard.data.store import Store
from dashboard.policy.access import Role, Viewer

from .conftest import ROOT, OpenPage, words

TOWN = "320412104"


def notes(store: Store, action: str) -> list[Any]:
    with store.reading() as connection:
        return list(
            connection.execute(
                select(schema.audit_event)
                .where(schema.audit_event.c.action == action)
                .order_by(schema.audit_event.c.happened_at)
            )
        )


@pytest.fixture
def village(demo_store: Store) -> str:
    with demo_store.reading() as connection:
        found = connection.scalar(
            select(schema.household.c.village_code)
            .where(schema.household.c.village_code.startswith(TOWN))
            .limit(1)
        )
    return str(found)


def test_a_look_at_households_is_one_note(
    demo_store: Store, open_page: OpenPage, village: str
) -> None:
    before = len(notes(demo_store, audit.VIEWED))
    app = open_page(demo_store, "households", Role.TOWN, TOWN, unit=village, period="2017Q2")
    assert "各户情况" in words(app)
    app.run()
    [note] = notes(demo_store, audit.VIEWED)[before:]
    assert (note.username, note.district_code) == (f"test-town-{TOWN}", ROOT)
    assert note.detail["unit"] == village
    assert note.detail["households"] > 0


@pytest.mark.parametrize("role", [Role.LEADER, Role.DEPARTMENT])
def test_who_sees_no_rows_leaves_no_note(
    role: Role, demo_store: Store, open_page: OpenPage, village: str
) -> None:
    before = len(notes(demo_store, audit.VIEWED))
    app = open_page(demo_store, "households", role, unit=village, period="2017Q2")
    assert "各户情况" not in words(app)
    assert len(notes(demo_store, audit.VIEWED)) == before


def test_a_file_is_noted_before_it_is_made(sqlite_store: Store) -> None:
    viewer = Viewer("zhang", Role.TOWN, TOWN, origin="10.0.0.1")
    told: list[int] = []

    def build() -> bytes:
        told.append(len(notes(sqlite_store, audit.EXPORTED)))
        return b"content"

    file = downloads.File("下载", "武进区_名单.csv", "text/csv", build)
    assert downloads.noted(sqlite_store, viewer, file) == b"content"
    assert told == [1]
    [note] = notes(sqlite_store, audit.EXPORTED)
    assert (note.username, note.origin) == ("zhang", "10.0.0.1")
    assert note.detail == {"file": "武进区_名单.csv"}


def test_a_login_that_rested_is_asked_for_its_password_again(
    demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "", Role.LEADER, period="2017Q2")
    assert app.metric
    old = datetime(2017, 7, 1, tzinfo=UTC).isoformat()
    with demo_store.writing(changes_figures=False) as connection:
        connection.execute(
            update(schema.store_info)
            .where(schema.store_info.c.key.startswith("open:"))
            .values(value=old)
        )
    app.run()
    assert not app.metric
    assert "30分钟没有操作" in words(app)
    assert [field.label for field in app.text_input] == ["用户名", "密码"]
