"""What was read at one version of the store, kept until the store is written to.

Only for what is the same for everyone who may read it (the tree of units, the quarters there are):
the key is the store, its version and codes. Who may read it is asked before, for every viewer, so
that nothing kept for one is handed to another. Bounded: the longest unused is forgotten.
"""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from cachetools import TTLCache
from sqlalchemy import Connection

from dashboard.data.store import Store

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Source:
    """A store at one version: what is read from it stays true."""

    url: str
    version: int
    store: Store = field(compare=False)


def source(store: Store) -> Source:
    """The store as it is now, or as the run of a page has found it.

    Nobody asks for an older version for long: what was kept of those is forgotten as soon as a
    newer one is seen, so that a store that is written to all day does not fill the memory.
    """
    at = Source(store.url.render_as_string(), store.version_seen, store)
    with _LOCK:
        newest = _NEWEST.get(at.url)
        if newest is None or at.version > newest:
            _NEWEST[at.url] = at.version
    if newest is not None and at.version > newest:
        for forget in _FORGETTING:
            forget()
    return at


def forgotten_with_its_version(forget: Callable[[], None]) -> None:
    """Have `forget` called whenever a store is seen to have been written to."""
    _FORGETTING.append(forget)


_LOCK = threading.Lock()
_NEWEST: TTLCache[str, int] = TTLCache(256, 86_400)
_FORGETTING: list[Callable[[], None]] = []


def kept(
    size: int,
) -> Callable[[Callable[[Connection, Hashable], Answer]], Callable[[Store, Hashable], Answer]]:
    """Keeps the last `size` answers of a question (connection, key), for every store and version.

    The version is taken before the question is asked: an answer may be newer than its version
    says, never older.
    """

    def keeping(ask: Callable[[Connection, Hashable], Answer]) -> Callable[..., Answer]:
        @lru_cache(maxsize=size)
        def answer(at: Source, key: Hashable) -> Answer:
            with at.store.reading(of_district=True) as connection:
                return ask(connection, key)

        def asking(store: Store, key: Hashable) -> Answer:
            return answer(source(store), key)

        asking.answers = answer  # type: ignore[attr-defined] # for who measures what is kept
        forgotten_with_its_version(answer.cache_clear)
        return asking

    return keeping
