"""The slides, read back from the file; and that nothing on them is more than its box holds."""

import io
import zipfile
from collections.abc import Iterator
from functools import cache
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pptx import Presentation
from pptx.oxml.ns import qn

from dashboard.briefing import script, slides
from dashboard.briefing.content import Bulletin, Cell, Chart, Column, Paragraph, Section, Table
from dashboard.briefing.content import Series as Row
from dashboard.briefing.slides import chart_fit, measure, plan, writing
from dashboard.briefing.slides.plan import Page
from dashboard.briefing.slides.table_fit import Laid
from dashboard.briefing.typography import full_width, one_line
from tests.briefing.hostile import hostile
from tests.briefing.sample import bulletin

EMU_A_POINT = 12700


@cache
def _bytes(number: int = 3) -> bytes:
    return slides.render(bulletin(number))


@cache
def _hostile() -> bytes:
    return slides.render(hostile())


def _slides(made: bytes) -> list[Any]:
    return list(Presentation(io.BytesIO(made)).slides)


def _shape_text(shape: Any) -> str:
    if shape.has_text_frame:
        return str(shape.text_frame.text)
    if shape.has_table:
        return "\n".join(cell.text for row in shape.table.rows for cell in row.cells)
    return ""


def _text(slide: Any) -> str:
    return "\n".join(_shape_text(shape) for shape in slide.shapes)


def _all_text(made: bytes) -> str:
    return "\n".join(
        f"{_text(slide)}\n{slide.notes_slide.notes_text_frame.text}" for slide in _slides(made)
    )


def _charts(made: bytes) -> list[Any]:
    return [s.chart for slide in _slides(made) for s in slide.shapes if s.has_chart]


def _said(content: Bulletin) -> Iterator[str]:
    """Every text of the content that a reader of the slides may ask for."""
    yield content.title
    yield content.issuer
    yield content.opening
    tables = [one.table for one in content.attachments]
    for section in content.sections:
        yield from (section.heading, section.message)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                yield block.text
            elif isinstance(block, Table):
                tables.append(block)
            else:
                yield from (block.title, block.alt, block.source, *block.categories)
                for series in block.series:
                    yield from (series.name, *series.texts)
    for table in tables:
        yield from (table.title, table.unit_note, table.footnote)
        yield from (column.head for column in table.columns)
        yield from (cell.text for row in table.rows for cell in row)
    yield from (used.text for used in content.figures)


@pytest.mark.parametrize("content", [bulletin(), bulletin(0), hostile()])
def test_every_text_of_the_content_is_on_a_slide_or_in_its_notes(content: Bulletin) -> None:
    made = _all_text(slides.render(content))
    for text in _said(content):
        assert one_line(text) in made or one_line(full_width(text)) in made, text


def test_it_is_16_to_9_with_titles_and_numbers_on_all_slides() -> None:
    deck = Presentation(io.BytesIO(_bytes()))
    assert (deck.slide_width, deck.slide_height) == (12192000, 6858000)
    for slide in deck.slides:
        assert slide.shapes.title.is_placeholder
        assert slide.shapes.title.text_frame.text.strip(), "the outline shows it"
        fields = [one.get("type") for one in slide._element.iter(qn("a:fld"))]
        assert fields == ["slidenum"]
        assert slide.has_notes_slide
        assert slide.notes_slide.notes_text_frame.text.strip()


def test_the_first_slide_says_what_it_is_of_whom_and_when() -> None:
    text = _text(_slides(_bytes())[0]).replace("\v", "")
    for part in ("武进区", "2016年第三季度", "武扶组办〔2016〕3号", "2016年10月12日"):
        assert part in text
    assert full_width(bulletin().title) in text
    assert bulletin().issuer in text
    assert "草稿" not in text


@pytest.mark.parametrize(("number", "marks"), [(3, ["演示数据"]), (0, ["演示数据", "草稿"])])
def test_the_marks_are_on_every_slide(number: int, marks: list[str]) -> None:
    for slide in _slides(_bytes(number)):
        found = [s.text_frame.text for s in slide.shapes if s.name in ("演示数据", "草稿")]
        assert sorted(found) == sorted(marks)
    real = bulletin().model_copy(update={"is_demo": False})
    assert "演示数据" not in _all_text(slides.render(real))


def test_each_section_begins_with_its_message_and_the_last_slide_lists_attachments() -> None:
    titles = [slide.shapes.title.text_frame.text for slide in _slides(_bytes())]
    messages = [full_width(section.message) for section in bulletin().sections]
    assert [title for title in titles if title in messages] == messages
    assert titles[-1] == "附件"
    last = _text(_slides(_bytes())[-1])
    assert all(f"附件{at}　" in last for at in (1, 2, 3))


