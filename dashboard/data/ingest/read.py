"""Files as clerks make them → sheets of cells by head. Certain things are read, others refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from dashboard.data.ingest import heads as heads_of
from dashboard.data.ingest.cells import AS_STORED, Cell, normal
from dashboard.data.ingest.grid import FORMULA_ERRORS, Grid, text_at
from dashboard.data.ingest.heads import Heads
from dashboard.data.ingest.problems import Problem, letter
from dashboard.data.ingest.sheets import Column, Sheet
from dashboard.data.ingest.workbooks import Unreadable, read_csv, read_workbook

INSTRUCTIONS = "填报说明"
MARKER = "_模板"
"""A very hidden sheet of our templates: unit, period, the sheets that were handed out."""

_TOTALS = ("合计", "小计", "总计", "共计", "累计合计")


@dataclass
class RawRow:
    """One row below the heads: its number in the file, and its cells by head."""

    number: int
    cells: Mapping[str, Cell]


@dataclass
class RawSheet:
    """A sheet that was recognised, with its rows still unread."""

    file: str
    spec: Sheet
    columns: dict[str, int]
    rows: list[RawRow] = field(default_factory=list)
    lines: list[tuple[int, Sequence[str]]] = field(default_factory=list)
    """In place of rows, where the file has nothing but plain texts (Grid.lines): number, texts."""

    def problem(
        self, message: str, row: int | None = None, head: str | None = None, value: Any = None
    ) -> Problem:
        place = None if head is None else self.columns.get(head)
        return Problem(self.file, message, self.spec.name, row, letter(place), head, value)


@dataclass
class Reading:
    """A file as read: its sheets, every problem, remarks, and what its template had asked for."""

    file: str
    sheets: list[RawSheet] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    marker: dict[str, str] = field(default_factory=dict)
    looked_at: list[tuple[Grid, Sheet | None, Heads | None]] = field(default_factory=list)
    """Every sheet, the unknown ones too, for the privacy check alone."""
    is_unsafe: bool = False
    """Refused before it was opened: nobody else may open it either."""


def read_file(name: str, content: bytes, specs: Mapping[str, Sheet]) -> Reading:
    """Read one xlsx or csv file. Never raises for what a file holds: see Reading.problems."""
    reading = Reading(name)
    if not content.strip():
        reading.problems.append(Problem(name, "文件是空的"))
        return reading
    try:
        grids = _grids(name, content, specs)
    except Unreadable as refusal:
        reading.problems.append(Problem(name, str(refusal), row=refusal.row))
        reading.is_unsafe = refusal.is_unsafe
        return reading
    for grid in grids:
        _take(reading, grid, specs)
    _check_sheets(reading, specs)
    return reading


def _grids(name: str, content: bytes, specs: Mapping[str, Sheet]) -> list[Grid]:
    suffix = PurePath(name).suffix.lower()
    if suffix == ".xlsx":
        return read_workbook(content)
    if suffix == ".csv":
        return [read_csv(name, content, specs)]
    raise Unreadable(
        "应为 .xlsx 工作簿、.csv 或边界文件(.geojson、.zip、.shp);.xls、.et 请另存为 .xlsx"
    )


def _take(reading: Reading, grid: Grid, specs: Mapping[str, Sheet]) -> None:
    if grid.name == MARKER:
        reading.marker = {
            normal(row[1].value): normal(row[2].value)
            for row in grid.rows.values()
            if 1 in row and 2 in row
        }
        return
    name = normal(grid.name)
    spec = specs.get(name)
    found = heads_of.find(grid, spec) if spec is not None else None
    reading.looked_at.append((grid, spec, found))
    if spec is None:
        if grid.rows and name != INSTRUCTIONS:
            reading.remarks.append(f"文件“{reading.file}”的工作表“{grid.name}”不是填报表,没有读取")
        return
    sheet = _sheet(reading, grid, spec, found)
    if sheet is not None and found is not None:
        _rows(reading, grid, sheet, found.bottom + 1)


def _check_sheets(reading: Reading, specs: Mapping[str, Sheet]) -> None:
    names = {sheet.spec.name for sheet in reading.sheets} | {
        problem.sheet for problem in reading.problems if problem.sheet
    }
    asked = [name for name in reading.marker.get("工作表", "").split("、") if name]
    for name in asked:
        if name not in names:
            reading.problems.append(
                Problem(reading.file, f"缺少工作表“{name}”;没有数据时请保留空表", name)
            )
    if not names and not reading.problems:
        known = "、".join(specs)
        reading.problems.append(Problem(reading.file, f"没有可以导入的工作表,应有其中之一:{known}"))


def _sheet(reading: Reading, grid: Grid, spec: Sheet, found: Heads | None) -> RawSheet | None:
    """The sheet with its columns; None where its heads are wrong or it is empty."""
    if found is None:
        if grid.rows:
            message = f"没有找到表头,应有列:{'、'.join(spec.heads)}"
            reading.problems.append(Problem(reading.file, message, spec.name))
        else:
            reading.sheets.append(RawSheet(reading.file, spec, {}))
        return None
    wrong = heads_of.problems(reading.file, grid, spec, found)
    if wrong:
        reading.problems.extend(wrong)
        return None
    columns = {head: places[0] for head, places in found.columns.items()}
    sheet = RawSheet(reading.file, spec, columns)
    reading.sheets.append(sheet)
    return sheet


def _rows(reading: Reading, grid: Grid, sheet: RawSheet, first: int) -> None:
    """The rows that say something, but for totals and what a template had filled in already."""
    spec = sheet.spec
    by_head = {column.head: column for column in spec.columns}
    _refuse_merges(reading, grid, sheet, first, by_head)
    columns = [
        (head, place, by_head[head].is_key)
        for head, place in sheet.columns.items()
        if head in by_head
    ]
    if grid.lines is not None:
        _plain_rows(reading, grid, sheet, columns, first)
        return
    keys = [head for head, _, is_key in columns if is_key]
    unanswered = 0
    for number in [row for row in sorted(grid.rows) if row >= first]:
        cells = _cells(grid, number, columns)
        if all(cell.is_blank for cell in cells.values()):
            continue
        if any(_is_total(cells[head].value) for head in keys):
            _leave_out_total(reading, spec, number)
            continue
        if spec.prefilled and all(
            cells[head].is_blank for head, _, is_key in columns if not is_key
        ):
            unanswered += 1
            continue
        if not _unreadable(reading, grid, sheet, cells):
            sheet.rows.append(RawRow(number, cells))
    _leave_out_unanswered(reading, spec, unanswered)


_Columns = Sequence[tuple[str, int, bool]]
"""Head, place, and whether it is of the key."""


def _cells(grid: Grid, number: int, columns: _Columns) -> dict[str, Cell]:
    """A row's cells by head; under a merge, the key's cell that it merges down."""
    there, cells = grid.rows[number], {}
    for head, place, is_key in columns:
        cell = there.get(place)
        if is_key and (cell is None or cell.is_blank):
            cell = grid.merged_over(number, place) or cell
        cells[head] = cell or Cell(None, number, place)
    return cells


def _plain_rows(
    reading: Reading, grid: Grid, sheet: RawSheet, columns: _Columns, first: int
) -> None:
    """The same of plain texts, without a cell for each of them."""
    lines, spec = grid.lines or (), sheet.spec
    keys = [place for _, place, is_key in columns if is_key]
    others = [place for _, place, is_key in columns if not is_key]
    unanswered = 0
    for number in grid.rows:
        if number < first:
            continue
        line = lines[number - 1]
        told = [text_at(line, place) for place in keys]
        is_answered = _says_something(line, others)
        if not is_answered and not any(told):
            continue
        if any(map(_is_total, told)):
            _leave_out_total(reading, spec, number)
        elif spec.prefilled and not is_answered:
            unanswered += 1
        else:
            sheet.lines.append((number, line))
    _leave_out_unanswered(reading, spec, unanswered)


def _says_something(line: Sequence[str], places: Sequence[int]) -> bool:
    # A loop: an any() makes a generator for each of a large file's rows.
    for place in places:  # noqa: SIM110
        if text_at(line, place):
            return True
    return False


def _leave_out_total(reading: Reading, spec: Sheet, number: int) -> None:
    reading.remarks.append(f"文件“{reading.file}”工作表“{spec.name}”第{number}行是合计行,没有读取")


def _leave_out_unanswered(reading: Reading, spec: Sheet, count: int) -> None:
    if count:
        reading.remarks.append(
            f"文件“{reading.file}”工作表“{spec.name}”有{count}行没有填写,按未填报处理"
        )


def _is_total(value: Any) -> bool:
    # The words are not ASCII: a code or a number is none.
    return isinstance(value, str) and not value.isascii() and normal(value) in _TOTALS


def _refuse_merges(
    reading: Reading,
    grid: Grid,
    sheet: RawSheet,
    first: int,
    by_head: Mapping[str, Column],
) -> None:
    heads = {column: head for head, column in sheet.columns.items()}
    for top, left, _, right in grid.merges:
        if top < first or not any(left <= column <= right for column in heads):
            continue
        head = heads.get(left, "")
        is_key = head in by_head and by_head[head].is_key
        cell = grid.at(top, left)
        if cell is None or (left == right and is_key):
            continue
        message = "合并单元格下无法判断各行的值,请取消合并后逐格填写"
        reading.problems.append(sheet.problem(message, top, head, cell.value))


def _unreadable(reading: Reading, grid: Grid, sheet: RawSheet, cells: Mapping[str, Cell]) -> bool:
    found = False
    for head, cell in cells.items():
        if cell[3] is AS_STORED and not grid.uncached and cell[0] not in FORMULA_ERRORS:
            continue
        message = None
        if isinstance(cell.value, str) and cell.value in FORMULA_ERRORS:
            message = "单元格是公式错误,请改正公式或直接填数"
        elif (cell.row, cell.column) in grid.uncached:
            message = "单元格是公式,但文件里没有计算结果;请用表格软件打开并保存后再导入"
        elif cell.look.distortion:
            message = (
                f"单元格格式{cell.look.distortion},看到的不是所填的数;请改为普通数字格式并核对"
            )
        if message:
            reading.problems.append(sheet.problem(message, cell.row, head, cell.value))
            found = True
    return found
