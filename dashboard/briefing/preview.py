"""A bulletin's pages as pictures, set in a process of their own.

Set by a thread of the server it has a viewer's own right to the processor, and every page drawn
meanwhile takes longer for it; a process can give way (docs/performance.md).
"""

import gc
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from multiprocessing import get_context, parent_process
from threading import Lock, Thread

from dashboard.briefing import fonts, pdf
from dashboard.briefing.content import from_json

_REPLACED_AFTER = 12
"""Documents. What the setter keeps of each for the next comes to half a gigabyte."""


def begin() -> None:
    """Have the process started before anybody asks; fonts are read with the first document."""
    _setter().submit(_make_ready)


def end() -> None:
    """Have it ended, what it has not begun on left undone: for a server that goes down in order."""
    _setter().process.shutdown(wait=True, cancel_futures=True)
    _setter.cache_clear()
    gc.collect()  # else the semaphores between them are reported as lost


def pictures(text: str) -> "Future[list[bytes]]":
    """Each page as a PNG, of a bulletin in its canonical form (content.canonical).

    The result raises fonts.NoChineseFont, and BrokenProcessPool where the process was killed: the
    next one asked for is set in a new process.
    """
    return _setter().submit(_set, text)


def _set(text: str) -> list[bytes]:
    try:
        return pdf.pages(from_json(text))
    except fonts.NoChineseFont:
        fonts.installed.cache_clear()  # with a font, the next look does without a restart
        raise


def _make_ready() -> list[bytes]:
    return []


class _Setter:
    """The process, and how many documents it has set.

    One: it is to leave the processor to the viewers. Not forked: a server has threads.
    """

    def __init__(self) -> None:
        self._lock, self._done = Lock(), 0
        self.process = self._new()

    def submit(self, work: Callable[..., list[bytes]], *given: str) -> "Future[list[bytes]]":
        with self._lock:
            self._done += 1
            if self._done > _REPLACED_AFTER:
                self._replace()
            try:
                return self.process.submit(work, *given)
            except BrokenProcessPool:
                self._replace()
                return self.process.submit(work, *given)

    def _replace(self) -> None:
        self.process.shutdown(wait=False)  # it sets what it was asked for, and ends
        self.process, self._done = self._new(), 1

    @staticmethod
    def _new() -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_serve_parent)


@lru_cache(maxsize=1)
def _setter() -> _Setter:
    return _Setter()


def _serve_parent() -> None:
    """Neither before the server nor after it: Ctrl-C is for the server to answer, and one that is
    killed takes nobody along, so that what it started has to see it for itself. Nor at its cost:
    pictures are waited for, pages first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(10)
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(0)

    Thread(target=wait, daemon=True).start()
