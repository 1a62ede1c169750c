"""The PDF against GB/T 9704-2012, read back from the made file: places, sizes, fonts, texts."""

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pypdf
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.briefing import fonts, pdf
from dashboard.briefing.content import Bulletin, Cell, Column, Paragraph, Section, Table
from tests.briefing.sample import bulletin

MM = 72 / 25.4


@cache
def _bytes(number: int = 3) -> bytes:
    return pdf.render(bulletin(number))


def _read(made: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(made))


def _issue() -> pypdf.PdfReader:
    return _read(_bytes())


@dataclass(frozen=True)
class Piece:
    """A run of text: where its baseline begins, in points from the page's lower left corner."""

    text: str
    x: float
    y: float
    size: float
    turned: bool
    font: str

    @property
    def top(self) -> float:
        """The upper edge of its characters, as the template sets it."""
        return self.y + 0.88 * self.size


def _pieces(page: pypdf.PageObject) -> list[Piece]:
    found: list[Piece] = []

    def visit(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
        if text.strip():
            turned = abs(cm[1]) > 0.5
            name = str((font or {}).get("/BaseFont", ""))
            found.append(Piece(text.strip(), cm[4], cm[5], size, turned, name))

    page.extract_text(visitor_text=visit)
    return found


def _piece(page: pypdf.PageObject, text: str) -> Piece:
    (found,) = [piece for piece in _pieces(page) if piece.text == text]
    return found


def _landscape(page: pypdf.PageObject) -> bool:
    return float(page.mediabox.width) > float(page.mediabox.height)


TOP, BOTTOM, LEFT, RIGHT = 842 - 37 * MM, 35 * MM, 28 * MM, (210 - 26) * MM
PITCH = 28.95


def test_pages_are_a4_and_wide_tables_lie() -> None:
    sizes = [
        (round(float(page.mediabox.width) / MM), round(float(page.mediabox.height) / MM))
        for page in _issue().pages
    ]
    assert set(sizes) == {(210, 297), (297, 210)}
    assert sizes[0] == sizes[-1] == (210, 297)


def test_text_stays_within_the_type_area() -> None:
    for page in _issue().pages:
        left, bottom = (35, 26) if _landscape(page) else (28, 35)
        body = [one for one in _pieces(page) if not re.fullmatch(r"— \d+ —|演示数据", one.text)]
        assert min(one.x for one in body) >= left * MM - 0.5
        assert min(one.y for one in body) >= bottom * MM


def test_the_red_head_has_its_distances() -> None:
    page = _issue().pages[0]
    first, second = _piece(page, "常州市武进区扶贫开发"), _piece(page, "推进工作领导小组办公室")
    assert TOP - first.top == pytest.approx(35 * MM, abs=0.6)
    number = _piece(page, "武扶组办\u30142016\u30153号")
    assert number.size == 16
    blank = (second.y - 0.12 * second.size - number.top) / PITCH
    assert 2 <= blank < 3, "two blank lines"
    content = page.get_contents()
    assert content is not None
    drawn = content.get_data().decode("latin1")
    assert re.search(r"\b1 0 0 (?:rg|scn)", drawn), "the issuer is red"
    assert re.search(r"\b1 0 0 (?:RG|SCN)", drawn), "and so is the rule"


def test_the_title_is_large_centred_and_broken_by_sense() -> None:
    page = _issue().pages[0]
    for line in ("关于2016年第三季度全区", "扶贫开发工作进展情况的通报"):
        assert _piece(page, line).size == 22
    longer = _piece(page, "扶贫开发工作进展情况的通报")
    assert longer.x + 13 * 22 / 2 == pytest.approx((LEFT + RIGHT) / 2, abs=1)


def test_lines_have_the_pitch_of_the_grid_and_paragraphs_their_indent() -> None:
    page = _issue().pages[0]
    to = _piece(page, "各镇人民政府、街道办事处，区各有关部门\uff1a")
    opening = _piece(page, "现将2016年第三季度全区扶贫开发工作进展情况通报如下。")
    assert (to.size, opening.size) == (16, 16)
    assert to.x == pytest.approx(LEFT, abs=0.5)
    assert opening.x - LEFT == pytest.approx(2 * 16, abs=0.5)
    assert to.y - opening.y == pytest.approx(PITCH, abs=0.1)


def test_a_full_page_has_22_lines_of_28_characters() -> None:
    section = Section(heading="节", message="", blocks=(Paragraph(text="村" * 2000),))
    made = pdf.render(bulletin().model_copy(update={"sections": (section,), "attachments": ()}))
    # The paragraph starts on the second page and fills the third.
    page = _read(made).pages[2]
    lines = [one for one in page.extract_text().splitlines() if set(one) == {"村"}]
    assert [len(line) for line in lines] == [28] * 22


def test_no_page_has_a_signature_and_no_text() -> None:
    for many in range(1, 25):
        blocks = tuple(Paragraph(text="正文一行。") for _ in range(many))
        section = Section(heading="节", message="", blocks=blocks)
        changed = bulletin().model_copy(update={"sections": (section,), "attachments": ()})
        pages = [page.extract_text() for page in _read(pdf.render(changed)).pages]
        signed = [page for page in pages if re.search("^ *2016年10月12日$", page, re.MULTILINE)]
        assert all("正文一行" in page for page in signed), many
        assert len(signed) == 1


def test_headings_have_their_numbers_and_are_bookmarks() -> None:
    assert _bookmarks(_issue().outline) == [
        "一、总体进展",
        "\uff08一\uff09村级集体经济",
        "\uff08二\uff09低收入农户",
        "二、各镇（街道）完成情况",
        "三、经济一般村和低收入农户",
        "目标任务分解完成情况表",
        "镇（街道）排名表",
        "未达标村名单",
    ]


def _bookmarks(outline: Any) -> list[str]:
    titles: list[str] = []
    for one in outline:
        titles += _bookmarks(one) if isinstance(one, list) else [one.title]
    return titles


def test_pages_are_numbered_right_on_odd_and_left_on_even_ones() -> None:
    for place, page in enumerate(_issue().pages, 1):
        number = _piece(page, f"— {place} —")
        assert number.size == 14
        assert number.turned == _landscape(page)
        # On a landscape page: along its left edge, as on an upright page turned to the left.
        along = float(page.mediabox.height) - number.y if number.turned else number.x
        across = number.x if number.turned else number.y
        assert BOTTOM - across - (0.88 - 0.5) * 14 == pytest.approx(7 * MM, abs=0.5)
        if place % 2:
            assert RIGHT - 60 < along < RIGHT - 14
        else:
            assert along == pytest.approx(LEFT + 14, abs=0.5)


def test_attachments_are_named_and_each_starts_a_page() -> None:
    pages = [page.extract_text() for page in _issue().pages]
    (named,) = [page for page in pages if "附件：" in page]
    assert re.search(
        "附件：\\s*1.目标任务分解完成情况表\\s*2.镇（街道）排名表\\s*3.未达标村名单", named
    )
    assert sum(bool(re.search(r"^附件\d$", page, re.MULTILINE)) for page in pages) == 3


def test_heads_are_repeated_over_the_pages_of_a_long_table() -> None:
    pages = [page.extract_text() for page in _issue().pages if _landscape(page)]
    assert len(pages) == 3
    assert all("脱贫退出（户）" in page and page.count("完成率") == 3 for page in pages)
    rows = [re.findall(r"^\S+ 12,0", page, re.MULTILINE) for page in pages]
    assert sum(map(len, rows)) == 40


def test_figures_stand_at_the_right_of_their_columns() -> None:
    page = next(page for page in _issue().pages if "149.9999" in page.extract_text())
    head, figure = _piece(page, "本年累计"), _piece(page, "149.9999")
    assert figure.x > head.x
    assert RIGHT - 60 < figure.x < RIGHT


def test_signature_and_date_stand_four_characters_from_the_right() -> None:
    page = next(page for page in _issue().pages if "附件：" in page.extract_text())
    signatory = _piece(page, bulletin().signatory)
    assert signatory.x + 21 * 15.79 == pytest.approx(RIGHT - 4 * 16, abs=2)
    assert _piece(page, "2016年10月12日").y == pytest.approx(signatory.y - PITCH, abs=0.1)


@pytest.mark.parametrize("which", [(), (0,), (0, 1), (1, 0)])
def test_the_imprint_stands_at_the_foot_of_the_last_page(which: tuple[int, ...]) -> None:
    chosen = tuple(bulletin().attachments[place] for place in which)
    read = _read(pdf.render(bulletin().model_copy(update={"attachments": chosen})))
    *others, last = read.pages
    assert not any("抄送" in page.extract_text() for page in others)
    assert "抄送：市委农工办，区委办、区政府办。" in last.extract_text().replace("\n", "")
    assert not _landscape(last)
    printed = _piece(last, "2016年10月12日印发")
    assert printed.size == 14
    assert 0 < printed.y - BOTTOM < 14


def test_a_draft_says_so_and_has_neither_number_nor_date() -> None:
    pages = [page.extract_text() for page in _read(_bytes(0)).pages]
    assert all("草稿" in page and "演示数据" in page for page in pages)
    assert not any("〔" in page or "印发" in page or "2016年10月" in page for page in pages)


def test_demo_data_is_said_on_every_page_and_at_the_title() -> None:
    pages = [page.extract_text() for page in _issue().pages]
    assert all("演示数据" in page for page in pages)
    assert "（演示数据）" in pages[0]
    real = pdf.render(bulletin().model_copy(update={"is_demo": False}))
    assert not any("演示数据" in page.extract_text() for page in _read(real).pages)


def test_the_file_tells_its_title_author_and_language_and_is_for_archives() -> None:
    read = _issue()
    assert read.metadata is not None
    assert (read.metadata.title, read.metadata.author) == (bulletin().title, bulletin().issuer)
    root = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("zh")
    told = root["/Metadata"].get_data().decode()
    assert "pdfaid:part" in told
    assert "pdfuaid:part" in told


def test_every_font_is_embedded() -> None:
    for page in _issue().pages:
        for font in _fonts(page):
            described = font["/FontDescriptor"].get_object()
            assert any(f"/FontFile{kind}" in described for kind in ("", "2", "3"))


def _fonts(page: pypdf.PageObject) -> Iterator[Any]:
    for font in page["/Resources"]["/Font"].values():
        for one in font.get_object()["/DescendantFonts"]:
            yield one.get_object()


def test_a_chart_says_in_words_what_it_shows() -> None:
    alts = [block.alt for block in bulletin().blocks() if block.kind == "chart"]
    read = _issue()
    written = [read.get_object(place + 1) for place in range(int(read.trailer["/Size"]) - 1)]
    said = {str(one["/Alt"]) for one in written if isinstance(one, dict) and "/Alt" in one}
    assert set(alts) <= said


def test_the_same_content_makes_the_same_bytes() -> None:
    assert pdf.render(bulletin()) == _bytes()


MARKUP = '#panic("x") $a$ *b* @ref `c` [x] <b>d</b> \\ //e {{ x }} =1+1'


def test_what_looks_like_markup_comes_out_as_it_is() -> None:
    table = Table(title="表", columns=(Column(head=MARKUP),), rows=((Cell(text=MARKUP),),))
    blocks = (Paragraph(text=MARKUP, level=2), Paragraph(text=MARKUP), table)
    section = Section(heading=MARKUP, message="", blocks=blocks)
    changed = bulletin().model_copy(update={"sections": (section,), "attachments": ()})
    read = _read(pdf.render(changed))
    said = "".join(page.extract_text() for page in read.pages)
    assert re.sub(r"\s", "", said).count(re.sub(r"\s", "", MARKUP)) == 5


@settings(max_examples=12, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=20))
def test_any_text_makes_a_file(text: str) -> None:
    """Without a glyph, as a level that skips, an empty one: a file all the same."""
    blocks = (Paragraph(text=text, level=4), Paragraph(text=text))
    section = Section(heading=text, message="", blocks=blocks)
    changed = bulletin().model_copy(update={"sections": (section,), "attachments": ()})
    assert pdf.render(changed).startswith(b"%PDF")


def test_the_preview_has_a_picture_of_every_page() -> None:
    pictures = pdf.pages(bulletin())
    assert len(pictures) == len(_issue().pages)
    for picture, page in zip(pictures, _issue().pages, strict=True):
        wide, high = struct.unpack(">II", picture[16:24])
        assert (wide > high) == _landscape(page)
        assert max(wide, high) == pytest.approx(297 / 25.4 * pdf.PREVIEW_PPI, abs=2)


def test_a_page_alone_is_a_list_of_one() -> None:
    short: Bulletin = bulletin().model_copy(update={"sections": (), "attachments": ()})
    assert len(pdf.pages(short)) == len(_read(pdf.render(short)).pages)


def test_without_a_chinese_font_it_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    monkeypatch.setattr(fonts, "installed", lambda: empty)
    with pytest.raises(fonts.NoChineseFont, match="服务器上没有中文字体"):
        pdf.render(bulletin())
