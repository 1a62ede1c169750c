"""The Word file against GB/T 9704-2012, each rule read back from the file's own XML."""

import io
import re
import shutil
import subprocess
import zipfile
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

import docx
import pypdf
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement as Element
from docx.text.paragraph import Paragraph
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.briefing import word
from dashboard.briefing.content import Bulletin, Cell, Column, Section, Table
from dashboard.briefing.content import Paragraph as Text
from tests.briefing.sample import bulletin

FANG, KAI, HEI, SONG, TITLE = "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体", "方正小标宋简体"
TWIPS_A_MM = 1440 / 25.4


@cache
def _bytes(number: int = 3) -> bytes:
    return word.render(bulletin(number))


def _document(number: int = 3) -> Document:
    return docx.Document(io.BytesIO(_bytes(number)))


def _made(changed: Bulletin) -> Document:
    return docx.Document(io.BytesIO(word.render(changed)))


def _find(document: Document, style: str) -> list[Paragraph]:
    named = {style.style_id: style.name for style in document.styles}
    assert style in named.values(), style
    return [one for one in document.paragraphs if one.style and one.style.name == style]


def _the(document: Document, style: str) -> Paragraph:
    found = _find(document, style)
    assert len(found) == 1, (style, len(found))
    return found[0]


def _attribute(paragraph: Paragraph, path: str, name: str) -> str:
    """An attribute of the paragraph's properties, its own or else its style's."""
    assert paragraph.style is not None
    for holder in (paragraph._p, paragraph.style.element):
        for node in holder.findall("/".join(qn(tag) for tag in ("w:pPr", *path.split("/")))):
            if node.get(qn(name)) is not None:
                return str(node.get(qn(name)))
    return ""


def _font(paragraph: Paragraph) -> tuple[str, float]:
    """The East-Asian font and size in points, of the first run where it says so, else the style."""
    assert paragraph.style is not None
    style = paragraph.style.element.find(qn("w:rPr"))
    run = paragraph._p.find(f"{qn('w:r')}/{qn('w:rPr')}")
    size = run.find(qn("w:sz")) if run is not None else None
    size = style.find(qn("w:sz")) if size is None else size
    return style.find(qn("w:rFonts")).get(qn("w:eastAsia")), int(size.get(qn("w:val"))) / 2


def _spacing(paragraph: Paragraph, name: str) -> int:
    return int(_attribute(paragraph, "w:spacing", f"w:{name}") or 0)


def _all_paragraphs(document: Document) -> list[str]:
    """Every paragraph's text, in boxes and cells too."""
    root = document.element.body
    return [
        "".join(node.text or "" for node in one.iter(qn("w:t")))
        for one in root.iter(qn("w:p"))
        if not one.findall(f".//{qn('w:p')}")
    ]


# Paper, margins, grid


def test_pages_are_a4_with_the_margins_of_the_type_area() -> None:
    for section in _document().sections:
        landscape = section.page_width > section.page_height
        sides = sorted((round(section.page_width.mm), round(section.page_height.mm)))
        assert sides == [210, 297]
        margins = [
            round(margin.mm, 1)
            for margin in (
                section.top_margin,
                section.right_margin,
                section.bottom_margin,
                section.left_margin,
            )
        ]
        # A landscape page is an upright one turned: its head lies to the binding.
        assert margins == ([28, 37, 26, 35] if landscape else [37, 26, 35, 28])
        assert section.gutter == 0


def test_the_grid_is_22_lines_of_28_characters() -> None:
    for section in _document().sections:
        grid = section._sectPr.find(qn("w:docGrid"))
        assert grid.get(qn("w:type")) == "linesAndChars"
        pitch = int(grid.get(qn("w:linePitch")))
        assert pitch == 579
        assert 22 * pitch <= 225 * TWIPS_A_MM < 23 * pitch
        character = 16 + int(grid.get(qn("w:charSpace"))) / 4096
        assert 28 * character * 20 == pytest.approx(156 * TWIPS_A_MM, abs=2)


def test_body_lines_have_the_pitch_whatever_font_stands_in() -> None:
    document = _document()
    for style in ("Body Text", "Heading 1", "Heading 2", "主送机关", "附件说明"):
        found = _find(document, style)
        assert found
        for one in found:
            assert _spacing(one, "line") == 579
            assert _attribute(one, "w:spacing", "w:lineRule") == "exact"


