"""Files as clerks make them → sheets of cells by head. Certain things are read, others refused."""

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from dashboard.data.ingest.cells import Cell, normal
from dashboard.data.ingest.problems import Problem
from dashboard.data.ingest.sheets import Column, Sheet

INSTRUCTIONS = "填报说明"
MARKER = "_模板"
"""A very hidden sheet of our templates: unit, period, the sheets that were handed out."""

_HEAD_ROWS = 12
_MOST_BYTES = 200 * 1024 * 1024
_MOST_RATIO = 200
_UNIT_SUFFIX = re.compile(r"[((]([^()()]*)[))]$")
_ERRORS = ("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!")
_TOTALS = ("合计", "小计", "总计", "共计", "累计合计")


@dataclass
class RawRow:
    """One row below the heads: its number in the file, and its cells by head."""

    number: int
    cells: dict[str, Cell]


@dataclass
class RawSheet:
    """A sheet that was recognised, with its rows still unread."""

    file: str
    spec: Sheet
    columns: dict[str, int]
    rows: list[RawRow] = field(default_factory=list)

    def problem(
        self, message: str, row: int | None = None, head: str | None = None, value: Any = None
    ) -> Problem:
        letter = get_column_letter(self.columns[head]) if head in self.columns else None
        return Problem(self.file, message, self.spec.name, row, letter, head, value)


@dataclass
class Reading:
    """A file as read: its sheets, every problem, remarks, and what its template had asked for."""

    file: str
    sheets: list[RawSheet] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    marker: dict[str, str] = field(default_factory=dict)
    all_cells: list[tuple[str, list[list[Any]]]] = field(default_factory=list)
    """Every sheet's values, the unknown ones too, for the privacy check alone."""


@dataclass
class _Grid:
    """One sheet of any file: values, number formats and merges by (row, column) from 1."""

    name: str
    rows: dict[int, dict[int, Cell]]
    """Cells that hold something, by row and column."""
    merges: list[tuple[int, int, int, int]]
    """(first row, first column, last row, last column)"""
    uncached: set[tuple[int, int]]

    def at(self, row: int, column: int) -> Cell | None:
        return self.rows.get(row, {}).get(column)


def read_file(name: str, content: bytes, specs: Mapping[str, Sheet]) -> Reading:
    """Read one xlsx or csv file. Never raises for what a file holds: see Reading.problems."""
    reading = Reading(name)
    if not content.strip():
        reading.problems.append(Problem(name, "文件是空的"))
        return reading
    suffix = PurePath(name).suffix.lower()
    if suffix == ".xlsx":
        grids = _workbook(reading, content)
    elif suffix == ".csv":
        grids = _csv(reading, content, specs)
    else:
        expected = "应为 .xlsx 工作簿、.csv 或 .geojson 文件(.xls、.et 请另存为 .xlsx)"
        reading.problems.append(Problem(name, expected))
        return reading
    for grid in grids:
        _take(reading, grid, specs)
    _check_sheets(reading, specs)
    return reading


def _take(reading: Reading, grid: _Grid, specs: Mapping[str, Sheet]) -> None:
    if grid.name == MARKER:
        reading.marker = {
            normal(row[1].value): normal(row[2].value)
            for row in grid.rows.values()
            if 1 in row and 2 in row
        }
        return
    name = normal(grid.name)
    if name == INSTRUCTIONS:
        return
    values = [[cell.value for cell in row.values()] for row in grid.rows.values()]
    reading.all_cells.append((grid.name, values))
    spec = specs.get(name)
    if spec is None:
        if values:
            reading.remarks.append(f"文件“{reading.file}”的工作表“{grid.name}”不是填报表,没有读取")
        return
    sheet = _heads(reading, grid, spec)
    if sheet is not None:
        _rows(reading, grid, sheet[0], sheet[1])


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


