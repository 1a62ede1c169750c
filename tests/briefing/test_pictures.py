"""Charts as pictures: figures, gaps and units are on them, and grey print keeps them apart."""

import struct
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

from dashboard.briefing import fonts, pictures
from dashboard.briefing.content import Chart, Series

QUARTERS = ("一季度", "二季度", "三季度", "四季度")


def _series(name: str, *values: float | None) -> Series:
    texts = tuple("" if value is None else f"{value:.1f}" for value in values)
    return Series(name=name, values=values, texts=texts)


def _chart(mark: str, *series: Series, categories: tuple[str, ...] = QUARTERS) -> Chart:
    return Chart.model_validate(
        {
            "mark": mark,
            "title": "哪些镇完成了序时进度",
            "unit": "万元",
            "categories": categories,
            "series": series,
            "alt": "说明",
        }
    )


def _texts(svg: str) -> list[str]:
    root = ET.fromstring(svg)  # noqa: S314 (made here)
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


TARGET = _series("目标", 10, 20, 30, 40)
ACTUAL = _series("实际", 11, None, 26, 33)


@pytest.mark.parametrize("mark", ["bar", "line", "stacked"])
def test_every_figure_the_unit_and_what_is_missing_are_written(mark: str) -> None:
    texts = _texts(pictures.svg(_chart(mark, TARGET, ACTUAL)))
    assert "哪些镇完成了序时进度（单位：万元）" in texts
    assert set(QUARTERS) | {"10.0", "20.0", "30.0", "40.0", "11.0", "26.0", "33.0"} <= set(texts)
    assert sum(pictures.MISSING in text for text in texts) == 1
    assert {"目标", "实际"} <= set(texts), "a legend tells the series apart"


def test_a_single_series_has_no_legend_and_a_zero_is_no_gap() -> None:
    texts = _texts(pictures.svg(_chart("bar", _series("完成率", 0, 20, 30, 40))))
    assert "完成率" not in texts
    assert "0.0" in texts
    assert pictures.MISSING not in texts


def test_a_line_is_broken_where_a_figure_is_missing() -> None:
    whole = pictures.svg(_chart("line", _series("实际", 11, 20, 26, 33)))
    broken = pictures.svg(_chart("line", _series("实际", 11, 20, None, 33)))
    assert _moves(whole) == 1
    assert _moves(broken) == 2


def _moves(svg: str) -> int:
    """How many strokes the line is drawn in."""
    root = ET.fromstring(svg)  # noqa: S314 (made here)
    wide = [
        node.get("d", "")
        for node in root.iter("{http://www.w3.org/2000/svg}path")
        if node.get("stroke-width") == "3" and node.get("fill") is None
    ]
    return sum(path.count("M") for path in wide)


def test_titles_can_be_left_to_the_page() -> None:
    assert "序时进度" not in pictures.svg(_chart("bar", TARGET), titled=False)


def test_many_categories_lie_and_all_are_named() -> None:
    towns = tuple(f"第{place}街道" for place in range(16))
    chart = _chart("bar", _series("得分", *range(16)), categories=towns)
    assert set(towns) <= set(_texts(pictures.svg(chart)))


def test_text_of_the_data_stays_text() -> None:
    markup = "<script>1</script>&amp;"
    svg = pictures.svg(_chart("bar", _series("一", 1), categories=(markup,)))
    assert markup in _texts(svg)
    assert "<script" not in svg


def test_nothing_is_asked_for_from_elsewhere() -> None:
    svg = pictures.svg(_chart("stacked", TARGET, ACTUAL))
    assert "href" not in svg
    assert "url(http" not in svg


def _lightness(colour: str) -> float:
    """CIE L*: 0 black, 100 white."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return float(116 * luminance ** (1 / 3) - 16)


def test_colours_stay_apart_in_grey_print() -> None:
    for one, other in combinations(pictures.COLOURS, 2):
        assert abs(_lightness(one) - _lightness(other)) >= 9, (one, other)


def test_the_picture_is_as_large_as_was_asked() -> None:
    png = pictures.png(_chart("bar", TARGET), width_px=360, scale=2)
    wide, high = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert (wide, high) == (720, 300)


def test_without_a_chinese_font_it_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoFonts:
        def families(self) -> list[str]:
            return ["DejaVu Sans"]

    monkeypatch.setattr(fonts, "installed", NoFonts)
    with pytest.raises(fonts.NoChineseFont, match="服务器上没有中文字体"):
        pictures.svg(_chart("bar", _series("只此一次", 1, 2, 3, 4)))


@pytest.mark.parametrize("text", ["甲\x00乙", "\x1b[31m", "\x07", "\ufffe", "a\nb", "\u2028"])
def test_no_text_ends_the_process(text: str) -> None:
    """The drawer, a compiled library, does not raise on a control character: it aborts."""
    series = Series(name=text, values=(1.0,), texts=(text,))
    chart = Chart(mark="bar", title=text, unit=text, categories=(text,), series=(series,), alt=text)
    assert pictures.svg(chart).startswith("<svg")
