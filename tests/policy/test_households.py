"""Flow, split average and gaps of households: what adds up must add up, for any households."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.data.queries.cases import found
from dashboard.policy import households as rules
from dashboard.policy.households import (
    ABSENT,
    GAPS,
    JOINED,
    LEFT,
    ON,
    REACHED,
    STAYED,
    UNTOLD,
    Count,
    Household,
)
from dashboard.policy.lifecycle import EXIT, RELAPSE, Event, Retention
from dashboard.policy.periods import Period
from dashboard.policy.thresholds import Threshold

RETENTION = Retention(24)
BY = date(2016, 4, 30)
GOAL = Threshold("goal", "人均可支配收入", ">=", 1_000_000, "二", "确保")
DAYS = st.dates(date(2015, 6, 1), date(2019, 12, 31))
PERIODS = st.builds(Period, st.integers(2016, 2019), st.integers(1, 4))


@st.composite
def households(draw: st.DrawFn) -> Household:
    """One that comes, leaves, falls back: exits and relapses in turn, on rising days."""
    days = sorted(draw(st.lists(DAYS, max_size=4, unique=True)))
    turns = tuple(Event(day, (EXIT, RELAPSE)[at % 2]) for at, day in enumerate(days))
    return Household(
        number=draw(st.uuids()).hex,
        village="320412104201",
        persons=draw(st.integers(1, 9)),
        labour=0,
        category="低保户",
        cause="因病",
        identified_on=draw(DAYS),
        incomes=draw(st.dictionaries(st.integers(2015, 2019), st.integers(0, 3_000_000))),
        events=turns,
    )


MANY = st.lists(households(), max_size=12)


def part(one: Household, period: Period) -> str:
    return parts([one], period)[one.number]


def parts(some: list[Household], period: Period) -> dict[str, str]:
    return rules.parts(some, period, RETENTION, BY)


@given(MANY, PERIODS)
def test_the_flow_adds_up_to_the_register_of_both_quarters(
    some: list[Household], period: Period
) -> None:
    flow = rules.flow(some, rules.ways(some, period, RETENTION))
    for side, day in enumerate((period.previous().last_day, period.last_day)):
        for stand in rules.STANDS[1:]:
            told = sum((c for way, c in flow.items() if way[side] == stand), Count())
            assert told == rules.count(o for o in some if o.stands(day, RETENTION) == stand)
    assert (ABSENT, ABSENT) not in flow


@given(MANY, PERIODS)
def test_nobody_leaves_the_books(some: list[Household], period: Period) -> None:
    """Once registered a household is on it, retained or expired, never absent again."""
    flow = rules.flow(some, rules.ways(some, period, RETENTION))
    assert not [way for way in flow if way[0] != ABSENT and way[1] == ABSENT]


@given(households(), PERIODS)
def test_what_comes_later_changes_nothing(household: Household, period: Period) -> None:
    """The register is read once for all quarters, later events and incomes included."""
    day = period.last_day
    year = period.year if period.closes_year else period.year - 1
    until = replace(
        household,
        events=tuple(event for event in household.events if event.day <= day),
        incomes={of: fen for of, fen in household.incomes.items() if of <= year},
    )
    some, known = [household], [until]
    assert rules.ways(some, period, RETENTION) == rules.ways(known, period, RETENTION)
    assert parts(some, period) == parts(known, period)
    assert rules.split(some, parts(some, period), period) == rules.split(
        known, parts(known, period), period
    )
    assert household.walk(RETENTION).on(day) == until.walk(RETENTION).on(day)
    assert [(case.kind, case.said) for case in found(some, period, RETENTION, GOAL)] == [
        (case.kind, case.said) for case in found(known, period, RETENTION, GOAL)
    ]


@given(MANY, PERIODS)
def test_the_three_effects_are_the_whole_change(some: list[Household], period: Period) -> None:
    split = rules.split(some, parts(some, period), period)
    if split.effects is None:
        return
    before, now = split.before.a_head, split.now.a_head
    assert before is not None
    assert now is not None
    assert sum(split.effects, Fraction(0)) == now - before


@given(MANY, PERIODS)
def test_who_stayed_left_and_joined_are_told_once(some: list[Household], period: Period) -> None:
    told = parts(some, period)
    split = rules.split(some, told, period)
    groups = split.stayed_now, split.left, split.joined
    assert [group.households for group in groups] == [
        sum(part == kind for part in told.values()) for kind in (STAYED, LEFT, JOINED)
    ]
    assert split.stayed_before.persons == split.stayed_now.persons


def one(incomes: dict[int, int], *events: Event, since: date = date(2016, 3, 1)) -> Household:
    return Household("1", "v", 2, 1, "低保户", "因病", since, incomes, events)


def test_a_better_average_without_better_lives_is_seen() -> None:
    """The poorest joins nowhere, the richest stays: leaving of the poorest lifts the average."""
    period = Period(2017, 4)
    poor = Household("p", "v", 1, 0, "低保户", "因病", date(2016, 3, 1), {2016: 100_00}, ())
    same = Household(
        "s", "v", 1, 0, "低保户", "因病", date(2016, 3, 1), {2016: 900_00, 2017: 900_00}, ()
    )
    split = rules.split([poor, same], parts([poor, same], period), period)
    assert split.before.a_head == 500_00
    assert split.now.a_head == 900_00
    assert split.effects == (400_00, 0, 0), "nobody's life has got better"


@pytest.mark.parametrize(
    ("events", "day", "stands"),
    [
        ((), date(2016, 2, 29), ABSENT),
        ((), date(2016, 3, 1), ON),
        ((Event(date(2016, 6, 30), EXIT),), date(2016, 6, 29), ON),
        ((Event(date(2016, 6, 30), EXIT),), date(2016, 6, 30), rules.RETAINED),
        ((Event(date(2016, 6, 30), EXIT),), date(2018, 6, 29), rules.RETAINED),
        ((Event(date(2016, 6, 30), EXIT),), date(2018, 6, 30), rules.EXPIRED),
        (
            (Event(date(2016, 6, 30), EXIT), Event(date(2016, 9, 1), RELAPSE)),
            date(2016, 9, 1),
            ON,
        ),
    ],
)
def test_where_a_household_stands(events: tuple[Event, ...], day: date, stands: str) -> None:
    assert one({}, *events).stands(day, RETENTION) == stands


def test_the_baseline_year_was_registered_later() -> None:
    """Of 2015 all counts who were registered by the end of April 2016, and nobody later."""
    incomes = {2015: 5_000_00, 2016: 6_000_00}
    now = Period(2016, 4)
    assert part(one(incomes, since=BY), now) == STAYED
    assert part(one(incomes, since=date(2016, 5, 1)), now) == JOINED
    left = Event(date(2016, 8, 1), EXIT)
    assert part(one(incomes, left), now) == LEFT
    assert part(one({}, left), now) == ""


@pytest.mark.parametrize(
    ("fen", "told"),
    [
        (None, UNTOLD),
        (1_000_000, REACHED),
        (999_999, "差不到1,000元"),
        (900_001, "差不到1,000元"),
        (900_000, "差1,000—2,000元"),
        (800_000, "差2,000—3,000元"),
        (700_000, "差3,000—5,000元"),
        (500_000, "差5,000元及以上"),
        (0, "差5,000元及以上"),
    ],
)
def test_the_gap_at_its_edges(fen: int | None, told: str) -> None:
    assert rules.gap(fen, GOAL) == told


@given(st.integers(0, 2_000_000), st.integers(0, 2_000_000))
def test_who_earns_more_lacks_no_more(one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert GAPS.index(rules.gap(less, GOAL)) <= GAPS.index(rules.gap(more, GOAL))


SIZES = st.tuples(*[st.integers(0, 12)] * 3)


@given(st.dictionaries(st.sampled_from("abcdefgh"), SIZES, min_size=1))
def test_no_small_group_is_told_nor_left_over(towns: dict[str, tuple[int, int, int]]) -> None:
    district = tuple(sum(sizes[at] for sizes in towns.values()) for at in range(3))
    groups = {"district": district} | towns
    gone = rules.withheld(groups, dict.fromkeys(towns, "district"), 5)
    for unit, sizes in groups.items():
        if unit not in gone:
            assert not any(0 < size < 5 for size in sizes)
    if "district" not in gone:
        left_over = [unit for unit in towns if unit in gone]
        others = [unit for unit in towns if unit not in gone and any(towns[unit])]
        assert len(left_over) != 1 or not others, "the one that is left over gives itself away"
