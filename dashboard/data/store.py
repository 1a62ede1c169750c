"""The store: where it is, how it is read and written, and which version of the data it holds."""

import logging
import os
import sqlite3
import time
from collections.abc import Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    event,
    func,
    insert,
    inspect,
    make_url,
    select,
    update,
)
from sqlalchemy.exc import (
    DisconnectionError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from dashboard.data import deadline
from dashboard.data.health import Away, Health
from dashboard.data.memory import Asking, Known, Memory
from dashboard.data.schema import store_info
from dashboard.policy.access import Role
from dashboard.policy.codes import district_of, subtree_prefix

_log = logging.getLogger(__name__)
_FAILURES = (OperationalError, InterfaceError, InternalError, NoConnectionFree)
StoreAway = (*_FAILURES, Away)
"""What reading or writing raises while the database cannot be reached."""

MIGRATIONS = Path(__file__).parent / "migrations"
DEFAULT_URL = "sqlite:///var/store.db"
_FOUND_READY: set[str] = set()
_PATIENCE_S = 30.0
"""How long SQLite's writers queue for the lock."""
_CONNECT_S, _PING_S = 3, 2.0
_REST_S = 30.0
"""How long a replica that did not answer is not asked."""
_LOOK_S = 10.0
"""How long a page waits for one answer; what else reads (a backup, a check) takes its time."""
_LONG_S = 1800.0
_LOST_STATES = ("08", "57")
"""Classes of SQLSTATE: connection exception, operator intervention (a server that shuts down)."""
_STILL_THERE = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
)
_NOTES = 2016_68
"""The lock of `noting`; any number that nothing else here uses."""


