"""The bulletin as PDF, and its pages as pictures for the preview (GB/T 9704-2012).

Laid out by typst from the template beside this module; see docs/decisions/0007-typst-for-pdf.md.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typst

from dashboard.briefing import fonts, pictures, script, standard
from dashboard.briefing.content import Attachment, Bulletin, Chart, Table
from dashboard.briefing.typography import full_width

_TEMPLATE: Final = Path(__file__).with_name("bulletin.typ")
_PADDING: Final = 8.0
"""Points to both sides of a cell's text together, as the template has them."""
_INSETS: Final = (4.5, 2.5)
"""Points above and below a row's text: the usual, and the least."""
PREVIEW_PPI: Final = 110.0

if TYPE_CHECKING:
    from typst import PDFStandard

Json = dict[str, Any]


def render(bulletin: Bulletin) -> bytes:
    """The PDF file: tagged, with bookmarks, its fonts embedded. The same content, the same bytes.

    For archives and screen readers (PDF/A-2a, PDF/UA-1) where the content lets it: a character that
    no font of the machine has, or a heading level left out, makes a plain PDF. Raises
    fonts.NoChineseFont.
    """
    compiler = _compiler(bulletin)
    try:
        return _pdf(compiler, bulletin, ["a-2a", "ua-1"])
    except typst.TypstError:
        return _pdf(compiler, bulletin, [])


