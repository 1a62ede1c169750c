"""The policy's lines: strictness, concepts, and who counts as 经济一般村 within the year."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import settings
from dashboard.policy.thresholds import Operator, Threshold, band, compare, is_weak, word

WAN = 1_000_000
WEAK = Threshold("weak", "年总收入", "<", 150 * WAN, "二(一)", "")
TARGET = Threshold("target", "村集体年收入", ">", 150 * WAN, "二·首段", "力争")
fens = st.integers(0, 400 * WAN)


@given(fens)
def test_weak_and_at_target_exclude_each_other_and_leave_exactly_the_line(fen: int) -> None:
    assert not (WEAK.holds(fen) and TARGET.holds(fen))
    assert (not WEAK.holds(fen) and not TARGET.holds(fen)) == (fen == 150 * WAN)


@pytest.mark.parametrize(
    ("fen", "weak", "met"),
    [
        (149_999_999, True, False),  # one fen below, though a screen of two places says 150.00
        (150_000_000, False, False),  # exactly 150.0: neither
        (150_000_001, False, True),  # one fen above
    ],
)
def test_around_the_line(fen: int, weak: bool, met: bool) -> None:
    assert (WEAK.holds(fen), TARGET.holds(fen)) == (weak, met)


@given(st.integers(), st.integers())
def test_operators(value: int, limit: int) -> None:
    assert compare(value, "<", limit) == (value < limit)
    assert compare(value, "<=", limit) == (value <= limit)
    assert compare(value, ">", limit) == (value > limit)
    assert compare(value, ">=", limit) == (value >= limit)
    assert compare(value, "=", limit) == (value == limit)


def test_shipped_lines_say_what_the_text_says() -> None:
    policy = settings.load().policy
    said = {key: policy.threshold(key) for key in policy.thresholds}
    assert {
        key: (line.concept, line.wording, line.fen, line.clause) for key, line in said.items()
    } == {
        "weak_village": ("年总收入", "低于", 150 * WAN, "二(一)"),
        "village_target_2016": ("村集体年收入", "超过", 150 * WAN, "二·首段"),
        "village_target_2020": ("村级集体年收入", "超过", 200 * WAN, "二·首段"),
        "floor_support": ("年收入", "低于", 120 * WAN, "四(三)"),
        "low_income_household": ("人均可支配收入", "低于", 10_000 * 100, "二(一)"),
        "household_target_2019": ("人均可支配收入", "达到", 10_000 * 100, "二·首段"),
    }


@given(st.integers(0, 2_000_000))
def test_a_household_is_low_income_or_at_target_without_a_dead_band(fen: int) -> None:
    policy = settings.load().policy
    low, met = policy.threshold("low_income_household"), policy.threshold("household_target_2019")
    assert low.holds(fen) != met.holds(fen)


@pytest.mark.parametrize(
    ("year_to_date", "closes_year", "last_year", "weak"),
    [
        (40, False, 300, False),  # a young year does not make a rich village weak
        (40, False, 120, True),  # weak last year, line not yet reached
        (150, False, 120, False),  # weak last year, has just reached the line
        (200, False, 120, False),  # left it behind
        (40, False, None, True),  # no history: the cumulative income alone decides
        (160, False, None, False),
        (149, True, 300, True),  # the year's end decides, whatever last year was
        (150, True, 120, False),  # exactly on the line at the year's end
        (40, False, 150, False),  # exactly on the line last year: did not start weak
    ],
)
def test_who_is_weak(
    year_to_date: int, closes_year: bool, last_year: int | None, weak: bool
) -> None:
    before = None if last_year is None else last_year * WAN
    assert is_weak(year_to_date * WAN, closes_year, before, WEAK) is weak


@given(fens, fens, st.booleans(), st.none() | fens)
def test_more_income_never_makes_a_village_weak(
    income: int, more: int, closes_year: bool, last_year: int | None
) -> None:
    if not is_weak(income, closes_year, last_year, WEAK):
        assert not is_weak(income + more, closes_year, last_year, WEAK)


@given(st.integers(0, 400), st.lists(st.integers(0, 400), unique=True, max_size=5))
def test_band_is_the_stretch_that_holds_the_value(value: int, lines: list[int]) -> None:
    ascending = sorted(lines)
    place = band(value, ascending)
    edges = [-1, *ascending, 10**9]
    assert edges[place] <= value < edges[place + 1]


@pytest.mark.parametrize(
    ("value", "by", "said"),
    [
        (149, ">", "低于"),
        (150, ">", "等于"),  # exactly on the line is not 超过
        (151, ">", "超过"),
        (149, ">=", "低于"),
        (150, ">=", "达到"),
        (151, ">=", "超过"),
        (150, "<", "等于"),
        (150, "<=", "等于"),
        (Fraction(1499999999, 10000000), ">=", "低于"),  # however little
    ],
)
def test_the_verb_follows_from_the_operator_and_exact_numbers(
    value: int, by: Operator, said: str
) -> None:
    assert word(value, by, 150) == said
