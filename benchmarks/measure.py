"""Times and their spread, and the lines of the table that `make bench` ends with."""

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Times:
    """Durations in seconds; `paces`: where it was asked for, the machine's beside each."""

    values: list[float] = field(default_factory=list)
    paces: list[float] = field(default_factory=list)

    @contextmanager
    def one(self) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.values.append(time.perf_counter() - start)

    def at(self, share: float) -> float:
        """The value below which this share of the times lies (nearest rank)."""
        ranked = sorted(self.values) or [math.inf]
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))]

    def at_pace(self, best: float) -> "Times":
        """As they would have been had the machine kept up the pace that it had at its best."""
        return Times([t * best / p for t, p in zip(self.values, self.paces, strict=True)])

    @property
    def said(self) -> str:
        middle, late = self.at(0.5) * 1000, self.at(0.95) * 1000
        return f"p50 {middle:,.0f} ms, p95 {late:,.0f} ms (n={len(self.values)})"


@dataclass(frozen=True)
class Line:
    """One line of the table: what, the aim, what was seen; None where it was not measured."""

    what: str
    aim: str
    seen: str
    reached: bool | None
    why: str = "见 docs/performance.md"
    """Told where it was not reached: the reason as far as known, and the next step."""

    @property
    def cells(self) -> tuple[str, str, str, str]:
        verdict = {True: "达到", False: "未达到", None: "未测"}[self.reached]
        return self.what, self.aim, self.seen, verdict


def table(lines: list[Line]) -> str:
    """The lines as a Markdown table, and why some were not reached below it."""
    rows = [("项目", "目标", "实测", "结论"), ("---",) * 4, *(line.cells for line in lines)]
    missed = [f"\n未达到:{line.what}。{line.why}" for line in lines if line.reached is False]
    return "\n".join([*(f"| {' | '.join(row)} |" for row in rows), *missed])


def repeated(times: int, act: Callable[[], object]) -> Times:
    found = Times()
    for _ in range(times):
        with found.one():
            act()
    return found


def machine() -> str:
    """Cores, memory, what else was running and its pace: a time without them says nothing."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    load = "、".join(f"{value:.1f}" for value in os.getloadavg())
    there = f"{os.cpu_count()}核,内存 {pages * size / 2**30:.0f} GB,1/5/15 分钟负载 {load}"
    return f"{there},定量运算 {pace():.0f} ms"


def pace(times: int = 7) -> float:
    """Milliseconds for a fixed piece of Python, the best of so many.

    A machine that others have a part of is at times half as fast without any load to be seen: times
    of two runs compare only as far as their paces do.
    """
    return min(repeated(times, _work).values) * 1000


def _work() -> None:
    found: dict[int, tuple[int, str]] = {}
    for number in range(200_000):
        found[number % 977] = number, str(number)
    sorted(found.values())
