"""Text boxes: what stands at a fixed place of a page, whatever flows around it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from dashboard.briefing.word.xml import Element

_EMU_A_MM: Final = 36000


@dataclass(frozen=True)
class Frame:
    """Where a box is: `across` and `down` are elements of DrawingML, `size` is in millimetres."""

    id: int
    name: str
    across: str
    down: str
    relative_to: str
    size: tuple[float, float]
    text: str
    """Attributes of the text's body: its direction and where it is anchored."""


def emu(mm: float) -> int:
    return round(mm * _EMU_A_MM)


def frame(content: Iterable[Element], box: Frame) -> Element:
    """A run that holds the box, without a border, over nothing and under nothing."""
    made: Element = parse_xml(
        _FRAME.format(
            namespaces=nsdecls("w", "wp", "a"),
            box=box,
            width=emu(box.size[0]),
            height=emu(box.size[1]),
        )
    )
    made.find(f".//{qn('w:txbxContent')}").extend(content)
    return made


_FRAME: Final = """
<w:r {namespaces} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
 xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">
<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>
<wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="2" behindDoc="0"
 locked="0" layoutInCell="1" allowOverlap="1">
<wp:simplePos x="0" y="0"/>
<wp:positionH relativeFrom="{box.relative_to}">{box.across}</wp:positionH>
<wp:positionV relativeFrom="{box.relative_to}">{box.down}</wp:positionV>
<wp:extent cx="{width}" cy="{height}"/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapNone/>
<wp:docPr id="{box.id}" name="{box.name}" descr="{box.name}"/><wp:cNvGraphicFramePr/>
<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">
<wps:wsp><wps:cNvSpPr txBox="1"/>
<wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>
<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/><a:ln><a:noFill/></a:ln></wps:spPr>
<wps:txbx><w:txbxContent/></wps:txbx>
<wps:bodyPr {box.text} wrap="square" lIns="0" tIns="0" rIns="0" bIns="0"/>
</wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice></mc:AlternateContent>
</w:r>"""
