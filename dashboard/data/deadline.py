"""An end to waiting for a database that hangs instead of refusing.

A frozen server answers nothing, not even a request to cancel; its kernel still takes what is sent.
What helps is on our side: when a connection's time is up, its socket is shut down, and whoever
waits for it gets the driver's ordinary error. One thread watches all connections.
"""

import heapq
import itertools
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from psycopg import OperationalError


class _Watch:
    """Connections by the moment at which their time is up."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, int]] = []
        self._open: dict[int, Any] = {}
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def add(self, connection: Any, seconds: float) -> int:
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            number = next(self._numbers)
            self._open[number] = connection
            heapq.heappush(self._due, (time.monotonic() + seconds, number, number))
            if self._due[0][1] == number:
                self._changed.notify()
            return number

    def remove(self, number: int) -> None:
        with self._changed:
            self._open.pop(number, None)
            # Without what has ended, else a busy hour's statements would lie here.
            while self._due and self._due[0][1] not in self._open:
                heapq.heappop(self._due)

    def _run(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                while self._due and self._due[0][0] <= now:
                    _, number, _ = heapq.heappop(self._due)
                    connection = self._open.pop(number, None)
                    if connection is not None:
                        _cut(connection)
                self._changed.wait(self._due[0][0] - now if self._due else None)


_WATCH = _Watch()


def begin(connection: Any, seconds: float) -> int | None:
    """What is asked over a psycopg connection from now on fails after this time with the driver's
    OperationalError, until `end` is told the number. None for other drivers: nothing is watched."""
    return _WATCH.add(connection, seconds) if hasattr(connection, "fileno") else None


def end(number: int) -> None:
    _WATCH.remove(number)


@contextmanager
def within(connection: Any, seconds: float) -> Iterator[None]:
    """`begin` and `end` round a block."""
    number = begin(connection, seconds)
    try:
        yield
    finally:
        if number is not None:
            end(number)


def _cut(connection: Any) -> None:
    # A copy of the descriptor: the driver closes its own. One that has closed it needs no cutting.
    with (
        suppress(OSError, ValueError, OperationalError),
        socket.socket(fileno=os.dup(connection.fileno())) as line,
    ):
        line.shutdown(socket.SHUT_RDWR)
