"""The deck that slides are put into: 16:9, white, one dark red accent, three layouts.

It starts from python-pptx's own template, of which the measures, colours, fonts and spare layouts
are replaced: what is added later in PowerPoint looks like the rest.
"""

from typing import Final

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR
from pptx.opc.constants import RELATIONSHIP_TYPE as RELATION
from pptx.opc.oxml import serialize_part_xml
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Deck
from pptx.slide import SlideLayout, SlideMaster
from pptx.util import Pt

from dashboard.briefing.slides import measure
from dashboard.briefing.slides.measure import Box
from dashboard.briefing.slides.xml import FONT, Element, element, set_fonts, solid

ACCENT, INK, MUTED, LINE, SHADE = "9E1B1E", "2B2B2B", "5F6368", "C9C9C9", "F3F1EF"
_COLOURS: Final = {
    "dk1": INK,
    "lt1": "FFFFFF",
    "dk2": MUTED,
    "lt2": SHADE,
    "accent1": ACCENT,
    "accent2": "7A7A7A",
    "accent3": "D9A3A0",
    "accent4": "BDBDBD",
    "accent5": "4A4A4A",
    "accent6": "EAD1CF",
    "hlink": ACCENT,
    "folHlink": MUTED,
}
_TITLE_LAYOUT, _LINES_LAYOUT, _BARE_LAYOUT = 0, 1, 5
COVER_TITLE: Final = Box(80, 110, 800, 160)
COVER_LINES: Final = Box(80, 312, 800, 150)


def empty() -> Deck:
    """A deck without slides. Layouts: 0 cover, 1 title and lines, 2 title alone."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Pt(measure.SLIDE[0]), Pt(measure.SLIDE[1])
    _only_needed_layouts(deck)
    package = deck.part.package
    for name in [name for name, one in package._rels.items() if one.reltype == RELATION.THUMBNAIL]:
        package.drop_rel(name)
    master = deck.slide_master
    _theme(master)
    _master(master)
    cover, lines, bare = deck.slide_layouts
    for layout, name in ((cover, "封面"), (lines, "标题和文字"), (bare, "仅标题")):
        layout.name = name
        _layout(layout)
    _cover(cover)
    for page in (master, *deck.slide_layouts):
        set_fonts(page._element)
    return deck


def _only_needed_layouts(deck: Deck) -> None:
    kept = (_TITLE_LAYOUT, _LINES_LAYOUT, _BARE_LAYOUT)
    for place, layout in list(enumerate(deck.slide_layouts)):
        if place not in kept:
            deck.slide_layouts.remove(layout)


def _theme(master: SlideMaster) -> None:
    """Colours and fonts by which PowerPoint offers them for what is added."""
    part = master.part.part_related_by(RELATION.THEME)
    root = parse_xml(part.blob)
    for name, colour in _COLOURS.items():
        holder = root.find(f".//{qn('a:clrScheme')}/{qn(f'a:{name}')}")
        for old in list(holder):
            holder.remove(old)
        holder.append(element("a:srgbClr", {"val": colour}))
    for kind in ("a:majorFont", "a:minorFont"):
        for script in ("a:latin", "a:ea"):
            root.find(f".//{qn(kind)}/{qn(script)}").set("typeface", FONT)
        for one in root.findall(f".//{qn(kind)}/{qn('a:font')}"):
            if one.get("script") == "Hans":
                one.set("typeface", FONT)
    part._blob = serialize_part_xml(root)


def place(shape: object, box: Box) -> None:
    """Puts a shape into a box."""
    for name, points in (
        ("left", box.left),
        ("top", box.top),
        ("width", box.width),
        ("height", box.height),
    ):
        setattr(shape, name, Pt(points))


_BOXES: Final = {
    "title": measure.TITLE,
    "body": measure.CONTENT,
    "ftr": measure.FOOTER,
    "sldNum": measure.NUMBER,
}


def _master(master: SlideMaster) -> None:
    for shape in list(master.placeholders):
        kind = shape._element.find(f".//{qn('p:ph')}").get("type")
        if kind == "dt":
            shape._element.getparent().remove(shape._element)
            continue
        place(shape, _BOXES[kind])
        frame = shape.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        fitting = frame._bodyPr.find(qn("a:normAutofit"))
        if fitting is not None:
            frame._bodyPr.remove(fitting)
        if kind in ("ftr", "sldNum"):
            _small(shape, "l" if kind == "ftr" else "r")
    styles = master._element.find(qn("p:txStyles"))
    title = styles.find(f"{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    title.set("algn", "l")
    title.find(qn("a:defRPr")).set("sz", "2800")
    title.find(qn("a:defRPr")).set("b", "1")
    _bullets(styles.find(f"{qn('p:bodyStyle')}/{qn('a:lvl1pPr')}"))


def _small(shape: object, align: str) -> None:
    """Footer and number: small and grey."""
    level = shape._element.find(f".//{qn('a:lvl1pPr')}")  # type: ignore[attr-defined]
    level.set("algn", align)
    level.find(qn("a:defRPr")).set("sz", str(round(measure.FOOTER_SIZE * 100)))
    colour = level.find(f".//{qn('a:schemeClr')}")
    colour.set("val", "tx2")
    for tint in list(colour):
        colour.remove(tint)


def _bullets(level: Element) -> None:
    """A small square in the accent's colour before each line."""
    indent = str(Pt(measure.BULLET))
    level.set("marL", indent)
    level.set("indent", f"-{indent}")
    level.find(qn("a:defRPr")).set("sz", "2400")
    font = level.find(qn("a:buFont"))
    font.addprevious(element("a:buClr", None, element("a:schemeClr", {"val": "accent1"})))
    font.addprevious(element("a:buSzPct", {"val": "70000"}))
    level.find(qn("a:buChar")).set("char", "■")


