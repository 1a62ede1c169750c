"""The store goes away and comes back: what a look shows meanwhile, and what is refused."""

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard import server
from dashboard.briefing import issues
from dashboard.briefing.content import Kind
from dashboard.data import accounts, backup, sessions, units
from dashboard.data import store as store_module
from dashboard.data.backup import digest
from dashboard.data.health import INTERVAL_S, Away
from dashboard.data.ingest import importer
from dashboard.data.memory import NothingKept
from dashboard.data.queries import progress
from dashboard.data.store import Store, StoreAway, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.data.ingest.books import book

from .conftest import Postgres, wait_for

ROOT, TOWN, NOW = "320412", "320412104", Period(2016, 3)
OFFICE = Viewer("办", Role.OFFICE, ROOT)
LEADER = Viewer("领", Role.LEADER, ROOT)
TOWN_ACCOUNT = Viewer("镇", Role.TOWN, TOWN)
PAGE = ("", (("unit", ROOT),))
TASK = {
    "任务编号": "F1",
    "单位代码": TOWN,
    "落实类别": "项目落实",
    "内容": "测试",
    "完成月份": "2016-08",
}
"""Overdue at the quarter's end: one more in the district's figures."""


def look(store: Store, viewer: Viewer, page: Any = PAGE) -> list[tuple[Any, ...]]:
    """What the app does with every run of a page: as much of it as concerns the store."""
    one = store.for_a_look()
    if one.recalls:
        if one.look_back(viewer.scope, page) is None:
            raise Away("nothing")
    else:
        one.see(one.version, one.is_demo, viewer.scope)
    focus = units.focus(one, viewer, viewer.unit_code, NOW)
    found = progress.of_unit(one, viewer, focus)
    one.drawn(page)
    return [tuple(row.values()) for row in found]


def changed(store: Store, settings: Settings, *numbers: str) -> None:
    rows = [list((TASK | {"任务编号": number}).values()) for number in numbers or ("F1",)]
    content = book({"任务": [list(TASK), *rows]})
    importer.import_files(store, settings, [("任务.xlsx", content)], "测试")


FAULTS: dict[str, tuple[Callable[[Postgres], None], Callable[[Postgres], None]]] = {
    "stopped": (Postgres.stop, Postgres.start),
    "killed": (Postgres.kill, Postgres.start),
    "frozen": (Postgres.freeze, Postgres.thaw),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_last_figures_stay_and_it_comes_back_by_itself(
    fault: str,
    in_postgres: Store,
    postgres: Postgres,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store_module, "_CONNECT_S", 2)
    before = look(in_postgres, OFFICE)
    assert before
    go, come_back = FAULTS[fault]
    go(postgres)
    with pytest.raises(StoreAway):  # the first to notice, within seconds, for all
        look(in_postgres, OFFICE)
    assert in_postgres.away_since is not None
    assert not in_postgres.answers(), "told at once, not after another wait"

    assert look(in_postgres, OFFICE) == before
    assert look(in_postgres, Viewer("另", Role.OFFICE, ROOT)) == before, "of the same scope"
    for other in (LEADER, TOWN_ACCOUNT):
        with pytest.raises(Away):  # who has not looked before is told nothing of others' looks
            look(in_postgres, other)
    with pytest.raises(Away):
        look(in_postgres, OFFICE, page=("targets", ()))
    with pytest.raises(Away, match="没有保存任何改动"), in_postgres.for_a_look().writing():
        pytest.fail("nothing is to be written")

    come_back(postgres)
    wait_for(lambda: in_postgres.away_since is None)
    assert look(in_postgres, OFFICE) == before
    changed(in_postgres, settings)
    assert look(in_postgres, OFFICE) != before, "another version is read, not what was kept"


@pytest.mark.parametrize("fault", FAULTS)
def test_readyz_says_so_within_seconds(
    fault: str, in_postgres: Store, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = in_postgres.url.render_as_string(hide_password=False)
    monkeypatch.setenv("STORE_URL", url)
    monkeypatch.setattr(store_module, "_CONNECT_S", 2)
    client = TestClient(Starlette(routes=[Route("/readyz", server.readyz)]))
    assert client.get("/readyz").json() == {"status": "ready"}
    go, come_back = FAULTS[fault]
    go(postgres)
    try:
        begun = time.monotonic()
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"status": "store unavailable"})
        assert time.monotonic() - begun < 10
    finally:
        come_back(postgres)
    wait_for(lambda: client.get("/readyz").status_code == 200)


def test_connections_that_are_cut_are_made_anew(in_postgres: Store, postgres: Postgres) -> None:
    before = look(in_postgres, OFFICE)
    postgres.cut_off()
    assert look(in_postgres, OFFICE) == before, "nobody notices between two looks"


