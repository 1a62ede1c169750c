"""Which quarter each town reported, and when: two are late, one left a quarter out."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from dashboard.data.demo.places import Places, Town
from dashboard.policy.periods import Period, span

FIRST, LAST = Period(2016, 1), Period(2017, 3)
QUARTERS = tuple(span(FIRST, LAST))
"""The quarters that the demo data reports on."""
YEARS = (2016, 2017)
TODAY = LAST.last_day
"""Nothing in the demo data happens after this day."""
TO_CORRECT = timedelta(days=8)
"""From a workbook to its correction; it is sent back half-way."""
_DAYS_AFTER, _OVERDUE = (3, 5, 6, 8, 9, 11, 12), (23, 7)
"""After a quarter's end the workbooks come in on these days; the town at place 7 needs 23."""
_LATE, _LEFT_OUT, _RETURNED_LATE, _CORRECTED = (2, 13), (8, Period(2016, 2)), 10, (4, 6)


@dataclass(frozen=True)
class Reports:
    """Towns by code: `late` have not reported the newest quarter; `left_out` never reported one
    quarter of 2016; `returned_late` sent 2016Q4 after everybody's 2017Q1; `corrected` sent a
    quarter a second time."""

    late: tuple[str, ...]
    left_out: tuple[str, Period]
    returned_late: tuple[str, Period]
    corrected: tuple[tuple[str, Period], ...]

    def came(self, town: str, period: Period) -> bool:
        if period == LAST and town in self.late:
            return False
        return (town, period) != self.left_out

    def came_with(self, town: str, period: Period) -> Period | None:
        """The quarter whose workbook brings what happened in `period`; None: not reported yet."""
        if (town, period) == self.left_out:
            return period.next()
        return period if self.came(town, period) else None

    @property
    def irregular(self) -> set[str]:
        """Towns with a quarter missing."""
        return {*self.late, self.left_out[0]}


def reports(places: Places) -> Reports:
    def code(at: int) -> str:
        town: Town = places.towns[at % len(places.towns)]
        return town.code

    return Reports(
        late=tuple(code(at) for at in _LATE),
        left_out=(code(_LEFT_OUT[0]), _LEFT_OUT[1]),
        returned_late=(code(_RETURNED_LATE), Period(2016, 4)),
        corrected=(
            (code(_CORRECTED[0]), Period(2016, 3)),
            (code(_CORRECTED[1]), Period(2017, 2)),
        ),
    )


def until_today(day: date | None) -> date | None:
    """None for a day that has not come yet."""
    return day if day is not None and day <= TODAY else None


def at(day: date, hour: int = 2) -> datetime:
    """A time on that day (UTC: two in the morning is ten at the office)."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def received(place: int, period: Period) -> datetime:
    """When the workbook of the town at that place came in."""
    days, slow = _OVERDUE
    if place != slow or period.closes_year:
        days = _DAYS_AFTER[(place + period.quarter) % len(_DAYS_AFTER)]
    return at(period.last_day + timedelta(days=days))


def of_district(year: int, *, is_plan: bool) -> datetime:
    """When the office itself recorded a year's targets, and its registers."""
    if is_plan:
        return at(date(year, 1, 20))
    return at(min(Period(year, 4).last_day, TODAY) + timedelta(days=2))