# Red head


def test_the_issuer_is_red_and_35_mm_below_the_type_area() -> None:
    document = _document()
    issuer = _the(document, "发文机关标志")
    assert issuer.text.replace("\n", "") == bulletin().issuer
    font, size = _font(issuer)
    assert font == TITLE
    assert 22 < size <= 62
    assert _attribute(issuer, "w:jc", "w:val") == "center"
    assert issuer.style is not None
    assert str(issuer.style.font.color.rgb) == "FF0000"
    places = [one._p for one in document.paragraphs]
    before = document.paragraphs[: places.index(issuer._p)]
    above = sum(_spacing(one, "line") for one in before) + _spacing(issuer, "before")
    free = _spacing(issuer, "line") * 0.8 - size * 20 * 0.86
    assert (above + free) / TWIPS_A_MM == pytest.approx(35, abs=0.5)


def test_a_long_issuer_is_broken_between_words_and_fits_the_type_area() -> None:
    issuer = _the(_document(), "发文机关标志")
    lines = issuer.text.split("\n")
    assert lines == ["常州市武进区扶贫开发", "推进工作领导小组办公室"]
    assert max(map(len, lines)) * _font(issuer)[1] * 20 <= 156 * TWIPS_A_MM


def test_the_number_stands_two_lines_below_in_hexagonal_brackets() -> None:
    number = _the(_document(), "发文字号")
    assert number.text == "武扶组办\u30142016\u30153号"
    assert _font(number) == (FANG, 16)
    assert _attribute(number, "w:jc", "w:val") == "center"
    assert _spacing(number, "before") == 2 * 579


def test_the_red_rule_is_4_mm_below_the_number_and_as_wide_as_the_type_area() -> None:
    number = _the(_document(), "发文字号")
    assert _attribute(number, "w:pBdr/w:bottom", "w:color") == "FF0000"
    points = int(_attribute(number, "w:pBdr/w:bottom", "w:space"))
    assert points / 72 * 25.4 == pytest.approx(4, abs=0.2)
    for side in ("left", "right", "firstLine"):
        assert _attribute(number, "w:ind", f"w:{side}") in ("", "0")


# Title, addressees, body


def test_the_title_is_centred_two_lines_below_and_broken_by_sense() -> None:
    title = _the(_document(), "Title")
    assert title.text.split("\n") == ["关于2016年第三季度全区", "扶贫开发工作进展情况的通报"]
    assert _font(title) == (TITLE, 22)
    assert _attribute(title, "w:jc", "w:val") == "center"
    assert _spacing(title, "before") == 2 * 579


def test_the_addressees_stand_one_line_below_flush_left_with_a_full_width_colon() -> None:
    to = _the(_document(), "主送机关")
    assert to.text == "各镇人民政府、街道办事处，区各有关部门\uff1a"
    assert _font(to) == (FANG, 16)
    assert _attribute(to, "w:jc", "w:val") == "left"
    assert _attribute(to, "w:ind", "w:firstLine") == "0"
    assert _spacing(to, "before") == 579


def test_body_text_is_justified_and_indented_by_two_characters() -> None:
    found = _find(_document(), "Body Text")
    assert found[0].text == "现将2016年第三季度全区扶贫开发工作进展情况通报如下。"
    for one in found:
        assert _font(one) == (FANG, 16)
        assert _attribute(one, "w:ind", "w:firstLineChars") == "200"
        assert _attribute(one, "w:ind", "w:firstLine") == "640"
        assert _attribute(one, "w:jc", "w:val") == "both"


LEVELS = (2, 3, 3, 4, 4, 3, 4, 2, 3)


