"""How a table stands on slides: its columns, its type size, and the rows that each slide holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from dashboard.briefing import script
from dashboard.briefing.content import Cell, Column, Table
from dashboard.briefing.lights import glyph
from dashboard.briefing.slides.measure import (
    FULL,
    LEADING,
    PADDING,
    ROW_PADDING,
    TABLE_SIZES,
    clipped,
    length,
    lines,
)
from dashboard.briefing.typography import one_line

_ROWS: Final = 12
_WIDEST: Final = 18.0
"""Characters up to which a column grows with its longest text."""
_TIGHT: Final = 0.8
"""A table that would have to be narrower than this part of its width is split by columns."""
_LOOSE: Final = 1.8
_READABLE: Final = 16.0
"""Type is made smaller than its columns ask for down to this, to save a slide."""
_HIGHER: Final = 1.35
CELL_LINES, HEAD_LINES = 5, 3


@dataclass(frozen=True)
class Laid:
    """A table with the measures at which it is written: points."""

    table: Table
    size: float
    widths: tuple[float, ...]
    stretch: float = 1.0
    """By how much rows are higher than they must be, where a slide has the room."""

    @property
    def head_heights(self) -> tuple[float, ...]:
        """Of each head row. A head over both rows has the height of both."""
        rows = script.heads(self.table)
        plain = [self._height(one.text, wide, HEAD_LINES) for one, wide in self._plain(rows)]
        if len(rows) == 1:
            return (max(plain),)
        merged = [
            self._height(one.text, wide, HEAD_LINES) for one, wide in self._upper(rows[0]) if wide
        ]
        upper = max(merged)
        both = [
            self._height(column.head, wide, HEAD_LINES)
            for column, wide in zip(self.table.columns, self.widths, strict=True)
            if not column.group
        ]
        return upper, max([*plain, *(one - upper for one in both)])

    def row_height(self, row: Sequence[Cell]) -> float:
        return self.stretch * max(
            self._height(text, wide, CELL_LINES)
            for text, wide in zip(texts(row), self.widths, strict=True)
        )

    def _height(self, text: str, wide: float, most: int) -> float:
        many = min(lines(one_line(text), self.size, wide - 2 * PADDING), most)
        return many * self.size * LEADING + 2 * ROW_PADDING

    def _plain(self, rows: tuple[tuple[script.Head, ...], ...]) -> list[tuple[script.Head, float]]:
        """The heads over one column in one row, with their widths."""
        pairs = zip(self.table.columns, self.widths, strict=True)
        grouped = [wide for column, wide in pairs if len(rows) == 1 or column.group]
        return list(zip(rows[-1], grouped, strict=True))

    def _upper(self, heads: tuple[script.Head, ...]) -> list[tuple[script.Head, float]]:
        """The merged heads with their widths; 0 for those that go over both rows."""
        found, place = [], 0
        for head in heads:
            wide = sum(self.widths[place : place + head.columns])
            found.append((head, wide if head.rows == 1 else 0.0))
            place += head.columns
        return found


def texts(row: Sequence[Cell]) -> list[str]:
    """What a row's cells say on a slide: with the shape of their light where it is not in words."""
    return [glyph(cell, row) + one_line(cell.text) for cell in row]


def shown(text: str, size: float, wide: float, most: int) -> str:
    return clipped(one_line(text), size, wide - 2 * PADDING, most)


def by_columns(table: Table) -> list[Table]:
    """The table, or parts of it that can be read, each with the first column; groups stay whole."""
    needs = [need * TABLE_SIZES[-1] + 2 * PADDING for need in _needs(table)]
    if sum(needs) * _TIGHT <= FULL or len(needs) < 3:
        return [table]
    runs = groupby(range(1, len(needs)), key=lambda at: table.columns[at].group or at)
    parts: list[list[int]] = [[]]
    for run in (list(members) for _, members in runs):
        if parts[-1] and needs[0] + sum(needs[at] for at in [*parts[-1], *run]) > FULL:
            parts.append([])
        parts[-1] += run
    return [_columns(table, [0, *part]) for part in parts]


def split(table: Table, first: float, others: float) -> list[Laid] | None:
    """The rows on as few slides as can be, at the largest type at which they are so few.

    `first` is the height for the table on the first slide, `others` that on the following. None
    where the first has no room for three rows, or for all of them where there are fewer.
    """
    needs = _needs(table)
    padding = 2 * PADDING * len(needs)
    fitting = [one for one in TABLE_SIZES if sum(needs) * one + padding <= FULL]
    found: list[Laid] | None = None
    for size in fitting or TABLE_SIZES[-1:]:
        parts = _by_rows(_laid(table, needs, size), first, others)
        if parts is not None and (found is None or (len(parts) < len(found) and size >= _READABLE)):
            found = parts
    return found


def _laid(table: Table, needs: Sequence[float], size: float) -> Laid:
    natural = [need * size + 2 * PADDING for need in needs]
    stretch = min(FULL / sum(natural), _LOOSE)
    return Laid(table, size, tuple(one * stretch for one in natural))


def _needs(table: Table) -> list[float]:
    """Characters that each column wants."""
    needs = [column.width * 0.55 for column in table.columns]
    heads = [[column.head for column in table.columns]]
    for row in [*heads, *(texts(row) for row in table.rows)]:
        wanted = [min(length(one_line(text)), _WIDEST) for text in row]
        needs = [max(pair) for pair in zip(needs, wanted, strict=True)]
    return needs


def _columns(table: Table, places: list[int]) -> Table:
    columns: tuple[Column, ...] = tuple(table.columns[at] for at in places)
    rows = tuple(tuple(row[at] for at in places) for row in table.rows)
    return table.model_copy(update={"columns": columns, "rows": rows})


def _by_rows(whole: Laid, first: float, others: float) -> list[Laid] | None:
    heights = [whole.row_height(row) for row in whole.table.rows]
    heads = sum(whole.head_heights)
    if sum(heights[:3]) + heads > first:
        return None
    ends = _ends(heights, first - heads, others - heads, _ROWS)
    even = -(-len(heights) // len(ends))
    better = _ends(heights, first - heads, others - heads, min(even, _ROWS))
    ends = better if len(better) == len(ends) else ends
    places = list(zip([0, *ends[:-1]], ends, strict=True))
    rooms = [first if not one else others for one, _ in places]
    spare = min(
        (room - heads) / sum(heights[one:two])
        for room, (one, two) in zip(rooms, places, strict=True)
    )
    rows = whole.table.rows
    return [
        replace(whole, table=_only(whole.table, rows[one:two], one), stretch=min(spare, _HIGHER))
        for one, two in places
    ]


def _only(table: Table, rows: tuple[tuple[Cell, ...], ...], start: int) -> Table:
    return table.model_copy(update={"rows": rows, "total_row": table.total_row and start == 0})


def _ends(heights: Sequence[float], first: float, others: float, most: int) -> list[int]:
    """Where each slide's rows end, as many on each as fit and no more than `most`."""
    ends: list[int] = []
    room, taken = first, 0
    for place, high in enumerate(heights):
        if taken and (high > room or taken == most):
            ends.append(place)
            room, taken = others, 0
        room, taken = room - high, taken + 1
    return [*ends, len(heights)]
