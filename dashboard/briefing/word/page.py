"""Paper, margins, grid, page numbers and the line of marks above every page."""

from typing import Final

from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml.ns import qn
from docx.section import Section, _BaseHeaderFooter
from docx.shared import Mm

from dashboard.briefing import standard
from dashboard.briefing.word.frames import Frame, emu, frame
from dashboard.briefing.word.styles import PITCH
from dashboard.briefing.word.xml import Element, element, paragraph, run

_CHARACTER_SPACE: Final = round(
    (standard.TYPE_AREA[0] * standard.MM_TO_PT / standard.CHARACTERS - standard.SIZE_3) * 4096
)
"""4096ths of a point by which a character of the body is set closer, so that 28 fill a line."""
_HALF_LINE_MM: Final = standard.SIZE_4 / 2 / standard.MM_TO_PT
_BELOW: Final = standard.BOTTOM - standard.PAGE_NUMBER_BELOW - _HALF_LINE_MM


def first(document: Document, marks: tuple[str, ...]) -> None:
    """Sets up the first section: portrait, numbered, with what every page says of the whole."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    _paper(section, landscape=False)
    _number_pages(section, landscape=False)
    if marks:
        for header in (section.header, section.even_page_header):
            _replace(header, paragraph("Header", "　".join(marks)))


def begin(document: Document, landscape: bool) -> None:
    """A new section on a new page; page numbers and marks go on."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    _end_in_last_paragraph(document)
    _paper(section, landscape)
    _number_pages(section, landscape)


def _end_in_last_paragraph(document: Document) -> None:
    """Takes away the empty paragraph that a section break is made with: it could fill a page."""
    holder = document.element.body.sectPr.getprevious()
    before = holder.getprevious()
    if before.tag == qn("w:p"):
        before.get_or_add_pPr().append(holder.pPr.sectPr)
        document.element.body.remove(holder)


def _paper(section: Section, landscape: bool) -> None:
    """A4 with its margins; a landscape page is a portrait one turned, its head to the binding."""
    short, long = (Mm(side) for side in standard.PAPER)
    margins = [standard.TOP, standard.RIGHT, standard.BOTTOM, standard.LEFT]
    if landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = long, short
        margins = [standard.LEFT, standard.TOP, standard.RIGHT, standard.BOTTOM]
    else:
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = short, long
    above, right, below, left = (Mm(margin) for margin in margins)
    section.top_margin, section.right_margin = above, right
    section.bottom_margin, section.left_margin = below, left
    section.header_distance, section.footer_distance = Mm(15), Mm(_BELOW)
    section.gutter = Mm(0)
    _grid(section)


def _grid(section: Section) -> None:
    properties = section._sectPr
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    grid: dict[str, str | int] = {
        "w:type": "linesAndChars",
        "w:linePitch": PITCH,
        "w:charSpace": _CHARACTER_SPACE,
    }
    properties.append(element("w:docGrid", grid))


def _number_pages(section: Section, landscape: bool) -> None:
    """ "— 1 —": at the right of odd pages and the left of even ones, one character in (7.5)."""
    for footer, style in (
        (section.footer, "PageNumberOdd"),
        (section.even_page_footer, "PageNumberEven"),
    ):
        number = _number(style)
        if landscape:
            holder = paragraph("Header")
            holder.append(_turned(number, style))
            number = holder
        _replace(footer, number)


def _number(style: str) -> Element:
    made = paragraph(style)
    field = element("w:fldSimple", {"w:instr": " PAGE "}, run("1"))
    for part in (run("— "), field, run(" —")):
        made.append(part)
    return made


def _replace(part: _BaseHeaderFooter, content: Element) -> None:
    part.is_linked_to_previous = False
    root = part._element
    for old in list(root):
        root.remove(old)
    root.append(content)


def _turned(number: Element, style: str) -> Element:
    """The page number of a landscape page: where it is on the others once the sheets are bound.

    A frame over the width that the type area has on a portrait page, its text turned with the page.
    """
    deep = 8.0
    across = standard.BOTTOM - standard.PAGE_NUMBER_BELOW - deep / 2
    return frame(
        [number],
        Frame(
            id=9001 if style == "PageNumberOdd" else 9002,
            name="页码",
            across=f"<wp:posOffset>{emu(across)}</wp:posOffset>",
            down=f"<wp:posOffset>{emu(standard.LEFT)}</wp:posOffset>",
            relative_to="page",
            size=(deep, standard.TYPE_AREA[0]),
            text='vert="vert" anchor="ctr"',
        ),
    )
