"""What is wrong with a file, said so that a clerk can mend it."""

from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter

from dashboard.data.ingest.personal import is_personal

_LONGEST_VALUE = 40
_LAST_COLUMN = 16_384


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `row` and `column` (letter) are None where the whole sheet is meant.

    `value` is the cell as it was read; None where it is blank or must not be repeated (privacy).
    """

    file: str
    message: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    head: str | None = None
    value: Any = None
    counted: str = "行"
    """What `row` counts: rows of a sheet, features of a boundary file."""

    @property
    def sentence(self) -> str:
        """文件“a.xlsx”工作表“村集体收入”第5行D列“经营收入”:值“约12”,应为数字(万元)"""
        place = f"文件“{self.file}”"
        if self.sheet is not None:
            place += f"工作表“{self.sheet}”"
        if self.row is not None:
            place += f"第{self.row}{self.counted}"
        if self.column is not None:
            place += f"{self.column}列"
        if self.head is not None:
            place += f"“{quoted(self.head)}”"
        return f"{place}:{self.reason}"

    @property
    def reason(self) -> str:
        """The sentence without the place: 值“约12”,应为数字(万元)"""
        said = "" if self.value is None else f"值“{quoted(self.value)}”,"
        return said + self.message


def letter(place: int | None) -> str | None:
    """A column as a spreadsheet names it; None where there is none, or beyond the last it has: a
    CSV file may have more."""
    return get_column_letter(place) if place and place <= _LAST_COLUMN else None


def quoted(value: Any) -> str:
    """A cell's value as a sentence quotes it; what may be a person's name or number is left out."""
    if is_personal(value):
        return "(从略)"
    text = format(value, ".15g") if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


class ImportRefused(ValueError):
    """Nothing was imported. `problems` has every reason; `marked_copies` the files to mend."""

    def __init__(self, problems: list[Problem], marked_copies: list[str] | None = None) -> None:
        super().__init__("\n".join(problem.sentence for problem in problems))
        self.problems = problems
        self.marked_copies = marked_copies or []
