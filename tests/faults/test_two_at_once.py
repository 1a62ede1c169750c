"""Several at once, on both databases: in turn or refused, and whole batches for readers."""

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dashboard.briefing import issues
from dashboard.data import bulletins, rollup, schema, units, uploads
from dashboard.data.backup import restore
from dashboard.data.ingest import importer
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.faults.originals import small_backup
from tests.faults.workbooks import incomes

ROOT = "320412"
OFFICE = Viewer("office", Role.OFFICE, ROOT)
PERIOD = Period(2016, 3)
READERS = 50
_TIMES = ("batch_id", "source_row")


@pytest.fixture(scope="module")
def small(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_backup(settings, tmp_path_factory.mktemp("small"))


@pytest.fixture
def filled(store: Store, small: Path) -> Store:
    restore(store, small)
    return store


def town_of(store: Store) -> str:
    """A town that has a village."""
    unit = schema.unit
    with store.reading() as connection:
        return str(
            connection.scalars(
                select(unit.c.parent_code).where(unit.c.level == "village").order_by(unit.c.code)
            ).first()
        )


def together(*acts: Callable[[], object]) -> list[object]:
    """Start them at one moment; what each gave back, or the error that it ended in."""
    barrier = threading.Barrier(len(acts))
    found: list[object] = [None] * len(acts)

    def run(at: int, act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            found[at] = act()
        except Exception as error:  # noqa: BLE001 (which one it is, the test asks)
            found[at] = error

    threads = [threading.Thread(target=run, args=(at, act)) for at, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def figures(store: Store) -> list[list[str]]:
    """What the facts and the summary say, and how much has been overwritten; no times, no numbers
    that are drawn anew."""
    tables = [schema.village_income, schema.summary]
    with store.reading() as connection:
        found = [
            sorted(
                str([v for c, v in zip(t.columns, row, strict=True) if c.name not in _TIMES])
                for row in connection.execute(select(t))
            )
            for t in tables
        ]
        revised = connection.scalar(select(func.count()).select_from(schema.observation_revision))
        return [*found, [str(revised)]]


def test_two_offices_import_the_same_villages(
    filled: Store, small: Path, settings: Settings, tmp_path: Path
) -> None:
    """The figures are those of one order or of the other: all rows of the later file, none lost."""
    town = town_of(filled)
    files = [
        ("甲.xlsx", incomes(filled, town, PERIOD, 7)),
        ("乙.xlsx", incomes(filled, town, PERIOD, 11)),
    ]
    serial = []
    for number, order in enumerate((files, files[::-1])):
        one = connect(f"sqlite:///{tmp_path / f'{number}.db'}")
        restore(one, small)
        for file in order:
            importer.import_files(one, settings, [file], "测试")
        serial.append(figures(one))
        one.engine.dispose()
    assert serial[0] != serial[1]
    found = together(
        *(lambda f=file: importer.import_files(filled, settings, [f], "测试") for file in files)
    )
    assert all(isinstance(one, importer.ImportResult) for one in found), found
    assert figures(filled) in serial
    assert rollup.verify(filled, settings) == 0


def test_two_publish_the_same_quarter_and_one_is_refused(filled: Store, settings: Settings) -> None:
    focus = units.focus(filled, OFFICE, ROOT, PERIOD)
    found = together(*[lambda: issues.publish(filled, OFFICE, focus, settings)] * 2)
    [refusal] = [one for one in found if isinstance(one, bulletins.BulletinError)]
    assert "已经发布" in str(refusal)
    [issue] = bulletins.listing(filled, OFFICE, ROOT)
    assert issue.number == 1
    assert bulletins.verify(filled, ROOT) == []


def test_two_publish_at_once_and_no_number_is_given_twice(
    filled: Store, settings: Settings
) -> None:
    """Two quarters: both are published, one after the other, in one unbroken chain."""
    quarters = [units.focus(filled, OFFICE, ROOT, Period(2016, n)) for n in (2, 3)]
    found = together(
        *(lambda f=focus: issues.publish(filled, OFFICE, f, settings) for focus in quarters)
    )
    assert not [one for one in found if isinstance(one, Exception)], found
    assert {issue.number for issue in bulletins.listing(filled, OFFICE, ROOT)} == {1, 2}
    assert bulletins.verify(filled, ROOT) == []


def test_who_was_asked_earlier_and_waited_comes_later_in_the_chain(
    filled: Store, settings: Settings
) -> None:
    """The later of two clocks gets the store first: the chain holds nevertheless."""
    for quarter, minute in ((2, 30), (3, 10)):
        focus = units.focus(filled, OFFICE, ROOT, Period(2016, quarter))
        at = datetime(2016, 10, 20, 9, minute, tzinfo=UTC)
        issues.publish(filled, OFFICE, focus, settings, now=at)
    newest, first = bulletins.listing(filled, OFFICE, ROOT)
    assert (first.number, newest.number) == (1, 2)
    assert newest.published_at >= first.published_at
    assert bulletins.verify(filled, ROOT) == []


def test_two_decide_on_the_same_file_and_one_is_told(filled: Store, settings: Settings) -> None:
    """One approves while another declines: one decision holds, with its data or without."""
    town = town_of(filled)
    before = figures(filled)
    sent = uploads.submit(
        filled, settings, Viewer("t", Role.TOWN, town), "镇.xlsx", incomes(filled, town, PERIOD, 7)
    )
    found = together(
        lambda: uploads.approve(filled, settings, OFFICE, sent.id),
        lambda: uploads.decline(filled, OFFICE, sent.id, "请核对"),
    )
    assert len([one for one in found if isinstance(one, uploads.UploadError)]) == 1, found
    [listed] = uploads.listing(filled, OFFICE)
    assert listed.status in (uploads.APPROVED, uploads.DECLINED)
    assert (figures(filled) == before) == (listed.status == uploads.DECLINED)


def test_fifty_readers_during_imports_see_whole_batches_only(
    filled: Store, settings: Settings
) -> None:
    """Each import adds the same to every village: a reader's sum is that of one of the states, and
    the same sum always comes with the same summary."""
    town, income, summary = town_of(filled), schema.village_income, schema.summary
    books = [(f"{n}.xlsx", incomes(filled, town, PERIOD, n)) for n in (7, 11, 5)]
    over = threading.Event()
    seen: list[tuple[int, int, int]] = []

    def read() -> None:
        draw = random.Random()
        while not over.is_set():
            with filled.reading() as connection:
                total = connection.scalar(
                    select(func.sum(income.c.other_fen)).where(income.c.district_code == ROOT)
                )
                time.sleep(draw.uniform(0, 0.02))
                rows = connection.execute(
                    select(summary.c.unit_code, summary.c.indicator_code, summary.c.value).where(
                        summary.c.district_code == ROOT, summary.c.period == "2016Q3"
                    )
                ).all()
            seen.append((int(total), len(rows), hash(tuple(sorted(map(str, rows))))))
            over.wait(draw.uniform(0.2, 0.6))

    def write() -> None:
        try:
            for book in books:
                importer.import_files(filled, settings, [book], "测试")
        finally:
            over.set()

    failed = [one for one in together(write, *[read] * READERS) if one is not None]
    assert failed == []
    assert len(seen) >= READERS
    assert len({total for total, _, _ in seen}) <= len(books) + 1
    assert len(set(seen)) == len({total for total, _, _ in seen})
