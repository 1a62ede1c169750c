"""Servers of their own for a measurement, on loopback; each is ended by who started it."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.looks import KEY
from dashboard.data.store import Store


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


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 (loopback)
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"no server at {address}")
