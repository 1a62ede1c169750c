"""Households that something is wrong with, or that the policies are about to leave.

Source: 武发〔2016〕68号 四(四) (摘帽退出、政策保留), 四(五) (严禁“数字脱贫”).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from dashboard.policy import lifecycle, suppression
from dashboard.policy.households import Household
from dashboard.policy.lifecycle import EXIT, Retention
from dashboard.policy.money import yuan_text
from dashboard.policy.periods import Period
from dashboard.policy.suppression import Cell
from dashboard.policy.thresholds import Threshold

ENDING, UNSTEPPED = "下季度政策到期", "退出缺步骤"
HELD, UNQUALIFIED = "已达标未退出", "退出时未达标"
KINDS = (ENDING, UNSTEPPED, HELD, UNQUALIFIED)


@dataclass(frozen=True)
class Case:
    """A household in one of KINDS, and why.

    `year` is the one whose income counts, None for the other kinds; `day` that of the exit, or of
    the end of the policies; `missing` the steps that are not recorded.
    """

    kind: str
    household: Household
    year: int | None = None
    day: date | None = None
    missing: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """Why, in words: most who look are told how many there are, and no more."""
        day = "" if self.day is None else lifecycle.chinese(self.day)
        earned = "" if self.year is None else self._earned(self.year)
        return {
            HELD: earned,
            ENDING: f"{day}到期",
            UNSTEPPED: f"没有{'、'.join(self.missing)}",
            UNQUALIFIED: f"{day}退出,{earned}",
        }[self.kind]

    def _earned(self, year: int) -> str:
        fen = self.household.incomes.get(year)
        return f"{year}年人均{'—' if fen is None else yuan_text(fen)}元"


@dataclass(frozen=True)
class ListRow:
    """A unit's counts of households: exits of the year and their target (None: none set), and each
    of KINDS (None: hidden)."""

    unit: str
    exits: int
    quota: int | None
    counts: Mapping[str, int | None]


def found(
    some: Iterable[Household], period: Period, retention: Retention, goal: Threshold
) -> list[Case]:
    """What there is to say of households at a quarter's end.

    Whether one qualifies is told by the newest year whose income is known; whether it had qualified
    when it left, by the year that its exit rests on.
    """
    year, day = lifecycle.closed_year(period), period.last_day
    said: list[Case] = []
    for one in some:
        income = one.incomes.get(year)
        course = one.walk(retention).on(day) if one.events else _NOTHING
        if lifecycle.is_held(course.state.is_out, income, goal) and one.identified_on <= day:
            said.append(Case(HELD, one, year))
        if course.exited_on is not None:
            said += _of_leaver(one, course, course.exited_on, (period, retention, goal))
    return said


_NOTHING = lifecycle.Course()


def _of_leaver(
    one: Household,
    course: lifecycle.Course,
    left: date,
    by: tuple[Period, Retention, Threshold],
) -> Iterator[Case]:
    period, retention, goal = by
    if lifecycle.ends_next(course, retention, period):
        yield Case(ENDING, one, day=lifecycle.retention_end(course, retention))
    if missing := lifecycle.missing_steps(one.events, left):
        yield Case(UNSTEPPED, one, missing=missing)
    year = lifecycle.judged_year(left)
    if lifecycle.is_unqualified(True, one.incomes.get(year), goal):
        yield Case(UNQUALIFIED, one, year, left)


def exits_of_year(one: Household, period: Period) -> int:
    """How often it left within the year, up to the quarter's end."""
    return sum(
        event.name == EXIT and event.day.year == period.year and event.day <= period.last_day
        for event in one.events
    )


def tallied(some: Iterable[Case], at: Mapping[str, str], units: Iterable[str]) -> dict[Cell, int]:
    """Cases by unit and kind, a 0 where there is none; `at`: the unit by village."""
    counts = Counter((at[case.household.village], case.kind) for case in some)
    return {(unit, kind): counts[unit, kind] for unit in units for kind in KINDS}


def small(counts: Mapping[Cell, int], parents: Mapping[str, str]) -> frozenset[Cell]:
    """The cells of the lists to hide, kind by kind; 已达标未退出 is a cell of the table of incomes
    and hidden there."""
    gone: set[Cell] = set()
    for kind in (ENDING, UNSTEPPED, UNQUALIFIED):
        own = {cell: count for cell, count in counts.items() if cell[1] == kind}
        gone |= suppression.hidden(own, parents, totals=False)
    return frozenset(gone)
