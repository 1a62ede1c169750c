"""Workbooks and CSV files → grids of cells; what is unsafe or damaged is refused before parsing."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Collection, Sequence
from pathlib import PurePath
from typing import Any

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from dashboard.data.ingest.cells import Cell, exact
from dashboard.data.ingest.grid import FORMULA_ERRORS, Grid, Lines
from dashboard.data.ingest.number_formats import Look, look

_MOST_BYTES = 200 * 1024 * 1024
_MOST_RATIO = 200
_MOST_SPANNED = 200_000
_MOST_COLUMNS = 16_384
_MOST_HOLLOW = 20
_DECLARED = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_SPAN = re.compile(
    rb"(?:mergeCell|hyperlink)\b[^>]*?\bref\s*=\s*[\"']"
    rb"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})[\"']"
)
_DAMAGED = "不是有效的 .xlsx 工作簿,请用表格软件打开并另存为 .xlsx"


DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    InvalidFileException,
    DefusedXmlException,
    LookupError,
    OSError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What openpyxl raises over a damaged package: its own code stumbles, wherever the damage is.
SyntaxError is the XML parser's base."""


class Unreadable(ValueError):
    """The file cannot be read; the message is the rest of the sentence.

    `row`: where a text file went wrong. `is_unsafe`: it must not be opened again either.
    """

    def __init__(self, message: str, row: int | None = None, is_unsafe: bool = False) -> None:
        super().__init__(message)
        self.row = row
        self.is_unsafe = is_unsafe


def read_workbook(content: bytes) -> list[Grid]:
    """Every sheet of an xlsx file. Raises Unreadable."""
    refuse_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), keep_links=False)
        has_formulas = any(
            cell.data_type == "f" for sheet in book.worksheets for cell in _cells(sheet)
        )
        values = load_workbook(io.BytesIO(content), data_only=True) if has_formulas else book
    except DAMAGED:
        raise Unreadable(_DAMAGED) from None
    return [_grid(values, sheet) for sheet in book.worksheets]


def refuse_archive(content: bytes) -> None:
    """A workbook is a zip file: refuse what unpacks too large, macros and links, before parsing.

    Raises Unreadable.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            refuse_sizes(entries)
            names = [entry.filename.lower() for entry in entries]
            if any(name.endswith("vbaproject.bin") for name in names):
                raise Unreadable("工作簿含有宏,请另存为不含宏的 .xlsx", is_unsafe=True)
            if any("/externallinks/" in f"/{name}" for name in names):
                raise Unreadable("工作簿含有指向其他文件的链接,请断开链接后另存", is_unsafe=True)
            for entry in entries:
                _refuse_part(entry.filename.lower(), archive.read(entry))
    except Unreadable:
        raise
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        RuntimeError,
        ValueError,
    ):
        # RuntimeError: an encrypted entry; NotImplementedError: a compression unknown here;
        # ValueError, OSError: a directory that points outside the file.
        raise Unreadable(_DAMAGED, is_unsafe=True) from None


def _refuse_part(name: str, content: bytes) -> None:
    """What a parser would choke on, and entities in whichever part, looked at or not."""
    if name.endswith((".xml", ".rels", ".vml")) and _DECLARED.search(content.replace(b"\0", b"")):
        raise Unreadable(
            "工作簿里有不该有的内容(XML 实体声明),请用表格软件另存后再导入", is_unsafe=True
        )
    if name.startswith("xl/worksheets/"):
        _refuse_spans(content)


def refuse_sizes(entries: Collection[zipfile.ZipInfo]) -> None:
    """A small archive that unpacks into a huge one is an attack or a mistake. Raises Unreadable."""
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if size > _MOST_BYTES or size / packed > _MOST_RATIO:
        raise Unreadable("文件展开后过大,请拆分后分别导入", is_unsafe=True)


def _refuse_spans(sheet: bytes) -> None:
    """Merges and links over whole sheets: the reader would make every one of their cells."""
    spanned = 0
    for left, top, right, bottom in _SPAN.findall(sheet):
        width = column_index_from_string(right.decode()) - column_index_from_string(left.decode())
        spanned += (width + 1) * (int(bottom) - int(top) + 1)
    if spanned > _MOST_SPANNED:
        raise Unreadable("工作表中合并的单元格或链接的范围过大,请取消后再导入", is_unsafe=True)


def _cells(sheet: Worksheet) -> list[Any]:
    """The cells that the file holds, row by row.

    Not sheet.rows, which makes every cell up to the last: with a stray one at XFD1048576, all
    17 thousand million.
    """
    return [cell for _, cell in sorted(sheet._cells.items())]


def _grid(values: Workbook, sheet: Worksheet) -> Grid:
    cached = values[sheet.title]
    rows: dict[int, dict[int, Cell]] = {}
    grid = Grid(sheet.title, rows)
    for cell in _cells(sheet):
        value = cell.value
        if value is None:
            continue
        place = cell.row, cell.column
        if cell.data_type == "f":
            value = cached.cell(*place).value
            if value is None:
                grid.uncached.add(place)
                value = str(cell.value)
        rows.setdefault(cell.row, {})[cell.column] = Cell(value, *place, _look(cell, value))
    grid.merges = [(m.min_row, m.min_col, m.max_row, m.max_col) for m in sheet.merged_cells.ranges]
    return grid


def _look(cell: Any, value: Any) -> Look:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Look()
    return look(cell.number_format, exact(value))


def read_csv(name: str, content: bytes, known: Collection[str]) -> Grid:
    """A CSV file, which bears the name of its sheet. Raises Unreadable."""
    # 资金_一季度.csv, and what a browser makes of a second download: 资金 (1).csv
    sheet = re.split(r"[_\-\s((]", PurePath(name).stem)[0]
    sheet = sheet if sheet in known else PurePath(name).stem
    if sheet not in known:
        raise Unreadable(f"CSV文件应以工作表命名(如“村集体收入.csv”),可用:{'、'.join(known)}")
    whole = decoded(content)
    if whole is None or "\0" in whole:
        raise Unreadable("不是UTF-8或GB18030编码的文字文件")
    lines: list[list[str]] = []
    try:
        for line in csv.reader(io.StringIO(whole, newline="")):
            lines.append(line)
            if len(line) > _MOST_COLUMNS:
                raise Unreadable(f"有{len(line)}列,多于{_MOST_COLUMNS}列,不是表格", row=len(lines))
    except csv.Error:
        raise Unreadable("不是有效的CSV文件", row=len(lines) + 1) from None
    # Looked for once in the whole text: a large file has millions of cells.
    has_errors = any(error in whole for error in FORMULA_ERRORS)
    return Grid(sheet, Lines(lines, is_plain=not has_errors and not _is_ragged(lines)))


def _is_ragged(lines: Sequence[Sequence[str]]) -> bool:
    """Whether a few long lines would make whole columns of nothing: as many as the longest has."""
    cells, widest = sum(map(len, lines)), max(map(len, lines), default=0)
    return widest * len(lines) > _MOST_HOLLOW * (cells + len(lines))


def decoded(content: bytes) -> str | None:
    """UTF-8 with or without mark, else GB18030: strict, so that neither is taken for the other."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
