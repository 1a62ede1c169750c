"""What was read at one version of the store, kept until the store is written to.

Only for what is the same for everyone who may read it (the tree of units, the quarters there are):
the key is the store, its version and codes. Who may read it is asked before, for every viewer, so
that nothing kept for one is handed to another. Bounded: the longest unused is forgotten.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

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
    """The store as it is now, or as the run of a page has found it."""
    return Source(store.url.render_as_string(), store.version_seen, store)


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
        return asking

    return keeping
