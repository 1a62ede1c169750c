"""Which counts of households are hidden from who may not see households.

A cell of one to four households is hidden, and with it as many others as it takes that no
subtraction gives it away: of a unit's cells from its total, of a unit's children from the unit.
Units are a tree, so the tables of district, towns and villages are one table and are hidden
together, whoever looks at whichever of them. Every unit's total is taken as known: it is an
indicator of the programme, shown on every page.

How: each cell is an arc from its unit to the unit above, each unit's total flows in at the bottom
and out at the top. Around any cycle of hidden cells one household can be moved without changing
anything that is shown, so a cell on such a cycle has at least two possible values. Each small cell
is given the cheapest such cycle (Kelly, Golden and Assad 1992, for tables of two dimensions).
Source: 武发〔2016〕68号 三(一) (供社会各界查询); the rule of five is the office's.
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from threading import Lock

from cachetools import LRUCache, cached

LEAST = 5
"""Counts below this are small; a count of nothing is not."""
Cell = tuple[str, str]
"""(unit, column)."""
_Node = tuple[str, ...]
_REST, _PLENTY = "\0rest", 1_000_000


def hidden(
    counts: Mapping[Cell, int], parents: Mapping[str, str], *, totals: bool = True
) -> frozenset[Cell]:
    """The cells to hide, of the units counted and of all units above them.

    `counts`: by unit at the bottom and column; what is left out is 0. `parents`: the unit above by
    unit; one unit is above all others. `totals`: whether the sum of a unit's cells is known; not
    so for a list in which units have one count each.
    """
    columns = sorted({column for _, column in counts})
    leaves = sorted({unit for unit, _ in counts})
    cells = {(unit, column): counts.get((unit, column), 0) for unit in leaves for column in columns}
    # Units with nothing below them that is counted make no difference, and no other question.
    counted = {unit for leaf in leaves for unit in upwards(leaf, parents)}
    above = sorted((unit, parent) for unit, parent in parents.items() if unit in counted)
    return _hidden(tuple(sorted(cells.items())), tuple(above), totals)


def summed(counts: Mapping[Cell, int], parents: Mapping[str, str]) -> dict[Cell, int]:
    """The counts, and those of all units above."""
    found: dict[Cell, int] = {}
    for (leaf, column), count in counts.items():
        for unit in upwards(leaf, parents):
            found[unit, column] = found.get((unit, column), 0) + count
    return found


def upwards(unit: str, parents: Mapping[str, str]) -> Iterator[str]:
    """The unit and all above it."""
    here: str | None = unit
    while here is not None:
        yield here
        here = parents.get(here)


def _digest(*asked: object) -> bytes:
    """Stands for the counts of a whole district, which need not be kept themselves."""
    return hashlib.sha256(repr(asked).encode()).digest()


@cached(LRUCache(512), key=_digest, lock=Lock())
def _hidden(
    counts: tuple[tuple[Cell, int], ...], parents: tuple[tuple[str, str], ...], totals: bool
) -> frozenset[Cell]:
    """The same counts hide the same cells: computed once for all who look at them, and kept for
    what leaders ask of some sixty quarters."""
    above = dict(parents)
    cells = dict(counts)
    network = _Network.of(summed(cells, above), {unit for unit, _ in cells}, above)
    if not totals:
        for leaf in {unit for unit, _ in cells}:
            network.add((leaf, _REST), _PLENTY, (leaf,), ("",))
            network.hide((leaf, _REST))
    small = [cell for cell, count in network.counts.items() if 0 < count < LEAST]
    for cell in small:
        network.hide(cell)
    # The largest first: a cell of one household can only grow on a cycle that another opens.
    for cell in sorted(small, key=lambda each: (-network.counts[each], each)):
        network.protect(cell)
    return frozenset(cell for cell in network.hidden if cell[1] != _REST)


@dataclass
class _Network:
    """Cells as arcs. `safe` are those known to lie on a cycle of hidden ones."""

    counts: dict[Cell, int] = field(default_factory=dict)
    ends: dict[Cell, tuple[_Node, _Node]] = field(default_factory=dict)
    at: dict[_Node, list[Cell]] = field(default_factory=dict)
    hidden: set[Cell] = field(default_factory=set)
    hidden_at: dict[_Node, list[Cell]] = field(default_factory=dict)
    safe: set[Cell] = field(default_factory=set)

    @classmethod
    def of(
        cls, counts: Mapping[Cell, int], leaves: set[str], parents: Mapping[str, str]
    ) -> "_Network":
        made = cls()
        for (unit, column), count in sorted(counts.items()):
            # The columns of a unit at the bottom meet in its total, those of the top in the whole.
            below: _Node = (unit,) if unit in leaves else (unit, column)
            parent = parents.get(unit)
            made.add((unit, column), count, below, ("",) if parent is None else (parent, column))
        return made

    def add(self, cell: Cell, count: int, below: _Node, above: _Node) -> None:
        self.counts[cell], self.ends[cell] = count, (below, above)
        for node in (below, above):
            self.at.setdefault(node, []).append(cell)

    def hide(self, cell: Cell) -> None:
        if cell not in self.hidden:
            self.hidden.add(cell)
            for node in self.ends[cell]:
                self.hidden_at.setdefault(node, []).append(cell)

    def protect(self, cell: Cell) -> None:
        """Hide the cheapest cycle through a cell.

        A cell that shrinks should keep a household, as its persons could not stay without one;
        only where no such cycle is to be had may it shrink to nothing.
        """
        if cell in self.safe:
            return
        for least in (2, 1):
            cycle = self._hidden_cycle(cell, least) or self._cheapest_cycle(cell, least)
            if cycle:
                for each in (cell, *cycle):
                    self.hide(each)
                    self.safe.add(each)
                return

    def _ways(self, cell: Cell, least: int) -> Iterator[tuple[_Node, _Node]]:
        """From where to where the rest of a cycle must lead, the cell growing or shrinking."""
        below, above = self.ends[cell]
        yield above, below
        if self.counts[cell] >= least:
            yield below, above

    def _steps(
        self, node: _Node, cells: Iterable[Cell], without: Cell, least: int
    ) -> Iterator[tuple[Cell, _Node]]:
        for cell in cells:
            below, above = self.ends[cell]
            if cell == without:
                continue
            if node == below:
                yield cell, above
            elif self.counts[cell] >= least:
                yield cell, below

    def _hidden_cycle(self, cell: Cell, least: int) -> list[Cell]:
        """The shortest cycle of cells that are hidden anyway; empty where there is none."""
        for start, goal in self._ways(cell, least):
            came: dict[_Node, tuple[_Node, Cell]] = {}
            queue = deque([start])
            while queue and goal not in came:
                node = queue.popleft()
                hidden_here = self.hidden_at.get(node, ())
                for step, other in self._steps(node, hidden_here, cell, least):
                    if other != start and other not in came:
                        came[other] = node, step
                        queue.append(other)
            if goal in came:
                return _back(came, start, goal)
        return []

    def _cheapest_cycle(self, cell: Cell, least: int) -> list[Cell]:
        """The cycle whose cells not hidden yet hold the fewest households."""
        best: tuple[int, list[Cell]] | None = None
        for start, goal in self._ways(cell, least):
            came: dict[_Node, tuple[_Node, Cell]] = {}
            costs = {start: 0}
            queue = [(0, start)]
            while queue:
                cost, node = heappop(queue)
                if node == goal:
                    break
                if cost > costs[node]:
                    continue
                for step, other in self._steps(node, self.at[node], cell, least):
                    further = cost + self._cost(step)
                    if further < costs.get(other, _PLENTY * _PLENTY):
                        costs[other] = further
                        came[other] = node, step
                        heappush(queue, (further, other))
            if goal in came and (best is None or costs[goal] < best[0]):
                best = costs[goal], _back(came, start, goal)
        return best[1] if best else []

    def _cost(self, cell: Cell) -> int:
        """Few cells rather than many, small ones rather than large; a shown 0 tells most of all."""
        return 0 if cell in self.hidden else 3 + self.counts[cell]


def _back(came: Mapping[_Node, tuple[_Node, Cell]], start: _Node, goal: _Node) -> list[Cell]:
    path, node = [], goal
    while node != start:
        node, cell = came[node]
        path.append(cell)
    return path
