"""An expected year end against a line: on it, a fen beside it, and what is still needed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.policy.outlook import Forecast
from dashboard.policy.periods import Period
from dashboard.policy.shortfall import Verdict, judge, line_of_year
from dashboard.policy.thresholds import Operator, Threshold

WAN = 1_000_000
LINE = 150 * WAN


def line(operator: Operator = ">", fen: int = LINE) -> Threshold:
    return Threshold("target", "村集体年收入", operator, fen, "二·首段", "力争")


def ending(reached: int, low: int, expected: int, high: int) -> Forecast:
    return Forecast("v", reached, expected, low, high, 0.6, False)


@pytest.mark.parametrize(
    ("reached", "low", "expected", "high", "verdict"),
    [
        (90 * WAN, 130 * WAN, 140 * WAN, LINE, Verdict.SHORT),  # the line itself is not beyond it
        (90 * WAN, 130 * WAN, 140 * WAN, LINE + 1, Verdict.BELOW),
        (90 * WAN, 140 * WAN, LINE, 160 * WAN, Verdict.BELOW),
        (90 * WAN, LINE, LINE + 1, 160 * WAN, Verdict.UNSURE),
        (90 * WAN, LINE + 1, 155 * WAN, 160 * WAN, Verdict.LIKELY),
        (LINE, LINE + 1, 155 * WAN, 160 * WAN, Verdict.LIKELY),
        (LINE + 1, LINE + 1, 155 * WAN, 160 * WAN, Verdict.REACHED),
    ],
)
def test_verdicts(reached: int, low: int, expected: int, high: int, verdict: Verdict) -> None:
    found = judge(ending(reached, low, expected, high), line(), Period(2017, 3))
    assert found.verdict is verdict
    assert verdict.misses == (expected <= LINE)


def test_where_reaching_is_enough() -> None:
    found = judge(ending(90 * WAN, LINE, LINE, LINE), line(">="), Period(2017, 3))
    assert found.verdict is Verdict.LIKELY
    assert found.monthly == 20 * WAN


@pytest.mark.parametrize(
    ("quarter", "months"),
    [(1, 9), (2, 6), (3, 3)],
)
def test_what_each_month_must_bring(quarter: int, months: int) -> None:
    found = judge(ending(60 * WAN, 100 * WAN, 120 * WAN, 130 * WAN), line(), Period(2017, quarter))
    assert found.gap == 30 * WAN + 10_000, "up to the next 0.01 万元 beyond the line"
    assert (found.monthly - 10_000) * months <= 90 * WAN < found.monthly * months
    assert found.pace == round(60 * WAN / months)


@given(
    st.integers(0, 300 * WAN),
    st.integers(0, 200 * WAN),
    st.sampled_from([">", ">="]),
    st.integers(1, 3),
)
def test_what_is_shown_as_needed_suffices(
    reached: int, more: int, operator: Operator, quarter: int
) -> None:
    expected = reached + more
    found = judge(
        ending(reached, expected, expected, expected), line(operator), Period(2017, quarter)
    )
    target, months = line(operator), 12 - 3 * quarter
    assert target.holds(expected + found.gap)
    assert target.holds(reached + found.monthly * months)
    assert (found.gap == 0) == target.holds(expected)
    assert found.gap == 0 or not target.holds(expected + found.gap - 10_000)
    assert found.gap % 10_000 == found.monthly % 10_000 == 0


def test_the_line_of_a_year() -> None:
    first, last, floor = line(), line(fen=200 * WAN), line("<", 120 * WAN)
    lines = [(2020, last), (2016, first), (2016, floor), (None, line("<"))]
    assert [line_of_year(lines, year) for year in (2015, 2016, 2019, 2020, 2021)] == [
        first,
        first,
        first,
        last,
        last,
    ]
    assert line_of_year([(2016, floor)], 2016) is None
