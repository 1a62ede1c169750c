"""The bulletin as a workbook: attachments with merged heads, native charts, where figures are from.

Texts of the bulletin are written as text, whatever they begin with: nothing in them is a formula.
"""

from collections.abc import Sequence
from io import BytesIO
from math import ceil
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from dashboard.briefing import number_formats, script
from dashboard.briefing.content import Align, Bulletin, Cell, Chart, Column, FigureUsed, Table
from dashboard.briefing.lights import LEGEND, glyph, has_glyphs
from dashboard.briefing.pictures import COLOURS
from dashboard.briefing.typography import full_width, width
from dashboard.figures import moment
from dashboard.policy.periods import Period

_FONT: Final = "宋体"
_HEAD: Final = "黑体"
_A4: Final = 9
_LIGHTS: Final = {"green": "#E2F0D9", "yellow": "#FFF2CC", "red": "#F8D7DA"}
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", "_"))
_LONGEST_NAME: Final = 31
_MEASURES: Final = {
    "value": "实际",
    "target": "目标",
    "scheduled": "序时进度",
    "numerator": "分子",
    "denominator": "分母",
}
_TEXT_WIDTH: Final = 34
"""Full-width characters on a line of the wording."""


def render(bulletin: Bulletin) -> bytes:
    """XLSX. The file's own time is the bulletin's, so that the same content gives the same file."""
    out = BytesIO()
    book = _Book(out, bulletin)
    _cover(book)
    for place, one in enumerate(bulletin.attachments, 1):
        label = script.attachment_label(bulletin, place)
        sheet = book.sheet(f"{label} {one.title}", landscape=one.landscape)
        sheet.write_string(0, 0, label, book.style(font_name=_HEAD, font_size=12))
        _table(book, sheet, one.table, 1, title=one.title, is_alone=True)
    _tables(book)
    _charts(book)
    _text(book)
    _figures(book)
    book.file.close()
    return out.getvalue()


