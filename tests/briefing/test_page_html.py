"""The HTML file: everything of the content is in it, nothing of the content is markup."""

from lxml import html

from dashboard.briefing import page_html, script
from dashboard.briefing.content import Bulletin, Cell, Chart, Paragraph, Section, Table
from dashboard.briefing.typography import full_width

from . import sample

HOSTILE = (
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "&lt;b&gt; &amp; &#60;",
    '" onmouseover="alert(1)',
    "]]><!-- --><style>*{display:none}</style>",
)


def tree(bulletin: Bulletin) -> html.HtmlElement:
    return html.fromstring(page_html.render(bulletin).decode())


def test_every_text_of_the_content_is_there() -> None:
    bulletin = sample.bulletin()
    found = tree(bulletin)
    paragraphs = [element.text_content() for element in found.iter("p", "h2", "h3")]
    for item in script.body(bulletin):
        if isinstance(item, script.Line):
            assert item.text in paragraphs
    tables = [block for block in bulletin.blocks() if isinstance(block, Table)]
    tables += [one.table for one in bulletin.attachments]
    drawn = found.findall(".//table")
    assert len(drawn) == len(tables)
    for table, element in zip(tables, drawn, strict=True):
        rows = [
            [cell.text_content() for cell in row if cell.tag in ("td", "th")]
            for row in element.find("tbody").iter("tr")
        ]
        assert rows == [[cell.text for cell in row] for row in table.rows]
        heads = [cell.text_content() for cell in element.find("thead").iter("th")]
        assert heads == [head.text for row in script.heads(table) for head in row]
        assert all(cell.get("scope") for cell in element.iter("th"))
    text = found.text_content()
    for said in (bulletin.issuer, bulletin.document_number, full_width(bulletin.title)):
        assert said in text
    assert "演示数据" in text
    assert "2016年10月10日16:00" in text, "up to when, on the office's clock"


def test_charts_are_drawings_with_words_for_those_who_do_not_see_them() -> None:
    bulletin = sample.bulletin()
    found = tree(bulletin)
    charts = [block for block in bulletin.blocks() if isinstance(block, Chart)]
    drawings = found.xpath("//*[@role='img' and @aria-label]")
    labels = [each.get("aria-label") for each in drawings if each.tag == "div"]
    assert labels == [chart.alt for chart in charts]
    assert len(found.findall(".//figure")) == len(charts)
    for chart, figure in zip(charts, found.findall(".//figure"), strict=True):
        drawn = figure.text_content()
        assert all(text in drawn for series in chart.series for text in series.texts)


def test_the_contents_lead_to_every_section_and_attachment() -> None:
    bulletin = sample.bulletin()
    found = tree(bulletin)
    targets = [link.get("href").removeprefix("#") for link in found.xpath("//nav//a")]
    assert len(targets) == len(bulletin.sections) + len(bulletin.attachments)
    assert all(found.xpath(f"//*[@id='{target}']") for target in targets)


def test_nothing_in_it_runs_or_asks_for_anything() -> None:
    page = page_html.render(sample.bulletin()).decode()
    found = html.fromstring(page)
    assert not found.findall(".//script")
    assert not found.findall(".//link")
    assert not found.xpath("//@src | //@srcset | //@onload | //@onclick")
    assert all(link.startswith("#") for link in found.xpath("//@href"))
    assert "url(" not in page.split("</style>")[0]
    assert "@import" not in page
    [policy] = found.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none';")
    assert "script" not in policy


def test_hostile_texts_are_shown_as_they_are() -> None:
    given = sample.bulletin()
    hostile = "".join(HOSTILE)
    chart = next(block for block in given.blocks() if isinstance(block, Chart))
    named = chart.model_copy(
        update={"alt": hostile, "title": hostile, "categories": (hostile, *chart.categories[1:])}
    )
    table = given.attachments[0].table
    rows = ((Cell(text=hostile), *table.rows[0][1:]), *table.rows[1:])
    first = given.attachments[0].model_copy(
        update={"title": hostile, "table": table.model_copy(update={"rows": rows})}
    )
    section = Section(heading=hostile, message=hostile, blocks=(Paragraph(text=hostile), named))
    found = tree(
        given.model_copy(
            update={
                "sections": (section,),
                "attachments": (first,),
                "title": hostile,
                "signatory": hostile,
                "copies_to": hostile,
            }
        )
    )
    assert not found.findall(".//script")
    assert len(found.findall(".//style")) == 1
    assert not found.xpath("//@onmouseover")
    assert full_width(hostile) in [p.text_content() for p in found.iter("p")]
    assert found.xpath("//tbody//th")[0].text_content() == hostile
    [drawing] = found.xpath("//div[@role='img']")
    assert drawing.get("aria-label") == hostile


def test_a_draft_says_so() -> None:
    text = tree(sample.bulletin(number=0)).text_content()
    assert "草稿" in text
    assert "〔2016〕" not in text