class Store:
    """One database. Reading and writing go through `reading` and `writing`, nothing else.

    `as_of`: the day at whose end this was known; None for the present (see dashboard/data/past.py).
    """

    as_of: date | None = None

    def __init__(self, url: str, *, is_look: bool = False) -> None:
        self.url = make_url(_with_driver(url))
        if self.url.get_backend_name() == "sqlite" and self.url.database not in (None, ":memory:"):
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
        reading = os.environ.get("STORE_READ_URL", "") if is_look and not self._is_file else ""
        self._state = _state(self.url.render_as_string(hide_password=False), reading)
        self.engine = self._state.engine
        self._seen: tuple[int, bool] | None = None
        self._known: Known | None = None
        self._scope: tuple[str, str, str | None] | None = None
        self._is_look = is_look
        self._recalls = is_look and self._state.health.is_away

    @property
    def _is_file(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def for_a_look(self) -> "Store":
        """The same store for one run of a page: no answer is waited for long, and what was answered
        is kept. Where the store is away, the run is answered from that (`recalls`)."""
        return Store(self.url.render_as_string(hide_password=False), is_look=True)

    @property
    def recalls(self) -> bool:
        """Whether this look is answered from memory: the store is away, nothing can be written."""
        return self._recalls

    @property
    def away_since(self) -> datetime | None:
        """When the store was found away (UTC); None while it answers."""
        return self._state.health.away_since

    @contextmanager
    def reading(self, *, of_district: bool = False) -> Iterator[Connection]:
        """A connection that sees one consistent state from its first statement on.

        With STORE_READ_URL, a look reads as the role that can only read, and PostgreSQL shows it
        what its viewer may see (reading_role.py): from that address, which may be a replica's, or
        from the store's own while the replica is away or has not yet what this look has seen.
        `of_district`: all households of the viewer's
        district, for what compares or adds up the whole of it; what is told of that is for the
        caller to narrow.
        """
        if self._recalls:
            yield self._recalled()
            return
        # Before the viewer is known, the gate reads as the owner does: accounts and sessions.
        if self._state.reader is not None and self._scope is not None:
            with self._noticing(), self._as_reader(self._scope, of_district) as connection:
                yield self._kept(connection)
            return
        with self._noticing(), self._begun(self.engine) as connection:
            yield self._kept(connection)

    @contextmanager
    def _begun(self, engine: Engine) -> Iterator[Connection]:
        with engine.connect() as connection:
            options: dict[str, Any] = {"deadline_s": _LOOK_S if self._is_look else _LONG_S}
            if not self.is_sqlite:
                options["isolation_level"] = "REPEATABLE READ"
            connection = connection.execution_options(**options)
            with connection.begin():
                yield connection

    @contextmanager
    def _as_reader(
        self, scope: tuple[str, str, str | None], of_district: bool
    ) -> Iterator[Connection]:
        """Over the role that can only read: from the replica, where there is one that answers and
        has what this look has seen, else from the store's own server.

        A replica that is behind would have old figures kept as those of the version seen; what this
        look has written itself is read where it was written.
        """
        replica = self._state.replica
        if replica is not None and self._seen is not None and not replica.is_resting:
            with ExitStack() as stack:
                try:
                    connection = stack.enter_context(self._begun(replica.engine))
                    version = _say_who_looks(connection, scope, of_district)
                except _FAILURES:
                    _log.warning("the replica is away: reading from the store's own server")
                    replica.rest()
                    version = -1
                if version >= self._seen[0]:
                    yield connection
                    return
        assert self._state.reader is not None  # noqa: S101 (asked by `reading`)
        with self._begun(self._state.reader) as connection:
            _say_who_looks(connection, scope, of_district)
            yield connection

    def _kept(self, connection: Connection) -> Connection:
        if self._known is None:
            return connection
        return cast(Connection, Asking(self._state.memory, self._known, connection))

    def _recalled(self) -> Connection:
        if self._known is None:
            raise Away("数据库暂时连不上")
        return cast(Connection, Asking(self._state.memory, self._known, None))

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Whoever looks in vain says so for all: nobody else waits."""
        try:
            yield
        except _FAILURES as error:
            if self._is_look and _is_lost(error):
                self._state.health.failed()
            raise

    def _refuse_if_away(self) -> None:
        if self._is_look and (self._recalls or self._state.health.is_away):
            raise Away("数据库暂时连不上,没有保存任何改动,恢复后请再试")

    @contextmanager
    def writing(self, *, changes_figures: bool = True) -> Iterator[Connection]:
        """One transaction, all or nothing, one writer at a time; raises the store's version.

        Without `changes_figures` (logins, accounts) the version stays: caches of figures hold.
        """
        self._refuse_if_away()
        self._seen = self._known = None
        with self._noticing(), self.engine.connect() as connection:
            if self.is_sqlite:
                connection = connection.execution_options(begin="IMMEDIATE")
            connection = connection.execution_options(deadline_s=_LONG_S)
            with connection.begin():
                if not self.is_sqlite:
                    # Serialises writers; readers go on undisturbed.
                    connection.execute(
                        select(store_info).where(store_info.c.key == "version").with_for_update()
                    )
                yield connection
                if changes_figures:
                    _raise_version(connection)

    @contextmanager
    def noting(self, *, wait_s: float = 30, alone: bool = False) -> Iterator[Connection]:
        """A small write beside the figures: who came, what was looked at. The version stays.

        On PostgreSQL it waits for no import; `alone` makes it wait for the others of its kind.
        SQLite has one writer: raises StoreAway where it is busy for longer than `wait_s`.
        """
        self._refuse_if_away()
        with self._noticing(), self.engine.connect() as connection:
            connection = connection.execution_options(deadline_s=max(wait_s, _LOOK_S))
            if self.is_sqlite:
                connection = connection.execution_options(begin="IMMEDIATE")
                _wait_at_most(connection, wait_s)
            try:
                with connection.begin():
                    if alone and not self.is_sqlite:
                        connection.execute(select(func.pg_advisory_xact_lock(_NOTES)))
                    yield connection
            finally:
                if self.is_sqlite:
                    _wait_at_most(connection, _PATIENCE_S)

    def migrate(self, revision: str = "head") -> None:
        """Bring the schema to `revision`; on an empty database, make it."""
        config = AlembicConfig()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)

    def is_ready(self) -> bool:
        """Whether the schema is there."""
        with self._noticing():
            return bool(inspect(self.engine).has_table("store_info"))

    def misfit(self) -> str:
        """Why this program cannot work with the schema that is there; "" where it can."""
        scripts = ScriptDirectory(str(MIGRATIONS))
        with self._noticing(), self.engine.connect() as connection:
            found = revision_of(connection)
        if found in ("", scripts.get_current_head()):
            return ""
        if found in {one.revision for one in scripts.walk_revisions()}:
            return "数据库的结构比程序旧,请先停止服务并运行:python -m dashboard init"
        return "数据库的结构比程序新,请先升级程序"

    def answers(self) -> bool:
        """Whether the store answers now, its schema being there: told within seconds."""
        if self._state.health.is_away:
            return False
        try:
            _ping(self.engine)
        except SQLAlchemyError:
            return False
        return True

    def was_ready(self) -> bool:
        """Whether the schema is there, or was when this process asked before."""
        if str(self.url) not in _FOUND_READY and self.is_ready():
            _FOUND_READY.add(str(self.url))
        return str(self.url) in _FOUND_READY

    def info(self, key: str) -> str | None:
        """A value of store_info; None where the key is absent."""
        with self.reading() as connection:
            return get_info(connection, key)

    @property
    def is_demo(self) -> bool:
        """Whether the store holds demo data, which every screen and export must then say."""
        return self.info("is_demo") == "yes"

    @property
    def version(self) -> int:
        """Raised by every write: caches are keyed by it."""
        return int(self.info("version") or 0)

    def see(
        self, version: int, is_demo: bool, scope: tuple[str, str, str | None] | None = None
    ) -> None:
        """Take this for the present state: a page's run asks once, not for every figure.

        Forgotten as soon as something is written through this object. `scope`: who looks, for what
        is kept of this look and for what the database shows it; once said, it stays.
        """
        self._seen = version, is_demo
        self._scope = scope or self._scope
        if self._is_look and not self._recalls and self._scope is not None:
            self._known = Known(self._scope, version, is_demo, datetime.now(UTC))

    def drawn(self, page: Hashable) -> None:
        """A page was shown whole: it can be shown again while the store is away."""
        if self._known is not None and self._seen is not None and not self._recalls:
            self._state.memory.page_seen((self._known.scope, page), self._known)

    def look_back(self, scope: Hashable, page: Hashable) -> datetime | None:
        """Take the state in which a scope saw a page last for the present one; when that was (UTC).

        None where it has not seen it.
        """
        known = self._state.memory.last_look((scope, page))
        if known is None:
            return None
        self._known, self._seen = known, (known.version, known.is_demo)
        return known.seen_at

    @property
    def has_seen(self) -> bool:
        """Whether `see` was told what is present."""
        return self._seen is not None

    @property
    def version_seen(self) -> int:
        """The version that `see` was told; else the present one."""
        return self._seen[0] if self._seen else self.version

    @property
    def is_demo_seen(self) -> bool:
        """What `see` was told; else whether it is demo data now."""
        return self._seen[1] if self._seen else self.is_demo


def connect(url: str | None = None) -> Store:
    """The store at `url`, else at STORE_URL, else the embedded default."""
    return Store(url or os.environ.get("STORE_URL") or DEFAULT_URL)


def revision_of(connection: Connection) -> str:
    """Which migration the schema has come to; "" where none is noted."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def get_info(connection: Connection, key: str) -> str | None:
    value = connection.scalar(select(store_info.c.value).where(store_info.c.key == key))
    return None if value is None else str(value)


def set_info(connection: Connection, key: str, value: str) -> None:
    changed = connection.execute(
        update(store_info).where(store_info.c.key == key).values(value=value)
    )
    if changed.rowcount == 0:
        connection.execute(insert(store_info).values(key=key, value=value))


def _raise_version(connection: Connection) -> None:
    # Of this moment, so that a store put back from a backup never comes to a number again under
    # which something else is still kept.
    moment = time.time_ns() // 1_000_000
    set_info(connection, "version", str(max(int(get_info(connection, "version") or 0) + 1, moment)))


def _with_driver(url: str) -> str:
    """Offices write postgresql://; the driver that the project ships is psycopg 3."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


class _Replica:
    """A server that follows the store's own. While it is away nobody waits for it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._rests_until = 0.0

    @property
    def is_resting(self) -> bool:
        return time.monotonic() < self._rests_until

    def rest(self) -> None:
        self._rests_until = time.monotonic() + _REST_S


@dataclass(frozen=True)
class _State:
    """What all looks of a process at one store share. `reader` is at the store's own server."""

    engine: Engine
    health: Health
    memory: Memory
    reader: Engine | None = None
    replica: _Replica | None = None


@lru_cache(maxsize=32)
def _state(url: str, reading: str = "") -> _State:
    engine = _engine(url)
    state = _State(engine, Health(partial(_ping, engine), (SQLAlchemyError,)), Memory())
    if not reading:
        return state
    asked, own = make_url(_with_driver(reading)), make_url(url)
    here = asked.set(host=own.host, port=own.port, database=own.database, query=own.query)
    reader = _engine(here.render_as_string(hide_password=False))
    if here == asked:
        return replace(state, reader=reader)
    replica = _engine(asked.render_as_string(hide_password=False))
    return replace(state, reader=reader, replica=_Replica(replica))


def _say_who_looks(
    connection: Connection, scope: tuple[str, str, str | None], of_district: bool
) -> int:
    """For this transaction alone: what the policies of reading_role.py compare rows with. The
    version that this server has."""
    role, unit, _organisation = scope
    district = subtree_prefix(district_of(unit))
    own = unit if role == Role.TOWN and not of_district else district
    settings = {"role": role, "unit": unit, "district": district, "subtree": own}
    version = select(store_info.c.value).where(store_info.c.key == "version").scalar_subquery()
    said = [func.set_config(f"app.{name}", value, True) for name, value in settings.items()]
    told = connection.execute(select(version, *said)).one()
    return int(told[0] or 0)


def _is_lost(error: Exception) -> bool:
    """Whether the store itself is away: not where it answers that a disk is full, a row locked, or
    that two came at once. Others can still look then."""
    cause = getattr(error, "orig", None)
    state, code = getattr(cause, "sqlstate", None), getattr(cause, "sqlite_errorcode", None)
    if state is not None:
        return str(state)[:2] in _LOST_STATES
    return code not in _STILL_THERE


def _ping(engine: Engine) -> None:
    """Raises a SQLAlchemyError where the store does not answer in a moment, or is not whole."""
    with engine.connect() as connection:
        limited = connection.execution_options(deadline_s=_PING_S)
        limited.execute(select(store_info.c.value).where(store_info.c.key == "version"))


@lru_cache(maxsize=32)
def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url)
        event.listen(engine, "do_connect", _refuse_new_file(set()))
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkout", _is_same_file)
        return engine
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        pool_timeout=_CONNECT_S,
        connect_args={"connect_timeout": _CONNECT_S},
    )
    event.listen(engine, "checkout", partial(_is_alive, engine))
    event.listen(engine, "before_cursor_execute", _begin_waiting)
    event.listen(engine, "after_cursor_execute", _end_waiting)
    event.listen(engine, "handle_error", _end_waiting_in_vain)
    return engine


