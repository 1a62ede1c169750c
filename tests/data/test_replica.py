"""A replica that pages read from: never older than what a look has seen, never waited for."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import create_engine, event, text

from dashboard.data import demo, reading_role, units
from dashboard.data.ingest import importer
from dashboard.data.queries import progress
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests import postgresql
from tests.faults.workbooks import incomes
from tests.kept import forget

pytestmark = pytest.mark.skipif(
    postgresql.BINARIES is None, reason="PostgreSQL is not installed (make test installs it)"
)

ROOT, TOWN, READER = "320412", "320412104", "dashboard_reader"
QUARTER = Period(2016, 3)
LEADER = Viewer("zhang", Role.LEADER, ROOT)


@dataclass
class Pair:
    """The store's own server, and one that follows it."""

    own: postgresql.Server
    replica: postgresql.Server

    @property
    def store(self) -> Store:
        return connect(self.own.url())

    def on_replica(self, statement: str) -> object:
        engine = create_engine(self.replica.url().replace("postgresql:", "postgresql+psycopg:"))
        try:
            with engine.connect() as connection:
                return connection.scalar(text(statement))
        finally:
            engine.dispose()

    def version_there(self) -> int:
        return int(str(self.on_replica("SELECT value FROM store_info WHERE key = 'version'")))

    def wait_for_it(self) -> None:
        wanted = self.store.version
        postgresql.wait(lambda: self.version_there() >= wanted)


@pytest.fixture(scope="module")
def pair(settings: Settings) -> Iterator[Pair]:
    with postgresql.folders("own", "replica") as (own, replica):
        postgresql.new_cluster(own)
        first = postgresql.Server(own, "wal_level = replica\nmax_wal_senders = 4")
        first.start()
        store = connect(first.url())
        demo.fill(store, settings, seed=1, villages=32, households=64)
        with store.engine.begin() as connection:
            connection.execute(text(f"CREATE ROLE {READER} LOGIN"))
        reading_role.grant(store, READER)
        postgresql.run(
            "pg_basebackup", "-h", "127.0.0.1", "-p", first.port, "-U", postgresql.OWNER,
            "-D", replica, "-R", "-X", "stream", "-c", "fast",
        )  # fmt: skip
        second = postgresql.Server(replica, "hot_standby = on")
        second.start()
        both = Pair(first, second)
        both.wait_for_it()
        yield both
        store.engine.dispose()
        for server in (second, first):
            server.stop()


@pytest.fixture
def look(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Iterator["Look"]:
    """How a page reads the towns' incomes, and from which server."""
    monkeypatch.setenv("STORE_READ_URL", pair.replica.url(READER))
    made = Look(pair)
    yield made
    made.forget()


class Look:
    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        state = pair.store.for_a_look()._state
        assert state.replica is not None and state.reader is not None
        self._engines = {"replica": state.replica.engine, "own": state.reader}
        self.asked: set[str] = set()
        for name, engine in self._engines.items():
            event.listen(engine, "before_cursor_execute", self._noting(name))

    def _noting(self, name: str):  # type: ignore[no-untyped-def]
        def note(_c: object, _u: object, sql: str, *_rest: object) -> None:
            # Not who looks, which is asked of the replica that is behind as well.
            if "summary" in sql:
                self.asked.add(name)

        return note

    def __call__(self) -> int:
        """The town's income of the quarter, in fen."""
        self.asked.clear()
        # As a process that has not looked at this version before: it is the road that is asked for.
        forget()
        store = self._pair.store.for_a_look()
        store.see(store.version, True, LEADER.scope)
        focus = units.focus(store, LEADER, TOWN, QUARTER)
        found = progress.of_unit(store, LEADER, focus)
        return next(int(row["value"]) for row in found if row["indicator"] == "V03")

    def forget(self) -> None:
        for engine in self._engines.values():
            engine.dispose()


def raise_income(pair: Pair, settings: Settings, wan: int) -> None:
    file = ("镇.xlsx", incomes(pair.store, TOWN, QUARTER, wan))
    [(_, done)] = importer.import_files(pair.store, settings, [file], "测试").applied
    assert done.batch_id is not None


def test_pages_read_from_it(pair: Pair, look: Look) -> None:
    assert look() > 0
    assert look.asked == {"replica"}
    assert pair.on_replica("SELECT pg_is_in_recovery()") is True


def test_what_it_has_not_yet_is_read_from_the_stores_own_server(
    pair: Pair, look: Look, settings: Settings
) -> None:
    before = look()
    pair.on_replica("SELECT pg_wal_replay_pause()")
    try:
        raise_income(pair, settings, 900)
        now = look()
        assert look.asked == {"own"}
        assert now > before
    finally:
        pair.on_replica("SELECT pg_wal_replay_resume()")
    pair.wait_for_it()
    assert look() == now
    assert look.asked == {"replica"}


def test_it_is_not_waited_for_while_it_is_away(pair: Pair, look: Look) -> None:
    before = look()
    pair.replica.stop()
    try:
        assert look() == before
        assert look.asked == {"own"}
        assert pair.store.for_a_look().away_since is None, "the store itself is there"
    finally:
        pair.replica.start()


def test_a_connection_that_names_nobody_sees_nothing_there_either(pair: Pair) -> None:
    engine = create_engine(pair.replica.url(READER).replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM summary")) == 0
    engine.dispose()
