"""Answers that depend on who looks, kept until the store is written to.

The viewer's scope (role, unit, organisation) is in the key: nothing kept for one is handed to
another who sees more, less or something else, and all of one scope share it. Bounded: the longest
unused is forgotten. What is the same for everyone: dashboard.data.versioned.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any, TypeVar, TypeVarTuple

from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import Source, source
from dashboard.policy.access import Viewer
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
