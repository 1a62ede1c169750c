"""A file is there whole, or what was there before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard import whole_files


def test_it_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.docx"
    whole_files.write(path, b"one")
    whole_files.write(path, b"two")
    assert path.read_bytes() == b"two"
    assert [one.name for one in path.parent.iterdir()] == ["a.docx"]


def test_no_room_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"before")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        whole_files.write(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_who_is_killed_on_the_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"before")
    script = (
        "import os, signal, sys; from pathlib import Path; from dashboard import whole_files;"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL);"
        "whole_files.write(Path(sys.argv[1]), b'after')"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert done.returncode == -9
    assert path.read_bytes() == b"before"


def test_a_device_is_written_to() -> None:
    whole_files.write(Path("/dev/null"), b"x")
    assert not Path("/dev/null").is_file()
