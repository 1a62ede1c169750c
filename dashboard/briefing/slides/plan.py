"""What stands on each slide, and where: one message a slide, nothing beyond its box.

All is decided here, before anything is written, so that it can be tested: see measure for how much
a box is taken to hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dashboard.briefing import script
from dashboard.briefing.content import Bulletin, Chart, Section, Table
from dashboard.briefing.lights import LEGEND, has_glyphs
from dashboard.briefing.slides import chart_fit, measure, table_fit
from dashboard.briefing.slides.measure import BESIDE, CHART, CONTENT, LEADING, REMARK_SIZE, Box
from dashboard.briefing.slides.table_fit import Laid
from dashboard.briefing.typography import full_width, one_line

CONTINUED: Final = "（续）"
CAPTION: Final = 28.0
_STRIP: Final = 112.0
"""Lines above a table: as high as this, and no more."""
_ITEMS: Final = 6
_STRIP_SIZES: Final = (24.0, 22.0, 20.0)


@dataclass(frozen=True)
class Item:
    """A line of a slide; a heading stands out and is not indented."""

    text: str
    is_heading: bool = False


@dataclass(frozen=True)
class Page:
    """One slide. `visual_box` holds caption, visual and remark."""

    title: str
    eyebrow: str = ""
    items: tuple[Item, ...] = ()
    size: float = measure.LINE_SIZES[-1]
    text_box: Box = CONTENT
    visual: Chart | Laid | None = None
    visual_box: Box = CONTENT
    top: float | None = None
    """Where a chart's axis ends; the same for all slides of one chart."""
    caption: str = ""
    unit: str = ""
    remark: str = ""


def section_pages(place: int, section: Section) -> list[Page]:
    """A section's slides; the first bears its message."""
    eyebrow = one_line(script.section_heading(place, section))
    message = one_line(full_width(section.message)) or one_line(full_width(section.heading))
    pages: list[Page] = []
    for items, visual in _groups(section):
        title = message + (CONTINUED if pages else "")
        if pages and items and items[0].is_heading:
            title, items = items[0].text, items[1:]
        elif pages and visual is not None and visual.title:
            title = one_line(full_width(visual.title))
        pages += _group_pages(title, items, visual)
    return [replace(page, eyebrow=eyebrow) for page in pages or [Page(message)]]


def attachment_pages(bulletin: Bulletin) -> list[Page]:
    """The last slide: which attachments there are."""
    items = [
        Item(one_line(f"{script.attachment_label(bulletin, place)}　{full_width(each.title)}"))
        for place, each in enumerate(bulletin.attachments, 1)
    ]
    return _text_pages("附件", items) if items else []


def _groups(section: Section) -> Iterator[tuple[list[Item], Chart | Table | None]]:
    """Each chart and table with the lines before it; then the lines that are left."""
    items: list[Item] = []
    for block in script.section_body(section):
        if isinstance(block, script.Line):
            items += _sentences(block)
        elif _has_figures(block):
            yield items, block
            items = []
    if items:
        yield items, None


def _has_figures(block: Chart | Table) -> bool:
    if isinstance(block, Table):
        return bool(block.rows and block.columns)
    return bool(block.categories and block.series)


def _sentences(line: script.Line) -> list[Item]:
    """A paragraph as short lines, one a sentence; its last mark is not needed there."""
    if line.level:
        return [Item(one_line(line.text), is_heading=True)]
    parts = line.text.replace("。", "。\n").split("\n")
    return [Item(one_line(part).strip().rstrip("。")) for part in parts if part.strip(" 。\n\r")]


def _group_pages(title: str, items: list[Item], visual: Chart | Table | None) -> list[Page]:
    if isinstance(visual, Chart):
        return _with_chart(title, items, visual)
    if isinstance(visual, Table):
        return _with_table(title, items, visual)
    return _text_pages(title, items)


