"""The last answers of a store, for when it is away: every look at a page as it was answered.

An answer is kept under the scope of who asked, the store's version and the question; the whole
page is then shown from one version, never from two. Nobody is answered with what another scope was
told. Bounded by rows: the longest unused is forgotten.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Connection, FrozenResult
from sqlalchemy.sql import ClauseElement

from dashboard.data.health import Away

_MOST_ROWS = 150_000
"""Some 150 MB: what a room's worth of people has looked at last, at a district's size."""
_LARGEST = 30_000
"""Rows of one answer: an export's are not kept."""
_MOST_PAGES = 4_096


class NothingKept(Away):
    """The store is away, and what is asked for was not asked before."""


@dataclass(frozen=True)
class Known:
    """A state of the store as somebody saw it: who (the scope), which version, when (UTC)."""

    scope: Hashable
    version: int
    is_demo: bool
    seen_at: datetime


class Memory:
    """Of one store, for one process."""

    def __init__(self, most_rows: int = _MOST_ROWS) -> None:
        self._most = most_rows
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, tuple[FrozenResult[Any], int]] = OrderedDict()
        self._pages: OrderedDict[Hashable, Known] = OrderedDict()
        self._rows = 0

    @property
    def rows(self) -> int:
        return self._rows

    def keep(self, key: Hashable, answer: FrozenResult[Any], rows: int) -> None:
        if rows > _LARGEST:
            return
        weight = rows + 1
        with self._lock:
            _, before = self._answers.pop(key, (None, 0))
            self._answers[key] = answer, weight
            self._rows += weight - before
            while self._rows > self._most:
                _, (_, gone) = self._answers.popitem(last=False)
                self._rows -= gone

    def recall(self, key: Hashable) -> FrozenResult[Any] | None:
        with self._lock:
            found = self._answers.get(key)
            if found is None:
                return None
            self._answers.move_to_end(key)
            return found[0]

    def page_seen(self, page: Hashable, known: Known) -> None:
        """A page was drawn to its end from this state."""
        with self._lock:
            self._pages.pop(page, None)
            self._pages[page] = known
            if len(self._pages) > _MOST_PAGES:
                self._pages.popitem(last=False)

    def last_look(self, page: Hashable) -> Known | None:
        """The state from which a page was drawn last; None where it was not."""
        with self._lock:
            return self._pages.get(page)


class Asking:
    """A connection whose answers are kept, or, without one, are those that were."""

    def __init__(self, memory: Memory, known: Known, connection: Connection | None) -> None:
        self._memory, self._known, self._connection = memory, known, connection

    def execute(self, statement: ClauseElement, parameters: Any = None) -> Any:
        key = _question(self._known, statement, parameters)
        if self._connection is None:
            found = None if key is None else self._memory.recall(key)
            return _nothing() if found is None else found()
        result = self._connection.execute(statement, parameters)  # type: ignore[call-overload]
        if key is None or not result.returns_rows:
            return result
        frozen = result.freeze()
        self._memory.keep(key, frozen, len(frozen.data))
        return frozen()

    def scalar(self, statement: ClauseElement, parameters: Any = None) -> Any:
        return self.execute(statement, parameters).scalar()

    def scalars(self, statement: ClauseElement, parameters: Any = None) -> Any:
        return self.execute(statement, parameters).scalars()

    def __getattr__(self, name: str) -> Any:
        # What is neither asked nor kept: the dialect, execution options.
        return _nothing() if self._connection is None else getattr(self._connection, name)


def _question(known: Known, statement: ClauseElement, parameters: Any) -> Hashable | None:
    """What tells two questions apart: SQLAlchemy's own key of a statement, and its values."""
    cached = statement._generate_cache_key()
    if cached is None:
        return None
    values = repr([bound.effective_value for bound in cached.bindparams])
    return known.scope, known.version, cached.key, values, repr(parameters)


def _nothing() -> NoReturn:
    raise NothingKept("数据库暂时连不上,这一部分没有可以先看的数据")
