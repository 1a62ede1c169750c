"""The styles of an official document in Word, and the fonts that may stand in for missing ones."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from dashboard.briefing import standard
from dashboard.briefing.word.xml import Element, element, value

PITCH: Final = round(standard.LINE_PITCH * 20)
"""Twentieths of a point from line to line."""


@dataclass(frozen=True)
class Style:
    """A paragraph style. Indents are in hundredths of a character, spaces above in twips."""

    id: str
    name: str
    font: str = standard.BODY_FONT
    size: float = standard.SIZE_3
    align: Literal["both", "center", "left", "right"] = "both"
    first: int = 0
    left: int = 0
    right: int = 0
    above: int = 0
    below: int = 0
    line: int = PITCH
    """Exact distance of lines; 0 for as much as the content needs."""
    keep_next: bool = False
    outline: int | None = None
    colour: str = ""


HEAD_LINE: Final = 52 * 20
_SINGLE: Final[dict[str, str | int]] = {"w:line": 240, "w:lineRule": "auto"}
_SMALL: Final[dict[str, Any]] = {"size": standard.SIZE_5, "line": 0}

STYLES: Final = (
    Style("Normal", "Normal"),
    Style("Mark", "标注", standard.HEI_FONT, align="left"),
    Style("Issuer", "发文机关标志", standard.TITLE_FONT, 36, "center", line=HEAD_LINE,
          colour=standard.RED),
    Style("Number", "发文字号", align="center", above=2 * PITCH),
    Style("Title", "Title", standard.TITLE_FONT, standard.SIZE_2, "center", above=2 * PITCH,
          line=36 * 20, keep_next=True),
    Style("Subtitle", "Subtitle", standard.KAI_FONT, align="center"),
    Style("Recipients", "主送机关", align="left", above=PITCH),
    Style("BodyText", "Body Text", first=200),
    Style("Heading1", "heading 1", standard.HEI_FONT, first=200, keep_next=True, outline=0),
    Style("Heading2", "heading 2", standard.KAI_FONT, first=200, keep_next=True, outline=1),
    Style("Heading3", "heading 3", first=200, keep_next=True, outline=2),
    Style("Heading4", "heading 4", first=200, keep_next=True, outline=3),
    Style("AttachmentNote", "附件说明", keep_next=True),
    Style("Signatory", "发文机关署名", align="right", right=400, keep_next=True),
    Style("Date", "Date", align="right", right=400),
    Style("AttachmentLabel", "附件序号", standard.HEI_FONT, align="left", keep_next=True),
    Style("AttachmentTitle", "附件标题", standard.TITLE_FONT, standard.SIZE_2, "center",
          above=PITCH, below=120, line=36 * 20, keep_next=True, outline=0),
    Style("TableTitle", "表题", standard.HEI_FONT, standard.SIZE_4, "center", above=120, line=0,
          keep_next=True),
    Style("TableUnit", "表单位", align="right", keep_next=True, **_SMALL),
    Style("TableHead", "表头", standard.HEI_FONT, align="center", keep_next=True, **_SMALL),
    Style("TableText", "表文", align="left", **_SMALL),
    Style("TableNote", "表注", align="left", **_SMALL),
    Style("Picture", "图", align="center", above=120, line=0, keep_next=True),
    Style("Header", "header", standard.HEI_FONT, standard.SIZE_5, "center", line=0),
    Style("PageNumberOdd", "页码单页", standard.SONG_FONT, standard.SIZE_4, "right", right=100,
          line=14 * 20),
    Style("PageNumberEven", "页码双页", standard.SONG_FONT, standard.SIZE_4, "left", left=100,
          line=14 * 20),
    Style("Imprint", "版记", size=standard.SIZE_4, align="left", left=100, right=100, line=24 * 20),
    Style("Anchor", "版记锚点", size=1, line=20),
)  # fmt: skip


def apply(document: Document) -> None:
    """Leaves the template's defaults and tables and replaces its styles by these."""
    root = document.styles.element
    for style in root.findall(qn("w:style")):
        if style.get(qn("w:styleId")) not in ("DefaultParagraphFont", "TableNormal", "NoList"):
            root.remove(style)
    defaults = root.find(qn("w:docDefaults"))
    root.replace(defaults, _defaults())
    for style in STYLES:
        root.append(_style(style))
    for part in document.part.package.iter_parts():
        if part.partname == "/word/fontTable.xml":
            part._blob = _font_table()