def _heads(reading: Reading, grid: _Grid, spec: Sheet) -> tuple[RawSheet, int] | None:
    """Find the head row, wherever it stands in the first rows; the sheet and its first data row."""
    best: tuple[int, int, dict[str, list[int]]] = (0, 0, {})
    for number in [row for row in grid.rows if row <= _HEAD_ROWS]:
        found = _heads_of_row(grid, number)
        matched = len(set(found) & set(spec.heads))
        if matched > best[0]:
            best = matched, number, found
    matched, number, found = best
    if matched < min(2, len(spec.heads)):
        if not grid.rows:
            reading.sheets.append(RawSheet(reading.file, spec, {}))
            return None
        message = f"没有找到表头,应有列:{'、'.join(spec.heads)}"
        reading.problems.append(Problem(reading.file, message, spec.name))
        return None
    sheet = RawSheet(reading.file, spec, {head: columns[0] for head, columns in found.items()})
    wrong = _wrong_heads(sheet, number, found)
    if wrong:
        reading.problems.extend(wrong)
        return None
    reading.sheets.append(sheet)
    bottom = max([number] + [m[2] for m in grid.merges if m[0] <= number <= m[2]])
    return sheet, bottom + 1


def _heads_of_row(grid: _Grid, number: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    width = max((max(row) for row in grid.rows.values()), default=0)
    for column in range(1, width + 1):
        cell = grid.at(number, column) or _merged_over(grid, number, column)
        if cell is not None and not cell.is_blank:
            found.setdefault(_head(cell), []).append(column)
    return found


def _merged_over(grid: _Grid, row: int, column: int) -> Cell | None:
    """The head that is merged down into this cell."""
    for top, left, bottom, right in grid.merges:
        if top < row <= bottom and left == column == right:
            return grid.at(top, left)
    return None


def _head(cell: Cell) -> str:
    return re.sub(r"\s+", "", _UNIT_SUFFIX.sub("", normal(cell.value).rstrip("*"))).rstrip("*")


def _wrong_heads(sheet: RawSheet, row: int, found: Mapping[str, Sequence[int]]) -> list[Problem]:
    spec = sheet.spec
    problems = []
    for head, columns in found.items():
        if head not in spec.heads and head not in spec.helpers:
            expected = f"不认识的列;本表的列为:{'、'.join(spec.heads)}"
            problems.append(sheet.problem(expected, row, head))
        elif len(columns) > 1:
            problems.append(sheet.problem("这一列出现了两次", row, head))
    for column in spec.columns:
        if column.required and column.head not in found:
            problems.append(sheet.problem(f"缺少列“{column.head}”", row))
    return problems


def _rows(reading: Reading, grid: _Grid, sheet: RawSheet, first: int) -> None:
    spec = sheet.spec
    by_head = {column.head: column for column in spec.columns}
    _refuse_merges(reading, grid, sheet, first, by_head)
    unanswered = 0
    for number in [row for row in sorted(grid.rows) if row >= first]:
        cells = {}
        for head, column in sheet.columns.items():
            if head not in by_head:
                continue
            cell = grid.at(number, column)
            if (cell is None or cell.is_blank) and by_head[head].is_key:
                cell = _merged_over(grid, number, column) or cell
            cells[head] = cell or Cell(None, number, column)
        if all(cell.is_blank for cell in cells.values()):
            continue
        if _is_total(cells, by_head):
            reading.remarks.append(
                f"文件“{reading.file}”工作表“{spec.name}”第{number}行是合计行,没有读取"
            )
            continue
        answers = [cell for head, cell in cells.items() if not by_head[head].is_key]
        if spec.prefilled and all(cell.is_blank for cell in answers):
            unanswered += 1
            continue
        if _unreadable(reading, grid, sheet, cells):
            continue
        sheet.rows.append(RawRow(number, cells))
    if unanswered:
        reading.remarks.append(
            f"文件“{reading.file}”工作表“{spec.name}”有{unanswered}行没有填写,按未填报处理"
        )


def _is_total(cells: Mapping[str, Cell], by_head: Mapping[str, Column]) -> bool:
    said = [normal(c.value) for h, c in cells.items() if by_head[h].is_key and not c.is_blank]
    return any(word in _TOTALS for word in said)


def _refuse_merges(
    reading: Reading,
    grid: _Grid,
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


def _unreadable(reading: Reading, grid: _Grid, sheet: RawSheet, cells: Mapping[str, Cell]) -> bool:
    found = False
    for head, cell in cells.items():
        message = None
        if isinstance(cell.value, str) and cell.value in _ERRORS:
            message = "单元格是公式错误,请改正公式或直接填数"
        elif (cell.row, cell.column) in grid.uncached:
            message = "单元格是公式,但文件里没有计算结果;请用表格软件打开并保存后再导入"
        if message:
            reading.problems.append(sheet.problem(message, cell.row, head, cell.value))
            found = True
    return found


def _workbook(reading: Reading, content: bytes) -> list[_Grid]:
    refusal = _refuse_archive(content)
    if refusal:
        reading.problems.append(Problem(reading.file, refusal))
        return []
    try:
        book = load_workbook(io.BytesIO(content), keep_links=False)
        has_formulas = any(
            cell.data_type == "f" for sheet in book.worksheets for row in sheet.rows for cell in row
        )
        values = load_workbook(io.BytesIO(content), data_only=True) if has_formulas else book
    except (
        InvalidFileException,
        DefusedXmlException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        SyntaxError,
    ):
        # What the library raises over a damaged package; SyntaxError is the XML parser's base.
        reading.problems.append(
            Problem(reading.file, "不是有效的 .xlsx 工作簿,请用表格软件打开并另存为 .xlsx")
        )
        return []
    return [_grid(book, values, sheet) for sheet in book.worksheets]


def _refuse_archive(content: bytes) -> str | None:
    """A workbook is a zip file: refuse what unpacks too large, macros and links, before parsing."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        return "不是有效的 .xlsx 工作簿,请用表格软件打开并另存为 .xlsx"
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if size > _MOST_BYTES or size / packed > _MOST_RATIO:
        return "工作簿展开后过大,请拆分后分别导入"
    names = [entry.filename.lower() for entry in entries]
    if any(name.endswith("vbaproject.bin") for name in names):
        return "工作簿含有宏,请另存为不含宏的 .xlsx"
    if any("/externallinks/" in f"/{name}" for name in names):
        return "工作簿含有指向其他文件的链接,请断开链接后另存"
    return None


def _grid(book: Workbook, values: Workbook, sheet: Worksheet) -> _Grid:
    cached = values[sheet.title]
    rows: dict[int, dict[int, Cell]] = {}
    uncached: set[tuple[int, int]] = set()
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is None:
                continue
            place = cell.row, cell.column
            value = cell.value
            if cell.data_type == "f":
                value = cached.cell(*place).value
                if value is None:
                    uncached.add(place)
                    value = str(cell.value)
            form = cell.number_format if isinstance(value, int | float) else ""
            found = Cell(value, *place, _places(form), "%" in form)
            rows.setdefault(cell.row, {})[cell.column] = found
    merges = [(m.min_row, m.min_col, m.max_row, m.max_col) for m in sheet.merged_cells.ranges]
    return _Grid(sheet.title, rows, merges, uncached)


def _places(form: str) -> int | None:
    """Decimals that a number format shows; None where it shows all of them."""
    if not form or form == "General":
        return None
    section = form.split(";", maxsplit=1)[0]
    match = re.search(r"0(?:\.([0#?]*))?", section)
    if match is None:
        return None
    return len(match[1] or "")


def _csv(reading: Reading, content: bytes, specs: Mapping[str, Sheet]) -> list[_Grid]:
    name = re.split(r"[_-]", PurePath(reading.file).stem)[0]
    name = name if name in specs else PurePath(reading.file).stem
    if name not in specs:
        known = "、".join(specs)
        reading.problems.append(
            Problem(reading.file, f"CSV文件应以工作表命名(如“村集体收入.csv”),可用:{known}")
        )
        return []
    said = _decoded(content)
    if said is None or "\0" in said:
        reading.problems.append(Problem(reading.file, "不是UTF-8或GB18030编码的文字文件"))
        return []
    rows: dict[int, dict[int, Cell]] = {}
    number = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(said, newline="")), start=1):
            for column, value in enumerate(row, start=1):
                if value.strip():
                    rows.setdefault(number, {})[column] = Cell(value, number, column)
    except csv.Error:
        reading.problems.append(Problem(reading.file, "不是有效的CSV文件", row=number + 1))
        return []
    return [_Grid(name, rows, [], set())]


def _decoded(content: bytes) -> str | None:
    """UTF-8 with or without mark, else GB18030: strict, so that neither is taken for the other."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
