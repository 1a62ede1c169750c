"""What pages keep of a unit or a quarter, forgotten: a look is a first one again."""

from typing import Any

from dashboard.data import scoped
from dashboard.data.queries import decomposition, glance, progress, support

_OF_A_PLACE: tuple[Any, ...] = (
    decomposition._checked,
    glance._counts,
    progress._quarters,
    support._lacking,
    support._measured,
    support._villages,
)


def forget() -> None:
    scoped._table.cache_clear()
    for kept in _OF_A_PLACE:
        kept.answers.cache_clear()
