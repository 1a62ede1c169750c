"""One sheet of any file as cells, before anything is known of its heads."""

from collections import defaultdict
from dataclasses import dataclass, field

from dashboard.data.ingest.cells import Cell


@dataclass
class Grid:
    """Values, number formats and merges by (row, column) from 1; only cells that hold something."""

    name: str
    rows: dict[int, dict[int, Cell]]
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
    def columns(self) -> dict[int, list[Cell]]:
        """Cells that are not blank, by column, from the top."""
        found: dict[int, list[Cell]] = defaultdict(list)
        for number in sorted(self.rows):
            for column, cell in self.rows[number].items():
                value = cell[0]  # is_blank, without a call for each of a million cells
                if value is not None and (type(value) is not str or value.strip()):
                    found[column].append(cell)
        return found