def test_cut_in_the_middle_of_a_question(in_postgres: Store, postgres: Postgres) -> None:
    before = look(in_postgres, OFFICE)
    one = in_postgres.for_a_look()
    begun = threading.Event()
    timer = threading.Thread(target=lambda: begun.wait() and postgres.cut_off())
    timer.start()
    with pytest.raises(StoreAway), one.reading() as connection:
        connection.execute(text("SELECT 1"))
        begun.set()
        connection.execute(text("SELECT pg_sleep(60)"))
    timer.join()
    wait_for(lambda: in_postgres.away_since is None)
    assert look(in_postgres, OFFICE) == before


def test_a_question_without_an_answer_ends(
    in_postgres: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_LOOK_S", 0.5)
    with pytest.raises(StoreAway), in_postgres.for_a_look().reading() as connection:
        connection.execute(text("SELECT pg_sleep(60)"))
    wait_for(lambda: in_postgres.away_since is None)
    with in_postgres.reading() as connection:
        # What is no look has its time.
        connection.execute(text("SELECT pg_sleep(1)"))


@contextmanager
def at_statement(engine: Engine, number: int, do: Callable[[], None]) -> Iterator[list[int]]:
    """Does something just before the n-th statement from here on; counts them."""
    seen = [0]

    def count(*_: Any) -> None:
        seen[0] += 1
        if seen[0] == number:
            do()

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", count)


@contextmanager
def at_words(engine: Engine, words: str, do: Callable[[], None]) -> Iterator[None]:
    """Does something just before the first statement that begins so."""
    done: list[str] = []

    def look_at(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(words) and not done:
            done.append(statement)
            do()

    event.listen(engine, "before_cursor_execute", look_at)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", look_at)
        assert done, f"nothing began with {words}"


def test_in_the_middle_of_an_import_all_or_nothing(
    in_postgres: Store, postgres: Postgres, settings: Settings
) -> None:
    with at_statement(in_postgres.engine, 0, lambda: None) as whole:
        changed(in_postgres, settings, "F0")
    before = digest(in_postgres)
    for part in (0.2, 0.6, 0.95):
        at = max(1, int(whole[0] * part))
        with at_statement(in_postgres.engine, at, postgres.cut_off), pytest.raises(StoreAway):
            changed(in_postgres, settings)
        assert digest(in_postgres) == before, at
    changed(in_postgres, settings)
    assert digest(in_postgres) != before


def test_a_file_that_is_moved_away_and_back(
    demo_store: Store, settings: Settings, tmp_path: Path
) -> None:
    path = Path(str(demo_store.url.database))
    before = look(demo_store, OFFICE)
    aside = [(one, tmp_path / f"aside{one.name}") for one in tmp_path.glob(f"{path.name}*")]
    for one, other in aside:
        shutil.move(one, other)
    with pytest.raises(StoreAway):
        look(demo_store, OFFICE)
    assert look(demo_store, OFFICE) == before
    with pytest.raises(StoreAway), demo_store.writing():
        pytest.fail("nothing is to be written")
    assert not path.exists(), "no empty store is made where one is missing"
    for one, other in aside:
        shutil.move(other, one)
    wait_for(lambda: demo_store.away_since is None)
    assert look(demo_store, OFFICE) == before
    changed(demo_store, settings)
    assert look(demo_store, OFFICE) != before


def test_what_lies_there_in_between_is_no_end(demo_store: Store, tmp_path: Path) -> None:
    """A file half copied back is no database yet: who asks for the store goes on asking."""
    path = Path(str(demo_store.url.database))
    before = look(demo_store, OFFICE)
    aside = [(one, tmp_path / f"aside{one.name}") for one in tmp_path.glob(f"{path.name}*")]
    for one, other in aside:
        shutil.move(one, other)
    with pytest.raises(StoreAway):
        look(demo_store, OFFICE)
    time.sleep(0.3)
    path.write_bytes(b"half of a file " * 100)
    time.sleep(2.5 * INTERVAL_S)  # asked at least twice meanwhile
    assert demo_store.away_since is not None
    assert not demo_store.answers()
    for one, other in aside:
        shutil.move(other, one)
    wait_for(lambda: demo_store.away_since is None)
    assert look(demo_store, OFFICE) == before


def test_tables_that_are_not_there_yet_are_no_end(in_postgres: Store) -> None:
    """In the middle of a restore: the server answers, the store does not."""
    before = look(in_postgres, OFFICE)
    with in_postgres.engine.begin() as connection:
        connection.execute(text("ALTER TABLE store_info RENAME TO not_yet"))
    assert not in_postgres.answers()
    in_postgres._state.health.failed()
    time.sleep(2.5 * INTERVAL_S)
    assert look(in_postgres, OFFICE) == before
    with in_postgres.engine.begin() as connection:
        connection.execute(text("ALTER TABLE not_yet RENAME TO store_info"))
    wait_for(lambda: in_postgres.away_since is None)
    assert look(in_postgres, OFFICE) == before


@pytest.mark.parametrize("how", ["locked", "read only", "full"])
def test_a_file_that_cannot_be_written_is_still_read(
    how: str, demo_store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is stored, and nobody's page says that the database is away."""
    before, whole = look(demo_store, OFFICE), digest(demo_store)
    path = str(demo_store.url.database)
    monkeypatch.setattr(store_module, "_PATIENCE_S", 0.3)
    demo_store.engine.dispose()
    other = sqlite3.connect(path, isolation_level=None)
    if how == "locked":
        other.execute("BEGIN IMMEDIATE")

    def spoil(connection: Any, _record: Any) -> None:
        if how == "full":
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")
        if how == "read only":
            connection.execute("PRAGMA query_only = 1")

    event.listen(demo_store.engine, "connect", spoil)
    try:
        with pytest.raises(StoreAway):
            # More than free pages of the file could take.
            changed(demo_store.for_a_look(), settings, *(f"F{n}" for n in range(400)))
        assert demo_store.away_since is None
        assert look(demo_store, OFFICE) == before
    finally:
        event.remove(demo_store.engine, "connect", spoil)
        other.close()
        demo_store.engine.dispose()
    assert digest(demo_store) == whole
    changed(demo_store, settings)


def test_in_the_middle_of_publishing_nothing_is_published(
    in_postgres: Store, postgres: Postgres, settings: Settings
) -> None:
    focus = units.focus(in_postgres, OFFICE, ROOT, NOW)
    before = digest(in_postgres)
    for words in ("SELECT bulletin", "INSERT INTO bulletin", "INSERT INTO audit_event"):
        with at_words(in_postgres.engine, words, postgres.cut_off), pytest.raises(StoreAway):
            issues.publish(in_postgres, OFFICE, focus, settings, Kind.BULLETIN)
        assert digest(in_postgres) == before, words
    issues.publish(in_postgres, OFFICE, focus, settings, Kind.BULLETIN)
    assert digest(in_postgres)["bulletin"] != before["bulletin"]


def test_away_before_anybody_looked(in_postgres: Store, postgres: Postgres) -> None:
    postgres.stop()
    assert not in_postgres.answers()
    with pytest.raises(StoreAway):
        in_postgres.for_a_look().was_ready()
    assert in_postgres.away_since is not None
    postgres.start()
    wait_for(lambda: in_postgres.away_since is None)
    assert look(in_postgres, OFFICE)


def test_another_file_in_its_place_is_seen(
    demo_store: Store, settings: Settings, tmp_path: Path
) -> None:
    """Restored from a backup under a running server: an older state at the same address."""
    older = tmp_path / "older.db"
    backup.backup(demo_store, older)
    before = look(demo_store, OFFICE)
    changed(demo_store, settings)
    assert look(demo_store, OFFICE) != before
    fresh = connect(f"sqlite:///{tmp_path / 'fresh.db'}")
    backup.restore(fresh, older)
    fresh.engine.dispose()
    path = Path(str(demo_store.url.database))
    for one in tmp_path.glob(f"{path.name}*"):
        one.unlink()
    (tmp_path / "fresh.db").replace(path)
    assert look(demo_store, OFFICE) == before
    assert connect(str(demo_store.url)).version > 0


def test_who_was_inside_stays_and_nobody_comes_in(in_postgres: Store, postgres: Postgres) -> None:
    accounts.add(in_postgres, ROOT, "zhang", Role.OFFICE, ROOT, "Bamboo-Grove-77")
    for token in ("inside", "leaves"):
        sessions.begin(in_postgres, token)
        assert not sessions.look(in_postgres.for_a_look(), ROOT, "zhang", token).is_over
    postgres.stop()
    with pytest.raises(StoreAway):
        sessions.look(in_postgres.for_a_look(), ROOT, "zhang", "inside")
    one = in_postgres.for_a_look()
    assert not sessions.look(one, ROOT, "zhang", "inside").is_over
    with pytest.raises(Away, match="不能登录"):
        sessions.look(one, ROOT, "zhang", "made up")
    sessions.end(one, "leaves")
    with pytest.raises(Away, match="不能登录"):
        sessions.look(one, ROOT, "zhang", "leaves")
    postgres.start()
    wait_for(lambda: in_postgres.away_since is None)
    assert not sessions.look(in_postgres.for_a_look(), ROOT, "zhang", "inside").is_over
    assert sessions.look(in_postgres.for_a_look(), ROOT, "zhang", "leaves").is_over
    assert sessions.seen(in_postgres, "leaves") is None, "the store knows it too now"


def test_what_was_never_asked_is_not_made_up(demo_store: Store) -> None:
    look(demo_store, OFFICE)
    one = demo_store.for_a_look()
    one._recalls = True
    assert one.look_back(OFFICE.scope, PAGE) is not None
    with pytest.raises(NothingKept), one.reading() as connection:
        connection.execute(text("SELECT 1"))
