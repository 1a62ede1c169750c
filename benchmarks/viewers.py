"""Many viewers at once: sessions over websockets, as browsers hold them, on loopback only.

Each logs in with a cookie of its own, then changes its focus every few seconds; timed is from the
request to the end of the page's script, all its messages received.
"""

import asyncio
import os
import random
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.measure import Times
from benchmarks.reading import PERIODS, TOWNS
from dashboard.data import accounts
from dashboard.data.store import Store
from dashboard.policy.access import Role

KEY = "0" * 64
PAUSE = 5.0
MOST = 200
_PATHS = ["", "targets", "ranking", "map", "unit", "support", "funds", "supervision"]


def cookie(store: Store, name: str) -> str:
    """The login cookie of an account made for this run."""
    found = accounts.find(store, "320412", name)
    if found is None:
        accounts.add(store, "320412", name, Role.OFFICE, "320412", must_change=False)
        found = accounts.find(store, "320412", name)
    assert found is not None  # noqa: S101 (just made)
    until = (datetime.now(UTC) + timedelta(days=1)).timestamp()
    claims = {"username": name, "exp_date": until, "session_number": found.session_number}
    return f"dashboard_login={jwt.encode(claims, KEY, algorithm='HS256')}"


async def _look(socket: ClientConnection, path: str, unit: str, period: str) -> bool:
    """One change of focus; whether the page came without an error."""
    message = BackMsg()
    message.rerun_script.query_string = f"unit={unit}&period={period}"
    message.rerun_script.page_script_hash = calc_hash(path or "overview")
    await socket.send(message.SerializeToString())
    is_good = True
    async for data in socket:
        answer = ForwardMsg()
        answer.ParseFromString(bytes(data))  # type: ignore[arg-type]
        kind = answer.WhichOneof("type")
        if kind == "delta" and answer.delta.new_element.WhichOneof("type") == "exception":
            is_good = False
        if kind == "script_finished" and answer.script_finished in (0, 3):
            return is_good
    return False


async def _viewer(address: str, head: str, number: int, until: float, times: Times) -> int:
    draw, errors = random.Random(number), 0  # noqa: S311 (who looks at what when)
    await asyncio.sleep(draw.uniform(0, PAUSE))
    async with connect(
        address,
        additional_headers={"Cookie": head},
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
        compression=None,
    ) as socket:
        path = draw.choice(_PATHS)
        await _look(socket, path, "320412", PERIODS[0])
        while time.monotonic() < until:
            start = time.perf_counter()
            is_good = await _look(socket, path, draw.choice(TOWNS), draw.choice(PERIODS))
            times.values.append(time.perf_counter() - start)
            errors += not is_good
            await asyncio.sleep(max(0.0, PAUSE - (time.perf_counter() - start)))
    return errors


async def _all(port: int, head: str, count: int, seconds: float) -> tuple[Times, int]:
    times, until = Times(), time.monotonic() + seconds
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    found = await asyncio.gather(
        *(_viewer(address, head, number, until, times) for number in range(count)),
        return_exceptions=True,
    )
    broken = [one for one in found if isinstance(one, BaseException)]
    for one in broken[:3]:
        print(f"  {type(one).__name__}: {one}", file=sys.stderr)
    return times, len(broken) + sum(one for one in found if isinstance(one, int))


def memory(process: int) -> float:
    """Resident memory of a process in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def run(store: Store, count: int, seconds: float, port: int) -> tuple[Times, int, float]:
    """Times of the focus changes, errors, MB a viewer. Bounded: 200 viewers, a minute."""
    head = cookie(store, "bench-viewer")
    process = subprocess.Popen(  # noqa: S603 (our own)
        [sys.executable, "-m", "dashboard", "serve", "--port", str(port)],
        env={
            **os.environ,
            "STORE_URL": store.url.render_as_string(hide_password=False),
            "DASHBOARD_COOKIE_KEY": KEY,
        },
    )
    try:
        _wait(port)
        asyncio.run(_all(port, head, 1, 4))
        before = memory(process.pid)
        times, errors = asyncio.run(_all(port, head, min(count, MOST), min(seconds, 60)))
        return times, errors, (memory(process.pid) - before) / count
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not start")