def test_headings_are_real_ones_with_their_numbers_and_fonts() -> None:
    blocks = tuple(Text(text=f"级{level}", level=level) for level in LEVELS)
    section = Section(heading="情况", message="", blocks=blocks)
    document = _made(bulletin().model_copy(update={"sections": (section,) * 11}))
    first = [one.text for one in _find(document, "Heading 1")]
    assert first[:3] == ["一、情况", "二、情况", "三、情况"]
    assert first[-2:] == ["十、情况", "十一、情况"]
    assert [one.text for one in _find(document, "Heading 2")][:3] == [
        "\uff08一\uff09级2",
        "\uff08二\uff09级2",
        "\uff08一\uff09级2",
    ]
    third = [one.text for one in _find(document, "Heading 3")][:5]
    assert third == ["1.级3", "2.级3", "3.级3", "1.级3", "1.级3"]
    fourth = [one.text for one in _find(document, "Heading 4")][:3]
    assert fourth == ["\uff081\uff09级4", "\uff082\uff09级4", "\uff081\uff09级4"]
    for level, font in enumerate((HEI, KAI, FANG, FANG), 1):
        heading = _find(document, f"Heading {level}")[0]
        assert _font(heading) == (font, 16)
        assert _attribute(heading, "w:outlineLvl", "w:val") == str(level - 1)
        assert _attribute(heading, "w:ind", "w:firstLineChars") == "200"
        assert heading.style is not None
        assert heading.style.paragraph_format.keep_with_next


# Ending


def test_attachments_are_named_one_line_below_the_body_without_a_mark_behind() -> None:
    notes = _find(_document(), "附件说明")
    assert [note.text for note in notes] == [
        "附件\uff1a1.目标任务分解完成情况表",
        "2.镇（街道）排名表",
        "3.未达标村名单",
    ]
    assert _spacing(notes[0], "before") == 579
    left = int(_attribute(notes[0], "w:ind", "w:leftChars"))
    assert left - int(_attribute(notes[0], "w:ind", "w:hangingChars")) == 200
    starts = {
        int(_attribute(note, "w:ind", "w:leftChars")) for note in notes
    }  # names run on below their own first character
    assert starts == {600}


def test_the_only_attachment_has_no_number() -> None:
    one = bulletin().attachments[1].model_copy(update={"title": "排名表。"})
    document = _made(bulletin().model_copy(update={"attachments": (one,)}))
    assert _the(document, "附件说明").text == "附件：排名表"
    assert _the(document, "附件序号").text == "附件"


def test_signature_and_date_stand_four_characters_from_the_right() -> None:
    changed = bulletin().model_copy(update={"issued_on": date(2016, 10, 2)})
    document = _made(changed)
    signatory, on = _the(document, "发文机关署名"), _the(document, "Date")
    assert signatory.text == changed.signatory
    assert on.text == "2016年10月2日"
    for one in (signatory, on):
        assert _attribute(one, "w:jc", "w:val") == "right"
        assert _attribute(one, "w:ind", "w:rightChars") == "400"
        assert _font(one) == (FANG, 16)
    assert signatory.style is not None
    assert signatory.style.paragraph_format.keep_with_next


def test_the_signature_takes_the_last_paragraph_along() -> None:
    document = _document()
    before = document.paragraphs[
        [one._p for one in document.paragraphs].index(_find(document, "附件说明")[0]._p) - 1
    ]
    assert before.paragraph_format.keep_with_next


# Page numbers


def test_pages_are_numbered_right_on_odd_pages_and_left_on_even_ones() -> None:
    document = _document()
    assert document.settings.odd_and_even_pages_header_footer
    for section in document.sections:
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            root = footer._element
            (number,) = [
                Paragraph(node, footer)
                for node in root.iter(qn("w:p"))
                if node.findall(qn("w:fldSimple"))
            ]
            assert "".join(node.text or "" for node in number._p.iter(qn("w:t"))) == "— 1 —"
            assert number._p.find(qn("w:fldSimple")).get(qn("w:instr")).strip() == "PAGE"
            assert _font(number) == (SONG, 14)
            assert _attribute(number, "w:jc", "w:val") == side
            assert _attribute(number, "w:ind", f"w:{side}Chars") == "100"


def test_the_dashes_beside_a_page_number_are_7_mm_below_the_type_area() -> None:
    section = _document().sections[0]
    half_line = 7 / 72 * 25.4
    below = section.bottom_margin.mm - section.footer_distance.mm - half_line
    assert below == pytest.approx(7, abs=0.2)


def test_a_landscape_page_has_its_number_where_the_bound_sheets_have_it() -> None:
    (landscape,) = [one for one in _document().sections if one.page_width > one.page_height]
    for footer in (landscape.footer, landscape.even_page_footer):
        root = footer._element
        offsets = [int(node.text) / 36000 for node in root.iter(qn("wp:posOffset"))]
        extent = next(root.iter(qn("wp:extent")))
        across, down = int(extent.get("cx")) / 36000, int(extent.get("cy")) / 36000
        assert offsets[0] + across / 2 == pytest.approx(35 - 7, abs=0.2)
        assert (offsets[1], down) == (28, 156)
        body = [node for node in root.iter() if node.tag.endswith("}bodyPr")]
        assert body[0].get("vert") == "vert"