def fonts(name: str) -> Element:
    """One font for every script: a document has its figures in the font of its characters."""
    names = {f"w:{script}": name for script in ("ascii", "hAnsi", "eastAsia", "cs")}
    return element("w:rFonts", {"w:hint": "eastAsia", **names})


def _defaults() -> Element:
    language = element("w:lang", {"w:val": "en-US", "w:eastAsia": "zh-CN", "w:bidi": "ar-SA"})
    properties = element("w:rPr", None, fonts(standard.BODY_FONT), value("w:kern", 0), language)
    return element(
        "w:docDefaults",
        None,
        element("w:rPrDefault", None, properties),
        element("w:pPrDefault", None, element("w:pPr")),
    )


def _style(style: Style) -> Element:
    attributes = {"w:type": "paragraph", "w:styleId": style.id}
    made = element("w:style", attributes, value("w:name", style.name))
    if style.id == "Normal":
        made.set(qn("w:default"), "1")
    else:
        made.append(value("w:basedOn", "Normal"))
        if style.outline is not None:
            made.append(value("w:next", "BodyText"))
    made.append(element("w:qFormat"))
    made.append(_paragraph_properties(style))
    half_points = round(style.size * 2)
    made.append(
        element(
            "w:rPr",
            None,
            fonts(style.font),
            *([value("w:color", style.colour)] if style.colour else []),
            value("w:sz", half_points),
            value("w:szCs", half_points),
        )
    )
    return made


def _paragraph_properties(style: Style) -> Element:
    """w:pPr, its children in the order of the schema."""
    made = element("w:pPr")
    if style.keep_next:
        made.append(element("w:keepNext"))
    made.append(element("w:widowControl"))
    # Lines keep the grid's pitch by their exact height, in every program and whatever font stands
    # in; snapping would give a taller font two lines. Characters keep the grid by its charSpace.
    # No gaps between characters and figures: 〔2016〕3号 is one.
    made.extend(value(tag, 0) for tag in ("w:autoSpaceDE", "w:autoSpaceDN", "w:snapToGrid"))
    spacing: dict[str, str | int] = {"w:before": style.above, "w:after": style.below}
    exact: dict[str, str | int] = {"w:line": style.line, "w:lineRule": "exact"}
    spacing |= exact if style.line else _SINGLE
    made.append(element("w:spacing", spacing))
    made.append(indents(style.size, style.first, style.left, style.right))
    made.append(value("w:jc", style.align))
    if style.outline is not None:
        made.append(value("w:outlineLvl", style.outline))
    return made


def indents(size: float, first: int = 0, left: int = 0, right: int = 0) -> Element:
    """Indents in hundredths of a character, and in twips for programs that know no characters.

    A negative `first` hangs the first line out.
    """
    by_name = {"left": left, "right": right, "hanging": max(-first, 0), "firstLine": max(first, 0)}
    attributes: dict[str, str | int] = {}
    for name, hundredths in by_name.items():
        if hundredths or (name == "firstLine" and first == 0):
            attributes[f"w:{name}Chars"] = hundredths
            attributes[f"w:{name}"] = round(hundredths / 100 * size * 20)
    return element("w:ind", attributes)


_STAND_INS: Final = {
    standard.TITLE_FONT: ("方正小标宋_GBK,华文中宋,宋体", "roman"),
    standard.BODY_FONT: ("仿宋,华文仿宋", "modern"),
    standard.KAI_FONT: ("楷体,华文楷体", "modern"),
    standard.HEI_FONT: ("SimHei,微软雅黑", "swiss"),
    standard.SONG_FONT: ("SimSun,华文宋体", "roman"),
}
"""What Word takes where it has no such font, and the kind of its design."""


def _font_table() -> bytes:
    table = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{design}"/><w:pitch w:val="default"/></w:font>'
        for name, (others, design) in _STAND_INS.items()
    )
    root = f"<w:fonts {nsdecls('w')}>{table}</w:fonts>"
    parse_xml(root)
    return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + root.encode()
