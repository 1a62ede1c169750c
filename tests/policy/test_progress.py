"""Scheduled progress, completion and lights; naive oracles beside the rules."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.policy.periods import Period
from dashboard.policy.progress import (
    Direction,
    Light,
    LightRule,
    completion,
    light,
    on_schedule,
    scheduled,
)

RULE = LightRule(Fraction(1), Fraction(9, 10))
# Small numbers too, so that actual, schedule and baseline meet and cross.
values = st.integers(0, 20) | st.integers(0, 10**9)
shares = st.fractions(0, 20, max_denominator=12) | st.fractions(0, 10**9)
quarters = st.builds(Period, st.just(2016), st.integers(1, 4))
directions: st.SearchStrategy[Direction] = st.sampled_from(["up", "down"])
ORDER = [Light.RED, Light.YELLOW, Light.GREEN]


@given(values, values, quarters, st.integers(1, 12))
def test_linear_schedule_counts_months(
    target: int, baseline: int, period: Period, due: int
) -> None:
    # Naive: walk the months, adding an equal share until the due month is over.
    reached = Fraction(baseline)
    for month in range(1, period.last_month + 1):
        if month <= due:
            reached += Fraction(target - baseline, due)
    assert scheduled(target, period, due_month=due, baseline=baseline) == reached


@given(values, values, st.integers(1, 12))
def test_linear_schedule_ends_at_the_target(target: int, baseline: int, due: int) -> None:
    assert scheduled(target, Period(2016, 4), due_month=due, baseline=baseline) == target


@given(
    values,
    quarters,
    st.dictionaries(st.integers(1, 12), values, min_size=1),
    st.integers(1, 12),
    values,
)
def test_a_plan_holds_where_it_is_given(
    target: int, period: Period, plan: dict[int, int], due: int, baseline: int
) -> None:
    # Naive: the last entry met while walking the months; neither target nor due month matter.
    expected = baseline
    for month in range(1, period.last_month + 1):
        expected = plan.get(month, expected)
    assert scheduled(target, period, plan, due, baseline) == expected


@pytest.mark.parametrize(
    ("quarter", "due", "share"),
    [
        (1, 12, Fraction(1, 4)),  # a quarter of the year
        (3, 12, Fraction(3, 4)),
        (1, 4, Fraction(3, 4)),  # due at the end of April
        (2, 4, Fraction(1)),  # due month over: the whole target, no more
        (4, 12, Fraction(1)),
        (1, 2, Fraction(1)),  # due within the quarter
    ],
)
def test_due_month(quarter: int, due: int, share: Fraction) -> None:
    assert scheduled(1200, Period(2016, quarter), due_month=due) == 1200 * share


@pytest.mark.parametrize(
    ("actual", "target", "direction", "baseline", "rate"),
    [
        (50, 200, "up", None, Fraction(1, 4)),
        (250, 200, "up", None, Fraction(5, 4)),  # above the target counts above 1
        (0, 0, "up", None, Fraction(1)),  # nothing asked for, nothing missing
        (0, 200, "up", None, Fraction(0)),
        (60, 20, "down", 100, Fraction(1, 2)),  # half of the reduction is done
        (20, 20, "down", 100, Fraction(1)),
        (10, 20, "down", 100, Fraction(9, 8)),  # more than asked for
        (110, 20, "down", 100, Fraction(-1, 8)),  # has got worse
        (5, 20, "down", 10, Fraction(1)),  # baseline below the target: met is met
        (40, 20, "down", None, Fraction(1, 2)),
        (0, 0, "down", None, Fraction(1)),  # none allowed, none there
        (3, 0, "down", None, None),  # none allowed, some there: no rate says how bad
        (0, 0, "down", 40, Fraction(1)),
    ],
)
def test_completion(
    actual: int, target: int, direction: Direction, baseline: int | None, rate: Fraction | None
) -> None:
    assert completion(actual, target, direction, baseline) == rate


@given(values, values, directions, st.none() | values)
def test_completion_reaches_one_exactly_when_the_target_is_met(
    actual: int, target: int, direction: Direction, baseline: int | None
) -> None:
    rate = completion(actual, target, direction, baseline)
    met = actual >= target if direction == "up" else actual <= target
    assert (rate is not None and rate >= 1) == met


@given(values, values, values, directions, st.none() | values)
def test_completion_never_falls_when_the_figure_improves(
    actual: int, step: int, target: int, direction: Direction, baseline: int | None
) -> None:
    better = actual + step if direction == "up" else max(actual - step, 0)
    before = completion(actual, target, direction, baseline)
    after = completion(better, target, direction, baseline)
    assume(before is not None)
    assert after is not None
    assert after >= before


@given(values, shares, directions, st.none() | values)
def test_exactly_on_schedule_is_green(
    actual: int, expected: Fraction, direction: Direction, baseline: int | None
) -> None:
    reached = actual >= expected if direction == "up" else actual <= expected
    shown = light(actual, expected, direction, RULE, baseline)
    assert (shown is Light.GREEN) == reached


@given(values, values, shares, directions, st.none() | values)
def test_an_improving_figure_never_gets_a_worse_light(
    actual: int, step: int, expected: Fraction, direction: Direction, baseline: int | None
) -> None:
    better = actual + step if direction == "up" else max(actual - step, 0)
    before = light(actual, expected, direction, RULE, baseline)
    after = light(better, expected, direction, RULE, baseline)
    assert ORDER.index(after) >= ORDER.index(before)


@given(values, st.integers(0, 10**8), shares, directions, st.none() | values)
def test_a_harder_schedule_never_gives_a_better_light(
    actual: int, step: int, expected: Fraction, direction: Direction, baseline: int | None
) -> None:
    harder = expected + step if direction == "up" else max(expected - step, Fraction(0))
    easy = light(actual, expected, direction, RULE, baseline)
    hard = light(actual, harder, direction, RULE, baseline)
    assert ORDER.index(hard) <= ORDER.index(easy)


@pytest.mark.parametrize(
    ("actual", "expected", "direction", "baseline", "shown"),
    [
        (1000, 1000, "up", None, Light.GREEN),  # exactly on schedule
        (999, 1000, "up", None, Light.YELLOW),  # the least bit below
        (900, 1000, "up", None, Light.YELLOW),  # exactly on the lower boundary
        (899, 1000, "up", None, Light.RED),  # the least bit below it
        (0, 0, "up", None, Light.GREEN),  # nothing scheduled yet
        (60, 60, "down", 100, Light.GREEN),
        (64, 60, "down", 100, Light.YELLOW),  # 36 of 40: exactly 90 %
        (65, 60, "down", 100, Light.RED),  # 35 of 40
        (10, 9, "down", None, Light.YELLOW),  # no baseline: 9 / 10
        (11, 9, "down", None, Light.RED),
        (12, 9, "down", 5, Light.RED),  # started below the schedule and rose past it: no reduction
        (12, 9, "down", 9, Light.RED),  # started on it
        (1, 0, "down", None, Light.RED),  # none allowed at any time, one there
        (None, 60, "up", None, Light.NONE),  # no figure
        (5, None, "up", None, Light.NONE),  # no schedule
    ],
)
def test_light_boundaries(
    actual: int | None,
    expected: int | None,
    direction: Direction,
    baseline: int | None,
    shown: Light,
) -> None:
    exact = None if expected is None else Fraction(expected)
    assert light(actual, exact, direction, RULE, baseline) is shown


@given(st.fractions(0, 10), st.integers(1, 10**6))
def test_lights_follow_the_configured_shares(share: Fraction, expected: int) -> None:
    rule = LightRule(Fraction(8, 10), Fraction(5, 10))
    actual = int(share * expected)
    part = on_schedule(actual, Fraction(expected), "up")
    assert part == Fraction(actual, expected)
    naive = Light.GREEN if part >= Fraction(4, 5) else Light.YELLOW if part * 2 >= 1 else Light.RED
    assert light(actual, Fraction(expected), "up", rule) is naive


def test_every_light_has_words_and_a_shape_of_its_own() -> None:
    assert len({one.glyph for one in Light}) == len({one.label for one in Light}) == len(Light)
