"""版记: who gets copies, who printed it and when, at the foot of the last page (7.4)."""

import math

from docx.document import Document

from dashboard.briefing import script, standard
from dashboard.briefing.content import Bulletin
from dashboard.briefing.typography import width
from dashboard.briefing.word import page
from dashboard.briefing.word.frames import Frame, frame
from dashboard.briefing.word.parts import add
from dashboard.briefing.word.styles import indents
from dashboard.briefing.word.xml import Element, element, paragraph, run, twips, value

_LINE = 24.0
"""Points from line to line."""
_THICK, _THIN = 8, 6
"""Eighths of a point: the rules above and below, and those between (0.35 and 0.25 mm)."""


def imprint(document: Document, bulletin: Bulletin) -> None:
    """A box at the foot of the last type area, on a paragraph that keeps as much room free."""
    if bulletin.attachments and bulletin.attachments[-1].landscape:
        page.begin(document, landscape=False)
    copies, _, _ = script.imprint(bulletin)
    hang = indents(standard.SIZE_4, first=-300, left=400, right=100)
    rows = [_row(paragraph("Imprint", copies, hang))] if copies else []
    rows.append(_row(_printer(bulletin)))
    high = _lines(bulletin) * _LINE
    # In a box Word wants a paragraph behind a table; this one has no height.
    box = _box([_table(rows), paragraph("Anchor")], high)
    room = element("w:spacing", {"w:before": round(high * 20)})
    holder = paragraph("Anchor", "", room)
    holder.append(box)
    add(document, holder)


def _lines(bulletin: Bulletin) -> int:
    """How many lines the imprint takes, one spare for each that might run on."""
    copies, printer, on = script.imprint(bulletin)
    wide = standard.TYPE_AREA[0] * standard.MM_TO_PT / standard.SIZE_4
    beside = math.ceil(width(printer) * 0.875 / (wide - width(on) * 1.15 - 2.25))
    return (math.ceil(width(copies) / (wide - 6)) if copies else 0) + max(beside, 1)


def _box(content: list[Element], high: float) -> Element:
    return frame(
        content,
        Frame(
            id=9003,
            name="版记",
            across="<wp:align>left</wp:align>",
            down="<wp:align>bottom</wp:align>",
            relative_to="margin",
            size=(standard.TYPE_AREA[0], high / standard.MM_TO_PT + 1),
            text='anchor="b"',
        ),
    )


def _printer(bulletin: Bulletin) -> Element:
    """Who printed it and when on one line, at either end; the name closes up where it is long."""
    _, printer, on = script.imprint(bulletin)
    right = twips(standard.TYPE_AREA[0]) - round(standard.SIZE_4 * 20)
    tabs = element("w:tabs", None, element("w:tab", {"w:val": "right", "w:pos": right}))
    made = paragraph("Imprint", "", tabs, indents(standard.SIZE_4, left=100))
    closer = value("w:spacing", round(script.imprint_tracking(bulletin) * 20))
    made.append(run(printer, closer))
    if on:
        made.extend((element("w:r", None, element("w:tab")), run(on)))
    return made


def _row(text: Element) -> Element:
    wide: dict[str, str | int] = {"w:w": twips(standard.TYPE_AREA[0]), "w:type": "dxa"}
    cell = element("w:tc", None, element("w:tcPr", None, element("w:tcW", wide)), text)
    return element("w:tr", None, element("w:trPr", None, element("w:cantSplit")), cell)


def _table(rows: list[Element]) -> Element:
    total = twips(standard.TYPE_AREA[0])
    rules = {"top": _THICK, "bottom": _THICK, "insideH": _THIN}
    borders = (
        element(f"w:{edge}", {"w:val": "single", "w:sz": size, "w:space": 0, "w:color": "000000"})
        for edge, size in rules.items()
    )
    no_padding = (
        element(f"w:{edge}", {"w:w": 0, "w:type": "dxa"})
        for edge in ("top", "left", "bottom", "right")
    )
    properties = element(
        "w:tblPr",
        None,
        element("w:tblW", {"w:w": total, "w:type": "dxa"}),
        element("w:tblBorders", None, *borders),
        element("w:tblLayout", {"w:type": "fixed"}),
        element("w:tblCellMar", None, *no_padding),
    )
    grid = element("w:tblGrid", None, element("w:gridCol", {"w:w": total}))
    return element("w:tbl", None, properties, grid, *rows)
