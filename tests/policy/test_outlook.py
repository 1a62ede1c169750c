"""Year ends to be expected: against a plain loop, against truth it has not seen, and what holds."""

import math
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from dashboard.data.demo import make
from dashboard.policy.outlook import LEAST_TESTED, NOMINAL, Course, Forecast, forecast
from dashboard.policy.periods import Period
from dashboard.settings import Settings

TIMING = np.array([[0.2, 0.45, 0.7, 1.0], [0.0, 0.1, 0.3, 1.0], [0.26, 0.5, 0.74, 1.0]])
"""Three sources, each with its course within the year."""


def villages_of(
    seed: int, count: int = 120, years: Sequence[int] = (2015, 2016, 2017), own: float = 0.0
) -> list[Course]:
    """Villages with a mix of their own; `own`: how far a village's timing keeps off the others'."""
    draw = np.random.default_rng(seed)
    courses = []
    for village in range(count):
        mix = draw.dirichlet([4.0, 2.0, 5.0])
        habit = own * draw.normal()
        total = draw.lognormal(14, 0.5)
        for year in years:
            total *= 1 + draw.normal(0.1, 0.05)
            pull = np.exp(habit + draw.normal(0, 0.03, size=3))[:, np.newaxis]
            reached = (total * mix)[:, np.newaxis] * np.minimum(TIMING**pull, 1.0)
            by = {q: tuple(int(fen) for fen in reached[:, q - 1]) for q in (1, 2, 3, 4)}
            courses.append(Course(f"{village:03}", year, by))
    return courses


def until(courses: Sequence[Course], year: int, quarter: int) -> list[Course]:
    """What is known at that quarter."""
    return [
        c
        if c.year < year
        else Course(c.village, c.year, {q: a for q, a in c.reached.items() if q <= quarter})
        for c in courses
        if c.year <= year
    ]


def ends(courses: Sequence[Course], year: int) -> dict[str, int]:
    return {c.village: sum(c.reached[4]) for c in courses if c.year == year}


def naive(courses: Sequence[Course], year: int, quarter: int) -> tuple[int, dict[str, Forecast]]:
    """The same with loops, for stores in which one year alone can be tested."""
    known = {(c.village, c.year): c.reached for c in courses}
    past = sorted(
        v
        for v, y in known
        if y == year - 1 and quarter in known[v, y] and sum(known[v, y].get(4, (0,))) > 0
    )
    told = sorted({c.village for c in courses if quarter in c.reached and c.year <= year})
    fold = {village: at % 5 for at, village in enumerate(told)}

    def share(village: str, of_year: int, teachers: list[str]) -> float:
        now = [sum(c) for c in zip(*(known[t, year - 1][quarter] for t in teachers), strict=True)]
        end = [sum(c) for c in zip(*(known[t, year - 1][4] for t in teachers), strict=True)]
        plain = sum(now) / sum(end)
        timing = [n / e if e else plain for n, e in zip(now, end, strict=True)]
        mix = known.get((village, of_year - 1), {}).get(4)
        if mix is None or sum(mix) == 0:
            return plain
        return sum(m * t for m, t in zip(mix, timing, strict=True)) / sum(mix)

    error = {}
    for village in past:
        teachers = [t for t in past if fold[t] != fold[village]]
        reached, end = (sum(known[village, year - 1][q]) for q in (quarter, 4))
        part = share(village, year - 1, teachers)
        if reached > 0 and part >= 0.02:
            error[village] = math.log(end / (reached / part))

    def tails(errors: list[float]) -> tuple[float, float]:
        errors = sorted(errors)
        at = max(1, math.floor((len(errors) + 1) * (1 - NOMINAL) / 2 + 1e-9))
        return errors[at - 1], errors[-at]

    covered = 0
    for village, off in error.items():
        low, high = tails([e for other, e in error.items() if fold[other] != fold[village]])
        covered += low <= off <= high
    made = {}
    low, high = tails(list(error.values()))
    for (village, y), by in known.items():
        if y == year and quarter in by:
            reached = sum(by[quarter])
            part = share(village, year, past)
            centre = reached / part
            made[village] = Forecast(
                village,
                reached,
                max(reached, round(centre)),
                max(reached, round(centre * math.exp(low))),
                max(reached, round(centre * math.exp(high))),
                part,
                False,
            )
    return covered, made


