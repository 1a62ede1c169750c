"""The 目标任务分解表 as a workbook, in the form in which the office hands it round.

Sheets: 分解表, 月度计划, 责任分工, 分解校核, 指标口径, 数据来源. Figures are numbers in the
indicator's own unit (万元, 元, %, 个), so that they can be reckoned with; nothing read from the
store becomes a formula or a link.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import accumulate
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from dashboard.components.decomposition import wording
from dashboard.components.decomposition.differences import Difference
from dashboard.components.decomposition.table import Cell, Decomposition, State
from dashboard.components.provenance import sheet as origins
from dashboard.config_models import Catalogue, IndicatorEntry
from dashboard.data.frames import records
from dashboard.data.queries.decomposition import Checked
from dashboard.data.queries.lineage import Source
from dashboard.figures import DOUBT, moment
from dashboard.policy.progress import MONTHS_A_YEAR, Light

FONT = "宋体"
A3, A4 = 8, 9
HEAD_ROWS = 5
"""Of the 分解表: title, subtitle, column groups, indicators, sub-heads."""
SUB_HEADS = ("目标", "实际", "完成率", "亮灯")
A_PAGE = 7
"""Indicators on one printed page of A3."""
_SIDE_MARGIN = 0.4
_FILLS = {Light.GREEN: "#E2F0D9", Light.YELLOW: "#FFF2CC", Light.RED: "#F8D7DA"}
_AGGREGATIONS = {
    "sum": "各单位相加",
    "ratio": "分子之和÷分母之和",
    "weighted_mean": "按人口加权平均",
    "last": "年内最近一次填报数相加",
    "distribution": "分类计数相加",
}


@dataclass(frozen=True)
class Content:
    """All that the workbook says beside the table: frames of queries.decomposition."""

    targets: pd.DataFrame
    months: pd.DataFrame
    checked: Checked
    sources: pd.DataFrame
    catalogue: Catalogue
    differences: Sequence[Difference]
    origins: Mapping[tuple[str, str], Source] = field(default_factory=dict)
    """Of queries.lineage.sources: where each figure of the table came from."""


class _Book:
    """An xlsxwriter workbook with the formats made once each."""

    def __init__(self, out: BytesIO, is_demo: bool) -> None:
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.file = xlsxwriter.Workbook(out, options)
        self.is_demo = is_demo
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def style(self, **properties: Any) -> Any:
        full = {"font_name": FONT, "font_size": 10, "valign": "vcenter", **properties}
        key = tuple(sorted(full.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format(full)
        return self._formats[key]

    def head(self, **more: Any) -> Any:
        return self.style(
            bold=True, border=1, align="center", text_wrap=True, bg_color="#EDEDED", **more
        )

    def sheet(self, name: str, paper: int) -> Any:
        sheet = self.file.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(paper)
        sheet.set_margins(_SIDE_MARGIN, _SIDE_MARGIN, 0.6, 0.6)
        mark = "&C&14演示数据" if self.is_demo else ""
        sheet.set_header(f"{mark}&R&A")
        sheet.set_footer("&C第 &P 页 共 &N 页")
        return sheet


def workbook(table: Decomposition, content: Content) -> bytes:
    """The workbook's bytes."""
    out = BytesIO()
    book = _Book(out, table.is_demo)
    book.file.set_properties({"title": _title(table), "comments": _cut_off(content.sources)})
    _decomposition(book, table, content)
    _months(book, table, content)
    _duties(book, table, content)
    _differences(book, table, content)
    _definitions(book, table, content)
    _origins(book, table, content)
    book.file.close()
    return out.getvalue()


def natural(value: int | None, entry: IndicatorEntry) -> float | int | None:
    """A figure in the unit as people write it; a rate as a fraction, for a percent format."""
    if value is None:
        return None
    if entry.quantity == "count":
        return value
    in_unit = wording.in_unit(value, entry)
    return in_unit / 100 if entry.quantity == "ratio" else in_unit


def number_format(value: int | None, entry: IndicatorEntry, lines: tuple[int, ...] = ()) -> str:
    """An Excel format that does not round a figure across a line of the policy."""
    if entry.quantity == "ratio":
        return "0.0%"
    if entry.quantity == "money":
        text = wording.figure(value or 0, entry, lines, places=2)
        return "#,##0." + "0" * len(text.partition(".")[2])
    return "#,##0.00" if entry.quantity == "score" else "#,##0"


