"""Low-income households: who is on the register, how that changes, and whether lives get better.

A better average is not better lives where the best off have left and the worst off have come: the
average is therefore split into who stayed, who came and who left.
Source: 武发〔2016〕68号 二·首段 (人均可支配收入), 二(三) (有进有出), 四(四) (分批摘帽、政策保留).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import NamedTuple, Self

from dashboard.policy.lifecycle import Event, Retention, State, Walk, closed_year, state_on, walk
from dashboard.policy.money import FEN_A_YUAN
from dashboard.policy.periods import Period
from dashboard.policy.thresholds import Threshold

ABLE, UNABLE = "就业帮扶(有劳动能力)", "兜底保障(无劳动能力)"
"""Track A, 三(五), and track B, 三(六)."""
ABSENT, ON, RETAINED, EXPIRED = "未登记", "在册", "政策保留", "保留期满"
STANDS = (ABSENT, ON, RETAINED, EXPIRED)


@lru_cache(maxsize=8192)
def _gone_through(events: tuple[Event, ...], retention: Retention) -> Walk:
    """Kept over the quarters: from one to the next nearly nobody has a new event."""
    return walk(events, retention)


@dataclass(frozen=True)
class Household:
    """A household under its pseudonymous number; income in fen a head by year, events in time.

    What it is asked is asked of a day: events after it change nothing, and may be there.
    """

    number: str
    village: str
    persons: int
    labour: int
    category: str
    cause: str
    identified_on: date
    incomes: Mapping[int, int] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    _walked: list[tuple[Retention, Walk]] = field(default_factory=list, compare=False, repr=False)

    def walk(self, retention: Retention) -> Walk:
        """Its way through the programme, gone through once."""
        for known, walked in self._walked:
            if known is retention or known == retention:
                return walked
        walked = _gone_through(self.events, retention)
        self._walked.append((retention, walked))
        return walked

    def stands(self, day: date, retention: Retention) -> str:
        """One of STANDS on a day."""
        if self.identified_on > day:
            return ABSENT
        if not self.events:
            return ON
        state = state_on(self.walk(retention), day, retention)
        return {State.RETAINED: RETAINED, State.EXPIRED: EXPIRED}.get(state, ON)


@dataclass(frozen=True)
class Count:
    """So many households with so many persons."""

    households: int = 0
    persons: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.households + other.households, self.persons + other.persons)


def count(some: Iterable[Household]) -> Count:
    persons = [one.persons for one in some]
    return Count(len(persons), sum(persons))


Way = tuple[str, str]
"""Where a household stood at the end of the quarter before and at the end of this one (STANDS)."""
Flow = Mapping[Way, Count]
"""How many went each way."""


def ways(some: Iterable[Household], period: Period, retention: Retention) -> dict[str, Way]:
    """By number. Who left and fell back within the quarter stayed."""
    before, now = period.previous().last_day, period.last_day
    return {one.number: (one.stands(before, retention), one.stands(now, retention)) for one in some}


def flow(some: Iterable[Household], gone: Mapping[str, Way]) -> dict[Way, Count]:
    """How many of some went each way (`ways`); who was never there is left out."""
    sums: dict[Way, list[int]] = {}
    for one in some:
        own = sums.setdefault(gone[one.number], [0, 0])
        own[0] += 1
        own[1] += one.persons
    return {way: Count(*own) for way, own in sums.items() if way != (ABSENT, ABSENT)}


@dataclass(frozen=True)
class Average:
    """Income a head of some households, weighted by persons. `fen` is the sum over all heads."""

    households: int = 0
    persons: int = 0
    fen: int = 0

    @property
    def a_head(self) -> Fraction | None:
        """Fen; None for nobody."""
        return Fraction(self.fen, self.persons) if self.persons else None


@dataclass(frozen=True)
class Split:
    """The register's average of two years. Stayers are in both, leavers and joiners in one."""

    year: int
    stayed_before: Average
    stayed_now: Average
    left: Average
    joined: Average

    @cached_property
    def before(self) -> Average:
        return _together(self.stayed_before, self.left)

    @cached_property
    def now(self) -> Average:
        return _together(self.stayed_now, self.joined)

    @property
    def effects(self) -> tuple[Fraction, Fraction, Fraction] | None:
        """What leaving, better lives of those who stayed, and joining add to the average, in fen.

        They add up to its whole change. None where nobody stayed.
        """
        before, now = self.before.a_head, self.now.a_head
        stayed, stay = self.stayed_before.a_head, self.stayed_now.a_head
        if before is None or now is None or stayed is None or stay is None:
            return None
        return stayed - before, stay - stayed, now - stay