class _Book:
    """The file with its formats, each made once, and sheets that are set up alike."""

    def __init__(self, out: BytesIO, bulletin: Bulletin) -> None:
        self.file = xlsxwriter.Workbook(out, _OPTIONS)
        self.bulletin = bulletin
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._names: set[str] = set()
        self.placed: dict[tuple[str, str, str], str] = {}
        """Where a table's figure stands ("表!B5"), by its row's name and its column's two heads."""
        at = script.moment(bulletin).replace(tzinfo=None)
        self.file.set_properties(
            {"title": bulletin.title, "author": bulletin.issuer, "created": at, "modified": at}
        )

    def style(self, **properties: Any) -> Any:
        full = {"font_name": _FONT, "font_size": 11, "valign": "vcenter", **properties}
        key = tuple(sorted(full.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format(full)
        return self._formats[key]

    def sheet(self, name: str, *, landscape: bool = False) -> Worksheet:
        """A4, one page wide, numbered, with the marks of demo data and drafts above."""
        sheet = self.file.add_worksheet(self._named(name))
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(0.6, 0.6, 0.8, 0.8)
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&C&12{'　'.join(script.marks(self.bulletin))}")
        sheet.set_footer("&C第 &P 页 共 &N 页")
        sheet.hide_gridlines(2)
        return sheet

    def _named(self, name: str) -> str:
        """A name that a workbook takes, and no other sheet has."""
        legal = name.translate(_FORBIDDEN)[:_LONGEST_NAME].strip() or "表"
        number = 2
        while legal.lower() in self._names:
            legal = f"{legal[: _LONGEST_NAME - 3]}_{number}"
            number += 1
        self._names.add(legal.lower())
        return legal


def _cover(book: _Book) -> None:
    bulletin = book.bulletin
    sheet = book.sheet("封面")
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 70)
    marks = script.marks(bulletin)
    if marks:
        sheet.write_string(0, 0, "　".join(marks), book.style(font_name=_HEAD, bold=True))
    red = book.style(font_name=_HEAD, font_size=20, font_color="#C7000B", align="center")
    sheet.merge_range(1, 0, 1, 1, "", red)
    sheet.write_string(1, 0, bulletin.issuer, red)
    large = book.style(font_name=_HEAD, font_size=18, align="center", text_wrap=True)
    sheet.merge_range(3, 0, 3, 1, "", large)
    sheet.write_string(3, 0, full_width(bulletin.title), large)
    for row, height in ((1, 34), (3, 52)):
        sheet.set_row(row, height)
    said = (
        ("发文字号", bulletin.document_number or script.DRAFT),
        ("成文日期", script.dated(bulletin) or script.DRAFT),
        ("数据截至", moment(bulletin.cut_off)),
        ("署名", bulletin.signatory),
        *((("更正", bulletin.corrects),) if bulletin.corrects else ()),
    )
    for row, (name, text) in enumerate(said, 5):
        sheet.write_string(row, 0, name, book.style(font_name=_HEAD))
        sheet.write_string(row, 1, text, book.style(text_wrap=True))
    row = 6 + len(said)
    sheet.write_string(row, 0, "本工作簿", book.style(font_name=_HEAD))
    names = [f"附件{place} {one.title}" for place, one in enumerate(bulletin.attachments, 1)]
    charts = (block for block in bulletin.blocks() if isinstance(block, Chart))
    names += ["正文附表", *(f"图{place} {one.title}" for place, one in enumerate(charts, 1))]
    for name in (*names, "正文", "数据来源"):
        sheet.write_string(row, 1, name, book.style())
        row += 1


def _tables(book: _Book) -> None:
    """Tables that stand in the text."""
    tables = [block for block in book.bulletin.blocks() if isinstance(block, Table)]
    if not tables:
        return
    sheet = book.sheet("正文附表")
    widths = [max(c) for c in _widest([[c.width for c in t.columns] for t in tables])]
    for place, wide in enumerate(widths):
        sheet.set_column(place, place, wide + 2)
    row = 0
    for table in tables:
        row = _table(book, sheet, table, row, title=table.title) + 2


def _widest(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    longest = max(len(row) for row in rows)
    return [[row[place] for row in rows if place < len(row)] for place in range(longest)]


def _table(
    book: _Book, sheet: Worksheet, table: Table, row: int, *, title: str, is_alone: bool = False
) -> int:
    """Title, unit, heads, rows and note from `row` on; the row below. Alone on its sheet, heads
    stay in sight and are repeated on each printed page."""
    last = len(table.columns) - 1
    _wide(book, sheet, row, last, full_width(title), font_name=_HEAD, font_size=14, align="center")
    sheet.set_row(row, 26)
    if table.unit_note:
        row += 1
        _wide(book, sheet, row, last, full_width(table.unit_note), align="right")
    heads = script.heads(table)
    first = row + 1
    _heads(book, sheet, table, first)
    row = first + len(heads)
    for place, cells in enumerate(table.rows):
        for at, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
            bold = table.total_row and place == 0
            _cell(book, sheet, row, at, column, cell, glyph(cell, cells), bold)
            place_said = f"{sheet.get_name()}!{xl_rowcol_to_cell(row, at)}"
            book.placed.setdefault((cells[0].text, column.group, column.head), place_said)
        row += 1
    if is_alone:
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, column.width + 1)
        sheet.freeze_panes(first + len(heads), 1)
        sheet.repeat_rows(first, first + len(heads) - 1)
    notes = [f"注：{full_width(table.footnote)}"] if table.footnote else []
    notes += [LEGEND] if has_glyphs(table) else []
    for note in notes:
        _wide(book, sheet, row, last, note, font_size=10, text_wrap=True)
        sheet.set_row(row, 28)
        row += 1
    if is_alone:
        sheet.print_area(0, 0, row - 1, last)
    return row


def _wide(book: _Book, sheet: Worksheet, row: int, last: int, text: str, **style: Any) -> None:
    """Text over all columns of a table."""
    made = book.style(**style)
    if last > 0:
        sheet.merge_range(row, 0, row, last, "", made)
    sheet.write_string(row, 0, text, made)


def _heads(book: _Book, sheet: Worksheet, table: Table, row: int) -> None:
    style = book.style(
        font_name=_HEAD, border=1, bg_color="#EDEDED", align="center", text_wrap=True
    )
    upper, *below = script.heads(table)
    lower = iter(below[0]) if below else iter(())
    at = 0
    for head in upper:
        bottom, right = row + head.rows - 1, at + head.columns - 1
        if (bottom, right) != (row, at):
            sheet.merge_range(row, at, bottom, right, "", style)
        sheet.write_string(row, at, head.text, style)
        if below and head.rows == 1:
            for place in range(at, right + 1):
                sheet.write_string(row + 1, place, next(lower).text, style)
        at = right + 1


def _cell(
    book: _Book,
    sheet: Worksheet,
    row: int,
    at: int,
    column: Column,
    cell: Cell,
    shape: str,
    bold: bool,
) -> None:
    """A number as one, reading as its text does; all else as text."""
    properties: dict[str, Any] = {"border": 1, "align": column.align.value, "bold": bold}
    if cell.light in _LIGHTS:
        properties["bg_color"] = _LIGHTS[cell.light]
    # What stands behind a figure stays with the number.
    bare = number_formats.bare(cell.text)
    marks = cell.text.removeprefix(bare)
    star = f'"{marks}"' if marks else ""
    pattern = number_formats.of_text(bare)
    if cell.number is None or pattern == "General":
        text = f"{shape}{cell.text}"
        if cell.number is None or column.align is not Align.RIGHT:
            sheet.write_string(row, at, text, book.style(**properties))
            return
        pattern = column.number_format or "General"
    elif number_formats.formatted(cell.number, pattern) != bare:
        # 99.96 % is told as 99.9: the number stays exact and reads as it was told.
        pattern = '"' + bare.replace('"', "") + '"'
    if shape or star:
        before = f'"{shape}"' if shape else ""
        pattern = ";".join(f"{before}{part}{star}" for part in pattern.split(";"))
    sheet.write_number(row, at, cell.number, book.style(num_format=pattern, **properties))


def _charts(book: _Book) -> None:
    """Each chart beside its data, drawn by the office program and editable there."""
    charts = [block for block in book.bulletin.blocks() if isinstance(block, Chart)]
    for place, chart in enumerate(charts, 1):
        sheet = book.sheet(f"图{place} {chart.title}", landscape=True)
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, len(chart.series), 14)
        _data(book, sheet, chart, 0)
        options = {"description": chart.alt or script.chart_title(chart)}
        sheet.insert_chart(1, 2 + len(chart.series), _drawn(book, sheet, chart, 0), options)


