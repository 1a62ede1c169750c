"""The way of a household or a village through the programme, as a state machine.

申请评议 → 公示公告 → 抽检核查 → 信息录入 → 帮扶 → 退出 → 政策保留到期; 返贫 enters again.
A step left out is a gap, told in a list; a step in the wrong order is impossible.
Source: 武发〔2016〕68号 二(一) (四个步骤), 二(三) (有进有出), 四(四) (分批摘帽、政策保留,两年).
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from typing import Literal

from dashboard.policy.periods import Period
from dashboard.policy.thresholds import Threshold

STEPS = ("申请评议", "公示公告", "抽检核查", "信息录入")
HELP, EXIT, EXPIRY, RELAPSE = "帮扶", "退出", "政策保留到期", "返贫"
EVENTS = (*STEPS, HELP, EXIT, EXPIRY, RELAPSE)
"""In the order of the policy."""
PUBLICATION = STEPS[1]
"""On the way in it publishes the candidate; after 退出 it publishes the exit."""
REQUIRED = (*STEPS, HELP)
"""What must have been before an exit."""


class State(StrEnum):
    """Where a subject stands. The words are for the screen."""

    UNKNOWN = "未登记"
    APPLIED = "已申请评议"
    PUBLISHED = "已公示公告"
    CHECKED = "已抽检核查"
    REGISTERED = "已录入"
    HELPED = "帮扶中"
    RETAINED = "政策保留"
    EXPIRED = "保留期满"
    RELAPSED = "返贫"

    @property
    def is_out(self) -> bool:
        """Off the register: left, and not fallen back."""
        return self in (State.RETAINED, State.EXPIRED)


_REACHED = dict(
    zip(
        REQUIRED,
        (State.APPLIED, State.PUBLISHED, State.CHECKED, State.REGISTERED, State.HELPED),
        strict=True,
    )
)
_POSITION = {State.UNKNOWN: 0, State.RELAPSED: 0} | {
    state: at for at, state in enumerate(_REACHED.values(), start=1)
}


@dataclass(frozen=True, order=True)
class Event:
    """Something that happened to a subject; `name` is one of EVENTS."""

    day: date
    name: str

    @property
    def said(self) -> str:
        return f"“{self.name}”({chinese(self.day)})"


def chinese(day: date) -> str:
    """2016年9月30日."""
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True)
class Retention:
    """How long the policies are kept after an exit, and from when. The text says two years and
    not from which day: `approved` the day of 退出, `published` that of its 公示公告."""

    months: int
    starts: Literal["approved", "published"] = "approved"

    def ends(self, exited_on: date, published_on: date | None) -> date | None:
        """The first day without; None while an exit that must be published is not."""
        start = exited_on if self.starts == "approved" else published_on
        return None if start is None else months_later(start, self.months)


@lru_cache(maxsize=4096)
def months_later(day: date, months: int) -> date:
    """The same day so many months later; where that month is shorter, its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Course:
    """How far a subject has come: its state, the event that brought it there, its last exit."""

    state: State = State.UNKNOWN
    last: Event | None = None
    exited_on: date | None = None
    published_on: date | None = None
    """When the last exit was published."""


_START = Course()


@dataclass(frozen=True)
class Breach:
    """An event that cannot be where it is; `against` is the earlier one that it contradicts."""

    event: Event
    against: Event | None
    reason: str

    @property
    def sentence(self) -> str:
        return f"{self.event.said}:{self.reason}"


@dataclass(frozen=True)
class Walk:
    """A sequence of events gone through: where it stood from each day on, and what was impossible
    on the way."""

    stands: tuple[tuple[date, Course], ...] = ()
    breaches: tuple[Breach, ...] = ()

    @property
    def course(self) -> Course:
        """Where it ends."""
        return self.stands[-1][1] if self.stands else _START

    def on(self, day: date) -> Course:
        """Where it stood at a day's end."""
        return next((course for since, course in reversed(self.stands) if since <= day), _START)


def walk(events: Iterable[Event], retention: Retention) -> Walk:
    """Go through events in time; an impossible one is passed over.

    Of one day the first possible one in the policy's order comes first, an exit before a relapse.
    """
    course, stands, breaches = _START, [], []
    ordered = sorted(set(events), key=lambda event: (event.day, EVENTS.index(event.name)))
    for day, same in groupby(ordered, key=lambda event: event.day):
        pending = list(same)
        while pending:
            event = _next(course, pending, retention)
            pending.remove(event)
            if reason := why_not(course, event, retention):
                breaches.append(Breach(event, course.last, reason))
            else:
                course = _after(course, event)
        stands.append((day, course))
    return Walk(tuple(stands), tuple(breaches))


def _next(course: Course, pending: Sequence[Event], retention: Retention) -> Event:
    possible = [event for event in pending if not why_not(course, event, retention)]
    if any(event.name == EXIT for event in pending):
        possible = [event for event in possible if event.name != RELAPSE]
    return (possible or list(pending))[0]


