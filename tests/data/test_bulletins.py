"""Publishing: numbered within the year, frozen on both databases, and any tampering found."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dashboard.data import bulletins
from dashboard.data.bulletins import BulletinError, Issue, Numbered
from dashboard.data.ingest import importer
from dashboard.data.store import Store
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.data.ingest.books import TOWN, UNITS, book

DISTRICT = TOWN[:6]
OFFICE = Viewer("office", Role.OFFICE, DISTRICT)
Q3, Q4 = Period(2016, 3), Period(2016, 4)
CUT_OFF = datetime(2016, 10, 10, tzinfo=UTC)


@pytest.fixture
def filled(store: Store, settings: Settings) -> Store:
    importer.import_files(store, settings, [("a.xlsx", book({"单位": UNITS}))], "测试")
    return store


def issue(
    store: Store,
    period: Period = Q3,
    day: tuple[int, int, int] = (2016, 10, 12),
    unit: str = DISTRICT,
    corrects: int | None = None,
    viewer: Viewer | None = OFFICE,
) -> Issue:
    def write(given: Numbered) -> str:
        return f'{{"kind":"情况通报","number":{given.number},"year":{given.year},"unit":"{unit}"}}'

    return bulletins.publish(
        store,
        viewer,
        unit,
        period,
        write,
        kind="情况通报",
        signatory="区扶贫办",
        cut_off=CUT_OFF,
        corrects=corrects,
        now=datetime(*day, tzinfo=UTC),
    )


def test_numbers_run_within_the_year_for_the_whole_district(filled: Store) -> None:
    first = issue(filled)
    second = issue(filled, unit=TOWN)
    third = issue(filled, Q4, (2017, 1, 12))
    assert [(i.number, i.edition) for i in (first, second, third)] == [(1, 1), (2, 1), (1, 1)]
    assert first.content == f'{{"kind":"情况通报","number":1,"year":2016,"unit":"{DISTRICT}"}}'
    assert second.previous_sha256 == first.sha256
    assert third.previous_sha256 == second.sha256
    assert bulletins.verify(filled, DISTRICT) == []
    assert [i.number for i in bulletins.listing(filled, OFFICE, DISTRICT)] == [1, 1]


def test_a_quarter_is_published_once_and_corrected_by_an_issue_of_its_own(filled: Store) -> None:
    issue(filled)
    with pytest.raises(BulletinError, match="已经发布"):
        issue(filled)
    with pytest.raises(BulletinError, match="没有可以更正"):
        issue(filled, Q4, corrects=1)
    correction = issue(filled, corrects=1, day=(2016, 10, 20))
    assert (correction.number, correction.edition, correction.corrects) == (2, 2, 1)
    kept = bulletins.of(filled, OFFICE, DISTRICT, Q3)
    assert [i.edition for i in kept] == [1, 2]


@pytest.mark.parametrize(
    "viewer",
    [
        None,
        Viewer("x", Role.LEADER, DISTRICT),
        Viewer("x", Role.TOWN, TOWN),
        Viewer("x", Role.PUBLIC, DISTRICT),
    ],
)
def test_only_the_office_publishes(viewer: Viewer | None, filled: Store) -> None:
    with pytest.raises(NotAllowed):
        issue(filled, viewer=viewer)
    assert bulletins.verify(filled, DISTRICT) == []
    assert bulletins.of(filled, OFFICE, DISTRICT, Q3) == []


def test_who_may_read_which(filled: Store) -> None:
    issue(filled)
    issue(filled, unit=TOWN)
    own, other = Viewer("t", Role.TOWN, TOWN), Viewer("t", Role.TOWN, f"{DISTRICT}999")
    public = Viewer("p", Role.PUBLIC, DISTRICT)

    def read(viewer: Viewer | None) -> tuple[int, int]:
        district = bulletins.of(filled, viewer, DISTRICT, Q3)
        return len(district), len(bulletins.of(filled, viewer, TOWN, Q3))

    assert read(OFFICE) == (1, 1)
    assert read(own) == (1, 1)
    assert read(other) == (1, 0), "the district's own goes to all towns"
    assert read(public) == read(None) == (0, 0)
    assert bulletins.listing(filled, None, DISTRICT) == []


STATEMENTS = [
    "UPDATE bulletin SET content = 'x'",
    "UPDATE bulletin SET signatory = 'x' WHERE number = 1",
    "DELETE FROM bulletin",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_plain_sql_is_refused(statement: str, filled: Store) -> None:
    issue(filled)
    with (
        pytest.raises(DBAPIError, match="已发布的通报不能更改或删除"),
        filled.engine.begin() as connection,
    ):
        connection.execute(text(statement))
    assert len(bulletins.of(filled, OFFICE, DISTRICT, Q3)) == 1
    assert bulletins.verify(filled, DISTRICT) == []


def test_the_table_cannot_be_emptied_either(filled: Store) -> None:
    issue(filled)
    statement = "DELETE FROM bulletin" if filled.is_sqlite else "TRUNCATE bulletin"
    with pytest.raises(DBAPIError, match="已发布"), filled.engine.begin() as connection:
        connection.execute(text(statement))


def _thaw(store: Store) -> None:
    """What somebody with the database's own password could do."""
    with store.engine.begin() as connection:
        if store.is_sqlite:
            for action in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER bulletin_no_{action}"))
        else:
            connection.execute(text("ALTER TABLE bulletin DISABLE TRIGGER ALL"))


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE bulletin SET content = 'x' WHERE number = 2", "第2号"),
        ("UPDATE bulletin SET sha256 = 'x' WHERE number = 2", "第3号"),
        ("DELETE FROM bulletin WHERE number = 2", "第3号"),
        ("DELETE FROM bulletin WHERE number = 1", "第2号"),
        ("DELETE FROM bulletin WHERE number = 3", "第3号"),
    ],
)
def test_tampering_is_found(statement: str, sentence: str, filled: Store) -> None:
    issue(filled)
    issue(filled, unit=TOWN)
    issue(filled, Q4, (2016, 12, 30))
    _thaw(filled)
    with filled.engine.begin() as connection:
        connection.execute(text(statement))
    found = bulletins.verify(filled, DISTRICT)
    assert found
    assert any(sentence in one for one in found)


def test_two_at_once_get_two_numbers_or_one_is_refused(filled: Store) -> None:
    results: list[object] = []

    def one(unit: str) -> None:
        try:
            results.append(issue(filled, unit=unit).number)
        except BulletinError as error:
            results.append(str(error))

    units = [DISTRICT, DISTRICT, TOWN, TOWN]
    threads = [threading.Thread(target=one, args=(unit,)) for unit in units]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = sorted(result for result in results if isinstance(result, int))
    assert numbers == [1, 2]
    assert sum("已经发布" in str(result) for result in results) == 2
    assert bulletins.verify(filled, DISTRICT) == []