def _data(book: _Book, sheet: Worksheet, chart: Chart, row: int) -> None:
    head = book.style(font_name=_HEAD, border=1, bg_color="#EDEDED", align="center")
    sheet.write_string(row, 0, script.chart_title(chart), book.style(font_name=_HEAD))
    sheet.write_string(row + 1, 0, "", head)
    for at, series in enumerate(chart.series, 1):
        sheet.write_string(row + 1, at, series.name, head)
        for place, (value, text) in enumerate(zip(series.values, series.texts, strict=True)):
            where = row + 2 + place
            bare = number_formats.bare(text)
            pattern = number_formats.of_text(bare)
            style = {"border": 1, "align": "right"}
            if value is None:
                sheet.write_string(where, at, text, book.style(**style))
            else:
                marks = text.removeprefix(bare)
                star = f'"{marks}"' if marks else ""
                shown = book.style(num_format=pattern + star, **style)
                sheet.write_number(where, at, value, shown)
    for place, name in enumerate(chart.categories):
        sheet.write_string(row + 2 + place, 0, name, book.style(border=1))


def _drawn(book: _Book, sheet: Worksheet, chart: Chart, row: int) -> Any:
    many = len(chart.categories) > 6
    kinds = {
        "line": {"type": "line"},
        "bar": {"type": "bar" if many else "column"},
        "stacked": {"type": "column", "subtype": "stacked"},
    }
    made = book.file.add_chart(kinds[chart.mark])
    first, last = row + 2, row + 1 + len(chart.categories)
    font = {"name": _FONT, "size": 11}
    is_line = chart.mark == "line"
    for at, _series in enumerate(chart.series, 1):
        colour = COLOURS[(at - 1) % len(COLOURS)] if len(chart.series) > 1 else COLOURS[2]
        made.add_series(
            {
                "name": [sheet.get_name(), row + 1, at],
                "categories": [sheet.get_name(), first, 0, last, 0],
                "values": [sheet.get_name(), first, at, last, at],
                "data_labels": {"value": True, "font": {**font, "color": _ink(chart, colour)}},
                "fill": {"color": colour},
                "line": {"color": colour, "width": 2.25} if is_line else {"none": True},
                "marker": {"type": "circle", "size": 7} if is_line else {},
            }
        )
    made.set_title({"name": script.chart_title(chart), "name_font": {**font, "size": 13}})
    made.set_legend({"none": True} if len(chart.series) == 1 else {"position": "bottom"})
    # A bar chart counts from below: the first stands at the top all the same.
    made.set_x_axis({"num_font": font, "visible": True})
    made.set_y_axis({"num_font": font, "reverse": many and chart.mark == "bar", "min": 0})
    made.show_blanks_as("gap")
    made.set_size({"width": 720, "height": max(360, 60 + 26 * len(chart.categories))})
    return made


def _ink(chart: Chart, colour: str) -> str:
    """Figures stand on the fill only where bars are stacked."""
    return "#FFFFFF" if chart.mark == "stacked" and colour in COLOURS[::2] else "#1F2A37"