def _is_alive(engine: Engine, connection: Any, _record: Any, _proxy: Any) -> None:
    """In place of SQLAlchemy's own look, which would wait for ever where a server is frozen."""
    try:
        with deadline.within(connection, _PING_S):
            engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def _begin_waiting(connection: Connection, *_rest: Any) -> None:
    seconds = connection.get_execution_options().get("deadline_s", _LONG_S)
    _end_waiting(connection)
    connection.info["deadline"] = deadline.begin(connection.connection.dbapi_connection, seconds)


def _end_waiting(connection: Connection, *_rest: Any) -> None:
    number = connection.info.pop("deadline", None)
    if number is not None:
        deadline.end(number)


def _end_waiting_in_vain(context: Any) -> None:
    if context.connection is not None and not context.connection.invalidated:
        _end_waiting(context.connection)


def _refuse_new_file(known: set[str]) -> Any:
    """SQLite makes a file that is not there: right for a new store, wrong for one gone astray."""

    def refuse(_dialect: Any, _record: Any, arguments: Any, _options: Any) -> None:
        path = str(arguments[0])
        if path in known and not Path(path).exists():
            raise sqlite3.OperationalError(f"the store's file is away: {path}")
        known.add(path)

    return refuse


def _is_same_file(connection: Any, record: Any, _proxy: Any) -> None:
    """A file that was moved away goes on to be read, and written, where nobody looks for it."""
    path = record.info.get("path")
    if not path:
        return
    try:
        inode = Path(path).stat().st_ino
    except OSError as error:
        raise DisconnectionError from error
    if record.info.setdefault("inode", inode) != inode:
        raise DisconnectionError


def _prepare_sqlite(connection: Any, record: Any) -> None:
    # The driver must not open transactions by itself: BEGIN is ours (see _begin_sqlite).
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        f"busy_timeout={_PATIENCE_S * 1000:.0f}",
        "synchronous=NORMAL",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    record.info.pop("inode", None)
    record.info["path"] = cursor.execute("PRAGMA database_list").fetchone()[2]
    cursor.close()


def _wait_at_most(connection: Connection, seconds: float) -> None:
    # Past SQLAlchemy, which would begin a transaction for it.
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={seconds * 1000:.0f}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE for writers: they queue for the lock at the start, not fail in the middle.
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
