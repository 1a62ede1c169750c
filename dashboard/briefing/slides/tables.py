"""Native tables: a head in the accent's colour, thin rules between rows, no other ornament."""

from collections.abc import Sequence
from typing import Any, Final

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Pt

from dashboard.briefing import script
from dashboard.briefing.content import Align, Cell, Column
from dashboard.briefing.lights import glyph
from dashboard.briefing.slides.master import ACCENT, INK, LINE, SHADE
from dashboard.briefing.slides.measure import LEADING, PADDING, ROW_PADDING, Box
from dashboard.briefing.slides.table_fit import CELL_LINES, HEAD_LINES, Laid, shown, texts
from dashboard.briefing.slides.xml import element, solid
from dashboard.briefing.typography import one_line

_PLAIN: Final = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""PowerPoint's table style without borders and fills."""
_ALIGN: Final = {
    Align.LEFT: PP_ALIGN.LEFT,
    Align.CENTER: PP_ALIGN.CENTER,
    Align.RIGHT: PP_ALIGN.RIGHT,
}
_LIGHTS: Final = {"green": "2E6B34", "yellow": "8A5A00", "red": ACCENT}


def add(slide: Slide, laid: Laid, box: Box, name: str) -> float:
    """Puts the table at the top of the box, in its middle; tells how high it stands."""
    heads = laid.head_heights
    content = laid.table
    many = (len(heads) + len(content.rows), len(content.columns))
    left = box.left + (box.width - sum(laid.widths)) / 2
    heights = [*heads, *(laid.row_height(row) for row in content.rows)]
    edges = (Pt(edge) for edge in (left, box.top, sum(laid.widths), sum(heights)))
    frame = slide.shapes.add_table(*many, *edges)
    described = frame._element.find(f".//{qn('p:cNvPr')}")
    described.set("name", name)
    described.set("descr", name)
    grid = frame.table
    frame._element.find(f".//{qn('a:tableStyleId')}").text = _PLAIN
    grid.horz_banding, grid.first_row = False, True
    for column, wide in zip(grid.columns, laid.widths, strict=True):
        column.width = Pt(wide)
    for row, high in zip(grid.rows, heights, strict=True):
        row.height = Pt(high)
    _heads(grid, laid)
    for place, row in enumerate(content.rows):
        _row(grid, laid, len(heads) + place, row, bold=content.total_row and place == 0)
    return sum(heights)


def _heads(grid: Any, laid: Laid) -> None:
    """The head's rows; a merged head over its columns, a plain one over both rows."""
    rows = script.heads(laid.table)
    place, below = 0, iter(rows[-1])
    for head in rows[0]:
        cell = grid.cell(0, place)
        wide = sum(laid.widths[place : place + head.columns])
        if len(rows) == 2:
            cell.merge(grid.cell(head.rows - 1, place + head.columns - 1))
        _head(cell, head.text, laid, wide, None if head.columns > 1 else laid.table.columns[place])
        if len(rows) == 2 and head.rows == 1:
            for at in range(place, place + head.columns):
                column = laid.table.columns[at]
                _head(grid.cell(1, at), next(below).text, laid, laid.widths[at], column)
        place += head.columns
    for at in range(len(laid.widths)):
        for row in range(len(rows)):
            edge = ACCENT if row == len(rows) - 1 else LINE
            _edge(grid.cell(row, at), edge, 1.5 if row == len(rows) - 1 else 0.75)


def _head(cell: Any, text: str, laid: Laid, wide: float, column: Column | None) -> None:
    """A head stands as its column does, a merged one in the middle."""
    align = _ALIGN[column.align] if column else PP_ALIGN.CENTER
    text = shown(text, laid.size, wide, HEAD_LINES)
    _write(cell, text, laid.size, align, ACCENT, bold=True)
    cell.fill.solid()
    cell.fill.fore_color.rgb = RGBColor.from_string(SHADE)


def _row(grid: Any, laid: Laid, at: int, row: Sequence[Cell], bold: bool) -> None:
    parts = zip(laid.table.columns, laid.widths, row, texts(row), strict=True)
    for place, (column, wide, told, text) in enumerate(parts):
        cell = grid.cell(at, place)
        said = shown(text, laid.size, wide, CELL_LINES)
        marked = glyph(told, row) or text.startswith(("●", "▲", "■"))
        colour = _LIGHTS[told.light] if told.light and marked else INK
        _write(cell, said, laid.size, _ALIGN[column.align], colour, bold or told.light == "red")
        if bold:
            cell.fill.solid()
            cell.fill.fore_color.rgb = RGBColor.from_string(SHADE)
        _edge(cell, LINE, 0.75)


def _write(cell: Any, text: str, size: float, align: PP_ALIGN, colour: str, bold: bool) -> None:
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.margin_left = cell.margin_right = Pt(PADDING)
    cell.margin_top = cell.margin_bottom = Pt(ROW_PADDING)
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment, paragraph.line_spacing = align, Pt(size * LEADING)
    paragraph.font.size = Pt(size)
    run = paragraph.add_run()
    run.text = one_line(text)
    run.font.size, run.font.bold = Pt(size), bold
    run.font.color.rgb = RGBColor.from_string(colour)


def _edge(cell: Any, colour: str, points: float) -> None:
    """The rule below a cell; its place in the XML is before the fill."""
    properties = cell._tc.get_or_add_tcPr()
    line = element("a:lnB", {"w": Pt(points), "cap": "flat", "cmpd": "sng"}, solid(colour))
    line.append(element("a:prstDash", {"val": "solid"}))
    properties.insert(0, line)
