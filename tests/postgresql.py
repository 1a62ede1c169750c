"""Whole PostgreSQL servers of Debian's package, for what the wheel's one has not: postgres_fdw,
pg_basebackup. `make test` installs the package; without it what needs them is skipped."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
BINARIES = _BINARIES[-1].parent if _BINARIES else None
OWNER = "dashboard"
_AS = "postgres" if os.geteuid() == 0 else None
"""PostgreSQL refuses to run as root; the package has made a user for it."""


class Server:
    """A server of its own on loopback, with `settings` added to its configuration."""

    def __init__(self, folder: Path, settings: str = "") -> None:
        self.folder, self.port = folder, _free_port()
        with (folder / "postgresql.conf").open("a") as conf:
            conf.write(
                f"\nport = {self.port}\nlisten_addresses = '127.0.0.1'\n"
                f"unix_socket_directories = '{folder}'\nfsync = off\n{settings}\n"
            )

    def url(self, user: str = OWNER) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        run("pg_ctl", "-D", self.folder, "-l", self.folder / "log", "-w", "-t", "60", "start")

    def stop(self) -> None:
        run("pg_ctl", "-D", self.folder, "-m", "immediate", "-w", "stop")


def run(program: str, *words: object) -> None:
    assert BINARIES is not None
    # Output to nowhere: a pipe would be held open by the server that pg_ctl leaves behind.
    subprocess.run(
        [str(BINARIES / program), *map(str, words)],
        check=True,
        user=_AS,
        group=_AS,
        extra_groups=[] if _AS else None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )


@contextmanager
def folders(*names: str) -> Iterator[list[Path]]:
    """Folders that the servers' user may enter; a socket's path must be short."""
    root = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        root.chmod(0o755)
        made = [root / name for name in names]
        for one in made:
            one.mkdir(mode=0o700)
            if _AS:
                shutil.chown(one, _AS, _AS)
        yield made
    finally:
        shutil.rmtree(root, ignore_errors=True)


def new_cluster(folder: Path) -> None:
    run("initdb", "-D", folder, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8")


def wait(what: object, seconds: float = 30) -> None:
    """Until `what()` holds."""
    until = time.monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert time.monotonic() < until, "not in time"
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