def breaches(events: Iterable[Event], retention: Retention) -> tuple[Breach, ...]:
    """What is impossible in a sequence, each with a Chinese sentence; empty for a possible one."""
    return walk(events, retention).breaches


def why_not(course: Course, event: Event, retention: Retention) -> str:
    """Why an event cannot follow, in Chinese; empty where it can."""
    left = "" if course.exited_on is None else chinese(course.exited_on)
    if event.name == RELAPSE:
        return "" if course.state.is_out else "之前应有“退出”,没有退出的谈不上返贫"
    if event.name == EXPIRY:
        return _why_not_over(course, event, retention)
    if not course.state.is_out:
        return "" if event.name == EXIT else _why_not_step(course, event)
    # Policies go on for those who have left, and their leaving is made public.
    if event.name in (HELP, PUBLICATION) and course.state is State.RETAINED:
        return ""
    return f"已于{left}退出,须先有“返贫”才能再次“{event.name}”"


def _why_not_step(course: Course, event: Event) -> str:
    if REQUIRED.index(event.name) + 1 >= _POSITION[course.state] or course.last is None:
        return ""
    return f"应不晚于{course.last.said}"


def _why_not_over(course: Course, event: Event, retention: Retention) -> str:
    if course.state is not State.RETAINED or course.exited_on is None:
        return "之前应有“退出”,且只能到期一次"
    end = retention.ends(course.exited_on, course.published_on)
    if end is None:
        return "退出尚未公示公告,政策保留期没有起算"
    if event.day < end:
        return f"应不早于{chinese(end)}(政策保留{retention.months}个月)"
    return ""


def _after(course: Course, event: Event) -> Course:
    if event.name == EXIT:
        return Course(State.RETAINED, event, exited_on=event.day)
    if event.name == EXPIRY:
        return Course(State.EXPIRED, event, course.exited_on, course.published_on)
    if event.name == RELAPSE:
        return Course(State.RELAPSED, event)
    if course.state is State.RETAINED:
        if event.name == PUBLICATION and course.published_on is None:
            return Course(course.state, course.last, course.exited_on, event.day)
        return course
    return Course(_REACHED[event.name], event, course.exited_on, course.published_on)


def is_out(events: Iterable[Event], day: date) -> bool:
    """Whether a subject is off the register on a day: its last exit came after its last relapse.

    Of one day the exit comes first: a relapse presupposes it.
    """
    turns = [e for e in events if e.day <= day and e.name in (EXIT, RELAPSE)]
    return max(turns, key=lambda e: (e.day, e.name == RELAPSE)).name == EXIT if turns else False


def state_on(walked: Walk, day: date, retention: Retention) -> State:
    """Where a subject stands on a day; retention ends by the clock, recorded or not."""
    course = walked.on(day)
    end = retention_end(course, retention)
    if course.state is State.RETAINED and end is not None and end <= day:
        return State.EXPIRED
    return course.state


def retention_end(course: Course, retention: Retention) -> date | None:
    """The first day without the policies; None for who has not left, or where nothing runs yet."""
    if course.exited_on is None:
        return None
    return retention.ends(course.exited_on, course.published_on)


def ends_next(course: Course, retention: Retention, period: Period) -> bool:
    """Whether the retention comes to its end in the quarter after `period`."""
    end = retention_end(course, retention)
    return end is not None and end > period.last_day and Period.of(end) == period.next()


def missing_steps(events: Iterable[Event], exited_on: date) -> tuple[str, ...]:
    """What should have been before an exit and is not recorded up to its day."""
    seen = {event.name for event in events if event.day <= exited_on}
    return tuple(step for step in REQUIRED if step not in seen)


@lru_cache(maxsize=4096)
def judged_year(exited_on: date) -> int:
    """The year whose income an exit rests on: its own once it closes, else the one before."""
    return closed_year(Period.of(exited_on))


def closed_year(period: Period) -> int:
    """The newest year whose income per head can be known at a quarter's end."""
    return period.year if period.closes_year else period.year - 1


def is_held(is_out: bool, income_fen: int | None, goal: Threshold) -> bool:
    """Qualified but held: on the register though its income has reached the goal."""
    return not is_out and income_fen is not None and goal.holds(income_fen)


def is_unqualified(is_out: bool, income_fen: int | None, goal: Threshold) -> bool:
    """Exited but unqualified: let out on an income that had not reached the goal (数字脱贫)."""
    return is_out and income_fen is not None and not goal.holds(income_fen)


def on_quota(exits: Mapping[str, int], quota: Mapping[str, int]) -> tuple[str, ...]:
    """Units whose exits equal their year's quota to the household, by code; a quota of 0 is none.

    One is chance; all of them say that the number was let out, not who had become able to live.
    """
    return tuple(
        code for code, number in sorted(quota.items()) if number > 0 and exits.get(code) == number
    )
