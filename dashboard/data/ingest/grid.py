"""One sheet of any file as cells, before anything is known of its heads."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from dashboard.data.ingest.cells import Cell

FORMULA_ERRORS = frozenset(("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!"))


@dataclass
class Grid:
    """Values, number formats and merges by (row, column) from 1; only cells that hold something."""

    name: str
    rows: dict[int, dict[int, Cell]]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """(first row, first column, last row, last column)"""
    uncached: set[tuple[int, int]] = field(default_factory=set)
    """Formulas without their result."""
    is_plain: bool = False
    """Texts as they are stored: no number format, no merge, and none of FORMULA_ERRORS."""

    def at(self, row: int, column: int) -> Cell | None:
        return self.rows.get(row, {}).get(column)

    def merged_over(self, row: int, column: int) -> Cell | None:
        """The cell that is merged down into this one."""
        for top, left, bottom, right in self.merges:
            if top < row <= bottom and left == column == right:
                return self.at(top, left)
        return None

    def texts_below(self, row: int) -> dict[int, Counter[str]]:
        """Texts by column and how often each is there, below a row; columns without any are left
        out."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        for number, cells in self.rows.items():
            if number > row:
                for column, cell in cells.items():
                    if type(cell[0]) is str:  # without a call for each of a million cells
                        found[column].append(cell[0])
        counted = ((place, Counter(texts)) for place, texts in sorted(found.items()))
        told = ((place, {t: n for t, n in texts.items() if t.strip()}) for place, texts in counted)
        return {place: Counter(texts) for place, texts in told if texts}
