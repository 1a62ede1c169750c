"""The statistics that several checks share."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
# Iglewicz & Hoaglin (1993): the 0.75 quantile of the normal, and the factor for the mean deviation
# where more than half of the values are equal and the median deviation is 0.
_MAD_TO_SIGMA, _MEAN_TO_SIGMA = 0.6745, 1.253314


def modified_z(values: Floats) -> Floats:
    """Distance from the median in robust standard deviations; NaN stays NaN.

    Source: Iglewicz & Hoaglin, How to Detect and Handle Outliers (1993): 0.6745 (x - median) / MAD,
    suspect beyond 3.5. With a MAD of 0 the mean deviation is used; with that 0 too, all are 0.
    """
    if not np.isfinite(values).any():
        return np.full_like(values, np.nan)
    away = values - np.nanmedian(values)
    spread = np.nanmedian(np.abs(away)) / _MAD_TO_SIGMA
    if spread == 0:
        spread = np.nanmean(np.abs(away)) * _MEAN_TO_SIGMA
    return away / spread if spread > 0 else np.where(np.isfinite(values), 0.0, np.nan)


def medians(rows: Floats) -> Floats:
    """The median of each row without its NaN; NaN for a row of nothing else.

    numpy.nanmedian goes through masked arrays where rows are short: ten times as long.
    """
    ordered = np.sort(rows, axis=1)  # NaN come last
    known = (~np.isnan(rows)).sum(axis=1)
    at = np.arange(len(rows))
    lower, upper = ordered[at, np.maximum(known - 1, 0) // 2], ordered[at, known // 2]
    middle: Floats = (lower + upper) / 2
    return middle


def more_often(hits: int, count: int, hits_before: int, count_before: int) -> float:
    """Chance of so many hits here if the rate were that of the comparison group.

    Fisher's exact test, one-sided, on the two rows (hits, rest): hypergeometric.
    """
    everything, all_hits = count + count_before, hits + hits_before
    if not everything:
        return 1.0
    return float(stats.hypergeom.sf(hits - 1, everything, all_hits, count))


def holm(p_values: Mapping[str, float], shares: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p-values of the weighted Holm procedure (Holm 1979, section 4).

    Rejecting what comes out below alpha keeps the chance of even one false alarm below alpha,
    however the tests hang together. Tests with a larger share are given more of alpha.
    """
    weighed = {key: p / shares[key] for key, p in p_values.items()}
    left = sum(shares[key] for key in p_values)
    adjusted, highest = {}, 0.0
    for key in sorted(weighed, key=lambda key: (weighed[key], key)):
        highest = max(highest, min(1.0, weighed[key] * left))
        adjusted[key] = highest
        left -= shares[key]
    return adjusted


def grubbs(values: Floats) -> Floats:
    """One-sided p-value of each value being above the others, Bonferroni over all of them.

    The largest one's is Grubbs' test for an outlier (Grubbs 1969): Student's t of the value left
    out against the rest, normal values assumed.
    """
    count = len(values)
    if count < 4:
        return np.ones(count)
    total, squares = values.sum(), (values**2).sum()
    mean = (total - values) / (count - 1)
    variance = (squares - values**2 - (count - 1) * mean**2) / (count - 2)
    # A difference below rounding is none: equal towns have no outlier.
    scale = np.sqrt(np.maximum(variance, 1e-18) * count / (count - 1))
    p_values = stats.t.sf((values - mean) / scale, count - 2) * count
    return np.asarray(np.minimum(p_values, 1.0), dtype=np.float64)


def at_least(hits: int, chances: Floats) -> float:
    """Chance of so many successes in independent trials with chances of their own (exact)."""
    distribution = np.ones(1)
    for chance in chances:
        distribution = np.convolve(distribution, [1 - chance, chance])
    return float(min(1.0, distribution[hits:].sum()))
