"""A copy of the clerk's workbook with every bad cell marked, commented and listed."""

import csv
import io
import threading
from collections.abc import Sequence
from pathlib import Path, PurePath

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet._writer import ALL_TEMP_FILES
from openpyxl.worksheet.worksheet import Worksheet

from dashboard.data.ingest.problems import Problem, quoted
from dashboard.data.ingest.workbooks import DAMAGED, decoded
from dashboard.plain_text import harmless

LIST_NAME = "错误清单"
_FILL = PatternFill("solid", start_color="FFFFC7CE")
_HEADS = ("工作表", "行", "列", "列名", "填写的值", "应为")
_WIDTHS = (16, 8, 8, 18, 24, 80)
_WRITING = threading.Lock()


def copy(file: tuple[str, bytes], problems: Sequence[Problem]) -> bytes | None:
    """The workbook (a CSV file as one) with its problems marked; None where it cannot be read."""
    book = _book(file)
    if book is None:
        return None
    try:
        for problem in problems:
            if problem.sheet in book.sheetnames and problem.row is not None:
                _mark(book[problem.sheet], problem)
        _list(book, problems)
        return written(book)
    except DAMAGED:
        # It could be read, but holds what the library cannot write: the sentences are enough.
        return None


def written(book: Workbook) -> bytes:
    """The file. Nothing else in the program writes with openpyxl, which leaves the temporary file
    of a sheet that it could not write until the process ends. Raises what openpyxl does."""
    out = io.BytesIO()
    with _WRITING:
        try:
            book.save(out)
        finally:
            while ALL_TEMP_FILES:
                Path(ALL_TEMP_FILES.pop()).unlink(missing_ok=True)
    return out.getvalue()


def _book(file: tuple[str, bytes]) -> Workbook | None:
    name, content = file
    if PurePath(name).suffix.lower() == ".csv":
        return _from_csv(name, content)
    try:
        return load_workbook(io.BytesIO(content), keep_links=False)
    except DAMAGED:
        return None


def _from_csv(name: str, content: bytes) -> Workbook | None:
    said = decoded(content)
    if said is None:
        return None
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = PurePath(name).stem.replace("-", "_").split("_")[0][:31]
    try:
        for row in csv.reader(io.StringIO(said, newline="")):
            sheet.append([_harmless(value) for value in row])
    except (csv.Error, ValueError):
        # A field or a row that is longer than a sheet can hold.
        return None
    return book


def _mark(sheet: Worksheet, problem: Problem) -> None:
    column = column_index_from_string(problem.column) if problem.column else 1
    cell = sheet.cell(problem.row or 1, column)
    if isinstance(cell, MergedCell):
        return
    cell.fill = _FILL
    before = f"{cell.comment.text}\n" if cell.comment else ""
    cell.comment = Comment(before + problem.message, "导入检查", height=120, width=320)


def _list(book: Workbook, problems: Sequence[Problem]) -> None:
    if LIST_NAME in book.sheetnames:
        del book[LIST_NAME]
    sheet = book.create_sheet(LIST_NAME, 0)
    sheet.append([f"共{len(problems)}处错误,没有导入任何数据。改正标红的单元格后重新导入。"])
    sheet.append(list(_HEADS))
    for problem in problems:
        value = "" if problem.value is None else _harmless(quoted(problem.value))
        head = "" if problem.head is None else _harmless(quoted(problem.head))
        place = problem.sheet or "", problem.row or "", problem.column or "", head
        sheet.append([*place, value, problem.message])
    for number, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[chr(64 + number)].width = width
        title: Cell | MergedCell = sheet.cell(2, number)
        title.font = Font(bold=True)
    for row in sheet.iter_rows(min_row=3, min_col=6, max_col=6):
        row[0].alignment = Alignment(wrap_text=True)
    sheet.freeze_panes = "A3"
    book.active = 0


def _harmless(value: str) -> str:
    """Formulas are kept as text; what a sheet cannot hold is left out."""
    return harmless(ILLEGAL_CHARACTERS_RE.sub("", value))