def _text_pages(title: str, items: list[Item]) -> list[Page]:
    """Lines alone, at the largest size at which the fullest of their slides holds them."""
    if not items:
        return [Page(title)]
    smallest = measure.LINE_SIZES[-1]
    pieces = [
        Item(text, item.is_heading)
        for item in items
        for text in measure.cut(item.text, smallest, CONTENT)
    ]
    parts: list[Sequence[Item]] = list(_filled(pieces, smallest))
    even = measure.evenly(pieces, -(-len(pieces) // max(len(parts), 1)))
    if all(_size(part, CONTENT) for part in even):
        parts = even
    size = min(_size(part, CONTENT) or smallest for part in parts)
    return [
        Page(title + (CONTINUED if place else ""), items=tuple(part), size=size)
        for place, part in enumerate(parts)
    ]


def _filled(items: Sequence[Item], size: float) -> Iterator[list[Item]]:
    """As many lines on each slide as fit; a heading goes over with what it heads."""
    page: list[Item] = []
    for item in items:
        fits = measure.height(_texts([*page, item]), size, CONTENT.width) <= CONTENT.height
        if page and (not fits or sum(not one.is_heading for one in page) == _ITEMS):
            over = [page.pop()] if page[-1].is_heading and len(page) > 1 else []
            yield page
            page = over
        page.append(item)
    if page:
        yield page


def _texts(items: Sequence[Item]) -> list[str]:
    return [item.text for item in items]


def _size(
    items: Sequence[Item], box: Box, sizes: Sequence[float] = measure.LINE_SIZES
) -> float | None:
    return measure.largest(sizes, _texts(items), box)


def _with_chart(title: str, items: list[Item], chart: Chart) -> list[Page]:
    """Lines at the left and the chart at the right; each on its own where one needs the room."""
    size = _size(items, BESIDE, measure.LINE_SIZES[1:])
    if items and size and len(items) <= _ITEMS + 2 and chart_fit.stands_beside(chart):
        page = Page(title, items=tuple(items), size=size, text_box=BESIDE)
        return [_charted(page, chart, chart, CHART)]
    pages = _text_pages(title, items) if items else []
    question = one_line(full_width(chart.title)) or title
    for place, part in enumerate(chart_fit.parts(chart)):
        told = (question if pages else title) + (CONTINUED if place else "")
        pages.append(_charted(Page(told), chart, part, CONTENT))
    return pages


def _charted(page: Page, whole: Chart, part: Chart, box: Box) -> Page:
    notes = [chart_fit.missing(part), script.source_note(part)]
    remark = one_line("　".join(note for note in notes if note))
    fitting = measure.clipped(remark, REMARK_SIZE, box.width, 2)
    return replace(page, visual=part, visual_box=box, top=chart_fit.top(whole), remark=fitting)


def _with_table(title: str, items: list[Item], table: Table) -> list[Page]:
    """Few lines above the table; more of them on slides of their own before it."""
    footnote = one_line(f"注：{full_width(table.footnote)}") if table.footnote else ""
    legend = LEGEND if has_glyphs(table) else ""
    remark = "　".join(note for note in (footnote, legend) if note)
    after: list[Item] = []
    if measure.lines(remark, REMARK_SIZE, CONTENT.width) > 2:
        remark, after = legend, [Item(footnote)]
    strip = Box(CONTENT.left, CONTENT.top, CONTENT.width, _STRIP)
    size = _size(items, strip, _STRIP_SIZES) if len(items) <= 3 else None
    pages = _tables(title, items, size, table, remark) if size or not items else None
    if pages is None:
        named = one_line(full_width(table.title)) or title
        pages = _text_pages(title, items) + (_tables(named, [], None, table, remark) or [])
    return pages + (_text_pages(title + CONTINUED, after) if after else [])


def _tables(
    title: str, items: list[Item], size: float | None, table: Table, remark: str
) -> list[Page] | None:
    """The table's slides, the first with the lines; None where that has no room for both."""
    named = one_line(full_width(table.title))
    page = Page(title, unit=one_line(full_width(table.unit_note)), remark=remark)
    above = 0.0
    if items and size:
        above = measure.height(_texts(items), size, CONTENT.width) + size * 0.6
        box = CONTENT.head(above)
        page = replace(page, items=tuple(items), size=size, text_box=box)
    pages: list[Page] = []
    for part in table_fit.by_columns(table):
        spare = CAPTION + remark_height(remark, CONTENT.width)
        over = 0.0 if pages else above
        first, others = CONTENT.height - over - spare, CONTENT.height - spare
        split = table_fit.split(part, first, others)
        if split is None:
            return None
        for rows in split:
            if pages:
                page = replace(page, title=(named or title) + CONTINUED, items=())
            caption = "" if page.title.startswith(named) else named
            box = CONTENT if pages else CONTENT.below(above)
            pages.append(replace(page, visual=rows, visual_box=box, caption=caption))
    return pages


def remark_height(remark: str, wide: float) -> float:
    """What the note below a chart or table takes; 0 without one."""
    if not remark:
        return 0.0
    return measure.lines(remark, REMARK_SIZE, wide) * REMARK_SIZE * LEADING + 6
