"""Pages are set in a process of their own: the same pages, and nothing is left of it."""

import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from dashboard.briefing import pdf, preview
from dashboard.briefing.content import canonical
from dashboard.briefing.fonts import NoChineseFont
from tests.briefing.sample import bulletin

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


def setter() -> int:
    """The process that sets pages."""
    (pid,) = preview._setter().process._processes
    return pid


def test_the_pages_are_those_of_the_document() -> None:
    made = preview.pictures(canonical(bulletin())).result(PATIENCE_S)
    assert made == pdf.pages(bulletin())
    assert setter() != os.getpid()


def test_after_it_was_killed_the_next_is_set_by_another() -> None:
    text = canonical(bulletin())
    preview.pictures(text).result(PATIENCE_S)
    killed = setter()
    broken = preview._setter().process.submit(time.sleep, PATIENCE_S)
    os.kill(killed, signal.SIGKILL)
    with pytest.raises(BrokenProcessPool):
        broken.result(PATIENCE_S)
    assert preview.pictures(text).result(PATIENCE_S)
    assert setter() != killed


def test_after_some_documents_another_process_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "_REPLACED_AFTER", 2)
    text = canonical(bulletin())
    made, by = [], []
    for _ in range(5):
        made.append(preview.pictures(text))
        by.append(preview._setter().process)
    assert all(one.result(PATIENCE_S) == made[0].result() for one in made), "none is lost"
    assert 2 <= len(set(map(id, by))) <= 4


def test_that_there_is_no_font_is_told_across_processes() -> None:
    error = pickle.loads(pickle.dumps(NoChineseFont()))  # noqa: S301 (our own, of this moment)
    assert isinstance(error, NoChineseFont)
    assert str(error) == str(NoChineseFont())


SERVER = """
import time
from dashboard.briefing import preview
from tests.briefing.test_preview import setter
if __name__ == "__main__":
    preview._setter().submit(preview._make_ready).result()
    print(setter(), flush=True)
    time.sleep(600)
"""


def test_it_ends_with_a_server_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    with subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        assert _is_there(pid)
        server.kill()
    deadline = time.monotonic() + PATIENCE_S
    while _is_there(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _is_there(pid)


def _is_there(pid: int) -> bool:
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
