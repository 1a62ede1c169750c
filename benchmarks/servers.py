"""Servers of their own for a measurement, on loopback; each is ended by who started it."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.looks import KEY
from dashboard.data.store import Store

_STILL = 5.0


@contextmanager
def dashboard(store: Store, port: int) -> "Iterator[subprocess.Popen[bytes]]":
    """`python -m dashboard serve`, ready."""
    own = {
        "STORE_URL": store.url.render_as_string(hide_password=False),
        "DASHBOARD_COOKIE_KEY": KEY,
    }
    with _running(
        ["-m", "dashboard", "serve", "--port", str(port)], own, port, "readyz"
    ) as process:
        yield process


@contextmanager
def plain(script: Path, port: int, own: dict[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    """A Streamlit script by itself, under the same configuration, ready."""
    options = ["--server.port", str(port), "--server.address", "127.0.0.1"]
    with _running(
        ["-m", "streamlit", "run", str(script), *options], own, port, "_stcore/health"
    ) as process:
        yield process


@contextmanager
def _running(
    arguments: list[str], own: dict[str, str], port: int, health: str
) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen([sys.executable, *arguments], env={**os.environ, **own})  # noqa: S603 (our own)
    try:
        _wait(f"http://127.0.0.1:{port}/{health}")
        yield process
    finally:
        process.terminate()
        process.wait(20)


def until_at_rest(processes: "Sequence[subprocess.Popen[bytes]]", longest: float = 180.0) -> float:
    """Wait until what servers do by themselves after a start is done (dashboard/warm.py): seconds
    waited. At rest is less than a tenth of a core for all, five seconds long."""
    start = time.monotonic()
    while time.monotonic() - start < longest:
        before = sum(_processor_seconds(one.pid) for one in processes)
        time.sleep(_STILL)
        if sum(_processor_seconds(one.pid) for one in processes) - before < _STILL / 10:
            break
    return time.monotonic() - start


def _processor_seconds(process: int) -> float:
    # Behind the name in brackets, which may have blanks: fields 14 and 15, utime and stime.
    told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 (loopback)
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"no server at {address}")
