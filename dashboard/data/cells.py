"""Tables of households by unit and word, with what may not be told left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from dashboard.policy import suppression
from dashboard.policy.households import Count
from dashboard.policy.suppression import Cell


def added(pairs: Iterable[tuple[Cell, Count]]) -> dict[Cell, Count]:
    """Counts of the same cell together."""
    sums: dict[Cell, list[int]] = {}
    for cell, count in pairs:
        own = sums.setdefault(cell, [0, 0])
        own[0] += count.households
        own[1] += count.persons
    return {cell: Count(households, persons) for cell, (households, persons) in sums.items()}


def counted(some: Iterable[tuple[Cell, int]]) -> dict[Cell, Count]:
    """Households by cell: of each its cell and its persons."""
    sums: dict[Cell, list[int]] = {}
    for cell, persons in some:
        own = sums.setdefault(cell, [0, 0])
        own[0] += 1
        own[1] += persons
    return {cell: Count(*own) for cell, own in sums.items()}


@dataclass(frozen=True)
class Cells:
    """Counts by unit at the bottom and word. `parents`: the unit above by unit; small cells are
    hidden over the whole tree."""

    counts: Mapping[Cell, Count]
    parents: Mapping[str, str]

    @cached_property
    def gone(self) -> frozenset[Cell]:
        numbers = {cell: count.households for cell, count in self.counts.items()}
        return suppression.hidden(numbers, self.parents)

    @cached_property
    def _sums(self) -> dict[str, dict[str, Count]]:
        leaves = {leaf for leaf, _ in self.counts}
        above = {leaf: tuple(suppression.upwards(leaf, self.parents)) for leaf in leaves}
        sums: dict[str, dict[str, list[int]]] = {}
        for (leaf, word), count in self.counts.items():
            for unit in above[leaf]:
                own = sums.setdefault(unit, {}).setdefault(word, [0, 0])
                own[0] += count.households
                own[1] += count.persons
        return {
            unit: {word: Count(*own) for word, own in words.items()} for unit, words in sums.items()
        }

    def of(self, unit: str, *, sees_all: bool = False) -> dict[str, Count | None]:
        """A unit's counts by word, None where hidden; a word that is not there counts nobody.
        `sees_all`: nothing is hidden, for who may see households."""
        if sees_all:
            return {**self._sums.get(unit, {})}
        hidden: dict[str, Count | None] = {word: None for code, word in self.gone if code == unit}
        return {**self._sums.get(unit, {}), **hidden}
