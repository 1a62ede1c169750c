"""What the speaker reads under a slide: all that the slide has no room for."""

from collections.abc import Iterator

from dashboard.briefing import script
from dashboard.briefing.content import Bulletin, Chart, Section, Table
from dashboard.briefing.typography import full_width, one_line


def cover(bulletin: Bulletin) -> str:
    """To whom it goes, the opening, and who answers for it."""
    copies, printer, printed = script.imprint(bulletin)
    said = [
        "　".join(script.marks(bulletin)),
        bulletin.document_number,
        full_width(bulletin.title) + script.subtitle(bulletin),
        script.recipients(bulletin),
        full_width(bulletin.opening),
        bulletin.signatory,
        script.dated(bulletin),
        copies,
        f"{printer} {printed}".strip(),
    ]
    return _text(said)


def of(place: int, section: Section) -> str:
    """A section's whole text, tables and charts included."""
    said = [script.section_heading(place, section), full_width(section.message)]
    for block in script.section_body(section):
        if isinstance(block, script.Line):
            said.append(block.text)
        elif isinstance(block, Chart):
            said += _chart(block)
        else:
            said += _table(block)
    return _text(said)


def attachments(bulletin: Bulletin) -> str:
    """The attachments' tables, to look a figure up when somebody asks."""
    said = []
    for place, one in enumerate(bulletin.attachments, 1):
        said += [f"{script.attachment_label(bulletin, place)} {full_width(one.title)}"]
        said += _table(one.table)
    return _text(said)


def _text(said: list[str]) -> str:
    return "\n".join(one_line(line) for line in said if line)


def _chart(chart: Chart) -> Iterator[str]:
    yield script.chart_title(chart)
    for series in chart.series:
        named = zip(chart.categories, series.texts, strict=True)
        yield f"{series.name}：{'、'.join(f'{name} {text}' for name, text in named)}"
    yield chart.alt
    yield script.source_note(chart)


def _table(table: Table) -> Iterator[str]:
    yield full_width(table.title)
    yield full_width(table.unit_note)
    yield " | ".join(full_width(column.group + column.head) for column in table.columns)
    for row in table.rows:
        yield " | ".join(cell.text for cell in row)
    yield f"注：{full_width(table.footnote)}" if table.footnote else ""
