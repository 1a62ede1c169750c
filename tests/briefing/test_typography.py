"""Punctuation and the breaking of titles, by examples and by what always holds."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.briefing.typography import full_width, title_lines, width

CHINESE = st.text(
    "关于全区扶贫开发工作进展情况的通报镇村集体年收入低农户和及、（）0123456789%年第三季度",
    max_size=40,
)


@pytest.mark.parametrize(
    ("written", "set_"),
    [
        ("各镇人民政府、街道办事处,区各有关部门:", "各镇人民政府、街道办事处，区各有关部门："),
        ("镇(街道):12,345,乙镇", "镇（街道）：12,345，乙镇"),
        ("完成82.3%,超过(7.3个)", "完成82.3%，超过（7.3个）"),
        # Nothing Chinese beside it: formulas, times and markup stay as they are.
        ("f(x)=1,2 10:30 <b>a</b>:#let x=(1)", "f(x)=1,2 10:30 <b>a</b>:#let x=(1)"),
    ],
)
def test_punctuation_beside_chinese_is_full_width(written: str, set_: str) -> None:
    assert full_width(written) == set_


@given(st.text())
def test_full_width_changes_nothing_twice_and_no_length(text: str) -> None:
    once = full_width(text)
    assert full_width(once) == once
    assert len(once) == len(text)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        (
            "关于2016年第三季度全区扶贫开发工作进展情况的通报",
            ("关于2016年第三季度全区", "扶贫开发工作进展情况的通报"),
        ),
        (
            "关于更正武扶组办〔2016〕3号情况通报有关数据的通知",
            ("关于更正武扶组办〔2016〕3号", "情况通报有关数据的通知"),
        ),
        ("未达标村名单", ("未达标村名单",)),
    ],
)
def test_titles_are_broken_by_sense(title: str, lines: tuple[str, ...]) -> None:
    assert title_lines(title, 20) == lines


WORDS = ("2016年", "第三季度", "扶贫开发", "领导小组", "〔2016〕3号", "低收入农户", "情况", "季度")


@given(CHINESE, st.integers(10, 28))
def test_no_title_loses_a_character_is_too_wide_or_splits_a_word(title: str, limit: int) -> None:
    lines = title_lines(title, limit)
    assert "".join(lines) == title
    assert all(width(line) <= limit for line in lines)
    if "低收入农户" in title:
        ends = {sum(map(len, lines[:place])) for place in range(1, len(lines))}
        start = title.index("低收入农户")
        assert not ends & set(range(start + 1, start + 5))


@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=9), st.integers(12, 24))
def test_known_words_are_never_split(words: list[str], limit: int) -> None:
    lines = title_lines("".join(words), limit)
    ends = {sum(map(len, lines[:place])) for place in range(1, len(lines))}
    allowed = {sum(map(len, words[:place])) for place in range(1, len(words))}
    assert ends <= allowed


def _hourglass(widths: list[float]) -> bool:
    return any(
        two < min(one, three)
        for one, two, three in zip(widths, widths[1:], widths[2:], strict=False)
    )


PLAIN = ("扶贫开发", "领导小组", "低收入农户", "情况", "工作", "督查")


@given(st.lists(st.sampled_from(PLAIN), min_size=4, max_size=9))
def test_lines_make_an_hourglass_only_where_nothing_else_fits(words: list[str]) -> None:
    widths = [width(line) for line in title_lines("".join(words), 12)]
    if _hourglass(widths):
        for places in combinations(range(1, len(words)), len(widths) - 1):
            other = [
                width("".join(words[one:two])) for one, two in pairwise((0, *places, len(words)))
            ]
            assert max(other) > 12 or _hourglass(other)


def test_a_text_too_long_for_a_title_is_filled_line_by_line() -> None:
    lines = title_lines("扶贫开发工作" * 100, 20)
    assert set(lines[:-1]) == {"扶贫开发工作" * 3}
    assert "".join(lines) == "扶贫开发工作" * 100