def _layout(layout: SlideLayout) -> None:
    """Places as the master has them, and a rule below the title."""
    for shape in list(layout.placeholders):
        kind = shape._element.find(f".//{qn('p:ph')}").get("type", "body")
        if kind == "dt":
            shape._element.getparent().remove(shape._element)
        elif kind in _BOXES:
            place(shape, _BOXES[kind])
    if "title" in _kinds(layout):
        bar(layout, Box(measure.MARGIN, measure.RULE_AT, measure.FULL, 1.5))


def _kinds(layout: SlideLayout) -> list[str | None]:
    return [one.get("type") for one in layout._element.iter(qn("p:ph"))]


def bar(on: SlideLayout, box: Box) -> None:
    """A filled bar of the accent's colour. A layout offers no way to add a shape: its XML does."""
    tree = on._element.find(f".//{qn('p:spTree')}")
    number = max(int(one.get("id")) for one in tree.iter(qn("p:cNvPr"))) + 1
    edges = (box.left, box.top, box.width, box.height)
    made = tree.add_autoshape(number, "Rule", "rect", *(Pt(edge) for edge in edges))
    style = made.find(qn("p:style"))
    made.remove(style)
    made.spPr.extend([solid("accent1"), element("a:ln", None, element("a:noFill"))])


def _cover(layout: SlideLayout) -> None:
    """A band at the top, the title in the middle, a short rule, the lines below it."""
    bar(layout, Box(0, 0, measure.SLIDE[0], 14))
    bar(layout, Box(measure.SLIDE[0] / 2 - 60, 288, 120, 3))
    title, lines = layout.placeholders[0], layout.placeholders[1]
    for shape, box, anchor in (
        (title, COVER_TITLE, MSO_ANCHOR.BOTTOM),
        (lines, COVER_LINES, MSO_ANCHOR.TOP),
    ):
        place(shape, box)
        shape.text_frame.vertical_anchor = anchor
    level = lines._element.find(f".//{qn('a:lvl1pPr')}")
    level.find(qn("a:defRPr")).set("sz", "2400")
    centre = title._element.find(f".//{qn('a:lstStyle')}")
    centre.append(element("a:lvl1pPr", {"algn": "ctr"}))
    for one in lines._element.iter(qn("a:schemeClr")):
        one.set("val", "tx1")
        for tint in list(one):
            one.remove(tint)
