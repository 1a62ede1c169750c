"""The parts of an official document in their order: red head, body, ending, attachments."""

import io
from typing import Final

from docx.document import Document
from docx.shared import Mm

from dashboard.briefing import pictures, script, standard
from dashboard.briefing.content import Attachment, Bulletin, Chart
from dashboard.briefing.typography import printable
from dashboard.briefing.word import page
from dashboard.briefing.word.styles import HEAD_LINE, PITCH, indents
from dashboard.briefing.word.tables import table
from dashboard.briefing.word.xml import Element, element, paragraph, run, twips, value

_PICTURE_MM: Final = 150
_LANDSCAPE_MM: Final = standard.TYPE_AREA[1]


def add(document: Document, *made: Element) -> None:
    """Puts elements at the end, in front of the last section's properties."""
    properties = document.element.body.sectPr
    for one in made:
        properties.addprevious(one)


def head(document: Document, bulletin: Bulletin) -> None:
    """版头 and the title: issuer in red, number, red rule (7.2, 7.3.1)."""
    add(document, paragraph("Mark", "　".join(script.marks(bulletin))))
    lines, size = script.head_lines(bulletin)
    # Its top edge is 35 mm below that of the type area; Word sets a line's foot at four fifths.
    free = HEAD_LINE * 0.8 - size * 20 * 0.86
    above = twips(standard.HEAD_BELOW_TOP) - PITCH - round(free)
    issuer = paragraph("Issuer", "", element("w:spacing", {"w:before": above}))
    half_points = round(size * 2)
    issuer.append(run("\n".join(lines), value("w:sz", half_points), value("w:szCs", half_points)))
    rule: dict[str, str | int] = {
        "w:val": "single",
        "w:sz": 12,
        "w:space": round(standard.RULE_BELOW_NUMBER * standard.MM_TO_PT),
        "w:color": standard.RED,
    }
    borders = element("w:pBdr", None, element("w:bottom", rule))
    number = bulletin.document_number or script.DRAFT
    add(document, issuer, paragraph("Number", number, borders))
    add(document, paragraph("Title", "\n".join(script.title(bulletin.title))))
    if script.subtitle(bulletin):
        add(document, paragraph("Subtitle", script.subtitle(bulletin)))


def body(document: Document, bulletin: Bulletin) -> None:
    """主送机关, the text under its headings, tables and pictures."""
    add(document, paragraph("Recipients", script.recipients(bulletin)))
    for item in script.body(bulletin):
        if isinstance(item, script.Line):
            style = f"Heading{item.level}" if item.level else "BodyText"
            add(document, paragraph(style, item.text))
        elif item.kind == "chart":
            _picture(document, item)
        else:
            add(document, *table(item, standard.TYPE_AREA[0]))


def _picture(document: Document, chart: Chart) -> None:
    """The chart as a picture whose alternative text says what it shows."""
    image = io.BytesIO(pictures.png(chart))
    inline = document.part.new_pic_inline(image, width=Mm(_PICTURE_MM))
    described = inline.docPr
    described.set("name", printable(script.chart_title(chart)))
    described.set("descr", printable(chart.alt) or script.chart_title(chart))
    holder = paragraph("Picture")
    holder.append(element("w:r", None, element("w:drawing", None, inline)))
    add(document, holder, paragraph("TableNote", script.source_note(chart)))


def ending(document: Document, bulletin: Bulletin) -> None:
    """附件说明, signature and date, never on a page without text (7.3.4, 7.3.5)."""
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    notes = script.attachment_notes(bulletin)
    # A name that runs on goes on below its first character: 附件： is 3 wide, a number 1.
    wide = 100 if len(notes) > 1 else 0
    for place, note in enumerate(notes):
        first = place == 0
        above = element("w:spacing", {"w:before": PITCH if first else 0})
        hang = indents(standard.SIZE_3, first=-wide - (300 if first else 0), left=500 + wide)
        add(document, paragraph("AttachmentNote", f"附件：{note}" if first else note, above, hang))
    space = element("w:spacing", {"w:before": 3 * PITCH})
    add(document, paragraph("Signatory", bulletin.signatory, space))
    if script.dated(bulletin):
        add(document, paragraph("Date", script.dated(bulletin)))


def attachments(document: Document, bulletin: Bulletin) -> None:
    """Each on pages of its own, its number at the top left, its title in the third line (7.3.7)."""
    for place, attachment in enumerate(bulletin.attachments, 1):
        page.begin(document, attachment.landscape)
        lines = script.title(attachment.title, attachment.landscape)
        add(document, paragraph("AttachmentLabel", script.attachment_label(bulletin, place)))
        add(document, paragraph("AttachmentTitle", "\n".join(lines)))
        wide = _LANDSCAPE_MM if attachment.landscape else standard.TYPE_AREA[0]
        add(document, *table(attachment.table, wide, titled=_has_own_title(attachment)))


def _has_own_title(attachment: Attachment) -> bool:
    return attachment.table.title != attachment.title
