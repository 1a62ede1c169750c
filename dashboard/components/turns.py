"""Pages take turns: a few are drawn at a time, the others wait in line.

Python runs one thread at a time. Twenty pages drawn at once are all done at the end of the work of
twenty, and the thread that sends has to fight for its moment with each of them. One after the
other, half are done by half of that time, and none later (docs/performance.md).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2
"""The second uses what the first leaves while it waits for the database."""
LONGEST_WAIT_S = 10.0
"""Then a page goes ahead: whatever keeps the places must keep nobody from looking. Much shorter,
and a crowd would all go ahead at once, which is what the line is for."""

_places = threading.BoundedSemaphore(AT_ONCE)
_own = threading.local()
"""has_place: whether the run in this thread holds one."""


@contextmanager
def turn() -> Iterator[None]:
    """Wait for one of the places, and give it back however the page ends."""
    _own.has_place = _places.acquire(timeout=LONGEST_WAIT_S)
    try:
        yield
    finally:
        give_way()


def give_way() -> None:
    """Give the place back before the end: for work that takes longer than a page, an import above
    all. What remains of the run goes on beside the others. Outside of a turn it does nothing."""
    if getattr(_own, "has_place", False):
        _own.has_place = False
        _places.release()


def is_quiet() -> bool:
    """Whether no page is being drawn, nor waits to be."""
    taken = 0
    try:
        while taken < AT_ONCE and _places.acquire(blocking=False):
            taken += 1
        return taken == AT_ONCE
    finally:
        for _ in range(taken):
            _places.release()
