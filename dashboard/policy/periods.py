"""Quarters as the programme counts them: reported quarterly, cumulative within the year.

Source: 武发〔2016〕68号 四(五) (每季度组织情况通报; 把任务细化到月).
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property

_PERIOD = re.compile(r"(?P<year>20[0-9]{2})Q(?P<quarter>[1-4])")
_NUMERALS = "一二三四"
MONTHS_A_QUARTER = 3
CHINA_TIME = timezone(timedelta(hours=8))
"""The whole country has one time: days and years of documents are counted in it."""
QUARTERS_A_YEAR = 4


@dataclass(frozen=True, order=True)
class Period:
    """One quarter. Sorts in time; its text form ("2016Q3") sorts the same way."""

    year: int
    quarter: int

    def __post_init__(self) -> None:
        if not 2000 <= self.year <= 2099 or not 1 <= self.quarter <= QUARTERS_A_YEAR:
            raise ValueError(f"不是有效的季度:{self.year}年第{self.quarter}季度")

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read "2016Q3". Raises ValueError with a Chinese sentence for anything else."""
        match = _PERIOD.fullmatch(text.strip().upper())
        if match is None:
            raise ValueError(f"季度应写作2016Q3的形式,而不是“{text[:20]}”")
        return cls(int(match["year"]), int(match["quarter"]))

    @classmethod
    def of(cls, day: date) -> "Period":
        """The quarter that a day lies in."""
        return cls(day.year, (day.month - 1) // MONTHS_A_QUARTER + 1)

    def __str__(self) -> str:
        return f"{self.year}Q{self.quarter}"

    @property
    def label(self) -> str:
        """As a screen or document writes it: 2016年第三季度."""
        return f"{self.year}年第{_NUMERALS[self.quarter - 1]}季度"

    @property
    def short_label(self) -> str:
        """For chart axes: 16年三季度."""
        return f"{self.year % 100:02d}年{_NUMERALS[self.quarter - 1]}季度"

    @property
    def last_month(self) -> int:
        """Month number (3, 6, 9, 12) in which the quarter ends."""
        return self.quarter * MONTHS_A_QUARTER

    @property
    def axis_label(self) -> str:
        """Two lines for a chart's axis, parted by a bar: 三季度|2016年."""
        return f"{_NUMERALS[self.quarter - 1]}季度|{self.year}年"

    @cached_property
    def first_day(self) -> date:
        return date(self.year, self.last_month - 2, 1)

    @cached_property
    def last_day(self) -> date:
        return date(self.year, self.last_month, monthrange(self.year, self.last_month)[1])

    @property
    def closes_year(self) -> bool:
        """Whether a cumulative figure of this quarter is the year's figure."""
        return self.quarter == QUARTERS_A_YEAR

    def shift(self, quarters: int) -> "Period":
        """The period that many quarters later (negative: earlier)."""
        index = self.year * QUARTERS_A_YEAR + self.quarter - 1 + quarters
        return Period(index // QUARTERS_A_YEAR, index % QUARTERS_A_YEAR + 1)

    def next(self) -> "Period":
        return self.shift(1)

    def previous(self) -> "Period":
        return self.shift(-1)

    def year_end(self, years_back: int = 0) -> "Period":
        """The fourth quarter of this year, or of a year before it."""
        return Period(self.year - years_back, QUARTERS_A_YEAR)


def span(first: Period, last: Period) -> Iterator[Period]:
    """Every period from first to last, both included; empty when last comes before first."""
    quarters = (last.year - first.year) * QUARTERS_A_YEAR + last.quarter - first.quarter
    for step in range(quarters + 1):
        yield first.shift(step)


def quarterly(cumulative: dict[Period, int]) -> dict[Period, int | None]:
    """Increments of a figure that is reported cumulative within the year.

    The first quarter is its own increment. A quarter whose predecessor is missing has None: the
    gain of two quarters is not shown as the gain of one.
    """
    increments: dict[Period, int | None] = {}
    for period, value in sorted(cumulative.items()):
        if period.quarter == 1:
            increments[period] = value
            continue
        before = cumulative.get(period.previous())
        increments[period] = None if before is None else value - before
    return increments


def report_due(period: Period, days: int) -> datetime:
    """The moment at which a report on the quarter is late: the end of the last of so many days."""
    day = period.last_day + timedelta(days=days + 1)
    return datetime(day.year, day.month, day.day, tzinfo=CHINA_TIME)
