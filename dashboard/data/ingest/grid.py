"""One sheet of any file as cells, before anything is known of its heads."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any

from dashboard.data.ingest.cells import Cell

FORMULA_ERRORS = frozenset(("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!"))


@dataclass
class Grid:
    """Values, number formats and merges by (row, column) from 1; only cells that hold something."""

    name: str
    rows: Mapping[int, Mapping[int, Cell]]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """(first row, first column, last row, last column)"""
    uncached: set[tuple[int, int]] = field(default_factory=set)
    """Formulas without their result."""

    def at(self, row: int, column: int) -> Cell | None:
        return self.rows.get(row, {}).get(column)

    def merged_over(self, row: int, column: int) -> Cell | None:
        """The cell that is merged down into this one."""
        for top, left, bottom, right in self.merges:
            if top < row <= bottom and left == column == right:
                return self.at(top, left)
        return None

    @property
    def lines(self) -> Sequence[Sequence[str]] | None:
        """The rows as plain texts, where the file has nothing else: no number format, no merge, and
        none of FORMULA_ERRORS. A large file is read by them, whole columns at once."""
        return self.rows.lines if isinstance(self.rows, Lines) and self.rows.is_plain else None

    def texts_below(self, row: int) -> dict[int, Counter[str]]:
        """Texts by column and how often each is there, below a row; columns without any are left
        out."""
        lines = self.lines
        columns = _columns(self.rows, row) if lines is None else _columns_of(lines, row)
        told: dict[int, Counter[str]] = {}
        for place, column in columns:
            texts = Counter(column)
            for blank in [text for text in texts if not text.strip()]:
                del texts[blank]
            if texts:
                told[place] = texts
        return told

    def lines_hold_beside(self, known: Set[int], row: int) -> bool:
        """Whether the lines below a row have a text in any other column."""
        lines = (self.lines or ())[row:]
        beside = set(range(1, max(map(len, lines), default=0) + 1)) - known
        return any(any(map(str.strip, texts_at(lines, place))) for place in beside)

    def values(self) -> set[tuple[type, Any]]:
        """Each value once; 1 and 1.0 are the same to Python, and not to who looks at them."""
        if self.lines is not None:
            return {(str, text) for text in set(chain.from_iterable(self.lines))}
        return {(type(c.value), c.value) for row in self.rows.values() for c in row.values()}


def _columns(rows: Mapping[int, Mapping[int, Cell]], after: int) -> Iterable[tuple[int, list[str]]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for number, cells in rows.items():
        if number > after:
            for column, cell in cells.items():
                if isinstance(cell.value, str):
                    found[column].append(cell.value)
    return sorted(found.items())


def _columns_of(lines: Sequence[Sequence[str]], after: int) -> Iterator[tuple[int, list[str]]]:
    below = lines[after:]
    for place in range(1, max(map(len, below), default=0) + 1):
        yield place, texts_at(below, place)


class Lines(Mapping[int, Mapping[int, Cell]]):
    """The rows of a CSV file, by number from 1, those that are blank left out. Cells are made when
    they are asked for: a large file has millions, and few of them are."""

    def __init__(self, lines: Sequence[Sequence[str]], *, is_plain: bool) -> None:
        self.lines, self.is_plain = lines, is_plain
        self._numbers = [n for n, line in enumerate(lines, start=1) if any(map(str.strip, line))]
        self._there = frozenset(self._numbers)
        self._row = lru_cache(maxsize=64)(self._made)

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, number: int) -> Mapping[int, Cell]:
        if number not in self._there:
            raise KeyError(number)
        return self._row(number)

    def _made(self, number: int) -> dict[int, Cell]:
        line = self.lines[number - 1]
        return {at: Cell(said, number, at) for at, said in enumerate(line, 1) if said.strip()}


class Line(Mapping[str, Cell]):
    """A row of plain texts as cells by head, made when they are asked for."""

    __slots__ = ("_line", "_number", "_places")

    def __init__(self, line: Sequence[str], number: int, places: Mapping[str, int]) -> None:
        self._line, self._number, self._places = line, number, places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, head: str) -> Cell:
        place = self._places[head]
        return Cell(text_at(self._line, place) or None, self._number, place)


def texts_at(lines: Iterable[Sequence[str]], place: int) -> list[str]:
    """What stands at a place from 1, line by line; "" where the line has ended."""
    at = place - 1
    return [line[at] if at < len(line) else "" for line in lines]


def text_at(line: Sequence[str], place: int) -> str:
    """What stands at a place from 1; "" where it is blank, or the line has ended."""
    said = line[place - 1] if place <= len(line) else ""
    return said if said.strip() else ""
