"""Elements of WordprocessingML in one line each, and lengths in its units."""

import re
from collections.abc import Mapping
from typing import Final

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from dashboard.briefing.standard import MM_TO_PT
from dashboard.briefing.typography import printable

Element = BaseOxmlElement

_LINE_END: Final = re.compile("\r\n|\r|\n")


def element(
    tag: str, attributes: Mapping[str, str | int] | None = None, *children: Element
) -> Element:
    """An element such as "w:jc" with attributes such as {"w:val": "center"}."""
    named = {qn(name): printable(str(said)) for name, said in (attributes or {}).items()}
    made: Element = OxmlElement(tag, attrs=named)
    made.extend(children)
    return made


def twips(mm: float) -> int:
    """Millimetres in twentieths of a point, to the nearest."""
    return round(mm * MM_TO_PT * 20)


def run(text: str, *properties: Element) -> Element:
    """A run of text; a line feed in it is a line break."""
    made = element("w:r")
    if properties:
        made.append(element("w:rPr", None, *properties))
    for place, line in enumerate(_LINE_END.split(printable(text))):
        if place:
            made.append(element("w:br"))
        written = element("w:t", {"xml:space": "preserve"})
        written.text = line
        made.append(written)
    return made


def paragraph(style_id: str, text: str = "", *properties: Element) -> Element:
    """A paragraph of a style; `properties` follow the style in w:pPr, in the schema's order."""
    made = element("w:p", None, element("w:pPr", None, value("w:pStyle", style_id), *properties))
    if text:
        made.append(run(text))
    return made


def value(tag: str, said: str | int) -> Element:
    """An element that has a w:val and nothing else."""
    return element(tag, {"w:val": said})
