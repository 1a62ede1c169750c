"""What a village's year will come to, from how far such a year usually is by now, and how sure.

A year's income comes in by a course of its own: rents when the quarter begins, dividends when the
year ends. The share of the year that a village has usually reached by a quarter is made of its
sources (last year's mix, each with the district's timing) and, where that can be tested, of the
village's own earlier years. What has come in so far over that share is the expected year end. The
interval is that of the errors which the same forecast would have made in past years, no
village-year among those that judge it.

Source: 武发〔2016〕68号 二·首段 (年度目标), 四(五) (细化到月).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dashboard.policy.periods import QUARTERS_A_YEAR

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Amounts = tuple[int, ...]
"""Fen by source, cumulative within the year."""

NOMINAL = 0.8
"""Of so many village-years the interval is meant to hold the year end."""
LEAST_TESTED = 30
"""With fewer tested village-years the ends of the interval would hang on two or three of them."""
_FOLDS = 5
_PRIOR_YEARS = 2.0
"""The mix of sources counts as much as so many own years: one own year is one draw only."""
_LEAST_SHARE = 0.02
"""Where a year has usually hardly begun, what is told says nothing about its end."""


@dataclass(frozen=True)
class Course:
    """One village's year: cumulative fen by source at the quarters (1 to 4) that were reported."""

    village: str
    year: int
    reached: Mapping[int, Amounts]


@dataclass(frozen=True)
class Check:
    """What the back-test found for one quarter: how many past village-years were forecast, in how
    many the year end lay in its interval, of which years they were."""

    nominal: float
    tested: int
    covered: int
    years: tuple[int, ...]

    @property
    def coverage(self) -> float:
        return self.covered / self.tested


@dataclass(frozen=True)
class Forecast:
    """A village's year in fen: `reached` so far, `expected` at its end, `low` to `high` around it.

    `share`: the part of a year that is usually reached by now; `has_own`: whether the village's
    own earlier years speak in it.
    """

    village: str
    reached: int
    expected: int
    low: int
    high: int
    share: float
    has_own: bool


@dataclass(frozen=True)
class Outlook:
    """Forecasts by village, and the back-test; `check` is None where too little could be tested,
    and there are no forecasts then. `silent` reported but cannot be forecast."""

    check: Check | None
    forecasts: Mapping[str, Forecast] = field(default_factory=dict)
    silent: tuple[str, ...] = ()


def forecast(
    courses: Sequence[Course],
    year: int,
    quarter: int,
    wanted: Collection[str] | None = None,
    nominal: float = NOMINAL,
) -> Outlook:
    """The year ends to be expected from what was reported at a quarter (1 to 3).

    All courses teach and test; `wanted` are the villages to forecast (all, by default). Raises
    ValueError for the fourth quarter: a closed year is known, not expected.
    """
    if not 1 <= quarter < QUARTERS_A_YEAR:
        raise ValueError("只有一至三季度可以预计年底")
    table = _Table(courses, year, quarter)
    if table.count == 0:
        return Outlook(None)
    tests = _Tests(table, nominal)
    if tests.check is None:
        return Outlook(None)
    made: dict[str, Forecast] = {}
    silent = []
    shares, own = table.shares(table.closed, tests.uses_own)
    for row in np.flatnonzero(table.open):
        village = table.villages[row]
        if wanted is not None and village not in wanted:
            continue
        reached, share = int(table.reached[row]), float(shares[row])
        factors = tests.factors.get(bool(own[row]))
        if reached <= 0 or not share >= _LEAST_SHARE or factors is None:
            silent.append(village)
            continue
        ends = _interval(reached, min(share, 1.0), factors)
        made[village] = Forecast(village, reached, *ends, share, bool(own[row]))
    return Outlook(tests.check, made, tuple(silent))


def _interval(reached: int, share: float, factors: tuple[float, float]) -> tuple[int, int, int]:
    """Expected, low, high. Cumulative income does not fall: no year ends below its start."""
    expected = max(reached, round(reached / share))
    low, high = (max(reached, round(reached / share * factor)) for factor in factors)
    return expected, min(low, expected), max(high, expected)


