"""Writes what the plan has into the deck: placeholders, marks, footers, notes."""

from copy import deepcopy
from typing import Any, Final

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.util import Pt

from dashboard.briefing import script
from dashboard.briefing.content import Bulletin, Chart
from dashboard.briefing.slides import charts, measure, notes, tables
from dashboard.briefing.slides.master import (
    ACCENT,
    COVER_LINES,
    COVER_TITLE,
    INK,
    MUTED,
    place,
)
from dashboard.briefing.slides.measure import LEADING, TITLE_LEADING, Box, clipped
from dashboard.briefing.slides.plan import CAPTION, Page, remark_height
from dashboard.briefing.slides.xml import element, set_fonts, solid
from dashboard.briefing.typography import full_width, one_line, title_lines, width
from dashboard.policy.periods import Period

_COVER_SIZES: Final = (40.0, 36.0, 32.0, 28.0, 24.0)
_COVER_LINE: Final = 22.0
_COVER_LEADING: Final = 1.6
_CAPTION_SIZE: Final = 16.0


def describe(deck: Deck, bulletin: Bulletin) -> None:
    """Title, author and times of the file: those of the content, not of the machine's clock."""
    told = deck.core_properties
    told.title = one_line(bulletin.title)[:255]
    told.author = told.last_modified_by = one_line(bulletin.issuer)[:255]
    told.subject = one_line(bulletin.document_number)[:255]
    told.category = bulletin.kind.value
    told.keywords = "　".join((bulletin.unit_name, bulletin.period, *script.marks(bulletin)))[:255]
    told.language = "zh-CN"
    told.created = told.modified = script.moment(bulletin).replace(tzinfo=None)
    told.revision = 1


def cover(deck: Deck, bulletin: Bulletin) -> None:
    """The first slide: what it is, of whom, for which quarter, by whom and of when."""
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    text = one_line(full_width(bulletin.title))
    broken, size = _cover_title(text)
    _fill(slide.shapes.title, ["\v".join(broken)], size, TITLE_LEADING, bold=True)
    number = bulletin.document_number
    lines = [
        f"{bulletin.unit_name}　{Period.parse(bulletin.period).label}",
        bulletin.issuer,
        "　".join(part for part in (number, script.dated(bulletin) or script.DRAFT) if part),
    ]
    lines += [f"更正{bulletin.corrects}"] if bulletin.corrects else []
    fitted = [clipped(one_line(line), _COVER_LINE, COVER_LINES.width, 1) for line in lines]
    _fill(slide.placeholders[1], fitted, _COVER_LINE, _COVER_LEADING)
    _finish(slide, bulletin, notes.cover(bulletin))


def _cover_title(text: str) -> tuple[tuple[str, ...], float]:
    """The title broken between words, and the largest size at which it stands in its box."""
    for size in _COVER_SIZES:
        lines = title_lines(text, COVER_TITLE.width / size - 1)
        high = len(lines) * size * TITLE_LEADING
        if high <= COVER_TITLE.height and max(map(width, lines)) * size <= COVER_TITLE.width:
            return lines, size
    size = _COVER_SIZES[-1]
    most = int(COVER_TITLE.height / (size * TITLE_LEADING))
    return (clipped(text, size, COVER_TITLE.width, most),), size


def page(deck: Deck, bulletin: Bulletin, made: Page, told: str) -> None:
    """One slide of the plan, `told` in its notes."""
    slide = deck.slides.add_slide(deck.slide_layouts[1 if made.items else 2])
    text, size = fitting_title(made.title)
    _fill(slide.shapes.title, [text], size, TITLE_LEADING, bold=True)
    if made.items:
        _lines(slide, made)
    if made.eyebrow:
        eyebrow = clipped(made.eyebrow, measure.EYEBROW_SIZE, measure.EYEBROW.width, 1)
        _text(slide, measure.EYEBROW, eyebrow, measure.EYEBROW_SIZE, ACCENT, bold=True)
    if made.visual is not None:
        _visual(slide, bulletin, made)
    _finish(slide, bulletin, told)


def fitting_title(title: str) -> tuple[str, float]:
    """The title and the largest size at which it takes one line, or else two."""
    wide = measure.TITLE.width
    for most in (1, 2):
        for size in measure.TITLE_SIZES:
            too_high = most * size * TITLE_LEADING > measure.TITLE.height
            if (
                not too_high
                and measure.lines(title, size, wide) <= most
                and size >= 24 - 4 * (most - 1)
            ):
                return title, size
    size = measure.TITLE_SIZES[-1]
    return clipped(title, size, wide, int(measure.TITLE.height / (size * TITLE_LEADING))), size


def _fill(shape: Any, lines: list[str], size: float, leading: float, bold: bool = False) -> None:
    """Paragraphs of a placeholder, their line height fixed: it is the same with any font."""
    frame = shape.text_frame
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.line_spacing, paragraph.space_before = Pt(size * leading), Pt(0)
        for at, part in enumerate(line.split("\v")):
            if at:
                paragraph.add_line_break()
            run = paragraph.add_run()
            run.text, run.font.size, run.font.bold = part, Pt(size), bold or None


