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
    """A household in one of KINDS, and why, in words."""

    kind: str
    household: Household
    said: str


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
            said.append(Case(HELD, one, f"{year}年人均{_yuan(income)}元"))
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
    end = lifecycle.retention_end(course, retention)
    if end is not None and lifecycle.ends_next(course, retention, period):
        yield Case(ENDING, one, f"{lifecycle.chinese(end)}到期")
    if missing := lifecycle.missing_steps(one.events, left):
        yield Case(UNSTEPPED, one, f"没有{'、'.join(missing)}")
    year = lifecycle.judged_year(left)
    if lifecycle.is_unqualified(True, one.incomes.get(year), goal):
        told = f"{lifecycle.chinese(left)}退出,{year}年人均{_yuan(one.incomes.get(year))}元"
        yield Case(UNQUALIFIED, one, told)


def _yuan(fen: int | None) -> str:
    return "—" if fen is None else yuan_text(fen)


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
