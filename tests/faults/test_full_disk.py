"""PostgreSQL's disk is full: nothing is half stored, and all is well once there is room."""

import os
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from dashboard.data import rollup
from dashboard.data.backup import digest
from dashboard.data.store import Store, StoreAway, connect
from dashboard.settings import Settings

from .conftest import Postgres
from .test_store_away import OFFICE, changed, look

_MB = 1 << 20
Full = Callable[[], "contextmanager[None]"]


@contextmanager
def on_a_small_disk(postgres: Postgres) -> Iterator[tuple[Store, Full]]:
    """The demo district on a disk of memory, and what fills that disk to the last block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="full")))
        mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
        subprocess.run(mount, check=True)
        stack.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=True)
        place = folder / "space"
        place.mkdir(mode=0o700)
        os.chown(place, *postgres.owner())
        name = f"t{uuid.uuid4().hex[:12]}"
        with postgres.administration() as connection:
            connection.execute(text(f"CREATE TABLESPACE {name} LOCATION '{place}'"))
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE demo TABLESPACE {name}"))
        store = connect(postgres.database(name))

        @contextmanager
        def full() -> Iterator[None]:
            filler = folder / "filler"
            with filler.open("wb") as file, pytest.raises(OSError, match="No space"):
                while True:
                    os.write(file.fileno(), b"x" * 4096)
            yield
            filler.unlink()

        yield store, full
        store.engine.dispose()
        with postgres.administration() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            connection.execute(text(f"DROP TABLESPACE {name}"))


@contextmanager
def on_files_that_do_not_grow(postgres: Postgres) -> Iterator[tuple[Store, Full]]:
    """The demo district, and a limit for the size of files that the largest of them has reached."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with postgres.administration() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE demo"))
    store = connect(postgres.database(name))
    with store.reading() as connection:
        size = connection.scalar(text("SELECT pg_relation_size('task')"))

    @contextmanager
    def full() -> Iterator[None]:
        store.engine.dispose()
        with postgres.at_most(int(size or 0)):
            yield
        store.engine.dispose()

    yield store, full
    store.engine.dispose()
    with postgres.administration() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def may_mount() -> bool:
    """Whether a disk of memory may be made here: root, and not locked up."""
    with tempfile.TemporaryDirectory(prefix="full") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
        if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
            return False
        subprocess.run(["umount", folder], check=True)
        return True


def test_nothing_is_half_stored_and_it_goes_on_once_there_is_room(
    postgres: Postgres, settings: Settings
) -> None:
    disk = on_a_small_disk if may_mount() else on_files_that_do_not_grow
    with disk(postgres) as (store, full):
        before, whole = look(store, OFFICE), digest(store)
        with full():
            with pytest.raises(StoreAway):
                changed(store.for_a_look(), settings, *(f"F{n}" for n in range(2000)))
            assert store.away_since is None, "full is not away: others still look"
            assert look(store, OFFICE) == before
        assert digest(store) == whole
        changed(store, settings, *(f"F{n}" for n in range(2000)))
        assert digest(store)["task"].rows == whole["task"].rows + 2000
        assert rollup.verify(store, settings) == 0
