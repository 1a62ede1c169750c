"""Elements of DrawingML that python-pptx has no words for, and the font of every run."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import BaseOxmlElement, OxmlElement

Element: TypeAlias = BaseOxmlElement

FONT: Final = "微软雅黑"
"""On every office's computer, and plain enough to be read from the back row."""
_SCRIPTS: Final = ("a:latin", "a:ea")
_RUNS: Final = ("a:rPr", "a:defRPr", "a:endParaRPr")


def element(
    tag: str, attributes: Mapping[str, str | int] | None = None, *children: Element
) -> Element:
    """An element such as "a:ln" with attributes such as {"w": 12700}."""
    made: Element = OxmlElement(tag)
    for name, said in (attributes or {}).items():
        made.set(name, str(said))
    made.extend(children)
    return made


def solid(colour: str) -> Element:
    """A fill: six hexadecimal digits, or a colour of the theme ("accent1")."""
    kind = "a:srgbClr" if len(colour) == 6 else "a:schemeClr"
    return element("a:solidFill", None, element(kind, {"val": colour}))


def set_fonts(root: Element) -> None:
    """Names the font on every run below, for Chinese characters and for all others."""
    for run in root.iter(qn("a:r"), qn("a:fld")):
        if run.find(qn("a:rPr")) is None:
            run.insert(0, element("a:rPr"))
    for properties in root.iter(*(qn(tag) for tag in _RUNS)):
        properties.attrib.pop("smtClean", None)
        properties.attrib.pop("dirty", None)
        if properties.tag != qn("a:defRPr"):
            properties.set("lang", "zh-CN")
            properties.set("altLang", "en-US")
        for tag in (*_SCRIPTS, "a:cs"):
            for old in properties.findall(qn(tag)):
                properties.remove(old)
        properties.extend(element(tag, {"typeface": FONT}) for tag in _SCRIPTS)