def test_every_run_names_a_font_for_chinese() -> None:
    with zipfile.ZipFile(io.BytesIO(_bytes())) as archive:
        names = [name for name in archive.namelist() if name.endswith(".xml")]
        parts = {n: archive.read(n) for n in names if "/slides/" in n or "/charts/chart" in n}
    assert len(parts) > 5
    for slide in _slides(_bytes()):
        for root in (slide._element, slide.notes_slide._element):
            for run in (*root.iter(qn("a:r")), *root.iter(qn("a:fld"))):
                assert run.find(f"{qn('a:rPr')}/{qn('a:ea')}").get("typeface") == "微软雅黑"
    for chart in _charts(_bytes()):
        for properties in chart._chartSpace.iter(qn("a:defRPr"), qn("a:rPr")):
            assert properties.find(qn("a:ea")).get("typeface") == "微软雅黑"


def test_lines_are_20_points_at_least_and_all_else_can_be_read_too() -> None:
    for made in (_bytes(), _hostile()):
        for slide in _slides(made):
            for shape in slide.placeholders:
                if shape.placeholder_format.idx in (0, 1):
                    for paragraph in shape.text_frame.paragraphs:
                        assert all(run.font.size.pt >= 20 for run in paragraph.runs)
            for shape in slide.shapes:
                if shape.has_table:
                    sizes = {
                        run.font.size.pt
                        for row in shape.table.rows
                        for cell in row.cells
                        for paragraph in cell.text_frame.paragraphs
                        for run in paragraph.runs
                    }
                    assert min(sizes) >= 14


# Charts


def test_charts_are_native_with_the_figures_of_the_content() -> None:
    blocks = [block for block in bulletin().blocks() if isinstance(block, Chart)]
    natives = _charts(_bytes())
    assert len(natives) == len(blocks)
    for native, block in zip(natives, blocks, strict=True):
        plot = native.plots[0]
        assert tuple(plot.categories) == block.categories
        for series, told in zip(plot.series, block.series, strict=True):
            assert series.name == told.name
            assert tuple(series.values) == told.values
        assert native.chart_title.text_frame.text == script.chart_title(block)
        gaps = native._chartSpace.find(f".//{qn('c:dispBlanksAs')}")
        assert gaps.get("val") == "gap"


def test_a_figure_that_was_not_reported_has_no_point_and_is_named_below() -> None:
    native = _charts(_bytes())[0]
    points = native._chartSpace.findall(f".//{qn('c:val')}//{qn('c:pt')}")
    assert [point.get("idx") for point in points] == ["0", "1", "3"]
    assert "未填报：丙街道" in _all_text(_bytes())


def test_labels_read_as_the_content_has_them() -> None:
    """By a number format where one serves all, else by a text of the point's own."""
    texts = ("1,500", "149.9999", "12")
    chart = Chart(
        mark="bar",
        title="收入",
        unit="万元",
        categories=("甲", "乙", "丙"),
        series=(Row(name="收入", values=(1500.4, 149.9999, 12.0), texts=texts),),
        alt="",
    )
    section = Section(heading="节", message="要点", blocks=(chart,))
    made = slides.render(bulletin().model_copy(update={"sections": (section,)}))
    series = _charts(made)[0].plots[0].series[0]
    assert series.data_labels.number_format == "#,##0"
    labels = series._element.findall(f".//{qn('c:dLbl')}")
    assert ["".join(t.text for t in one.iter(qn("a:t"))) for one in labels] == ["149.9999"]


def test_parts_too_small_for_their_figures_have_none() -> None:
    """Figures of two thin parts would lie over each other; the chart's own sheet has them."""
    chart = Chart(
        mark="stacked",
        title="来源",
        unit="万元",
        categories=("一季度", "二季度"),
        series=(
            Row(name="自有", values=(5890.36, 18250.42), texts=("5,890.36", "18,250.42")),
            # Of 300 points for 21,000: 11 points, less than a line of type; then 90.
            Row(name="转移", values=(778.26, 6274.82), texts=("778.26", "6,274.82")),
        ),
        alt="",
    )
    section = Section(heading="节", message="要点", blocks=(chart,))
    made = slides.render(bulletin().model_copy(update={"sections": (section,)}))
    series = _charts(made)[0].plots[0].series
    silent = [
        [label.find(qn("c:idx")).get("val") for label in one._element.iter(qn("c:dLbl"))]
        for one in series
    ]
    assert silent == [[], ["0"]]
    assert [list(one.values) for one in series] == [[5890.36, 18250.42], [778.26, 6274.82]]


