"""The state machine of entry and exit, and the clock of the retention."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.policy import lifecycle
from dashboard.policy.lifecycle import EVENTS, REQUIRED, STEPS, Event, Retention, State
from dashboard.policy.periods import Period
from dashboard.policy.thresholds import Threshold

TWO_YEARS = Retention(24)
GOAL = Threshold("g", "人均可支配收入", ">=", 1_000_000, "二·首段", "力争")
DAYS = st.dates(date(2015, 1, 1), date(2021, 12, 31))
SEQUENCES = st.lists(st.builds(Event, DAYS, st.sampled_from(EVENTS)), max_size=14)


def way(*steps: tuple[str, str]) -> list[Event]:
    return [Event(date.fromisoformat(day), name) for day, name in steps]


def state(events: list[Event], day: date) -> State:
    return lifecycle.state_on(lifecycle.walk(events, TWO_YEARS), day, TWO_YEARS)


IN = way(
    ("2016-01-10", "申请评议"),
    ("2016-01-20", "公示公告"),
    ("2016-02-01", "抽检核查"),
    ("2016-03-01", "信息录入"),
    ("2016-04-01", "帮扶"),
)
OUT = [*IN, Event(date(2016, 12, 20), "退出")]


def test_the_policys_order_is_possible() -> None:
    whole = [*OUT, *way(("2018-12-20", "政策保留到期"), ("2019-03-01", "返贫"))]
    again = way(
        ("2019-03-10", "申请评议"), ("2019-04-01", "信息录入"), ("2019-05-01", "帮扶"),
        ("2019-12-30", "退出"),
    )  # fmt: skip
    assert not lifecycle.breaches([*whole, *again], TWO_YEARS)
    assert state(whole, date(2019, 3, 1)) is State.RELAPSED
    assert state([*whole, *again], date(2020, 1, 1)) is State.RETAINED


@pytest.mark.parametrize(
    ("events", "said"),
    [
        # published before it was applied for
        (
            way(("2016-01-05", "公示公告"), ("2016-01-10", "申请评议")),
            "“申请评议”(2016年1月10日):应不晚于“公示公告”(2016年1月5日)",
        ),
        # helped, and only then checked
        (
            [*IN, *way(("2016-05-01", "抽检核查"))],
            "“抽检核查”(2016年5月1日):应不晚于“帮扶”(2016年4月1日)",
        ),
        # fell back without ever having left
        (
            [*IN, *way(("2016-05-01", "返贫"))],
            "“返贫”(2016年5月1日):之前应有“退出”,没有退出的谈不上返贫",
        ),
        (
            [*OUT, *way(("2017-02-01", "退出"))],
            "“退出”(2017年2月1日):已于2016年12月20日退出,须先有“返贫”才能再次“退出”",
        ),
        (
            [*OUT, *way(("2017-02-01", "信息录入"))],
            "“信息录入”(2017年2月1日):已于2016年12月20日退出,须先有“返贫”才能再次“信息录入”",
        ),
        # a day short of the two years
        (
            [*OUT, *way(("2018-12-19", "政策保留到期"))],
            "“政策保留到期”(2018年12月19日):应不早于2018年12月20日(政策保留24个月)",
        ),
        (
            way(("2018-12-19", "政策保留到期")),
            "“政策保留到期”(2018年12月19日):之前应有“退出”,且只能到期一次",
        ),
    ],
)  # fmt: skip
def test_what_is_impossible_is_said_once(events: list[Event], said: str) -> None:
    assert [breach.sentence for breach in lifecycle.breaches(events, TWO_YEARS)] == [said]


def test_a_step_left_out_is_a_gap_and_not_impossible() -> None:
    events = [event for event in OUT if event.name not in ("抽检核查", "帮扶")]
    assert not lifecycle.breaches(events, TWO_YEARS)
    assert lifecycle.missing_steps(events, date(2016, 12, 20)) == ("抽检核查", "帮扶")
    assert lifecycle.missing_steps(OUT, date(2016, 12, 20)) == ()
    # recorded only after the exit: it was not there when it was needed
    assert lifecycle.missing_steps(OUT, date(2016, 3, 15)) == ("帮扶",)


def test_events_of_one_day_take_the_order_that_is_possible() -> None:
    day = date(2016, 1, 10)
    assert not lifecycle.breaches([Event(day, name) for name in reversed(REQUIRED)], TWO_YEARS)
    back = [*OUT, *way(("2017-05-01", "帮扶"), ("2017-05-01", "返贫"), ("2017-05-01", "申请评议"))]
    assert not lifecycle.breaches(back, TWO_YEARS)
    same_day = [*OUT, *way(("2016-12-20", "返贫"))]
    assert lifecycle.walk(same_day, TWO_YEARS).course.state is State.RELAPSED


def test_policies_go_on_after_the_exit_and_the_exit_is_published() -> None:
    events = [*OUT, *way(("2017-01-05", "公示公告"), ("2017-06-01", "帮扶"))]
    published = Retention(24, "published")
    for retention, end in ((TWO_YEARS, date(2018, 12, 20)), (published, date(2019, 1, 5))):
        found = lifecycle.walk(events, retention)
        assert not found.breaches
        assert found.course.state is State.RETAINED
        assert lifecycle.retention_end(found.course, retention) == end
    # not published: nothing runs yet, so nothing can end
    assert lifecycle.retention_end(lifecycle.walk(OUT, published).course, published) is None
    late = [*OUT, *way(("2019-12-31", "政策保留到期"))]
    (breach,) = lifecycle.breaches(late, published)
    assert "没有起算" in breach.sentence


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        ("2016-02-29", 24, "2018-02-28"),  # from a leap year into a common one
        ("2016-02-29", 48, "2020-02-29"),  # from leap year to leap year
        ("2018-02-28", 24, "2020-02-28"),  # no day is won
        ("2016-08-31", 6, "2017-02-28"),  # month's end to a shorter month
        ("2016-12-31", 2, "2017-02-28"),  # over the year
        ("2016-11-30", 1, "2016-12-30"),  # a shorter month's end stays that day
        ("2016-12-20", 24, "2018-12-20"),
    ],
)
def test_the_clock(day: str, months: int, end: str) -> None:
    assert lifecycle.months_later(date.fromisoformat(day), months) == date.fromisoformat(end)


@given(DAYS, st.integers(0, 60))
def test_the_clock_over_any_month_ends(day: date, months: int) -> None:
    end = lifecycle.months_later(day, months)
    assert (end.year - day.year) * 12 + end.month - day.month == months
    is_last = (end + timedelta(1)).month != end.month
    assert end.day == day.day or (end.day < day.day and is_last)
    # Who leaves later is never done earlier.
    assert lifecycle.months_later(day + timedelta(1), months) >= end


def test_state_by_the_clock_without_a_record() -> None:
    assert state(OUT, date(2016, 12, 19)) is State.HELPED
    assert state(OUT, date(2018, 12, 19)) is State.RETAINED
    assert state(OUT, date(2018, 12, 20)) is State.EXPIRED
    assert state([], date(2018, 1, 1)) is State.UNKNOWN


def test_who_comes_to_the_end_next_quarter() -> None:
    course = lifecycle.walk(OUT, TWO_YEARS).course  # ends 2018-12-20
    told = [p for p in (Period(2018, q) for q in (1, 2, 3, 4))
            if lifecycle.ends_next(course, TWO_YEARS, p)]  # fmt: skip
    assert told == [Period(2018, 3)]


@given(SEQUENCES)
def test_possible_events_never_reach_an_impossible_state(events: list[Event]) -> None:
    """Without those that the machine refuses, a sequence is possible, and what it says holds."""
    refused = {breach.event for breach in lifecycle.breaches(events, TWO_YEARS)}
    kept = [event for event in set(events) if event not in refused]
    assert not lifecycle.breaches(kept, TWO_YEARS)
    for day in [event.day for event in kept]:
        course = lifecycle.walk(kept, TWO_YEARS).on(day)
        past = sorted((e.day, EVENTS.index(e.name)) for e in kept if e.day <= day)
        names = [EVENTS[at] for _, at in past]
        assert course.state.is_out == (course.exited_on is not None)
        assert course.state.is_out == lifecycle.is_out(kept, day), "as the register counts"
        # Entries and exits alternate: one more exit than relapses while it is out.
        assert names.count("退出") - names.count("返贫") == int(course.state.is_out)
        assert course.published_on is None or course.published_on >= (course.exited_on or day)
        if course.state is State.EXPIRED:
            assert course.exited_on is not None
            assert lifecycle.months_later(course.exited_on, 24) <= day


@given(st.lists(DAYS, min_size=5, max_size=5), st.sets(st.sampled_from(REQUIRED)))
def test_any_part_of_the_way_in_the_policys_order_is_possible(
    days: list[date], left_out: set[str]
) -> None:
    steps = zip(sorted(days), REQUIRED, strict=True)
    events = [Event(day, name) for day, name in steps if name not in left_out]
    assert not lifecycle.breaches(events, TWO_YEARS)


@given(st.permutations(STEPS))
def test_any_other_order_of_the_four_steps_is_impossible(names: list[str]) -> None:
    events = [Event(date(2016, 1, 1 + at), name) for at, name in enumerate(names)]
    assert bool(lifecycle.breaches(events, TWO_YEARS)) == (tuple(names) != STEPS)


@given(SEQUENCES, SEQUENCES)
def test_the_order_in_which_rows_come_does_not_matter(some: list[Event], more: list[Event]) -> None:
    assert lifecycle.walk(some + more, TWO_YEARS) == lifecycle.walk(more + some, TWO_YEARS)


def test_qualified_but_held_and_exited_but_unqualified() -> None:
    on_line, below = 1_000_000, 999_999
    assert lifecycle.is_held(False, on_line, GOAL), "reaching the line is enough: 达到"
    assert not lifecycle.is_held(False, below, GOAL)
    assert not lifecycle.is_held(True, on_line, GOAL)
    assert lifecycle.is_unqualified(True, below, GOAL)
    assert not lifecycle.is_unqualified(True, on_line, GOAL)
    for is_out in (True, False):  # without an income nothing is said
        assert not lifecycle.is_held(is_out, None, GOAL)
        assert not lifecycle.is_unqualified(is_out, None, GOAL)
    assert lifecycle.judged_year(date(2016, 12, 20)) == 2016
    assert lifecycle.judged_year(date(2017, 9, 30)) == 2016


def test_exits_that_equal_the_quota() -> None:
    quota = {"A": 10, "B": 5, "C": 0, "D": 3}
    assert lifecycle.on_quota({"A": 10, "B": 4, "C": 0}, quota) == ("A",)