def _together(one: Average, other: Average) -> Average:
    return Average(
        one.households + other.households, one.persons + other.persons, one.fen + other.fen
    )


STAYED, LEFT, JOINED = "stayed", "left", "joined"


def parts(
    some: Iterable[Household], period: Period, retention: Retention, registered_by: date
) -> dict[str, str]:
    """STAYED, LEFT or JOINED, from the year before the newest whose income is known to that year;
    "" for who counts in neither. By number.

    A household counts in a year when its income is told and it was on the register at its end.
    The baseline year was registered later, by `registered_by`: 三(一).
    """
    now = closed_year(period)
    old, new = _YearEnd.of(now - 1, registered_by), _YearEnd.of(now, registered_by)
    return {
        one.number: _PARTS[old.counts(one, retention), new.counts(one, retention)] for one in some
    }


_PARTS = {
    (True, True): STAYED,
    (True, False): LEFT,
    (False, True): JOINED,
    (False, False): "",
}


class _YearEnd(NamedTuple):
    """When a year ended, and until when who counts in it could still be registered."""

    year: int
    end: date
    known_by: date

    @classmethod
    def of(cls, year: int, registered_by: date) -> Self:
        end = date(year, 12, 31)
        known_by = max(end, registered_by) if year == registered_by.year - 1 else end
        return cls(year, end, known_by)

    def counts(self, one: Household, retention: Retention) -> bool:
        if self.year not in one.incomes or one.identified_on > self.known_by:
            return False
        if not one.events:
            return True
        return one.stands(max(self.end, one.identified_on), retention) == ON


def split(some: Iterable[Household], went: Mapping[str, str], period: Period) -> Split:
    """The newest year whose income is known, against the year before. `went`: `parts`."""
    year = closed_year(period)
    groups: dict[str, list[Household]] = {STAYED: [], LEFT: [], JOINED: [], "": []}
    for one in some:
        groups[went[one.number]].append(one)
    return Split(
        year,
        _average(groups[STAYED], year - 1),
        _average(groups[STAYED], year),
        _average(groups[LEFT], year - 1),
        _average(groups[JOINED], year),
    )


def _average(some: Sequence[Household], year: int) -> Average:
    fen = sum(one.persons * one.incomes[year] for one in some)
    return Average(len(some), sum(one.persons for one in some), fen)


def withheld(
    groups: Mapping[str, Sequence[int]], parents: Mapping[str, str], least: int
) -> frozenset[str]:
    """Units whose averages are not to be told: a group of few would show what its members earn.

    Where one of a unit's children is withheld, so is another, the smallest: else the unit's average
    and those of its other children would give it away.
    """
    gone = {unit for unit, sizes in groups.items() if any(0 < size < least for size in sizes)}
    for parent in sorted(set(parents.values())):
        children = sorted(unit for unit in groups if parents.get(unit) == parent)
        few = [unit for unit in children if unit in gone]
        if len(few) == 1 and parent not in gone:
            others = [unit for unit in children if unit not in gone and any(groups[unit])]
            gone |= set(sorted(others, key=lambda unit: (sum(groups[unit]), unit))[:1])
    return frozenset(gone)


_STEPS = (1000, 2000, 3000, 5000)
REACHED, UNTOLD = "已达到", "没有收入记录"
GAPS = (
    f"差{_STEPS[3]:,}元及以上",
    *(f"差{low:,}—{high:,}元" for high, low in zip(_STEPS[:0:-1], _STEPS[-2::-1], strict=True)),
    f"差不到{_STEPS[0]:,}元",
    REACHED,
)
"""How far below the line, the farthest first."""


def gap(income_fen: int | None, goal: Threshold) -> str:
    """Which of GAPS an income a head lies in; a gap of exactly 1,000 yuan is 差1,000—2,000元."""
    if income_fen is None:
        return UNTOLD
    if goal.holds(income_fen):
        return REACHED
    short = goal.fen - income_fen
    beyond = sum(short >= step * FEN_A_YUAN for step in _STEPS)
    return GAPS[len(_STEPS) - beyond]
