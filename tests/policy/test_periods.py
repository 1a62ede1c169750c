"""Quarters: text form, arithmetic, and increments of cumulative figures."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.policy.periods import Period, quarterly, span

periods = st.builds(Period, st.integers(2000, 2099), st.integers(1, 4))


@given(periods)
def test_text_round_trip(period: Period) -> None:
    assert Period.parse(str(period)) == period
    assert Period.parse(f" {str(period).lower()} ") == period


@given(periods, periods)
def test_text_sorts_as_time_does(one: Period, other: Period) -> None:
    assert (one < other) == (str(one) < str(other)) == (one.first_day < other.first_day)


@pytest.mark.parametrize(
    "text",
    [
        "",  # nothing
        "2016",  # no quarter
        "2016Q5",  # no such quarter
        "2016Q0",
        "1999Q1",  # before the century that the programme lies in
        "2016年3季度",  # a person's way of writing
        "2016Q3Q3",
        "2016-Q3",
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="季度应写作2016Q3的形式"):
        Period.parse(text)


def test_a_long_text_is_not_repeated_whole() -> None:
    with pytest.raises(ValueError, match="季度") as refusal:
        Period.parse("x" * 1000)
    assert len(str(refusal.value)) < 60


@pytest.mark.parametrize(("year", "quarter"), [(2016, 0), (2016, 5), (1999, 4), (2100, 1)])
def test_no_period_outside_the_calendar(year: int, quarter: int) -> None:
    with pytest.raises(ValueError, match="不是有效的季度"):
        Period(year, quarter)


@given(periods, st.integers(-400, 400))
def test_shift_is_undone_by_its_inverse(period: Period, quarters: int) -> None:
    try:
        moved = period.shift(quarters)
    except ValueError:
        index = period.year * 4 + period.quarter - 1 + quarters
        assert not 2000 * 4 <= index < 2100 * 4  # refused only outside the century
        return
    assert moved.shift(-quarters) == period
    assert (moved > period) == (quarters > 0)


@given(periods)
def test_days_of_a_quarter(period: Period) -> None:
    assert Period.of(period.first_day) == Period.of(period.last_day) == period
    # It starts with a month and ends right before the next one starts.
    assert period.first_day.day == 1
    after = period.last_day + timedelta(days=1)
    assert (after.day, after.month % 3) == (1, 1)
    assert after.year == 2100 or Period.of(after) == period.next()


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_lies_within_its_quarter(day: date) -> None:
    period = Period.of(day)
    assert period.first_day <= day <= period.last_day


@given(periods, periods)
def test_span_has_every_period_once(first: Period, last: Period) -> None:
    found = list(span(first, last))
    if last < first:
        assert found == []
        return
    assert (found[0], found[-1]) == (first, last)
    assert all(after == before.next() for before, after in pairwise(found))


def test_words() -> None:
    period = Period(2016, 3)
    assert (period.label, period.short_label) == ("2016年第三季度", "16年三季度")
    assert (period.last_month, period.closes_year) == (9, False)
    assert period.last_day == date(2016, 9, 30)
    assert Period(2016, 4).closes_year
    assert period.year_end(1) == Period(2015, 4)


@given(st.dictionaries(periods, st.integers(0, 10**12), max_size=30))
def test_increments_add_up_to_the_cumulative_figure(cumulative: dict[Period, int]) -> None:
    increments = quarterly(cumulative)
    assert increments.keys() == cumulative.keys()
    for period, total in cumulative.items():
        quarters = [Period(period.year, quarter) for quarter in range(1, period.quarter + 1)]
        if all(quarter in cumulative for quarter in quarters):
            assert sum(increments[quarter] or 0 for quarter in quarters) == total


def test_increments_over_a_gap_are_unknown() -> None:
    increments = quarterly(
        {
            Period(2016, 1): 10,  # first quarter: its own increment
            Period(2016, 2): 25,
            Period(2016, 4): 60,  # third quarter missing: 35 is not one quarter's gain
            Period(2017, 1): 5,  # a new year starts from nothing
        }
    )
    assert list(increments.values()) == [10, 15, None, 5]
