"""Tables: merged heads that are repeated, rows that stay whole, figures at the right."""

from collections.abc import Iterable
from typing import Final

from dashboard.briefing import script, standard
from dashboard.briefing.content import Align, Cell, Table
from dashboard.briefing.typography import full_width
from dashboard.briefing.word.xml import Element, element, paragraph, run, twips, value

_PADDING: Final = 80
"""Twips on either side of a cell's text."""
_LEADING: Final = 1.3
_SHADE: Final = "EDEDED"


def table(content: Table, total_mm: float, titled: bool = True) -> Iterable[Element]:
    """A table as wide as the page lets it be: title, unit, grid and note."""
    if titled and content.title:
        yield paragraph("TableTitle", full_width(content.title))
    if content.unit_note:
        yield paragraph("TableUnit", full_width(content.unit_note))
    yield _grid(content, total_mm)
    yield paragraph("TableNote", f"注：{full_width(content.footnote)}" if content.footnote else "")


def _grid(content: Table, total_mm: float) -> Element:
    widths = [round(one) for one in script.column_widths(content, twips(total_mm), 2 * _PADDING)]
    size = script.table_size(content, total_mm * standard.MM_TO_PT, 2 * _PADDING / 20)
    made = element("w:tbl", None, _properties(sum(widths), content.title))
    made.append(element("w:tblGrid", None, *(element("w:gridCol", {"w:w": w}) for w in widths)))
    made.extend(_heads(content, widths, size))
    whole = script.stays_whole(content)
    for place, cells in enumerate(content.rows):
        made.append(
            _row(
                content,
                cells,
                widths,
                size,
                bold=content.total_row and place == 0,
                keep_next=whole and place < len(content.rows) - 1,
            )
        )
    return made


def _properties(width: int, title: str) -> Element:
    edges = ("top", "left", "bottom", "right", "insideH", "insideV")
    border: dict[str, str | int] = {"w:val": "single", "w:sz": 4, "w:space": 0, "w:color": "000000"}
    margins = ((edge, _PADDING if edge in ("left", "right") else 20) for edge in edges[:4])
    return element(
        "w:tblPr",
        None,
        element("w:tblW", {"w:w": width, "w:type": "dxa"}),
        value("w:jc", "center"),
        element("w:tblBorders", None, *(element(f"w:{edge}", border) for edge in edges)),
        element("w:tblLayout", {"w:type": "fixed"}),
        element(
            "w:tblCellMar",
            None,
            *(element(f"w:{edge}", {"w:w": w, "w:type": "dxa"}) for edge, w in margins),
        ),
        value("w:tblCaption", title),
    )


def _heads(content: Table, widths: list[int], size: float) -> Iterable[Element]:
    """The head's rows, each repeated on every page; a merged head goes over its columns."""
    rows = script.heads(content)
    if len(rows) == 1:
        cells = [_head(head, widths[place], size) for place, head in enumerate(rows[0])]
        return [_table_row(cells, head=True)]
    upper, lower, place = [], [], 0
    below = iter(rows[1])
    for head in rows[0]:
        members = widths[place : place + head.columns]
        if head.rows == 2:
            upper.append(_head(head, members[0], size, merge="restart"))
            lower.append(_head(script.Head(""), members[0], size, merge="continue"))
        else:
            upper.append(_head(head, sum(members), size))
            lower += [_head(next(below), width, size) for width in members]
        place += head.columns
    return [_table_row(upper, head=True), _table_row(lower, head=True)]


def _head(head: script.Head, width: int, size: float, merge: str = "") -> Element:
    properties = element("w:tcPr", None, element("w:tcW", {"w:w": width, "w:type": "dxa"}))
    if head.columns > 1:
        properties.append(value("w:gridSpan", head.columns))
    if merge:
        properties.append(value("w:vMerge", merge))
    properties.append(element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": _SHADE}))
    properties.append(value("w:vAlign", "center"))
    text = paragraph("TableHead")
    if head.text:
        text.append(run(head.text, *_size(size)))
    return element("w:tc", None, properties, text)


def _size(size: float) -> list[Element]:
    return [value("w:sz", round(size * 2)), value("w:szCs", round(size * 2))]


def _row(
    content: Table,
    cells: tuple[Cell, ...],
    widths: list[int],
    size: float,
    bold: bool,
    keep_next: bool,
) -> Element:
    made = []
    for column, cell, width in zip(content.columns, cells, widths, strict=True):
        text = paragraph("TableText", "", *_aligned(column.align, keep_next, size))
        text.append(run(cell.text, *([element("w:b")] if bold else []), *_size(size)))
        properties = element("w:tcPr", None, element("w:tcW", {"w:w": width, "w:type": "dxa"}))
        properties.append(value("w:vAlign", "center"))
        made.append(element("w:tc", None, properties, text))
    return _table_row(made)


def _aligned(align: Align, keep_next: bool, size: float) -> list[Element]:
    # An exact pitch: a font that stands in must not move a table's last rows to the next page.
    pitch: dict[str, str | int] = {"w:line": round(_LEADING * size * 20), "w:lineRule": "exact"}
    kept = [element("w:keepNext")] if keep_next else []
    return [*kept, element("w:spacing", pitch), value("w:jc", align.value)]


def _table_row(cells: list[Element], head: bool = False) -> Element:
    """A row that never breaks over a page."""
    properties = element("w:trPr", None, element("w:cantSplit"))
    if head:
        properties.append(element("w:tblHeader"))
    return element("w:tr", None, properties, *cells)