# 版记


def _imprint(document: Document) -> Element:
    (box,) = [
        node
        for node in document.element.body.iter(qn("wp:anchor"))
        if node.find(qn("wp:docPr")).get("name") == "版记"
    ]
    return box


def test_the_imprint_stands_at_the_foot_of_the_last_page_between_rules() -> None:
    document = _document()
    box = _imprint(document)
    assert box.find(f"{qn('wp:positionV')}/{qn('wp:align')}").text == "bottom"
    assert box.find(qn("wp:positionV")).get("relativeFrom") == "margin"
    assert int(box.find(qn("wp:extent")).get("cx")) / 36000 == pytest.approx(156, abs=0.1)
    rows = [
        "".join(node.text or "" for node in row.iter(qn("w:t"))) for row in box.iter(qn("w:tr"))
    ]
    assert rows == [
        "抄送：市委农工办，区委办、区政府办。",
        "常州市武进区扶贫开发推进工作领导小组办公室2016年10月12日印发",
    ]
    (tab,) = box.iter(qn("w:tabs"))
    assert int(tab[0].get(qn("w:pos"))) == pytest.approx(156 * TWIPS_A_MM - 280, abs=2)
    borders = next(box.iter(qn("w:tblBorders")))
    rules = {node.tag.split("}")[1]: int(node.get(qn("w:sz"))) for node in borders}
    assert rules["top"] == rules["bottom"] > rules["insideH"]
    assert document.paragraphs[-1]._p.findall(f".//{qn('wp:anchor')}") == [box]
    for one in box.iter(qn("w:pStyle")):
        style = next(s for s in document.styles if s.style_id == one.get(qn("w:val")))
        if style.name == "版记":
            assert style.element.find(f"{qn('w:rPr')}/{qn('w:sz')}").get(qn("w:val")) == "28"
            assert style.font.name == FANG


def test_the_imprint_keeps_its_room_free() -> None:
    document = _document()
    high = int(_imprint(document).find(qn("wp:extent")).get("cy")) / 36000
    room = _spacing(document.paragraphs[-1], "before") / TWIPS_A_MM
    assert high == pytest.approx(room, abs=1.5)


def test_the_page_with_the_imprint_stands_upright() -> None:
    wide = bulletin().attachments[0]
    document = _made(bulletin().model_copy(update={"attachments": (wide,)}))
    last = document.sections[-1]
    assert last.page_width < last.page_height


# Attachments and tables


def test_each_attachment_starts_a_page_with_its_number_and_its_title() -> None:
    document = _document()
    labels = _find(document, "附件序号")
    assert [label.text for label in labels] == ["附件1", "附件2", "附件3"]
    assert _font(labels[0]) == (HEI, 16)
    assert _attribute(labels[0], "w:jc", "w:val") == "left"
    titles = _find(document, "附件标题")
    assert titles[0].text == "目标任务分解完成情况表"
    # The second line of the page is empty: the title stands in the third.
    assert {_spacing(title, "before") for title in titles} == {579}
    assert len(document.sections) == 4
    widths = [section.page_width > section.page_height for section in document.sections]
    assert widths == [False, True, False, False]


def _rows(table: Element) -> list[Element]:
    rows: list[Element] = table.findall(qn("w:tr"))
    return rows


def _cells(row: Element) -> list[Element]:
    cells: list[Element] = row.findall(qn("w:tc"))
    return cells


def test_heads_are_merged_and_repeated_on_every_page() -> None:
    table = _document().tables[1]._tbl
    heads = [
        row for row in _rows(table) if row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    ]
    assert heads == _rows(table)[:2]
    spans = [
        cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}").get(qn("w:val"))
        for cell in _cells(heads[0])[1:]
    ]
    assert spans == ["3", "3", "3"]
    merges = [
        _cells(head)[0].find(f"{qn('w:tcPr')}/{qn('w:vMerge')}").get(qn("w:val")) for head in heads
    ]
    assert merges == ["restart", "continue"]
    assert len(_cells(heads[1])) == 10


