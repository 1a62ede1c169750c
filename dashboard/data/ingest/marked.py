"""A copy of the clerk's workbook with every bad cell marked, commented and listed."""

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePath

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

from dashboard.data.ingest.problems import Problem, quoted

LIST_NAME = "错误清单"
_FILL = PatternFill("solid", start_color="FFFFC7CE")
_HEADS = ("工作表", "行", "列", "列名", "填写的值", "应为")
_WIDTHS = (16, 8, 8, 18, 24, 80)
_FORMULA_STARTS = ("=", "+", "-", "@")


def copy(file: tuple[str, bytes], problems: Sequence[Problem]) -> bytes | None:
    """The workbook (a CSV file as one) with its problems marked; None where it cannot be read."""
    book = _book(file)
    if book is None:
        return None
    for problem in problems:
        if problem.sheet in book.sheetnames and problem.row is not None:
            _mark(book[problem.sheet], problem)
    _list(book, problems)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _book(file: tuple[str, bytes]) -> Workbook | None:
    name, content = file
    if PurePath(name).suffix.lower() == ".csv":
        return _from_csv(name, content)
    try:
        return load_workbook(io.BytesIO(content), keep_links=False)
    except (OSError, KeyError, ValueError, TypeError, SyntaxError, zipfile.BadZipFile):
        return None


def _from_csv(name: str, content: bytes) -> Workbook | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            said = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        return None
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = PurePath(name).stem.replace("-", "_").split("_")[0][:31]
    for row in csv.reader(io.StringIO(said, newline="")):
        sheet.append([_harmless(value) for value in row])
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
        place = problem.sheet or "", problem.row or "", problem.column or "", problem.head or ""
        sheet.append([*place, value, problem.message])
    for number, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[chr(64 + number)].width = width
        head: Cell | MergedCell = sheet.cell(2, number)
        head.font = Font(bold=True)
    for row in sheet.iter_rows(min_row=3, min_col=6, max_col=6):
        row[0].alignment = Alignment(wrap_text=True)
    sheet.freeze_panes = "A3"
    book.active = 0


def _harmless(value: str) -> str:
    """Text that a sheet would take for a formula is kept as text."""
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