class _Table:
    """The courses as arrays, a row a village-year, seen from one quarter of one year."""

    def __init__(self, courses: Sequence[Course], year: int, quarter: int) -> None:
        kept = sorted(
            (c for c in courses if quarter in c.reached and c.year <= year),
            key=lambda c: (c.village, c.year),
        )
        ends = {
            (c.village, c.year): np.array(c.reached[QUARTERS_A_YEAR], dtype=float)
            for c in courses
            if QUARTERS_A_YEAR in c.reached and c.year < year
        }
        self.count = len(kept)
        self.villages = [c.village for c in kept]
        self.years = np.array([c.year for c in kept], dtype=int)
        wide = len(next(iter(kept[0].reached.values()))) if kept else 0
        none = np.full(wide, np.nan)
        self._now = _rows([c.reached[quarter] for c in kept], wide)
        self._end = _rows([ends.get((c.village, c.year), none) for c in kept], wide)
        self._mix = _parts(_rows([ends.get((c.village, c.year - 1), none) for c in kept], wide))
        self.reached: Floats = self._now.sum(axis=1)
        self.end: Floats = self._end.sum(axis=1)
        self.open: Flags = self.years == year
        self.closed: Flags = ~np.isnan(self.end) & (self.end > 0) & (self.years < year)
        self._own, self._own_years = self._before()

    def _before(self) -> tuple[Floats, Floats]:
        """The mean share of each village's earlier years, and how many they are."""
        share = np.where(self.closed, self.reached / np.where(self.closed, self.end, 1.0), 0.0)
        mean, years = np.zeros(self.count), np.zeros(self.count)
        for row in range(1, self.count):
            if self.villages[row] == self.villages[row - 1]:
                years[row] = years[row - 1] + self.closed[row - 1]
                total = mean[row - 1] * years[row - 1] + share[row - 1]
                mean[row] = total / years[row] if years[row] else 0.0
        return mean, years

    def shares(self, teaching: Flags, uses_own: bool) -> tuple[Floats, Flags]:
        """The share of its year that each row should have reached, learnt from some rows; and in
        which rows the village's own years speak."""
        now, end = self._now[teaching].sum(axis=0), self._end[teaching].sum(axis=0)
        plain = now.sum() / end.sum() if end.sum() > 0 else np.nan
        timing = np.where(end > 0, now / np.where(end > 0, end, 1.0), plain)
        of_mix = self._mix @ timing
        # Without last year's mix the village is taken to be made as the district is.
        share = np.where(np.isnan(of_mix), plain, of_mix)
        own = (self._own_years > 0) & uses_own
        blended = (self._own * self._own_years + share * _PRIOR_YEARS) / (
            self._own_years + _PRIOR_YEARS
        )
        return np.where(own, blended, share), own

    @property
    def testable(self) -> Flags:
        return self.closed & (self.reached > 0)

    @property
    def with_own(self) -> int:
        """How many testable rows have earlier years of their own."""
        return int((self.testable & (self._own_years > 0)).sum())

    def folds(self) -> NDArray[np.int64]:
        """A number from 0 to 4 for each row, one a village: its years never judge each other."""
        places = {village: at for at, village in enumerate(dict.fromkeys(self.villages))}
        return np.array([places[village] % _FOLDS for village in self.villages], dtype=np.int64)


class _Tests:
    """Every closed village-year forecast by rules learnt elsewhere: its error, and the intervals.

    Learnt from the other years, so that a year unlike the others shows; where only one is closed,
    from the villages of the other folds.
    """

    def __init__(self, table: _Table, nominal: float) -> None:
        self.uses_own = table.with_own >= LEAST_TESTED
        errors, own = self._errors(table)
        known = ~np.isnan(errors)
        folds = table.folds()
        strata = [known & (own == has_own) for has_own in (False, True)]
        self.factors: dict[bool, tuple[float, float]] = {}
        tested = covered = 0
        for has_own, rows in zip((False, True), strata, strict=True):
            if rows.sum() < LEAST_TESTED:
                continue
            low, high = _ends(errors[rows], nominal)
            self.factors[has_own] = (float(np.exp(low)), float(np.exp(high)))
            for fold in range(_FOLDS):
                judged, others = rows & (folds == fold), rows & (folds != fold)
                low, high = _ends(errors[others], nominal)
                covered += int(((errors[judged] >= low) & (errors[judged] <= high)).sum())
                tested += int(judged.sum())
        years = tuple(sorted({int(year) for year in table.years[known]}))
        self.check = Check(nominal, tested, covered, years) if self.factors else None

    def _errors(self, table: _Table) -> tuple[Floats, Flags]:
        """ln(actual / expected) of each closed row, NaN elsewhere."""
        closed_years = {int(year) for year in table.years[table.testable]}
        groups = table.years if len(closed_years) > 1 else table.folds()
        errors = np.full(table.count, np.nan)
        has_own = np.zeros(table.count, dtype=bool)
        for group in np.unique(groups[table.testable]):
            judged = table.testable & (groups == group)
            shares, own = table.shares(table.closed & (groups != group), self.uses_own)
            judged &= shares >= _LEAST_SHARE
            expected = table.reached[judged] / np.minimum(shares[judged], 1.0)
            errors[judged] = np.log(table.end[judged] / expected)
            has_own |= judged & own
        return errors, has_own


def _ends(errors: Floats, nominal: float) -> tuple[float, float]:
    """The errors between which `nominal` of further ones lie: split conformal, both sides alike."""
    ordered = np.sort(errors)
    count = ordered.size
    tail = (1.0 - nominal) / 2.0
    at = max(1, int(np.floor((count + 1) * tail + 1e-9)))
    return float(ordered[at - 1]), float(ordered[count - at])


def _rows(rows: Sequence[Sequence[float] | Floats], wide: int) -> Floats:
    return np.array(rows, dtype=float).reshape(len(rows), wide)


def _parts(ends: Floats) -> Floats:
    """Amounts by source as parts of their sum; NaN where there is none."""
    total = ends.sum(axis=1, keepdims=True)
    return np.where(total > 0, ends / np.where(total > 0, total, 1.0), np.nan)