def _title(table: Decomposition) -> str:
    return f"{table.title}(演示数据)" if table.is_demo else table.title


def _cut_off(sources: pd.DataFrame) -> str:
    """Up to when the figures go: the time of the newest import behind them."""
    if sources.empty:
        return "数据截至:尚无导入记录"
    return f"数据截至{moment(sources['imported_at'].iloc[0])}(最近一次导入)"


def _decomposition(book: _Book, table: Decomposition, content: Content) -> None:
    sheet = book.sheet("分解表", A3)
    sheet.merge_range(2, 0, HEAD_ROWS - 1, 0, "单位", book.head())
    _heads(book, sheet, table, _cut_off(content.sources))
    for number, row in enumerate(table.rows, start=HEAD_ROWS):
        sheet.write_string(number, 0, row.name, book.style(border=1, bold=row.is_total))
        for column, entry in _columns(table):
            cell = table.cell(row.code, entry.code)
            _cell(book, sheet, number, column, cell, entry, table.lines, row.is_total)
    bottom = HEAD_ROWS + len(table.rows)
    notes = [*table.notes, *_standing_notes(table)]
    for step, note in enumerate(notes):
        _band(book, sheet, bottom + step, (0, _ends(table)[0]), f"注{step + 1}:{note}")
    sheet.set_column(0, 0, 15)
    for column, _ in _columns(table):
        sheet.set_column(column, column + 2, 9.5)
        sheet.set_column(column + 3, column + 3, 5)
    sheet.set_row(0, 30)
    sheet.set_row(3, 32)
    sheet.freeze_panes(HEAD_ROWS, 1)
    sheet.repeat_rows(0, HEAD_ROWS - 1)
    sheet.repeat_columns(0, 0)
    sheet.print_area(0, 0, bottom + len(notes) - 1, _ends(table)[-1])
    sheet.set_print_scale(75)
    sheet.set_v_pagebreaks([end + 1 for end in _ends(table)[:-1]])


def _sections(table: Decomposition) -> list[tuple[str, tuple[IndicatorEntry, ...]]]:
    """The printed pages: the column groups, a long one in several parts."""
    return [
        (label, entries[start : start + A_PAGE])
        for label, entries in table.tracks
        for start in range(0, len(entries), A_PAGE)
    ]


def _columns(table: Decomposition) -> list[tuple[int, IndicatorEntry]]:
    """The first column of each indicator."""
    return [(1 + place * len(SUB_HEADS), entry) for place, entry in enumerate(table.entries)]


def _ends(table: Decomposition) -> list[int]:
    """The last column of each section."""
    return [last * len(SUB_HEADS) for last in accumulate(len(part) for _, part in _sections(table))]


def _band(
    book: _Book, sheet: Any, row: int, columns: tuple[int, int], text: str, **look: Any
) -> None:
    """Text over several columns of a row, merged where there is more than one."""
    first, last = columns
    if last > first:
        sheet.merge_range(row, first, row, last, "", book.style(**look))
    sheet.write_string(row, first, text, book.style(**look))


def _heads(book: _Book, sheet: Any, table: Decomposition, cut_off: str) -> None:
    first = 0
    for (label, entries), last in zip(_sections(table), _ends(table), strict=True):
        # Title and cut-off head each printed page, so that no page goes round without them.
        title = _title(table) + ("(续)" if first else "")
        _band(book, sheet, 0, (first, last), title, bold=True, font_size=18, align="center")
        _band(book, sheet, 1, (first, last), f"{cut_off};金额、收入为现价")
        column = max(first, 1)
        sheet.merge_range(2, column, 2, last, label, book.head(font_size=12))
        for entry in entries:
            name = f"{entry.name}({entry.unit})"
            sheet.merge_range(3, column, 3, column + len(SUB_HEADS) - 1, name, book.head())
            for step, text in enumerate(SUB_HEADS):
                sheet.write_string(4, column + step, text, book.head())
            column += len(SUB_HEADS)
        first = last + 1


