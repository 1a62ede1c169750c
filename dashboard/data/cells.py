"""Tables of households by unit and word, with what may not be told left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from dashboard.policy import suppression
from dashboard.policy.households import Count
from dashboard.policy.suppression import Cell


@dataclass(frozen=True)
class Cells:
    """Counts by unit at the bottom and word. `parents`: the unit above by unit; unless `is_open`,
    small cells are hidden over the whole tree."""

    counts: Mapping[Cell, Count]
    parents: Mapping[str, str]
    is_open: bool

    @cached_property
    def gone(self) -> frozenset[Cell]:
        if self.is_open:
            return frozenset()
        numbers = {cell: count.households for cell, count in self.counts.items()}
        return suppression.hidden(numbers, self.parents)

    @cached_property
    def _sums(self) -> dict[str, dict[str, Count]]:
        found: dict[str, dict[str, Count]] = {}
        for (leaf, word), count in self.counts.items():
            for unit in suppression.upwards(leaf, self.parents):
                own = found.setdefault(unit, {})
                own[word] = own.get(word, Count()) + count
        return found

    def of(self, unit: str) -> dict[str, Count | None]:
        """A unit's counts by word, None where hidden; a word that is not there counts nobody."""
        hidden: dict[str, Count | None] = {word: None for code, word in self.gone if code == unit}
        return {**self._sums.get(unit, {}), **hidden}