def _lines(slide: Slide, made: Page) -> None:
    shape = slide.placeholders[1]
    place(shape, made.text_box)
    _fill(shape, [item.text for item in made.items], made.size, LEADING)
    for number, (paragraph, item) in enumerate(
        zip(shape.text_frame.paragraphs, made.items, strict=True)
    ):
        paragraph.space_before = Pt(made.size * measure.APART if number else 0)
        if item.is_heading:
            properties = paragraph._p.get_or_add_pPr()
            properties.set("marL", "0")
            properties.set("indent", "0")
            properties.append(element("a:buNone"))
            paragraph.runs[0].font.bold = True
            paragraph.runs[0].font.color.rgb = RGBColor.from_string(ACCENT)


def _visual(slide: Slide, bulletin: Bulletin, made: Page) -> None:
    """The chart or table between its caption and its remark."""
    box, remark = made.visual_box, remark_height(made.remark, made.visual_box.width)
    if isinstance(made.visual, Chart):
        room = box.without_foot(remark)
        charts.add(slide, made.visual, room, made.top, script.moment(bulletin))
        foot = box.foot(remark)
    elif made.visual is not None:
        above = CAPTION if made.caption or made.unit else 0.0
        _captions(slide, made, sum(made.visual.widths))
        room = box.below(above)
        name = one_line(full_width(made.visual.table.title)) or made.title
        high = tables.add(slide, made.visual, room, name)
        foot = Box(box.left, room.top + high + 4, box.width, remark)
    if remark:
        _text(slide, foot, made.remark, measure.REMARK_SIZE, MUTED)


def _captions(slide: Slide, made: Page, full: float) -> None:
    """A table's title at the left and its unit at the right."""
    wide = full / 2
    start = made.visual_box.left + (made.visual_box.width - full) / 2
    left = Box(start, made.visual_box.top, wide, CAPTION)
    right = Box(start + wide, made.visual_box.top, wide, CAPTION)
    if made.caption:
        said = clipped(made.caption, _CAPTION_SIZE, wide, 1)
        _text(slide, left, said, _CAPTION_SIZE, INK, bold=True)
    if made.unit:
        said = clipped(made.unit, _CAPTION_SIZE, wide, 1)
        _text(slide, right, said, _CAPTION_SIZE, MUTED, align=PP_ALIGN.RIGHT)


def _text(
    slide: Slide,
    box: Box,
    text: str,
    size: float,
    colour: str,
    bold: bool = False,
    align: PP_ALIGN = PP_ALIGN.LEFT,
) -> Any:
    """A text box with one paragraph, without margins."""
    shape = slide.shapes.add_textbox(*(Pt(e) for e in (box.left, box.top, box.width, box.height)))
    frame = shape.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = frame.paragraphs[0]
    paragraph.alignment, paragraph.line_spacing = align, Pt(size * LEADING)
    run = paragraph.add_run()
    run.text, run.font.size, run.font.bold = text, Pt(size), bold
    run.font.color.rgb = RGBColor.from_string(colour)
    return shape


def _finish(slide: Slide, bulletin: Bulletin, told: str) -> None:
    """Marks, footer, number, notes; and the fonts of all that was written."""
    _marks(slide, bulletin)
    number = bulletin.document_number or script.DRAFT
    footer = one_line(f"{bulletin.unit_name}　{bulletin.kind.value}　{number}")
    for shape in slide.slide_layout.placeholders:
        kind = shape._element.find(f".//{qn('p:ph')}").get("type")
        if kind in ("ftr", "sldNum"):
            copied = deepcopy(shape._element)
            slide.shapes._spTree.append(copied)
            if kind == "ftr":
                made = slide.shapes[-1]
                made.text_frame.text = clipped(footer, measure.FOOTER_SIZE, measure.FOOTER.width, 1)
    for number_, named in enumerate(slide._element.iter(qn("p:cNvPr")), 1):
        named.set("id", str(number_))
    slide.notes_slide.notes_text_frame.text = told
    for part in (slide, slide.notes_slide):
        set_fonts(part._element)


def _marks(slide: Slide, bulletin: Bulletin) -> None:
    """演示数据, 草稿: framed, at the top right of every slide."""
    right = measure.MARKS.right
    for mark in reversed(script.marks(bulletin)):
        wide = measure.length(mark) * 16 + 20
        box = Box(right - wide, measure.MARKS.top, wide, measure.MARKS.height)
        shape = _text(slide, box, mark, 16, ACCENT, bold=True, align=PP_ALIGN.CENTER)
        shape.name = mark
        line = element("a:ln", {"w": Pt(1.25)}, solid("accent1"))
        shape._element.spPr.append(line)
        right -= wide + 10
