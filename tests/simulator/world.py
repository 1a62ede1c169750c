"""Honest districts: incomes, households, exits, workbooks and payments as nobody has touched them.

Assumed, not known (docs/authenticity.md lists it): incomes are lognormal, about 8 of 190 villages
lie within 5 % below 150 万元, growth differs between villages with heavy tails and between towns by
2 %, transfers come late in the year, 4 % of the totals are round, floor support lifts a third of
the villages below 120 万元 to it.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from dashboard.policy.authenticity.inputs import (
    Incomes,
    Inputs,
    LineSample,
    Quota,
    Receipt,
    Report,
    Revision,
)
from dashboard.policy.periods import QUARTERS_A_YEAR, Period, span

SOURCES = ("operating", "leasing", "dividend", "fiscal", "ecological", "donation", "other")
TRANSFERS, OTHER, FISCAL = (3, 4, 5), 6, 3
WAN, YUAN = 1_000_000, 100
LINE, FLOOR = 150 * WAN, 120 * WAN
HOUSEHOLD_LINE = 10_000 * YUAN
END = Period(2019, 4)
_SHARES = np.array([0.20, 0.35, 0.10, 0.20, 0.03, 0.02, 0.10])
_MEDIAN, _SPREAD = 172 * WAN, 0.45


@dataclass(frozen=True)
class Size:
    """How large a district is; `years` of reports including the last."""

    villages: int = 190
    towns: int = 16
    years: int = 4
    households: int = 1_500


DISTRICT = Size()


def district(rng: np.random.Generator, size: Size = DISTRICT) -> Inputs:
    """An honest district at the end of a year."""
    villages = incomes(rng, size)
    towns = sorted(set(villages.towns))
    return Inputs(
        END,
        villages,
        samples=[households(rng, size.households)],
        quotas=[Quota(town, int(rng.poisson(20)), 20) for town in towns],
        revisions=revisions(rng, villages),
        reports=[Report(t, END, "村集体收入", END.last_day + timedelta(days=9)) for t in towns],
        receipts=receipts(rng, villages),
    )


def incomes(rng: np.random.Generator, size: Size) -> Incomes:
    """Cumulative incomes of all quarters of all years."""
    count, years = size.villages, size.years
    towns = np.arange(count) * size.towns // count
    yearly = _yearly(rng, towns, years)
    fen = np.zeros((count, years, QUARTERS_A_YEAR, len(SOURCES)))
    shares = rng.dirichlet(_SHARES * 40, count)
    for source in range(len(SOURCES)):
        late = (1.0, 1.0, 1.5, 3.0) if source in TRANSFERS else (1.0, 1.0, 1.0, 1.2)
        usual = rng.dirichlet(np.array(late) * 20, count)
        noise = np.exp(rng.normal(0, 0.06, (count, years)))
        for year in range(years):
            parts = usual * np.exp(rng.normal(0, 0.12, usual.shape))
            parts /= parts.sum(axis=1, keepdims=True)
            amount = yearly[:, year] * shares[:, source] * noise[:, year]
            fen[:, year, :, source] = np.cumsum(parts, axis=1) * amount[:, None]
    whole = (fen // YUAN * YUAN).astype(np.int64)
    _round_some(rng, whole)
    lifted = _floor(rng, whole)
    flat = whole.reshape(count, years * QUARTERS_A_YEAR, len(SOURCES))
    first = Period(END.year - years + 1, 1)
    return Incomes(
        villages=[f"{t:02d}{i:05d}" for i, t in enumerate(towns.tolist())],
        towns=[f"{t:02d}" for t in towns.tolist()],
        periods=list(span(first, END)),
        sources=list(SOURCES),
        fen=flat,
        reported=np.ones(flat.shape[:2], dtype=np.bool_),
        lifted=lifted.reshape(flat.shape[:2]),
    )


def _yearly(rng: np.random.Generator, towns: NDArray[np.int64], years: int) -> NDArray[np.float64]:
    last = np.exp(rng.normal(np.log(_MEDIAN), _SPREAD, len(towns)))
    columns = [last]
    for _ in range(years - 1):
        town = rng.normal(0.08, 0.02, towns.max() + 1)[towns]
        columns.append(columns[-1] / np.exp(town + 0.08 * rng.standard_t(5, len(towns))))
    return np.array(columns[::-1]).T


def _round_some(rng: np.random.Generator, fen: NDArray[np.int64], share: float = 0.04) -> None:
    """Year totals filled up to whole 万元, as clerks do who do not know better."""
    chosen = rng.random(fen.shape[:2]) < share
    short = -fen[:, :, -1, :].sum(axis=2) % WAN
    fen[:, :, -1, OTHER] += np.where(chosen, short, 0)


def _floor(rng: np.random.Generator, fen: NDArray[np.int64]) -> NDArray[np.int64]:
    total = fen[:, :, -1, :].sum(axis=2)
    lifted = np.zeros(fen.shape[:3], dtype=np.int64)
    eligible = (rng.random(len(fen)) < 0.3)[:, None] & (total < FLOOR)
    lifted[:, :, -1] = np.where(eligible, FLOOR - total, 0)
    fen[:, :, -1, FISCAL] += lifted[:, :, -1]
    return lifted


def households(rng: np.random.Generator, count: int) -> LineSample:
    """Income per head of low-income households; one in twelve is told in whole 500 yuan."""
    income = np.exp(rng.normal(np.log(9_400), 0.25, count)).astype(np.int64)
    income = np.where(rng.random(count) < 1 / 12, income // 500 * 500, income)
    numbers = [f"H{i:06d}" for i in range(count)]
    fen = [int(value) * YUAN for value in income]
    return LineSample("低收入农户标准", HOUSEHOLD_LINE, 500 * YUAN, numbers, fen)


def revisions(rng: np.random.Generator, incomes: Incomes) -> list[Revision]:
    """Some towns send a second workbook; 55 % of these raise what the first said."""
    changed = []
    for town in sorted(set(incomes.towns)):
        for batch in range(int(rng.poisson(0.5))):
            village = incomes.villages[incomes.towns.index(town)]
            change = 5_000 * YUAN if rng.random() < 0.55 else -5_000 * YUAN
            changed.append(Revision(village, town, END, f"{town}-{batch}", WAN, WAN + change))
    return changed


def receipts(rng: np.random.Generator, incomes: Incomes) -> list[Receipt]:
    """Transfers booked and paid; 2 % are booked before they have come, in honesty."""
    told = []
    for at, period in enumerate(incomes.periods):
        early = rng.random(len(incomes.villages)) < 0.02
        for village, fen, ahead in zip(
            incomes.villages, incomes.fen[:, at, FISCAL], early, strict=True
        ):
            paid = int(fen) // 2 if ahead else int(fen)
            told.append(Receipt(village, period, int(fen), paid))
    return told


def totals(rng: np.random.Generator, villages: int) -> NDArray[np.int64]:
    """Year totals of a province's villages alone: districts differ in their middle and spread."""
    districts = max(1, villages // 190)
    middle = rng.normal(np.log(_MEDIAN), 0.25, districts)
    spread = rng.uniform(0.35, 0.55, districts)
    home = rng.integers(0, districts, villages)
    yuan = np.exp(rng.normal(middle[home], spread[home])).astype(np.int64) // YUAN
    rounded = -(-yuan // 10_000) * 10_000
    return np.where(rng.random(villages) < 0.04, rounded, yuan) * YUAN