def _cell(
    book: _Book,
    sheet: Any,
    row: int,
    column: int,
    cell: Cell,
    entry: IndicatorEntry,
    lines: tuple[int, ...],
    bold: bool,
) -> None:
    look: dict[str, Any] = {"border": 1, "bold": bold}
    if cell.light in _FILLS:
        look["bg_color"] = _FILLS[cell.light]
    plain = {"border": 1, "bold": bold}
    target = natural(cell.target, entry)
    _number(book, sheet, row, column, target, number_format(cell.target, entry), plain)
    if cell.state is State.FIGURE:
        shown = number_format(cell.value, entry, lines)
        # The number stays one: its format carries the mark.
        shown += f'"{DOUBT}"' if DOUBT in cell.marks else ""
        _number(book, sheet, row, column + 1, natural(cell.value, entry), shown, look)
    else:
        sheet.write_string(row, column + 1, cell.state.value, book.style(align="center", **plain))
    _number(book, sheet, row, column + 2, cell.rate, "0.0%", look)
    centred = book.style(align="center", **look)
    if cell.target is None:
        sheet.write_blank(row, column + 3, None, centred)
    else:
        sheet.write_string(row, column + 3, cell.light.glyph, centred)


def _number(
    book: _Book,
    sheet: Any,
    row: int,
    column: int,
    value: float | int | None,
    shown: str,
    look: dict[str, Any],
) -> None:
    if value is None:
        sheet.write_blank(row, column, None, book.style(**look))
    else:
        sheet.write_number(row, column, value, book.style(num_format=shown, **look))


def _standing_notes(table: Decomposition) -> list[str]:
    notes = [
        "目标依据:武发〔2016〕68号及其附件《目标任务分解表》;口径、公式和责任部门见“指标口径”页,"
        "每个数来自哪些文件见“数据来源”页。",
        "“力争”类目标未达到的,不表述为未完成硬任务。",
    ]
    if table.is_demo:
        notes.insert(0, "本表全部数字为演示数据,不是真实情况。")
    return notes


def _listing(
    book: _Book,
    name: str,
    table: Decomposition,
    heads: Sequence[str],
    widths: Sequence[int],
    rows: Sequence[Sequence[tuple[Any, str]]],
    empty: str,
) -> Any:
    """A plain sheet: title, heads, rows of (value, number format); `empty` where there are none."""
    sheet = book.sheet(name, A4)
    last = len(heads) - 1
    title = f"{table.focus.unit.name}{table.focus.period.label}{name}"
    mark = "(演示数据)" if table.is_demo else ""
    _band(book, sheet, 0, (0, last), title + mark, bold=True, font_size=16, align="center")
    for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.write_string(1, column, head, book.head())
        sheet.set_column(column, column, width)
    for number, row in enumerate(rows, start=2):
        for column, (value, shown) in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value, book.style(border=1, text_wrap=True))
            else:
                _number(book, sheet, number, column, value, shown, {"border": 1})
    if not rows:
        _band(book, sheet, 2, (0, last), empty, align="center", border=1)
    sheet.set_row(0, 28)
    sheet.freeze_panes(2, min(2, last))
    sheet.repeat_rows(0, 1)
    sheet.print_area(0, 0, max(2, len(rows) + 1), last)
    sheet.fit_to_pages(1, 0)
    if rows:
        sheet.autofilter(1, 0, len(rows) + 1, last)
    return sheet


def _months(book: _Book, table: Decomposition, content: Content) -> None:
    heads = ["单位", "指标", "计量单位", "年度目标"]
    heads += [f"{month}月" for month in range(1, MONTHS_A_YEAR + 1)]
    plans: dict[tuple[str, str], dict[int, int]] = {}
    for row in records(content.months):
        plans.setdefault((row["unit"], row["indicator"]), {})[row["month"]] = row["planned"]
    names = {row["unit"]: row["name"] for row in records(content.months)}
    rows = []
    for (unit, code), plan in plans.items():
        entry = content.catalogue.by_code.get(code)
        if entry is None:
            continue
        values = [content.checked.values.get((unit, code))]
        values += [plan.get(month) for month in range(1, MONTHS_A_YEAR + 1)]
        figures = [(natural(value, entry), number_format(value, entry)) for value in values]
        rows.append([(names[unit], ""), (entry.name, ""), (entry.unit, ""), *figures])
    widths = [14, 24, 9, 11] + [9] * MONTHS_A_YEAR
    _listing(book, "月度计划", table, heads, widths, rows, "尚无月度计划,序时进度按月均匀推进")


