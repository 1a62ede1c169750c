"""Answers that depend on who looks, kept until the store is written to.

The viewer's scope (role, unit, organisation) is in the key: nothing kept for one is handed to
another who sees more, less or something else, and all of one scope share it. Bounded: the longest
unused is forgotten. What is the same for everyone: dashboard.data.versioned.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar, TypeVarTuple

import pandas as pd

from dashboard.data.frames import Row
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import Source, source
from dashboard.policy.access import Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

Answer = TypeVar("Answer")
More = TypeVarTuple("More")


@dataclass(frozen=True)
class _Asked:
    """Who asks, without the name: two accounts of one scope are told the same. `settings` by what
    they are, not by what they say; the key holds them, so that none takes their place."""

    at: Source
    scope: tuple[str, str, str | None] | None
    focus: Focus
    identity: int
    more: tuple[Hashable, ...]
    viewer: Viewer | None = field(compare=False)
    settings: Settings = field(compare=False)


def kept_for_scope(
    size: int,
) -> Callable[
    [Callable[[Store, Viewer | None, Focus, Settings, *More], Answer]],
    Callable[[Store, Viewer | None, Focus, Settings, *More], Answer],
]:
    """Keeps the last `size` answers of a query by store, version, scope, focus and settings.

    For queries whose answer nobody changes, and which look at nothing of the viewer but its role,
    unit and organisation. Errors are not kept.
    """

    def keeping(
        ask: Callable[[Store, Viewer | None, Focus, Settings, *More], Answer],
    ) -> Callable[[Store, Viewer | None, Focus, Settings, *More], Answer]:
        @lru_cache(maxsize=size)
        def answer(asked: _Asked) -> Answer:
            question: Any = ask
            found: Answer = question(
                asked.at.store, asked.viewer, asked.focus, asked.settings, *asked.more
            )
            return found

        @wraps(ask)
        def asking(
            store: Store,
            viewer: Viewer | None,
            focus: Focus,
            settings: Settings,
            *more: *More,
        ) -> Answer:
            scope = None if viewer is None else viewer.scope
            at = source(store)
            return answer(_Asked(at, scope, focus, id(settings), more, viewer, settings))

        asking.answers = answer  # type: ignore[attr-defined] # for who measures what is kept
        return asking

    return keeping


Told = ParamSpec("Told")
_TABLES = 768
"""Tables that are kept, of all queries together: a few tens of MB at a district's size."""


@dataclass(frozen=True)
class _Table:
    """Which table: of which query, and who asks. What else was asked stands in `more`, by what it
    is where it can be compared, else by which object it is, which `given` holds."""

    ask: Callable[..., Any]
    at: Source
    scope: tuple[str, str, str | None] | None
    focus: Focus
    more: tuple[Hashable, ...]
    given: tuple[Any, ...] = field(compare=False)


@lru_cache(maxsize=_TABLES)
def _table(asked: _Table) -> Any:
    return asked.ask(asked.at.store, *asked.given)


def kept_frame(ask: Callable[Told, pd.DataFrame]) -> Callable[Told, pd.DataFrame]:
    """Keeps what a query (store, viewer, focus, …) has told a scope, for the looks that have seen
    this version of the store. Each caller has a frame of its own: pandas copies what is changed.

    For queries that look at nothing of the viewer but its role, unit and organisation. Without a
    look (an import, a command, what was just written) it is asked anew.
    """

    @wraps(ask)
    def asking(*given: Told.args, **named: Told.kwargs) -> pd.DataFrame:
        if named or not _has_seen(*given):
            return ask(*given, **named)
        found: pd.DataFrame = _table(_asked(ask, *given))
        return found.copy(deep=False)

    asking.asks_anew = ask  # type: ignore[attr-defined] # for who compares
    return asking


def kept_rows(ask: Callable[Told, Sequence[Row]]) -> Callable[Told, Sequence[Row]]:
    """`kept_frame` for a query that answers with plain rows: all callers have the same ones, which
    cannot be changed."""

    def told(*given: Any, **named: Any) -> Sequence[Row]:
        return tuple(MappingProxyType(row) for row in ask(*given, **named))

    @wraps(ask)
    def asking(*given: Told.args, **named: Told.kwargs) -> Sequence[Row]:
        if named or not _has_seen(*given):
            return told(*given, **named)
        found: Sequence[Row] = _table(_asked(told, *given))
        return found

    asking.asks_anew = told  # type: ignore[attr-defined] # for who compares
    return asking


def _has_seen(store: Any, *_: Any) -> bool:
    return isinstance(store, Store) and store.has_seen


def _asked(ask: Callable[..., Any], *given: Any) -> _Table:
    viewer: Viewer | None
    store, viewer, focus, *more = given
    scope = None if viewer is None else viewer.scope
    key = tuple(_comparable(one) for one in more)
    return _Table(ask, source(store), scope, focus, key, given[1:])


def _comparable(one: Any) -> Hashable:
    if isinstance(one, list):
        return tuple(one)
    return one if isinstance(one, str | int | tuple | Period | None) else id(one)
