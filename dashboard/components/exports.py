"""What a table shows as a workbook that says where its figures came from.

Source: 武发〔2016〕68号 四(五) (严禁弄虚作假、搞“数字脱贫”).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from dashboard.briefing.number_formats import formatted, of_text
from dashboard.briefing.typography import width
from dashboard.components import downloads
from dashboard.components.downloads import XLSX, File, file_name
from dashboard.components.provenance import sheet as origins
from dashboard.components.provenance import wording
from dashboard.components.scene import Scene
from dashboard.data.queries import ledgers, lineage
from dashboard.figures import as_of

SHEET = "数据"
_WIDEST, _A4 = 48, 9
_HEIGHT = 2
"""Rows above the table: the title and the heads."""


def register(scene: Scene, what: str, shown: pd.DataFrame, *tables: str) -> None:
    """The button for a table on the screen that is made of the rows of registers (`tables`)."""
    offer(scene, what, shown, lambda: of_registers(scene, [SHEET], *tables))


def offer(
    scene: Scene, what: str, shown: pd.DataFrame, sources: Callable[[], pd.DataFrame]
) -> None:
    """The button for a table on the screen; `sources` is read once the file is asked for."""
    name = file_name(scene.focus, what, "xlsx", scene.is_demo)

    def build() -> bytes:
        return workbook(scene, what, {SHEET: shown, origins.NAME: sources()})

    downloads.bar(scene.store, scene.viewer, File(what, name, XLSX, build))


@dataclass(frozen=True)
class Cell:
    """A figure of an indicator in a table: its row there, from 0, and whose it is."""

    row: int
    unit: str
    name: str
    indicator: str


def of_figures(scene: Scene, sheet: str, column: int, cells: Sequence[Cell]) -> pd.DataFrame:
    """For 数据来源: figures of the focus quarter in a sheet's column (from 0), each by its cell;
    those of no known indicator are left out."""
    entries = scene.settings.catalogue.by_code
    codes = sorted({cell.indicator for cell in cells} & entries.keys())
    known = lineage.sources(scene.store, scene.viewer, scene.focus, scene.settings, codes)
    rows = [
        origins.of_figure(
            (sheet, xl_rowcol_to_cell(cell.row + _HEIGHT, column)),
            cell.name,
            scene.focus.period.label,
            entries[cell.indicator],
            known[cell.unit, cell.indicator],
        )
        for cell in cells
        if (cell.unit, cell.indicator) in known
    ]
    return pd.DataFrame(rows, columns=list(origins.HEADS), dtype=object)


def of_registers(scene: Scene, sheets: list[str], *tables: str) -> pd.DataFrame:
    """For 数据来源: each register that sheets are made of as a whole, then unit by unit."""
    rows = []
    for table in tables:
        behind = ledgers.rows_behind(scene.store, scene.viewer, scene.focus, table)
        if behind is None:
            continue
        meant = wording.of_tables(scene.settings.policy)[table].name, behind.ledger
        for place in sheets:
            for share in (behind.whole, *behind.shares):
                told = (share.name, scene.focus.period.label, *meant, share.span)
                rows.append(origins.of_register((place, "全部"), *told))
    return pd.DataFrame(rows, columns=list(origins.HEADS), dtype=object)


def workbook(scene: Scene, what: str, sheets: Mapping[str, pd.DataFrame], note: str = "") -> bytes:
    """Each frame on a sheet of its own, below what it is of; empty ones are left out. Text that
    reads as a number is written as one; none is run, whatever it begins with."""
    focus = scene.focus
    marks = "(演示数据)" if scene.is_demo else ""
    marks += f"({as_of(focus.as_of)})" if focus.as_of else ""
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "border": 1, "bg_color": "#EDEDED"})
        large = book.add_format({"bold": True, "font_size": 14})
        styles: dict[str, Format] = {}
        for name, frame in sheets.items():
            if not len(frame):
                continue
            sheet = book.add_worksheet(name)
            title = f"{focus.unit.name}{what} {focus.period.label} {name}{marks}"
            sheet.write_string(0, 0, title, large)
            sheet.write_row(1, 0, [str(column) for column in frame.columns], head)
            for at, row in enumerate(frame.itertuples(index=False), start=_HEIGHT):
                for column, value in enumerate(row):
                    _write(book, styles, sheet, (at, column), value)
            for column, wide in enumerate(_widths(frame)):
                sheet.set_column(column, column, wide)
            sheet.freeze_panes(_HEIGHT, 0)
            # On paper: all columns on a page, the heads on each.
            sheet.set_landscape()
            sheet.set_paper(_A4)
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0, _HEIGHT - 1)
            if note:
                sheet.write_string(len(frame) + _HEIGHT + 1, 0, note)
    return out.getvalue()


def _widths(frame: pd.DataFrame) -> list[float]:
    """As wide as what stands in a column, within reason; in half-width characters."""
    return [
        min(_WIDEST, 2 * max(width(str(told)) for told in (head, *frame.iloc[:, at])) + 3)
        for at, head in enumerate(frame.columns)
    ]


def _write(
    book: xlsxwriter.Workbook,
    styles: dict[str, Format],
    sheet: Worksheet,
    cell: tuple[int, int],
    value: Any,
) -> None:
    if not isinstance(value, str):
        if not pd.isna(value):
            sheet.write(*cell, value)
        return
    pattern = of_text(value)
    number = _number(value) if pattern != "General" else None
    if number is None or formatted(number, pattern) != value:
        sheet.write_string(*cell, value)
        return
    if pattern not in styles:
        styles[pattern] = book.add_format({"num_format": pattern})
    sheet.write_number(*cell, number, styles[pattern])


def _number(text: str) -> float:
    plain = float(text.replace(",", "").rstrip("%"))
    return plain / 100 if text.endswith("%") else plain