def test_charts_and_tables_have_alternative_text() -> None:
    alts = [block.alt for block in bulletin().blocks() if isinstance(block, Chart)]
    frames = [s for slide in _slides(_bytes()) for s in slide.shapes if s.has_chart or s.has_table]
    found = [frame._element.find(f".//{qn('p:cNvPr')}").get("descr") for frame in frames]
    assert all(found)
    assert [text for text in found if text in alts] == alts


def test_the_workbook_behind_a_chart_holds_text_as_text() -> None:
    for native in _charts(_hostile()):
        blob = native.part.chart_workbook.xlsx_part.blob
        sheet = openpyxl.load_workbook(io.BytesIO(blob)).active
        assert sheet is not None
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
        assert not [cell.coordinate for cell in cells if cell.hyperlink]
        plot = native.plots[0]
        assert [cell.value for cell in sheet["A"][1:]] == list(plot.categories)
        assert [cell.value for cell in sheet["B"][1:]] == list(plot.series[0].values)


# Tables


def test_tables_have_the_rows_of_the_content_and_merged_heads() -> None:
    wide = bulletin(towns=20).attachments[0].table.model_copy(update={"title": "分解表"})
    section = Section(heading="节", message="要点", blocks=(wide,))
    made = slides.render(bulletin().model_copy(update={"sections": (section,)}))
    tables = [s.table for slide in _slides(made) for s in slide.shapes if s.has_table]
    names = [row.cells[0].text for table in tables for row in list(table.rows)[2:]]
    assert names == [row[0].text for row in wide.rows]
    for table in tables:
        assert table.cell(0, 0).is_merge_origin, "a plain head over both rows"
        assert table.cell(0, 1).is_merge_origin
        assert table.cell(0, 1).span_width == 3, "a group over its three columns"
        assert len(table.rows) <= 2 + 12
    titles = [s.shapes.title.text_frame.text for s in _slides(made) if _has_table(s)]
    assert titles[0] == "要点"
    assert set(titles[1:]) == {"分解表（续）"}
    assert "●达到序时" in _all_text(made), "the shapes of the lights are explained"


def _has_table(slide: Any) -> bool:
    return any(shape.has_table for shape in slide.shapes)


def test_a_table_of_many_columns_is_split_with_its_first_column_repeated() -> None:
    groups = [f"指标{at}(万元)" for at in range(8)]
    columns = [Column(head="镇", width=14)]
    columns += [Column(head=head, group=g, width=12) for g in groups for head in ("目标", "实际")]
    rows = tuple(
        tuple(Cell(text=f"甲{at}" if not n else f"{at}-{n}") for n in range(len(columns)))
        for at in range(5)
    )
    section = Section(
        heading="节",
        message="要点",
        blocks=(Table(title="宽表", columns=tuple(columns), rows=rows),),
    )
    pages = plan.section_pages(1, section)
    laid = [page.visual for page in pages if isinstance(page.visual, Laid)]
    assert len(laid) > 1
    assert all(one.table.columns[0].head == "镇" for one in laid)
    assert sum(len(one.table.columns) - 1 for one in laid) == 16
    for page in pages:
        _holds(page)


# Nothing overflows


def _holds(page: Page) -> None:
    """The plan's own measures, once more: every part in its box, and the boxes apart."""
    texts = [item.text for item in page.items]
    assert page.size >= 20
    assert measure.height(texts, page.size, page.text_box.width) <= page.text_box.height + 0.01
    title, size = writing.fitting_title(page.title)
    lines = measure.lines(title, size, measure.TITLE.width)
    assert lines * size * measure.TITLE_LEADING <= measure.TITLE.height
    box, below = page.visual_box, plan.remark_height(page.remark, page.visual_box.width)
    assert box.bottom <= measure.FOOTER.top
    if isinstance(page.visual, Laid):
        laid = page.visual
        caption = plan.CAPTION if page.caption or page.unit else 0
        high = sum(laid.head_heights) + sum(laid.row_height(row) for row in laid.table.rows)
        assert caption + high + below <= box.height + 0.01
        assert sum(laid.widths) <= measure.FULL + 0.01
        assert len(laid.table.rows) <= 12
        assert page.text_box.bottom <= box.top + 0.01 or not page.items
    elif isinstance(page.visual, Chart):
        assert box.height - below > 200
        assert page.text_box.right <= box.left or not page.items


