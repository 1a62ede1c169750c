"""The bulletin's workbook, read back: numbers are numbers, texts are texts, and print well."""

import io
import zipfile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from dashboard.briefing import script, workbook
from dashboard.briefing.content import (
    Bulletin,
    Cell,
    Chart,
    Column,
    FigureUsed,
    Paragraph,
    Section,
    Table,
)
from dashboard.briefing.number_formats import formatted
from dashboard.briefing.typography import full_width

from . import sample

HOSTILE = ("=1+1", "@SUM(1)", "+1", "-1", "{=1}", "<script>", "{{ 7*7 }}", "http://x", "\x01a")


def book(bulletin: Bulletin) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook.render(bulletin)))


def texts(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def shown(value: float, pattern: str) -> str:
    """A number as a workbook shows it: shapes in front apart, literal texts as they are."""
    bare = pattern.replace('"●"', "").replace('"▲"', "").replace('"■"', "")
    return bare.strip('"') if bare.startswith('"') else formatted(value, bare)


def rows_of(sheet: Worksheet, table: Table, first: int) -> None:
    """The table's cells stand from a row on, reading as they do in the bulletin."""
    for down, cells in enumerate(table.rows):
        for across, (column, wanted) in enumerate(zip(table.columns, cells, strict=True)):
            found = sheet.cell(first + down, across + 1)
            assert found.alignment.horizontal == column.align.value
            if isinstance(found.value, int | float):
                assert found.value == pytest.approx(wanted.number, rel=1e-14)
                assert shown(float(found.value), found.number_format) == wanted.text
            else:
                assert found.data_type == "s"
                assert str(found.value or "").lstrip("●▲■") == wanted.text


def test_every_attachment_has_its_sheet_as_it_prints() -> None:
    bulletin = sample.bulletin()
    made = book(bulletin)
    for place, one in enumerate(bulletin.attachments, 1):
        [sheet] = [s for s in made.worksheets if s.title.startswith(f"附件{place} ")]
        heads = script.heads(one.table)
        head_row = next(row for row in range(1, 9) if sheet.cell(row, 1).value == heads[0][0].text)
        rows_of(sheet, one.table, head_row + len(heads))
        assert sheet.page_setup.orientation == ("landscape" if one.landscape else "portrait")
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1)
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.print_area
        assert sheet.print_title_rows == f"${head_row}:${head_row + len(heads) - 1}"
        assert sheet.freeze_panes == f"B{head_row + len(heads)}"
        assert "第 &P 页" in str(sheet.oddFooter.center.text)
        assert "演示数据" in str(sheet.oddHeader.center.text)
        merged = {str(area) for area in sheet.merged_cells.ranges}
        groups = {column.group for column in one.table.columns if column.group}
        wide = [a for a in merged if a.split(":")[0].endswith(str(head_row)) and "A" not in a]
        assert len(wide) == len(groups)


def test_tables_charts_words_and_figures_are_all_there() -> None:
    bulletin = sample.bulletin()
    made = book(bulletin)
    inner = " ".join(texts(made["正文附表"]))
    for table in (block for block in bulletin.blocks() if isinstance(block, Table)):
        assert all(cell.text in inner for row in table.rows for cell in row if cell.number is None)
    charts = [block for block in bulletin.blocks() if isinstance(block, Chart)]
    drawn = [sheet for sheet in made.worksheets if sheet.title.startswith("图")]
    assert len(drawn) == len(charts)
    for chart, sheet in zip(charts, drawn, strict=True):
        [picture] = sheet._charts
        assert len(picture.series) == len(chart.series)
        for at, series in enumerate(chart.series, 2):
            values = [sheet.cell(3 + n, at).value for n in range(len(series.values))]
            wanted = [
                text if value is None else value
                for value, text in zip(series.values, series.texts, strict=True)
            ]
            assert values == wanted
    words = texts(made["正文"])
    assert words == [i.text for i in script.body(bulletin) if isinstance(i, script.Line)]
    figures = [tuple(row) for row in made["数据来源"].iter_rows(min_row=2, values_only=True)]
    assert figures == [
        (u.indicator, u.unit_code, "实际", u.value, u.text) for u in bulletin.figures
    ]
    cover = " ".join(texts(made["封面"]))
    for said in (bulletin.issuer, bulletin.document_number, full_width(bulletin.title)):
        assert said in cover


def test_nothing_in_it_is_a_formula_or_a_link() -> None:
    given = sample.bulletin()
    rows = tuple((Cell(text=text), Cell(text=text, number=1.0)) for text in HOSTILE)
    table = Table(title="=2+2", columns=(Column(head="=1"), Column(head="@x")), rows=rows)
    first = given.attachments[0].model_copy(update={"table": table, "title": "=[a]:*?/\\'b"})
    section = Section(heading="=3", message="=3", blocks=(Paragraph(text="=4+4"), table))
    figure = FigureUsed(indicator="=5", unit_code="=6", measure="value", value=7, text="=8")
    content = workbook.render(
        given.model_copy(
            update={
                "title": "=cmd|' /C calc'!A0",
                "sections": (section,),
                "attachments": (first, first),
                "figures": (figure,),
            }
        )
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            body = archive.read(name).decode("utf-8", "replace")
            assert "<f>" not in body
            assert "hyperlink" not in body
            assert "externalLink" not in name
    made = openpyxl.load_workbook(io.BytesIO(content))
    assert len({sheet.title.lower() for sheet in made.worksheets}) == len(made.worksheets)
    every = [cell for sheet in made for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type in ("s", "n") for cell in every)
    said = {cell.value for cell in every}
    assert {"=1+1", "@SUM(1)", "=4＋4", "<script>"} & said >= {"=1+1", "@SUM(1)", "<script>"}


def test_the_same_content_gives_the_same_file() -> None:
    assert workbook.render(sample.bulletin()) == workbook.render(sample.bulletin())


def test_a_draft_says_so() -> None:
    made = book(sample.bulletin(number=0))
    assert "草稿" in " ".join(texts(made["封面"]))
    assert "草稿" in str(made["正文"].oddHeader.center.text)