def _text(book: _Book) -> None:
    """The wording, paragraph by paragraph."""
    sheet = book.sheet("正文")
    sheet.set_column(0, 0, 80)
    row = 0
    for item in script.body(book.bulletin):
        if not isinstance(item, script.Line):
            continue
        style = book.style(
            text_wrap=True,
            valign="top",
            font_name=_HEAD if item.level else _FONT,
            indent=0 if item.level else 2,
        )
        sheet.write_string(row, 0, item.text, style)
        sheet.set_row(row, 18 * ceil(max(1.0, width(item.text) / _TEXT_WIDTH)))
        row += 1


_STORED = ("指标", "单位代码", "项目", "数(库中单位:分、百万分之一、个)", "文中写作")
_FROM = {
    "所在单元格": 26,
    "单位": 14,
    "指标名称": 26,
    "公式": 40,
    "条款": 20,
    "责任部门": 24,
    "季度": 16,
    "由下级数合成(个)": 16,
    "工作簿行数": 12,
    "来源文件": 40,
    "最近报送": 20,
}
"""Heads of what is known of a figure's origin, with their widths."""
_OF_TARGETS = {"target": "“目标”表", "scheduled": "“月度计划”表,没有计划的按月均匀推进"}
"""Where what is not an actual figure comes from."""


def _figures(book: _Book) -> None:
    """Every figure told, in the unit of the store, which is what an audit compares; and where it
    came from."""
    sheet = book.sheet("数据来源", landscape=True)
    style = book.style(font_name=_HEAD, border=1, bg_color="#EDEDED", align="center")
    heads = dict(zip(_STORED, (24, 16, 12, 34, 18), strict=True))
    heads |= _FROM if book.bulletin.definitions else {}
    for at, (head, wide) in enumerate(heads.items()):
        sheet.set_column(at, at, wide)
        sheet.write_string(0, at, head, style)
    plain = book.style(border=1)
    told = _Told(book)
    for row, used in enumerate(book.bulletin.figures, 1):
        for at, text in enumerate((used.indicator, used.unit_code, _MEASURES[used.measure])):
            sheet.write_string(row, at, text, plain)
        sheet.write_number(row, 3, used.value, book.style(border=1, num_format="0"))
        sheet.write_string(row, 4, used.text, plain)
        origin = told.of(used) if book.bulletin.definitions else {}
        for at, said in enumerate(origin.values(), len(_STORED)):
            if isinstance(said, int):
                sheet.write_number(row, at, said, plain)
            else:
                sheet.write_string(row, at, said, plain)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)


class _Told:
    """What is known of where each figure came from."""

    def __init__(self, book: _Book) -> None:
        self.placed, bulletin = book.placed, book.bulletin
        self.period, self.unit = Period.parse(bulletin.period), bulletin.unit_code
        self.definitions = {one.indicator: one for one in bulletin.definitions}
        self.origins = {(one.indicator, one.unit_code): one for one in bulletin.origins}

    def of(self, used: FigureUsed) -> dict[str, str | int]:
        """By head; what is not known is blank: totals are no indicators."""
        code, _, quarter = used.indicator.partition("@")
        period = Period.parse(quarter) if quarter else self.period
        meant = self.definitions.get(code)
        origin = self.origins.get((used.indicator, used.unit_code))
        said: dict[str, str | int] = dict.fromkeys(_FROM, "")
        said["季度"] = period.label
        if meant is not None:
            said |= {"指标名称": meant.name, "公式": meant.formula, "责任部门": meant.department}
            said["条款"] = f"武发〔2016〕68号 {meant.clause}"
        if used.measure in _OF_TARGETS:
            said |= {"单位": origin.row if origin else "", "来源文件": _OF_TARGETS[used.measure]}
            said["所在单元格"] = self._place(used, str(said["单位"]), meant.label if meant else "")
        elif origin is not None:
            said |= {"单位": origin.row, "由下级数合成(个)": origin.children}
            said["工作簿行数"] = "不列" if origin.rows is None else origin.rows
            said["来源文件"] = "、".join(origin.files)
            said["最近报送"] = "" if origin.newest is None else moment(origin.newest)
            said["所在单元格"] = self._place(used, origin.row, meant.label if meant else "")
        return said

    def _place(self, used: FigureUsed, row: str, label: str) -> str:
        """The cell in a table of the workbook that shows it; the text has figures of its own."""
        head = _MEASURES[used.measure]
        own = {"目标": "年度目标"}.get(head, head)
        found = self.placed.get((row, label, head), "")
        if not found and used.unit_code == self.unit:
            found = self.placed.get((label, "", own), "")
        return found or "正文或图"
