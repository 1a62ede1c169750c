"""A bulletin whose texts try to be something else than text, in every part that a document has."""

from dashboard.briefing.content import (
    Attachment,
    Bulletin,
    Cell,
    Chart,
    Column,
    Paragraph,
    Section,
    Series,
    Table,
)
from tests.briefing.sample import bulletin

TEXTS = (
    "=1+1",  # a formula
    "+1+1",
    "-2+3",
    "@SUM(A1)",  # an old formula
    '=HYPERLINK("http://example.invalid","x")',
    "http://example.invalid/",  # what would become a link
    "0012",  # what would lose its zeros as a number
    "<script>alert(1)</script>",
    "{{ 7*7 }}",  # a template's expression
    "&amp;&G",  # an entity; in a header, a picture
    "甲\x00乙\x07丙\x1b丁",  # what XML cannot hold
    "_x0041_",  # what Office files read as an escaped character
)


def hostile() -> Bulletin:
    """The sample with these texts everywhere."""
    table = Table(
        title="[名]:*?/\\'",
        columns=tuple(Column(head=text, width=12) for text in TEXTS[:3]),
        rows=tuple((Cell(text=text), Cell(text=text), Cell(text="7", number=7)) for text in TEXTS),
        unit_note="=单位",
        footnote="=脚注",
    )
    values: tuple[float | None, ...] = (1.0, None, *(float(at) for at in range(len(TEXTS) - 2)))
    texts = tuple("未填报" if value is None else f"{value:.0f}" for value in values)
    chart = Chart(
        mark="bar",
        title="=2+2",
        unit="=3",
        categories=TEXTS,
        series=(Series(name="=A1", values=values, texts=texts),),
        alt="=alt",
        source="=source",
    )
    paragraphs = tuple(Paragraph(text=f"{text}。") for text in TEXTS)
    section = Section(heading="=节", message="=要点", blocks=(*paragraphs, chart, table))
    update = {
        "title": "=通报",
        "issuer": "=机关",
        "opening": "=引言",
        "figures": (),
        "sections": (section,),
        "attachments": (
            Attachment(title="[名]:*?/\\'", table=table),
            Attachment(title="[名]:*?/\\'", table=table),
            Attachment(title="甲" * 60, table=table),
        ),
    }
    return bulletin(0).model_copy(update=update)