@pytest.mark.parametrize("content", [bulletin(), hostile()])
def test_everything_of_a_bulletin_is_in_its_box(content: Bulletin) -> None:
    pages = [p for at, s in enumerate(content.sections, 1) for p in plan.section_pages(at, s)]
    for page in (*pages, *plan.attachment_pages(content)):
        _holds(page)


_WORDS = st.text("村集体年收入，。、12.5%a（）", max_size=400)
_CELLS = st.text("村收入123，", max_size=120)


@st.composite
def _tables(draw: st.DrawFn) -> Table:
    many = draw(st.integers(1, 14))
    grouped = draw(st.booleans())
    columns = tuple(
        Column(
            head=draw(st.text("目标实际", max_size=12)),
            group=f"组{at // 3}" if grouped and at else "",
            width=draw(st.integers(4, 40)),
        )
        for at in range(many)
    )
    row = st.tuples(*(st.builds(Cell, text=_CELLS) for _ in range(many)))
    rows = draw(st.lists(row, max_size=30))
    return Table(title="表", columns=columns, rows=tuple(rows), footnote=draw(_WORDS))


@st.composite
def _some_charts(draw: st.DrawFn) -> Chart:
    many = draw(st.integers(0, 40))
    values = st.one_of(st.none(), st.floats(-1e6, 1e6))
    series = tuple(
        Row(
            name=f"系列{at}",
            values=tuple(draw(values) for _ in range(many)),
            texts=("12,345.6",) * many,
        )
        for at in range(draw(st.integers(1, 3)))
    )
    names = tuple(draw(st.text("甲乙丙", max_size=20)) for _ in range(many))
    mark = draw(st.sampled_from(["bar", "line", "stacked"]))
    return Chart(mark=mark, title="问", unit="村", categories=names, series=series, alt="")


_BLOCKS = st.lists(
    st.one_of(
        st.builds(Paragraph, text=_WORDS, level=st.sampled_from([0, 2, 3])),
        _tables(),
        _some_charts(),
    ),
    max_size=5,
)


@given(_BLOCKS, st.text("村领先、", max_size=200))
@settings(max_examples=40, deadline=None)
def test_whatever_the_section_everything_is_in_its_box(blocks: list[Any], message: str) -> None:
    section = Section(heading="节", message=message, blocks=tuple(blocks))
    pages = plan.section_pages(1, section)
    assert pages
    for page in pages:
        _holds(page)
    shown = [p.visual for p in pages if isinstance(p.visual, Chart)]
    charts = [b for b in blocks if isinstance(b, Chart)]
    assert sum(len(one.categories) for one in shown) == sum(len(one.categories) for one in charts)
    for one in shown:
        assert chart_fit.label_size(one, measure.FULL) >= 14


@given(_WORDS, st.sampled_from(measure.LINE_SIZES))
def test_a_cut_text_is_whole_and_each_piece_fits(text: str, size: float) -> None:
    box = measure.Box(0, 0, 300, 90)
    pieces = measure.cut(text, size, box)
    assert "".join(pieces) == text
    assert all(measure.height([piece], size, box.width) <= box.height for piece in pieces)


@given(_WORDS, st.integers(1, 4))
def test_a_clipped_text_takes_no_more_lines_than_that(text: str, most: int) -> None:
    clipped = measure.clipped(text, 20, 300, most)
    assert measure.lines(clipped, 20, 300) <= most
    assert clipped == text or clipped.endswith("……")


# The file


def test_the_same_content_gives_the_same_bytes_and_the_file_bears_its_dates() -> None:
    assert slides.render(bulletin()) == _bytes()
    told = Presentation(io.BytesIO(_bytes())).core_properties
    assert told.title == bulletin().title
    assert told.created.date() == bulletin().issued_on


def test_no_part_of_the_template_is_left_that_nobody_asked_for() -> None:
    deck = Presentation(io.BytesIO(_bytes()))
    assert [layout.name for layout in deck.slide_layouts] == ["封面", "标题和文字", "仅标题"]
    with zipfile.ZipFile(io.BytesIO(_bytes())) as archive:
        assert not [name for name in archive.namelist() if "thumbnail" in name]
        themes = [name for name in archive.namelist() if "theme1" in name]
        assert all("微软雅黑" in archive.read(name).decode() for name in themes)


def test_shapes_of_a_slide_have_numbers_of_their_own() -> None:
    for slide in _slides(_bytes()):
        numbers = [one.get("id") for one in slide._element.iter(qn("p:cNvPr"))]
        assert len(numbers) == len(set(numbers))