def _pdf(compiler: typst.Compiler, bulletin: Bulletin, standards: "list[PDFStandard]") -> bytes:
    made = compiler.compile(
        format="pdf", timestamp=script.moment(bulletin), pdf_standards=standards
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


def pages(bulletin: Bulletin) -> list[bytes]:
    """Each page as a PNG of about 910 by 1287 pixels. Raises fonts.NoChineseFont."""
    made = _compiler(bulletin).compile(format="png", ppi=PREVIEW_PPI)
    return [made] if isinstance(made, bytes) else list(made or ())


def _compiler(bulletin: Bulletin) -> typst.Compiler:
    return typst.Compiler(
        input=str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        font_paths=fonts.installed(),
        sys_inputs={"data": json.dumps(_data(bulletin), ensure_ascii=False)},
    )


def _data(bulletin: Bulletin) -> Json:
    """Everything that the template lays out, as texts and measures."""
    return _layout() | _head(bulletin) | _ending(bulletin) | {"items": list(_items(bulletin))}


def _layout() -> Json:
    named = {
        "title": standard.TITLE_FONT,
        "body": standard.BODY_FONT,
        "kai": standard.KAI_FONT,
        "hei": standard.HEI_FONT,
        "song": standard.SONG_FONT,
    }
    area = standard.TYPE_AREA[0] * standard.MM_TO_PT
    return {
        "fonts": {role: _font(name) for role, name in named.items()},
        "pitch": standard.LINE_PITCH,
        "tracking": area / standard.CHARACTERS - standard.SIZE_3,
        "sizes": [standard.SIZE_2, standard.SIZE_3, standard.SIZE_4, standard.SIZE_5],
        "margins": [standard.TOP, standard.RIGHT, standard.BOTTOM, standard.LEFT],
        "area": list(standard.TYPE_AREA),
        "head-below": standard.HEAD_BELOW_TOP,
        "rule-below": standard.RULE_BELOW_NUMBER,
        "page-number-below": standard.PAGE_NUMBER_BELOW,
    }


def _font(named: str) -> Json:
    """A stand-in for 小标宋 is bold, as its strokes are."""
    bold = named == standard.TITLE_FONT and fonts.is_stand_in(named)
    return {"family": fonts.family(named), "weight": "bold" if bold else "regular"}


def _head(bulletin: Bulletin) -> Json:
    day = script.moment(bulletin)
    lines, size = script.head_lines(bulletin)
    return {
        "title": bulletin.title,
        "author": bulletin.issuer,
        "keywords": [bulletin.unit_name, bulletin.period, *script.marks(bulletin)],
        "day": [day.year, day.month, day.day],
        "marks": list(script.marks(bulletin)),
        "issuer": list(lines),
        "issuer-size": size,
        "number": bulletin.document_number or script.DRAFT,
        "title-lines": list(script.title(bulletin.title)),
        "subtitle": script.subtitle(bulletin),
        "recipients": script.recipients(bulletin),
    }


def _ending(bulletin: Bulletin) -> Json:
    copies, printer, printed = script.imprint(bulletin)
    return {
        "notes": [
            _note(note, len(bulletin.attachments)) for note in script.attachment_notes(bulletin)
        ],
        "signed": [said for said in (bulletin.signatory, script.dated(bulletin)) if said],
        "attachments": [
            _attachment(bulletin, place, one) for place, one in enumerate(bulletin.attachments, 1)
        ],
        "copies": [copies[:3], copies[3:]] if copies else "",
        "printer": printer,
        "printer-tracking": script.imprint_tracking(bulletin),
        "printed": printed,
    }


def _note(note: str, many: int) -> Json:
    """An attachment's number apart from its name, so that a long name hangs below itself."""
    label, dot, text = note.partition(".")
    return {"label": label + dot, "text": text} if many > 1 else {"label": "", "text": note}


def _attachment(bulletin: Bulletin, place: int, attachment: Attachment) -> Json:
    wide = standard.TYPE_AREA[1 if attachment.landscape else 0]
    table = attachment.table
    return {
        "label": script.attachment_label(bulletin, place),
        "title-lines": list(script.title(attachment.title, attachment.landscape)),
        "landscape": attachment.landscape,
        "table": _table(table, wide, titled=table.title != attachment.title)
        | {"inset": _inset(attachment)},
    }


def _items(bulletin: Bulletin) -> list[Json]:
    items: list[Json] = []
    for item in script.body(bulletin):
        if isinstance(item, script.Line):
            items.append({"kind": "line", "level": item.level, "text": item.text})
        elif isinstance(item, Chart):
            items.append(_chart(item))
        else:
            items.append(_table(item, standard.TYPE_AREA[0]))
    return items


def _chart(chart: Chart) -> Json:
    return {
        "kind": "chart",
        "svg": pictures.svg(chart),
        "alt": chart.alt or script.chart_title(chart),
        "source": script.source_note(chart),
    }


def _table(table: Table, wide_mm: float, titled: bool = True) -> Json:
    widths = script.column_widths(table, wide_mm * standard.MM_TO_PT, _PADDING)
    return {
        "kind": "table",
        "title": full_width(table.title) if titled else "",
        "unit": full_width(table.unit_note),
        "note": f"注：{full_width(table.footnote)}" if table.footnote else "",
        "size": script.table_size(table, wide_mm * standard.MM_TO_PT, _PADDING),
        "columns": [
            {"width": wide, "align": column.align.value}
            for column, wide in zip(table.columns, widths, strict=True)
        ],
        "heads": [
            [{"text": head.text, "columns": head.columns, "rows": head.rows} for head in row]
            for row in script.heads(table)
        ],
        "rows": [[cell.text for cell in row] for row in table.rows],
        "total": table.total_row,
        "whole": script.stays_whole(table),
        "inset": _INSETS[0],
    }


def _inset(attachment: Attachment) -> float:
    """Points above and below a row's text: less where a page would be short by a few rows.

    What is far too long for a page goes on over the next as it is.
    """
    table, wide = attachment.table, standard.TYPE_AREA[1 if attachment.landscape else 0]
    tall = standard.TYPE_AREA[0 if attachment.landscape else 1] * standard.MM_TO_PT
    size = script.table_size(table, wide * standard.MM_TO_PT, _PADDING)
    lines = len(script.title(attachment.title, attachment.landscape))
    room = tall - standard.LINE_PITCH * (3 + lines)
    room -= 2 * standard.SIZE_5 * (bool(table.footnote) + bool(table.unit_note))
    rows = len(table.rows) + len(script.heads(table))
    found = (room / rows - size) / 2
    return min(_INSETS[0], found) if found >= _INSETS[1] else _INSETS[0]
