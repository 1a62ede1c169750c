"""Many viewers at once: sessions over websockets, as browsers hold them, on loopback only.

Each changes its focus every few seconds; timed is from the request to the end of the page's script,
all its messages received and read. Viewers stick to one of the server processes, as behind nginx.
The driver runs on the same cores as the servers: what it takes is part of what is seen.
"""

import asyncio
import os
import random
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import looks, servers
from benchmarks.measure import Times
from benchmarks.reading import PERIODS, TOWNS
from dashboard.data.store import Store

PAUSE = 5.0
MOST = 200
LONGEST = 60.0
ALL_NEW = 20.0
"""Seconds in which all come at once, and most of what is looked at is looked at for the first time
in its process. Told apart from what follows, and part of what decides."""
_PATHS = ["", "targets", "ranking", "map", "unit", "support", "funds", "supervision"]


@dataclass
class Seen:
    """Times of the changes of focus, what was wrong how often, and the memory of all processes."""

    coming: Times = field(default_factory=Times)
    """Begun within ALL_NEW of the start."""
    settled: Times = field(default_factory=Times)
    """Begun after it."""
    wrong: Counter[str] = field(default_factory=Counter)
    before_mb: float = 0.0
    after_mb: float = 0.0
    viewers: int = 0

    @property
    def times(self) -> Times:
        """From the first to the last."""
        return Times([*self.coming.values, *self.settled.values])

    @property
    def errors(self) -> int:
        return self.wrong.total()

    @property
    def each_mb(self) -> float:
        return (self.after_mb - self.before_mb) / max(1, self.viewers)


async def _viewer(port: int, login: str, number: int, until: float, seen: Seen) -> None:
    draw = random.Random(number)  # noqa: S311 (who looks at what when)
    are_new_until = time.perf_counter() + ALL_NEW
    await asyncio.sleep(draw.uniform(0, PAUSE))
    async with looks.session(port, login) as socket:
        path = _PATHS[number % len(_PATHS)]
        first = await looks.look(socket, path, "320412", PERIODS[0])
        if first.wrong:
            seen.wrong[f"/{path}: {first.wrong}"] += 1
        while time.monotonic() < until:
            start = time.perf_counter()
            found = await looks.look(socket, path, draw.choice(TOWNS), draw.choice(PERIODS))
            times = seen.coming if start < are_new_until else seen.settled
            times.values.append(time.perf_counter() - start)
            if found.wrong:
                seen.wrong[f"/{path}: {found.wrong}"] += 1
            await asyncio.sleep(max(0.0, PAUSE - (time.perf_counter() - start)))


async def _all(ports: list[int], login: str, count: int, seconds: float, seen: Seen) -> None:
    until = time.monotonic() + seconds
    found = await asyncio.gather(
        *(
            _viewer(ports[number % len(ports)], login, number, until, seen)
            for number in range(count)
        ),
        return_exceptions=True,
    )
    for one in found:
        if isinstance(one, BaseException):
            seen.wrong[type(one).__name__] += 1


def memory(process: int) -> float:
    """Resident memory of a process in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def run(store: Store, count: int, seconds: float, port: int, processes: int = 1) -> Seen:
    """Bounded: 200 viewers, a minute; `processes` servers at `port` and the ones after it."""
    login = looks.token(store, "bench-viewer")
    seen = Seen(viewers=min(count, MOST))
    ports = [port + number for number in range(processes)]
    with ExitStack() as running:
        started = [running.enter_context(servers.dashboard(store, one)) for one in ports]
        # A warm server: every page has been looked at once in each process, and what a server
        # makes ready after a start is ready.
        asyncio.run(_all(ports, login, len(_PATHS) * processes, 1, Seen()))
        print(f"  服务器就绪 {servers.until_at_rest(started):.0f} s", flush=True)
        seen.before_mb = sum(memory(process.pid) for process in started)
        asyncio.run(_all(ports, login, seen.viewers, min(seconds, LONGEST), seen))
        seen.after_mb = sum(memory(process.pid) for process in started)
    for what, often in seen.wrong.most_common(5):
        print(f"  {often} × {what}", file=sys.stderr)
    return seen
