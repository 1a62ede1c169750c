"""What the checks look at: plain rows with integer fen, as they were reported."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dashboard.policy.lifecycle import Event
from dashboard.policy.periods import QUARTERS_A_YEAR, Period

Figures = NDArray[np.float64]
"""Fen of each village; NaN where it has not reported. Whole fen are exact up to 2**53."""


@dataclass(frozen=True)
class Incomes:
    """Villages' incomes, cumulative within the year.

    `fen` holds integer fen by village, period and source, `reported` by village and period whether
    there is a report; `lifted` is the floor support (兜底) contained in a village's figure.
    """

    villages: Sequence[str]
    towns: Sequence[str]
    """The town of each village."""
    periods: Sequence[Period]
    sources: Sequence[str]
    fen: NDArray[np.int64]
    reported: NDArray[np.bool_]
    lifted: NDArray[np.int64]

    def at(self, period: Period) -> int | None:
        """Where a period lies in the arrays."""
        return self.periods.index(period) if period in self.periods else None

    def total(self, period: Period, sources: Collection[str] | None = None) -> Figures:
        """Year-to-date income of each village without floor support, which is no income of its
        own and makes an honest spike where it lifts villages to a line. NaN: not reported."""
        at = self.at(period)
        if at is None:
            return np.full(len(self.villages), np.nan)
        chosen = [sources is None or name in sources for name in self.sources]
        amounts = self.fen[:, at, chosen].sum(axis=1).astype(np.float64)
        if sources is None:
            amounts -= self.lifted[:, at]
        return np.where(self.reported[:, at], amounts, np.nan)

    def gain(self, period: Period) -> Figures:
        """What the quarter itself brought; NaN where it or the quarter before is missing."""
        now = self.total(period)
        return now if period.quarter == 1 else now - self.total(period.previous())

    def growth(self, period: Period, sources: Collection[str] | None = None) -> Figures:
        """Logarithm of the year-to-date income over that of the same quarter a year before."""
        now = self.total(period, sources)
        before = self.total(period.shift(-QUARTERS_A_YEAR), sources)
        known = (now > 0) & (before > 0)
        ratio = np.divide(now, before, out=np.ones_like(now), where=known)
        return np.where(known, np.log(ratio), np.nan)


@dataclass(frozen=True)
class LineSample:
    """Figures of one year against a line that somebody wants to be beyond, e.g. households' income
    per head against 10,000 yuan. Round figures are multiples of `round_fen`."""

    label: str
    line_fen: int
    round_fen: int
    units: Sequence[str]
    fen: Sequence[int]


@dataclass(frozen=True)
class Exit:
    """A 退出: who left (a household's pseudonymous number or a village), and its events."""

    subject: str
    village: str
    happened_on: date
    events: Sequence[Event]


@dataclass(frozen=True)
class Quota:
    """What a town was to let out in the year and how many have left so far."""

    town: str
    exits: int
    quota: int


@dataclass(frozen=True)
class Revision:
    """A village's year-to-date total that a later workbook of its town changed; fen."""

    village: str
    town: str
    period: Period
    batch: str
    old_fen: int
    new_fen: int


@dataclass(frozen=True)
class Report:
    """When a town first sent a table for a quarter."""

    town: str
    period: Period
    table: str
    first_on: date


@dataclass(frozen=True)
class Receipt:
    """Transfers a village has booked in the year, and what had been paid to it by then; fen."""

    village: str
    period: Period
    booked_fen: int
    paid_fen: int


@dataclass(frozen=True)
class Inputs:
    """Everything known of a district (or of what lies above it) at the end of `period`."""

    period: Period
    incomes: Incomes
    samples: Sequence[LineSample] = ()
    exits: Sequence[Exit] = ()
    quotas: Sequence[Quota] = ()
    revisions: Sequence[Revision] = ()
    reports: Sequence[Report] = ()
    receipts: Sequence[Receipt] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of units for the sentences."""

    def name(self, code: str) -> str:
        return self.names.get(code, code)
