"""Files that towns send wait for the office, on both databases."""

import pytest
from sqlalchemy import select

from dashboard.data import schema, uploads
from dashboard.data.ingest.problems import ImportRefused
from dashboard.data.store import Store
from dashboard.data.uploads import UploadError
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.settings import Settings
from tests.data.ingest.books import (
    INCOME,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    book,
    changed,
    load_units,
)

ROOT = "320412"
OFFICE = Viewer("office", Role.OFFICE, ROOT)
SENDER = Viewer("jia", Role.TOWN, TOWN)
OTHER = Viewer("yi", Role.TOWN, OTHER_TOWN)
LEADER = Viewer("leader", Role.LEADER, ROOT)
GOOD = book({"村集体收入": INCOME})


@pytest.fixture
def filled(store: Store, settings: Settings) -> Store:
    load_units(store, settings)
    return store


def incomes(store: Store) -> int:
    with store.reading() as connection:
        return len(connection.execute(select(schema.village_income)).all())


def actions(store: Store) -> list[str]:
    with store.reading() as connection:
        rows = connection.execute(
            select(schema.audit_event.c.action, schema.audit_event.c.username).order_by(
                schema.audit_event.c.happened_at
            )
        )
        return [f"{row.username} {row.action}" for row in rows]


def test_nothing_counts_before_the_office_has_approved(filled: Store, settings: Settings) -> None:
    sent = uploads.submit(filled, settings, SENDER, "甲镇.xlsx", GOOD)
    assert (sent.status, sent.unit_name) == (uploads.WAITING, "测试甲镇")
    assert sent.sheets == {"村集体收入": {"new": 2, "changed": 0, "unchanged": 0}}
    assert incomes(filled) == 0
    assert uploads.content(filled, OFFICE, sent.id) == ("甲镇.xlsx", GOOD)

    result = uploads.approve(filled, settings, OFFICE, sent.id)
    assert "新增2行" in result.report[0]
    assert incomes(filled) == 2
    [done] = uploads.listing(filled, OFFICE)
    assert (done.status, done.decided_by) == (uploads.APPROVED, "office")
    with filled.reading() as connection:
        newest = connection.execute(
            select(schema.import_batch.c.imported_by).order_by(
                schema.import_batch.c.imported_at.desc()
            )
        ).scalars()
        assert next(iter(newest)) == "jia", "the figures are the town's"
        assert connection.scalar(select(schema.upload.c.content)) == b""
    with pytest.raises(UploadError, match="已经处理"):
        uploads.approve(filled, settings, OFFICE, sent.id)
    assert actions(filled) == [
        "测试 import",
        "jia upload",
        "jia import",
        "office upload_approved",
    ]


def test_only_its_own_rows_and_no_broken_file(filled: Store, settings: Settings) -> None:
    foreign = book({"村集体收入": changed(INCOME, 2, "村代码", OTHER_VILLAGE)})
    broken = book({"村集体收入": changed(INCOME, 2, "经营收入", "约12")})
    for content, said in ((foreign, "不属于"), (broken, "约12")):
        with pytest.raises(ImportRefused, match=said):
            uploads.submit(filled, settings, SENDER, "a.xlsx", content)
    big = b"0" * (uploads.MOST_BYTES + 1)
    with pytest.raises(ImportRefused, match="10兆字节"):
        uploads.submit(filled, settings, SENDER, "a.xlsx", big)
    assert uploads.listing(filled, OFFICE) == []


def test_each_does_only_what_is_its_own(filled: Store, settings: Settings) -> None:
    for nobody in (None, LEADER, OFFICE):
        with pytest.raises(NotAllowed):
            uploads.submit(filled, settings, nobody, "a.xlsx", GOOD)
    sent = uploads.submit(filled, settings, SENDER, "a.xlsx", GOOD)
    for nobody in (None, SENDER, OTHER, LEADER):
        with pytest.raises(NotAllowed):
            uploads.approve(filled, settings, nobody, sent.id)
        with pytest.raises(NotAllowed):
            uploads.decline(filled, nobody, sent.id, "x")
    for nobody in (None, OTHER, LEADER, OFFICE):
        with pytest.raises(NotAllowed):
            uploads.withdraw(filled, nobody, sent.id)
    for nobody in (None, OTHER, LEADER):
        with pytest.raises(NotAllowed):
            uploads.content(filled, nobody, sent.id)
        assert uploads.listing(filled, nobody) == []
    assert [one.id for one in uploads.listing(filled, SENDER)] == [sent.id]
    assert incomes(filled) == 0


def test_sent_back_with_a_reason_or_withdrawn(filled: Store, settings: Settings) -> None:
    sent = uploads.submit(filled, settings, SENDER, "a.xlsx", GOOD)
    with pytest.raises(UploadError, match="已经上报"):
        uploads.submit(filled, settings, SENDER, "b.xlsx", GOOD)
    with pytest.raises(UploadError, match="写明原因"):
        uploads.decline(filled, OFFICE, sent.id, " ")
    uploads.decline(filled, OFFICE, sent.id, "少了测试三村")
    again = uploads.submit(filled, settings, SENDER, "a.xlsx", GOOD)
    uploads.withdraw(filled, SENDER, again.id)
    mine = {one.status: one.reason for one in uploads.listing(filled, SENDER)}
    assert mine == {uploads.DECLINED: "少了测试三村", uploads.WITHDRAWN: ""}
    assert incomes(filled) == 0


def test_what_changes_nothing_is_not_sent(filled: Store, settings: Settings) -> None:
    sent = uploads.submit(filled, settings, SENDER, "a.xlsx", GOOD)
    uploads.approve(filled, settings, OFFICE, sent.id)
    with pytest.raises(UploadError, match="相同"):
        uploads.submit(filled, settings, SENDER, "a.xlsx", GOOD)


def test_a_file_that_the_store_has_outrun_stays_waiting(filled: Store, settings: Settings) -> None:
    sent = uploads.submit(filled, settings, SENDER, "a.xlsx", GOOD)
    with filled.writing() as connection:
        connection.execute(schema.unit.delete().where(schema.unit.c.code == f"{TOWN}202"))
    with pytest.raises(ImportRefused):
        uploads.approve(filled, settings, OFFICE, sent.id)
    [still] = uploads.listing(filled, OFFICE)
    assert still.status == uploads.WAITING
    assert incomes(filled) == 0