def _duties(book: _Book, table: Decomposition, content: Content) -> None:
    heads = ["单位", "指标", "年度目标", "计量单位", "责任单位", "责任人(职务)", "完成月份"]
    rows = []
    for row in records(content.targets):
        entry = content.catalogue.by_code.get(row["indicator"])
        if entry is None:
            continue
        figure = (natural(row["value"], entry), number_format(row["value"], entry))
        post = row["post"] or "未落实到人"
        duty = [row["department"], post, f"{row['due_month']}月"]
        texts = [(text, "") for text in (entry.unit, *duty)]
        rows.append([(row["name"], ""), (entry.name, ""), figure, *texts])
    _listing(
        book, "责任分工", table, heads, [14, 30, 12, 9, 30, 20, 10], rows, "本年度目标尚未下达"
    )


DIFFERENCE_HEADS = ("单位", "指标", "问题", "应为", "现为", "相差", "现为÷应为", "计量单位", "明细")


def _differences(book: _Book, table: Decomposition, content: Content) -> None:
    rows = [
        [
            (one.unit, ""),
            (one.entry.name, ""),
            (one.problem, ""),
            (natural(one.own, one.entry), number_format(one.own, one.entry)),
            (natural(one.parts, one.entry), number_format(one.parts, one.entry)),
            (natural(one.parts - one.own, one.entry), number_format(one.own, one.entry)),
            (one.ratio, "0.0%"),
            (one.entry.unit, ""),
            (one.detail, ""),
        ]
        for one in content.differences
    ]
    silent = "全部一致" if content.checked.values else "本年度目标尚未下达,无从校核"
    widths = [14, 26, 16, 11, 11, 10, 11, 9, 60]
    _listing(book, "分解校核", table, DIFFERENCE_HEADS, widths, rows, silent)


def _definitions(book: _Book, table: Decomposition, content: Content) -> None:
    heads = ["代码", "指标", "计量单位", "汇总方式", "条款", "公式", "责任部门", "承诺等级"]
    rows = [
        [
            (text, "")
            for text in (
                entry.code,
                entry.name,
                entry.unit,
                _AGGREGATIONS[entry.aggregation.value],
                f"武发〔2016〕68号 {entry.clause}",
                entry.formula,
                entry.department,
                entry.grade,
            )
        ]
        for entry in table.entries
    ]
    sheet = _listing(
        book, "指标口径", table, heads, [8, 28, 9, 18, 22, 44, 26, 9], rows, "没有指标"
    )
    start = len(rows) + 4
    for column, head in enumerate(("批次", "文件", "导入时间", "导入人")):
        sheet.write_string(start, column, head, book.head())
    for number, batch in enumerate(records(content.sources), start=start + 1):
        texts = (batch["batch"], batch["file"], moment(batch["imported_at"]), batch["imported_by"])
        for column, text in enumerate(texts):
            sheet.write_string(number, column, str(text), book.style(border=1, text_wrap=True))
    sheet.print_area(0, 0, start + max(1, len(content.sources)), len(heads) - 1)


def _origins(book: _Book, table: Decomposition, content: Content) -> None:
    """Every figure of the 分解表 by its cell: what it means and where it came from."""
    rows = []
    for at, unit in enumerate(table.rows, start=HEAD_ROWS):
        for column, entry in _columns(table):
            one = content.origins.get((unit.code, entry.code))
            if one is not None and table.cell(unit.code, entry.code).state is State.FIGURE:
                place = ("分解表", xl_rowcol_to_cell(at, column + 1))
                told = origins.of_figure(place, unit.name, table.focus.period.label, entry, one)
                rows.append([(said, "0" if isinstance(said, int) else "") for said in told])
    _listing(book, origins.NAME, table, origins.HEADS, origins.WIDTHS, rows, "表中没有数")
