"""The bulletin as one HTML file that opens on a computer without any network.

Nothing is fetched and nothing runs: styles stand in the file, charts are drawings in it, and its
Content-Security-Policy forbids all else. Texts are escaped by the template's autoescape.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, StrictUndefined, Template

from dashboard.briefing import pictures, script
from dashboard.briefing.content import Align, Bulletin, Chart, Table
from dashboard.briefing.typography import full_width
from dashboard.figures import moment

_TEMPLATE: Final = Path(__file__).with_name("bulletin.html.j2")
_LIGHTS: Final = ("green", "yellow", "red")


@dataclass(frozen=True)
class _Place:
    """A heading that the contents name: its address within the file and its words."""

    anchor: str
    text: str


def render(bulletin: Bulletin) -> bytes:
    """UTF-8 HTML. Raises fonts.NoChineseFont."""
    items, contents = _items(bulletin)
    attachments = [
        {
            "anchor": f"a{place}",
            "label": script.attachment_label(bulletin, place),
            "title": full_width(one.title),
            "table": one.table,
        }
        for place, one in enumerate(bulletin.attachments, 1)
    ]
    copies, printer, printed = script.imprint(bulletin)
    return (
        _template()
        .render(
            bulletin=bulletin,
            marks=script.marks(bulletin),
            number=bulletin.document_number or script.DRAFT,
            title=full_width(bulletin.title),
            subtitle=script.subtitle(bulletin),
            recipients=script.recipients(bulletin),
            contents=contents,
            items=items,
            notes=script.attachment_notes(bulletin),
            attachments=attachments,
            dated=script.dated(bulletin),
            copies=copies,
            printer=printer,
            printed=printed,
            cut_off=moment(bulletin.cut_off),
        )
        .encode()
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"heads": script.heads, "drawing": _drawing, "full": full_width}
    environment.filters |= {"source": script.source_note, "question": script.chart_title}
    environment.tests |= {"table": _is_table, "chart": _is_chart}
    environment.globals |= {"side": _side, "lights": _LIGHTS}
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))


def _items(bulletin: Bulletin) -> tuple[list[object], list[_Place]]:
    """The body's lines, tables and charts; a heading of level 1 is a place of the contents."""
    items: list[object] = []
    contents: list[_Place] = []
    for item in script.body(bulletin):
        if isinstance(item, script.Line) and item.level == 1:
            contents.append(_Place(f"s{len(contents) + 1}", item.text))
            items.append(contents[-1])
        else:
            items.append(item)
    return items, contents


def _is_table(item: object) -> bool:
    return isinstance(item, Table)


def _is_chart(item: object) -> bool:
    return isinstance(item, Chart)


def _drawing(chart: Chart) -> str:
    """The chart's SVG, which the template takes as it is: its texts were escaped in drawing."""
    return pictures.svg(chart, False)


def _side(align: Align) -> str:
    return align.value