def test_no_row_breaks_over_a_page() -> None:
    for table in _document().tables:
        for row in _rows(table._tbl):
            assert row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None


def test_figures_stand_at_the_right_and_the_unit_above() -> None:
    document = _document()
    last = document.tables[-1]
    assert [cell.text for cell in last.rows[1].cells] == ["=演示一村", "149.9999"]
    sides = [_attribute(cell.paragraphs[0], "w:jc", "w:val") for cell in last.rows[1].cells]
    assert sides == ["left", "right"]
    units = _find(document, "表单位")
    assert units[-1].text == "单位：万元"
    assert _attribute(units[-1], "w:jc", "w:val") == "right"


def test_a_table_is_as_wide_as_its_type_area_and_the_whole_is_set_off() -> None:
    table = _document().tables[1]._tbl
    widths = [int(one.get(qn("w:w"))) for one in table.find(qn("w:tblGrid"))]
    assert sum(widths) == pytest.approx(225 * TWIPS_A_MM, abs=10)
    bold = [len(list(row.iter(qn("w:b")))) for row in _rows(table)]
    assert bold[2] == 10
    assert sum(bold) == 10


def test_no_figure_is_broken_whatever_font_stands_in() -> None:
    """At 0.7 of the type size a digit, bold ones of a wide font, each fits its cell's line."""
    for table in _document().tables:
        widths = [int(one.get(qn("w:w"))) for one in table._tbl.find(qn("w:tblGrid"))]
        for row in _rows(table._tbl)[2:]:
            for cell, wide in zip(_cells(row), widths, strict=True):
                if cell.find(f".//{qn('w:jc')}").get(qn("w:val")) != "right":
                    continue
                text = "".join(one.text or "" for one in cell.iter(qn("w:t")))
                size = int(cell.find(f".//{qn('w:sz')}").get(qn("w:val"))) / 2
                full = sum(ord(char) > 0x2E80 for char in text)
                needs = size * (full + 0.7 * (len(text) - full))
                assert needs <= wide / 20 - 8 + 0.1, text


def test_short_tables_stay_on_one_page() -> None:
    rows = _rows(_document().tables[0]._tbl)
    kept = [len(list(row.iter(qn("w:keepNext")))) > 0 for row in rows[1:]]
    assert kept == [True, True, True, False]


# Fonts


def test_every_font_is_named_for_east_asian_text_and_has_what_may_stand_in() -> None:
    with zipfile.ZipFile(io.BytesIO(_bytes())) as file:
        styles = file.read("word/styles.xml").decode()
        table = file.read("word/fontTable.xml").decode()
    named = re.findall(r"<w:rFonts[^>]*>", styles)
    assert len(named) > 20
    used = set()
    for one in named:
        fonts = set(re.findall(r'w:(?:ascii|hAnsi|eastAsia|cs)="([^"]+)"', one))
        assert 'w:eastAsia="' in one
        assert len(fonts) == 1, "figures are in the font of the characters"
        used |= fonts
    assert used == {FANG, KAI, HEI, SONG, TITLE}
    stand_ins = dict(re.findall(r'w:name="([^"]+)"><w:altName w:val="([^"]+)"', table))
    assert set(stand_ins) == used
    assert "仿宋" in stand_ins[FANG].split(",")
    assert "楷体" in stand_ins[KAI].split(",")
    assert "宋体" in stand_ins[TITLE].split(",")
    assert "w:asciiTheme" not in styles


# Drafts and demo data


def _headers(document: Document) -> set[str]:
    """What stands above the pages, odd and even, of every section."""
    return {
        "".join(one.text for one in header.paragraphs)
        for section in document.sections
        for header in (section.header, section.even_page_header)
    }


def test_a_draft_says_so_and_has_neither_number_nor_date() -> None:
    document = _document(0)
    assert _headers(document) == {"演示数据　草稿"}
    assert _the(document, "发文字号").text == "草稿"
    assert _find(document, "Date") == []
    assert not any("印发" in text or "〔" in text for text in _all_paragraphs(document))


def test_demo_data_is_said_on_every_page_and_at_the_title() -> None:
    document = _document()
    assert _headers(document) == {"演示数据"}
    assert _the(document, "Subtitle").text == "（演示数据）"