@pytest.mark.parametrize("quarter", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_as_a_plain_loop_has_it(seed: int, quarter: int) -> None:
    courses = until(villages_of(seed, 60), 2017, quarter)
    # The first year is known by its end only, as a register's first year is; a few gaps.
    told = [c if c.year > 2015 else Course(c.village, 2015, {4: c.reached[4]}) for c in courses]
    told = [c for at, c in enumerate(told) if at % 17]
    found = forecast(told, 2017, quarter)
    covered, made = naive(told, 2017, quarter)
    assert found.check is not None
    assert (found.check.covered, found.check.years) == (covered, (2016,))
    assert found.forecasts.keys() == made.keys()
    for village, one in found.forecasts.items():
        other = made[village]
        assert (one.reached, one.has_own) == (other.reached, False)
        for name in ("expected", "low", "high", "share"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-9, abs=1)


def demo_courses(settings: Settings, seed: int) -> list[Course]:
    world = make.draw_world(settings, seed, 190, 50)
    found: dict[tuple[str, int], dict[int, tuple[int, ...]]] = {}
    for code, series in world.incomes.series.items():
        for period, amounts in series.items():
            if period == Period(2015, 4) or world.reports.came(code[:9], period):
                found.setdefault((code, period.year), {})[period.quarter] = tuple(amounts.values())
    return [Course(village, year, reached) for (village, year), reached in found.items()]


@pytest.mark.parametrize("seed", [1, 2, 2016])
def test_on_demo_data_the_interval_holds_as_often_as_it_says(seed: int, settings: Settings) -> None:
    courses = demo_courses(settings, seed)
    for quarter in (1, 2, 3):
        check = forecast(until(courses, 2017, quarter), 2017, quarter).check
        assert check is not None
        assert check.tested > 150
        assert abs(check.coverage - NOMINAL) <= 0.05, (quarter, check)


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_year_that_it_has_not_seen(quarter: int) -> None:
    """The back-test's promise kept: the new year's ends lie in the intervals as often as said."""
    inside = count = 0
    for seed in range(8):
        courses = villages_of(seed)
        found = forecast(until(courses, 2017, quarter), 2017, quarter)
        truth = ends(courses, 2017)
        assert len(found.forecasts) == len(truth)
        inside += sum(f.low <= truth[v] <= f.high for v, f in found.forecasts.items())
        count += len(truth)
    assert abs(inside / count - NOMINAL) <= 0.05


def _mean_width(courses: Sequence[Course], year: int, *, has_own: bool) -> float:
    found = forecast(until(courses, year, 2), year, 2).forecasts.values()
    assert {one.has_own for one in found} == {has_own}
    return float(np.mean([(one.high - one.low) / one.expected for one in found]))


def test_a_villages_own_years_speak_once_that_can_be_tested() -> None:
    """One closed year tests the mix alone; from the second on, habits that last narrow it."""
    habits = villages_of(5, years=(2014, 2015, 2016, 2017), own=0.25)
    first = _mean_width(habits, 2015, has_own=False)
    third = _mean_width(habits, 2017, has_own=True)
    assert third < 0.75 * first


def test_years_unlike_each_other_widen_it() -> None:
    """A year in which everything came in late: what is learnt elsewhere misses it, and says so."""
    steady = villages_of(3, years=(2014, 2015, 2016, 2017))
    late = [
        Course(c.village, c.year, {q: _later(a, q) for q, a in c.reached.items()})
        if c.year == 2015
        else c
        for c in steady
    ]
    narrow, wide = (
        np.mean(
            [(f.high - f.low) / f.expected for f in found.forecasts.values()],
        )
        for found in (forecast(until(courses, 2017, 2), 2017, 2) for courses in (steady, late))
    )
    assert wide > 1.5 * narrow


def _later(amounts: tuple[int, ...], quarter: int) -> tuple[int, ...]:
    return amounts if quarter == 4 else tuple(fen * 7 // 10 for fen in amounts)


SEEDS = st.integers(0, 10_000)
QUARTERS = st.integers(1, 3)


@examples(max_examples=25)
@given(SEEDS, QUARTERS)
def test_in_order_and_never_below_what_has_come_in(seed: int, quarter: int) -> None:
    for one in forecast(villages_of(seed, 40), 2017, quarter).forecasts.values():
        assert one.reached <= one.low <= one.expected <= one.high
        assert 0 < one.share <= 1


@examples(max_examples=25)
@given(SEEDS, QUARTERS, st.randoms())
def test_the_order_of_the_rows_does_not_matter(seed: int, quarter: int, shuffled: Random) -> None:
    courses = villages_of(seed, 40)
    other = list(courses)
    shuffled.shuffle(other)
    assert forecast(other, 2017, quarter) == forecast(courses, 2017, quarter)


@examples(max_examples=25)
@given(SEEDS, QUARTERS)
def test_the_future_is_not_looked_at(seed: int, quarter: int) -> None:
    """Neither the year's later quarters nor later years change anything."""
    courses = villages_of(seed, 40, (2015, 2016, 2017, 2018))
    known = until(courses, 2017, quarter)
    assert forecast(courses, 2017, quarter) == forecast(known, 2017, quarter)


@examples(max_examples=25)
@given(SEEDS, QUARTERS, st.integers(2, 50))
def test_more_so_far_is_more_at_the_end(seed: int, quarter: int, percent: int) -> None:
    """One village's own pace moves its own forecast only, and in proportion."""
    courses = until(villages_of(seed, 40), 2017, quarter)
    now = next(at for at, c in enumerate(courses) if c.year == 2017)
    village = courses[now].village
    raised = {
        q: tuple(fen * (100 + percent) // 100 for fen in a) for q, a in courses[now].reached.items()
    }
    faster = [*courses[:now], Course(village, 2017, raised), *courses[now + 1 :]]
    before, after = (forecast(c, 2017, quarter).forecasts for c in (courses, faster))
    grown = after[village].expected / before[village].expected
    assert grown == pytest.approx(1 + percent / 100, rel=1e-3)
    assert {v: f for v, f in before.items() if v != village} == {
        v: f for v, f in after.items() if v != village
    }


def test_too_little_to_test_says_so() -> None:
    few = villages_of(1, LEAST_TESTED - 1, (2016, 2017))
    assert forecast(few, 2017, 2).check is None
    assert not forecast(few, 2017, 2).forecasts
    enough = villages_of(1, LEAST_TESTED, (2016, 2017))
    assert forecast(enough, 2017, 2).check is not None
    # Two years that teach about ends but not about quarters.
    only_ends = [Course(c.village, c.year, {4: c.reached[4]}) for c in enough if c.year == 2016]
    assert forecast([*only_ends, *villages_of(1, 40, (2017,))], 2017, 2).check is None
    assert forecast([], 2017, 2).check is None


def test_a_village_of_which_nothing_can_be_told() -> None:
    courses = villages_of(1, 60, (2015, 2016))
    fresh = [
        Course("nothing yet", 2017, {1: (0, 0, 0)}),
        Course("new", 2017, {1: (10_000, 0, 5_000)}),  # no last year: taken to be as the district
        # All of it dividends, which come at the end: 5 of a hundred so far say nothing.
        Course("dividends", 2016, {1: (0, 10, 0), 4: (0, 100_000, 0)}),
        Course("dividends", 2017, {1: (0, 20, 0)}),
    ]
    found = forecast([*courses, *fresh], 2017, 1)
    assert set(found.silent) == {"nothing yet", "dividends"}
    assert found.forecasts.keys() == {"new"}


def test_a_closed_year_is_known() -> None:
    with pytest.raises(ValueError, match="一至三季度"):
        forecast(villages_of(1, 40), 2017, 4)


def test_the_words_on_the_screen_fit() -> None:
    """Screens say 八成把握."""
    assert NOMINAL == 0.8
