"""The head row of a sheet: which column is which, and whether it means the unit that we mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.data.ingest.cells import MONEY_UNIT, Cell, normal
from dashboard.data.ingest.grid import Grid
from dashboard.data.ingest.problems import Problem, letter
from dashboard.data.ingest.sheets import Column, Sheet

HEAD_ROWS = 12
_NOTE = re.compile(r"\(([^()]*)\)$")
_WORDS = re.compile(r"[,;、/:\s]+")
# Notes beside a head that say nothing of the unit.
_HARMLESS = {"", "必填", "选填", "可不填", "累计", "本年累计", "年内累计", "单位", "计量单位"}
_CAPTION = re.compile(r"单位:\s*([^,;。()]*)")
_BY_INDICATOR = ("value", "planned", "amount_fen")


@dataclass(frozen=True)
class Heads:
    """The head row as found: for each head its columns, and what was noted in brackets beside it.

    `bottom` is the last row that the heads take.
    """

    row: int
    bottom: int
    columns: Mapping[str, Sequence[int]]
    notes: Mapping[int, str]

    @property
    def by_column(self) -> dict[int, str]:
        return {column: head for head, columns in self.columns.items() for column in columns}


def find(grid: Grid, spec: Sheet) -> Heads | None:
    """The row among the first ones that has most of the sheet's heads; None where none has."""
    best, most = None, min(2, len(spec.heads)) - 1
    for number in [row for row in sorted(grid.rows) if row <= HEAD_ROWS]:
        columns, notes = _heads_of_row(grid, number)
        matched = len(set(columns) & set(spec.heads))
        if matched > most:
            bottom = max([number, *(m[2] for m in grid.merges if m[0] <= number <= m[2])])
            best, most = Heads(number, bottom, columns, notes), matched
    return best


def _heads_of_row(grid: Grid, number: int) -> tuple[dict[str, list[int]], dict[int, str]]:
    found: dict[str, list[int]] = {}
    notes: dict[int, str] = {}
    reached = set(grid.rows.get(number, ())) | {
        left for top, left, bottom, _ in grid.merges if top < number <= bottom
    }
    for column in sorted(reached):
        cell = grid.at(number, column) or grid.merged_over(number, column)
        if cell is not None and not cell.is_blank:
            head, notes[column] = split(cell)
            found.setdefault(head, []).append(column)
    return found, notes


def split(cell: Cell) -> tuple[str, str]:
    """A head without marks and spaces, and its note: '经营收入 (元)*' is ('经营收入', '元')."""
    said = normal(cell.value).rstrip("*").strip()
    note = _NOTE.search(said)
    head = re.sub(r"\s+", "", said[: note.start()] if note else said).rstrip("*")
    return head, note[1].strip() if note else ""


def problems(file: str, grid: Grid, spec: Sheet, heads: Heads) -> list[Problem]:
    """Heads that are unknown, twice, missing, or of another unit; columns without any."""
    columns = {column.head: column for column in spec.columns}
    said: list[tuple[str | None, int | None, int | None, str]] = []
    for head, places in heads.columns.items():
        if head not in columns and head not in spec.helpers:
            known = "、".join(spec.heads)
            said.append((head, places[0], heads.row, f"不认识的列;本表的列为:{known}"))
        elif len(places) > 1:
            said.append((head, places[0], heads.row, "这一列出现了两次"))
        for place in places:
            wrong = head in columns and _other_unit(columns[head], heads.notes[place])
            if wrong:
                said.append((head, place, heads.row, wrong))
    for column in spec.columns:
        if column.required and column.head not in heads.columns:
            said.append((None, None, heads.row, f"缺少列“{column.head}”"))
    for row, wrong in _captions(grid, spec, heads):
        said.append((None, None, row, wrong))
    for place, row in _headless(grid, heads):
        said.append((None, place, row, "这一列没有表头,却有内容;请补上列名,或清空这一列"))
    return [
        Problem(file, message, spec.name, row, letter(place), head)
        for head, place, row, message in said
    ]


def _other_unit(column: Column, note: str) -> str | None:
    """What is wrong with the unit that a head notes: an amount in 元 is not read as 万元."""
    words = set(_WORDS.split(note)) - _HARMLESS
    if column.unit:
        if words <= {column.unit, column.note}:
            return None
        return (
            f"表头注明“{note}”,本列的计量单位是{column.unit};"
            f"请按{column.unit}填写,并把表头改为“{column.head}”"
        )
    if column.field in _BY_INDICATOR and words - {column.note}:
        return f"表头注明“{note}”,本列的计量单位随指标或对象而定,表头不应注明"
    return None


def _captions(grid: Grid, spec: Sheet, heads: Heads) -> list[tuple[int, str]]:
    """A line above the heads may give the unit of the whole table (单位:元)."""
    units = {column.unit for column in spec.columns if "元" in column.unit}
    by_indicator = any(column.field in _BY_INDICATOR for column in spec.columns)
    found = []
    for row in [row for row in sorted(grid.rows) if row < heads.row]:
        for cell in grid.rows[row].values():
            text = normal(cell.value) if isinstance(cell.value, str) else ""
            said = {unit for part in _CAPTION.findall(text) for unit in MONEY_UNIT.findall(part)}
            others = sorted(unit for unit in said - units if unit.endswith("元"))
            if others and (units or by_indicator):
                expected = "、".join(sorted(units)) or "随指标或对象而定"
                message = f"表头上方注明单位“{others[0]}”,本表的金额单位为{expected}"
                found.append((row, f"{message};请按本表的单位填写并改正说明"))
    return found


def _headless(grid: Grid, heads: Heads) -> list[tuple[int, int]]:
    """(column, first row) of the columns below the heads that hold something under no head."""
    known = set(heads.by_column)
    found: dict[int, int] = {}
    if grid.lines is not None and not grid.lines_hold_beside(known, heads.bottom):
        return []
    for number in sorted(row for row in grid.rows if row > heads.bottom):
        for column, cell in grid.rows[number].items():
            if column not in known and not cell.is_blank:
                found.setdefault(column, number)
    return sorted(found.items())
