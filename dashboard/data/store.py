"""The store: where it is, how it is read and written, and which version of the data it holds."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
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
from sqlalchemy.exc import InterfaceError, OperationalError

from dashboard.data.schema import store_info

StoreAway = (OperationalError, InterfaceError)
"""What reading or writing raises while the database cannot be reached."""

MIGRATIONS = Path(__file__).parent / "migrations"
DEFAULT_URL = "sqlite:///var/store.db"
_FOUND_READY: set[str] = set()
_PATIENCE_S = 30.0
"""How long SQLite's writers queue for the lock."""
_NOTES = 2016_68
"""The lock of `noting`; any number that nothing else here uses."""


class Store:
    """One database. Reading and writing go through `reading` and `writing`, nothing else."""

    def __init__(self, url: str) -> None:
        self.url = make_url(_with_driver(url))
        if self.url.get_backend_name() == "sqlite" and self.url.database not in (None, ":memory:"):
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
        self.engine = _engine(self.url.render_as_string(hide_password=False))
        self._seen: tuple[int, bool] | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one consistent state from its first statement on."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, *, changes_figures: bool = True) -> Iterator[Connection]:
        """One transaction, all or nothing, one writer at a time; raises the store's version.

        Without `changes_figures` (logins, accounts) the version stays: caches of figures hold.
        """
        self._seen = None
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection = connection.execution_options(begin="IMMEDIATE")
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
        with self.engine.connect() as connection:
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
        return bool(inspect(self.engine).has_table("store_info"))

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

    def see(self, version: int, is_demo: bool) -> None:
        """Take this for the present state: a page's run asks once, not for every figure.

        Forgotten as soon as something is written through this object.
        """
        self._seen = version, is_demo

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
    set_info(connection, "version", str(int(get_info(connection, "version") or 0) + 1))


def _with_driver(url: str) -> str:
    """Offices write postgresql://; the driver that the project ships is psycopg 3."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


@lru_cache(maxsize=16)
def _engine(url: str) -> Engine:
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
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