def test_a_real_issue_says_neither() -> None:
    document = _made(bulletin().model_copy(update={"is_demo": False}))
    texts = [*_all_paragraphs(document), *_headers(document)]
    assert not any("演示数据" in text or "草稿" in text for text in texts)
    assert _find(document, "Subtitle") == []


def test_a_correction_names_what_it_corrects() -> None:
    changed = bulletin().model_copy(update={"corrects": "武扶组办〔2016〕2号", "is_demo": False})
    assert _the(_made(changed), "Subtitle").text == "（更正武扶组办〔2016〕2号）"


# The file


def test_pictures_say_in_words_what_they_show() -> None:
    document = _document()
    charts = [block for block in bulletin().blocks() if block.kind == "chart"]
    described = [
        node.find(qn("wp:docPr")).get("descr")
        for node in document.element.body.iter(qn("wp:inline"))
    ]
    assert described == [chart.alt for chart in charts]


def test_drawings_have_ids_of_their_own() -> None:
    document = _document()
    footers = [
        one for section in document.sections for one in (section.footer, section.even_page_footer)
    ]
    roots = [document.element.body, *(footer._element for footer in footers)]
    ids = [node.get("id") for root in roots for node in root.iter(qn("wp:docPr"))]
    assert len(ids) == len(set(ids)) == 5


def test_properties_are_those_of_the_content() -> None:
    told = _document().core_properties
    assert (told.title, told.author) == (bulletin().title, bulletin().issuer)
    assert told.created == datetime(2016, 10, 12, tzinfo=UTC)
    assert told.subject == "武扶组办〔2016〕3号"


def test_the_same_content_makes_the_same_bytes() -> None:
    assert word.render(bulletin()) == _bytes()


ORDER = (
    *("pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr"),
    *("pBdr", "shd", "tabs", "autoSpaceDE", "autoSpaceDN", "snapToGrid", "spacing", "ind"),
    *("contextualSpacing", "jc", "textDirection", "outlineLvl", "rPr", "sectPr"),
)


def test_properties_of_paragraphs_are_in_the_order_that_word_insists_on() -> None:
    document = _document()
    for root in (document.element.body, document.styles.element):
        for properties in root.iter(qn("w:pPr")):
            places = [ORDER.index(node.tag.split("}")[1]) for node in properties]
            assert all(one < two for one, two in pairwise(places)), list(properties)


MARKUP = '<w:p/>&amp; ]]> #let x = [*a*] $1$ \\n "引" {{ x }} =1+1'


def test_what_looks_like_markup_comes_out_as_it_is() -> None:
    table = Table(title=MARKUP, columns=(Column(head=MARKUP),), rows=((Cell(text=MARKUP),),))
    section = Section(heading="一", message="", blocks=(Text(text=MARKUP), table))
    document = _made(bulletin().model_copy(update={"sections": (section,), "attachments": ()}))
    assert [text for text in _all_paragraphs(document) if "let x" in text] == [MARKUP] * 4


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_any_text_makes_a_file_that_can_be_read(text: str) -> None:
    table = Table(title="表", columns=(Column(head="列"),), rows=((Cell(text=text),),))
    section = Section(heading="节", message="", blocks=(table,))
    empty = bulletin(towns=1).model_copy(update={"sections": (section,), "attachments": ()})
    cell = _made(empty).tables[0].rows[1].cells[0].text
    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
    assert cell.replace("\n", "") == re.sub("[\r\n]", "", kept)


def test_libreoffice_lays_it_out_as_meant(tmp_path: Path) -> None:
    """All the rules are read back above; this only looks whether a program opens the file."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("soffice is not installed: no program here that opens the Word file")
    (tmp_path / "issue.docx").write_bytes(_bytes())
    command = [office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "issue.docx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pages = [page.extract_text() for page in pypdf.PdfReader(tmp_path / "issue.pdf").pages]
    for place, page in enumerate(pages, 1):
        assert re.search(rf"—\s*{place}\s*—", page), f"page {place} has no number"
        assert "演示数据" in page
    assert "抄送" in pages[-1]
    assert not any("抄送" in page for page in pages[:-1])
    with_rows = [page for page in pages if "12,0" in page]
    assert len(with_rows) == 3
    assert all("脱贫退出（户）" in page and "完成率" in page for page in with_rows), "head repeated"
