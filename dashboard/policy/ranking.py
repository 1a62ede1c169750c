"""Composite score and rank of units, what they are made of, and how sure the order is.

The steps and their alternatives follow the OECD/JRC Handbook on Constructing Composite Indicators
(2008): normalisation (step 5), weighting and aggregation (step 6), uncertainty and sensitivity
(step 7). Source of the duty to compare: 武发〔2016〕68号 二(三) (量化管理), 四(二) (双扶).

Shapes: a board has n units (rows) and k indicators (columns). A cell without a figure is NaN; its
weight is shared out among the unit's other indicators in proportion to theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Normalisation = Literal["target_rate", "min_max", "z_score"]
Aggregation = Literal["arithmetic", "geometric"]

FULL = 100.0
_DECIMALS = 2
"""Scores are compared as they are shown: what reads alike is a tie."""
_FLOOR = 0.01
"""Geometric aggregation has no zero: the lowest score that an indicator counts with, of 1."""
_Z_MIDDLE, _Z_STEP = 0.6, 0.2


@dataclass(frozen=True)
class Method:
    """How scores are made: see `normalise` and `scores`; `cap` limits one indicator."""

    normalisation: Normalisation = "target_rate"
    aggregation: Aggregation = "arithmetic"
    cap: float = 1.2


def normalise(shares: Floats, method: Method) -> Floats:
    """Put indicators on one scale, column by column; NaN stays NaN.

    `shares` are actual progress over scheduled progress (1 = on schedule), higher is better.

    target_rate: min(max(x, 0), cap), the distance to the reference.
    min_max: (x − min) / (max − min) over the units; 1 for all where all are equal.
    z_score: 0.6 + 0.2 · (x − mean) / sd, within 0 and cap; 0.6 where all are equal.
    """
    if method.normalisation == "target_rate":
        return np.clip(shares, 0.0, method.cap)
    if shares.size == 0:
        return shares.copy()
    told = ~np.isnan(shares)
    low = np.where(told, shares, np.inf).min(axis=0)
    high = np.where(told, shares, -np.inf).max(axis=0)
    if method.normalisation == "min_max":
        spread = np.where(high > low, high - low, 1.0)
        scaled = np.where(high > low, (shares - low) / spread, 1.0)
        return np.where(told, scaled, np.nan)
    count = np.maximum(told.sum(axis=0), 1)
    mean = np.where(told, shares, 0.0).sum(axis=0) / count
    variance = np.where(told, (shares - mean) ** 2, 0.0).sum(axis=0) / count
    deviation = np.where(variance > 0, np.sqrt(variance), 1.0)
    scaled = np.clip(_Z_MIDDLE + _Z_STEP * (shares - mean) / deviation, 0.0, method.cap)
    return np.where(told, scaled, np.nan)


def scores(
    normalised: Floats, weights: Floats, method: Method, penalties: Floats | None = None
) -> Floats:
    """Points of each unit, 100 for all on schedule; NaN where a unit has no figure at all.

    arithmetic: 100 · Σ wᵢ xᵢ / Σ wᵢ. geometric: 100 · exp(Σ wᵢ ln xᵢ / Σ wᵢ), in which a weak
    indicator is not made up for by a strong one. Sums run over the unit's own figures. `penalties`
    (points) are taken off afterwards, down to 0 at the lowest.
    """
    points: Floats = _scores(normalised, weights[np.newaxis, :], method, penalties)[0]
    return points


def _scores(
    normalised: Floats, weights: Floats, method: Method, penalties: Floats | None
) -> Floats:
    """As `scores`, for many sets of weights (rows of `weights`) at once: one row a set."""
    told = ~np.isnan(normalised)
    carried = weights @ told.T
    safe = np.where(carried > 0, carried, 1.0)
    filled = np.where(told, normalised, 0.0)
    if method.aggregation == "geometric":
        logs = np.where(told, np.log(np.maximum(filled, _FLOOR)), 0.0)
        points = FULL * np.exp(weights @ logs.T / safe)
    else:
        points = FULL * (weights @ filled.T) / safe
    if penalties is not None:
        points = np.maximum(points - penalties, 0.0)
    told_at_all: Floats = np.where(carried > 0, points, np.nan)
    return told_at_all


def ranks(points: Floats) -> Integers:
    """Competition ranks (1, 2, 2, 4): one more than the number of units with more points.

    Points are compared as shown, to two decimals. Units without points have rank 0.
    """
    found: Integers = _ranks(points[np.newaxis, :])[0]
    return found


def _ranks(points: Floats) -> Integers:
    shown = np.round(points, _DECIMALS)
    told = ~np.isnan(shown)
    filled = np.where(told, shown, -np.inf)
    ahead = (filled[:, np.newaxis, :] > filled[:, :, np.newaxis]).sum(axis=2)
    return np.where(told, ahead + 1, 0).astype(np.int64)


def contributions(normalised: Floats, weights: Floats) -> Floats:
    """Points that each indicator brings each unit (n × k), by the arithmetic score; 0 for NaN.

    A unit's row adds up to its score before penalties.
    """
    told = ~np.isnan(normalised)
    carried = told @ weights
    safe = np.where(carried > 0, carried, 1.0)
    points: Floats = FULL * np.where(told, normalised, 0.0) * weights / safe[:, np.newaxis]
    return points


@dataclass(frozen=True)
class Lever:
    """What one indicator alone could do: `rank` that the unit would have with it on schedule."""

    indicator: int
    rank: int
    points: float


def levers(
    normalised: Floats,
    weights: Floats,
    method: Method,
    unit: int,
    penalties: Floats | None = None,
) -> list[Lever]:
    """For each indicator that is behind schedule: rank and points once it alone is on schedule.

    Best first: the highest rank, then the most points.
    """
    found = []
    for indicator in range(normalised.shape[1]):
        now = normalised[unit, indicator]
        if np.isnan(now) or now >= 1.0:
            continue
        mended = normalised.copy()
        mended[unit, indicator] = 1.0
        points = scores(mended, weights, method, penalties)
        found.append(Lever(indicator, int(ranks(points)[unit]), float(points[unit])))
    return sorted(found, key=lambda lever: (lever.rank, -lever.points))


@dataclass(frozen=True)
class Certainty:
    """How far ranks move when weights move: arrays by unit; 0 where a unit has no rank."""

    low: Integers
    high: Integers
    middle: Floats


def perturbed(
    normalised: Floats,
    weights: Floats,
    method: Method,
    penalties: Floats | None = None,
    *,
    draws: int = 1000,
    spread: float = 0.25,
    seed: int = 2016,
) -> Certainty:
    """Ranks under `draws` sets of weights, each weight drawn evenly within ±spread of its own.

    low and high bound the middle 90 % of the ranks (1 is best). A seed gives one answer.
    """
    generator = np.random.default_rng(seed)
    factors = generator.uniform(1 - spread, 1 + spread, size=(draws, weights.size))
    drawn = _ranks(_scores(normalised, weights * factors, method, penalties))
    low, middle, high = np.quantile(drawn, [0.05, 0.5, 0.95], axis=0, method="nearest")
    return Certainty(low.astype(np.int64), high.astype(np.int64), middle)


def leave_one_out(
    normalised: Floats, weights: Floats, method: Method, penalties: Floats | None = None
) -> Integers:
    """Ranks with each indicator left out in turn (k × n)."""
    kept = np.tile(weights, (weights.size, 1))
    np.fill_diagonal(kept, 0.0)
    return _ranks(_scores(normalised, kept, method, penalties))


def bands(certainty: Certainty) -> list[int]:
    """Groups that the evidence tells apart, 1 the best; units whose intervals touch share one.

    Walks down the order: a new band begins where a unit's best rank lies below the worst rank of
    all units of the band so far. Units without a rank have band 0.
    """
    order = sorted(
        (i for i in range(certainty.low.size) if certainty.low[i] > 0),
        key=lambda i: (certainty.middle[i], certainty.low[i], certainty.high[i]),
    )
    found = [0] * certainty.low.size
    band, worst = 0, 0
    for unit in order:
        if band == 0 or certainty.low[unit] > worst:
            band, worst = band + 1, 0
        worst = max(worst, int(certainty.high[unit]))
        found[unit] = band
    return found


def movement(before: Sequence[int], now: Sequence[int]) -> list[int | None]:
    """Places gained since the last quarter (negative: lost); None without a rank then or now."""
    return [
        old - new if old > 0 and new > 0 else None for old, new in zip(before, now, strict=True)
    ]
