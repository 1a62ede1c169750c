"""How many figures would lie just over a line if nobody had pressed any over it.

Two ways, chosen by how many lie near the line before anything is looked at: an exact binomial for
few, a polynomial through the rest of the distribution for many. Both go through a ladder of windows
and pay for looking more than once.

Sources: Saez (2010), Chetty et al. (2011), Kleven & Waseem (2013) and Kleven (2016) for bunching
against a polynomial counterfactual with the missing mass below the line; Cattaneo, Jansson & Ma
(2020) for the binomial test beside a cutoff.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from dashboard.policy.authenticity.rules import Rules
from dashboard.policy.authenticity.statistic import Floats

_FEW = 1e-4
_REFITS = 3
_STEEPEST = 0.6


@dataclass(frozen=True)
class Excess:
    """What a line attracts: `over` figures in the window above it, `expected` without pressing.

    `window` is relative to the line (0.02: 2 %), `near` how many lie within it on both sides (of
    the widest window for the polynomial), `p_value` is for the whole ladder.
    """

    p_value: float
    window: float
    over: int
    expected: float
    near: int
    polynomial: bool


def excess(distance: Floats, rules: Rules) -> Excess | None:
    """Test figures by their relative distance from the line (0 on it, 0.01 one percent over).

    None where there are too few for any outcome to be striking. Assumes that the honest
    distribution is smooth at the line: it fails where honest money lifts figures exactly to it
    (strip it first) and for round figures (leave them out).
    """
    near = int((np.abs(distance) < rules.ladder[-1]).sum())
    if near >= rules.polynomial_from:
        return polynomial(distance, rules)
    return exact(distance, rules)


def exact(distance: Floats, rules: Rules) -> Excess | None:
    """Of the figures within a window, how many lie above: binomial, the ladder's minimum p exact.

    Without pressing each lies above with the same chance, a half where the distribution is level;
    its slope is taken from both flanks and never counted in favour of suspicion.
    """
    upper = _chance_above(distance, rules)
    over = [int(((distance >= 0) & (distance < w)).sum()) for w in rules.ladder]
    both = [int((np.abs(distance) < w).sum()) for w in rules.ladder]
    # The widest window all above the line is the most striking outcome there is.
    if upper ** both[-1] > rules.alarm:
        return None
    p_values = [float(stats.binom.sf(k - 1, n, upper)) for k, n in zip(over, both, strict=True)]
    best = int(np.argmin(p_values))
    p_value = _least_of_ladder(p_values[best], both, upper)
    return Excess(
        p_value, rules.ladder[best], over[best], both[best] * upper, both[best], polynomial=False
    )


def _chance_above(distance: Floats, rules: Rules) -> float:
    flank = (rules.below, rules.span)
    under = int(((distance <= -flank[0]) & (distance > -flank[1])).sum())
    above = int(((distance >= flank[0]) & (distance < flank[1])).sum())
    slope = np.log((above + 0.5) / (under + 0.5)) / sum(flank)
    ratio = float(np.exp(slope * rules.ladder[-1]))
    return min(max(0.5, ratio / (1 + ratio)), _STEEPEST)


def _least_of_ladder(p_value: float, counts: Sequence[int], upper: float) -> float:
    """Chance that any window of the nested ladder has a p-value so small.

    Exact: the counts grow ring by ring, each ring an independent binomial; whatever reaches a
    window's critical count is taken out.
    """
    open_, before = np.ones(1), 0
    for count in counts:
        ring = stats.binom.pmf(np.arange(count - before + 1), count - before, upper)
        open_ = np.convolve(open_, ring)
        critical = int(stats.binom.isf(min(1.0, p_value * (1 + 1e-9)), count, upper)) + 1
        open_[critical:] = 0.0
        before = count
    return float(min(1.0, max(0.0, 1 - open_.sum())))


def polynomial(distance: Floats, rules: Rules) -> Excess | None:
    """Excess above the line and missing mass below it, against a polynomial through the rest.

    The statistic of a window is what is too many in it minus, in proportion, what is missing below:
    figures that were moved leave a hole. Standard errors are Poisson's, widened where the rest of
    the distribution is rougher than that. The ladder's maximum is judged by the joint normal
    distribution of its windows.
    """
    count = round(2 * rules.span / rules.bin_width)
    edges = np.linspace(-rules.span, rules.span, count + 1)
    middle = (edges[:-1] + edges[1:]) / 2
    seen = np.histogram(distance, edges)[0].astype(np.float64)
    inside = (middle > -rules.below) & (middle < rules.ladder[-1])
    powers = np.vander(middle / rules.span, rules.degree + 1)
    expected, uncertain, rough = _fit(powers, seen, inside)
    windows = np.array([_template(middle[inside], w, rules.below) for w in rules.ladder])
    known = np.maximum(expected[inside], 0.5)
    spread = rough * (windows * known @ windows.T + windows @ uncertain @ windows.T)
    errors = np.sqrt(np.diag(spread))
    scores = windows @ (seen[inside] - expected[inside]) / errors
    best = int(np.argmax(scores))
    above = (middle >= 0) & (middle < rules.ladder[best])
    return Excess(
        _greatest_of_ladder(float(scores[best]), spread / np.outer(errors, errors)),
        rules.ladder[best],
        int(seen[above].sum()),
        float(expected[above].sum()),
        int(seen[np.abs(middle) < rules.ladder[-1]].sum()),
        polynomial=True,
    )


def _template(middle: Floats, window: float, below: float) -> Floats:
    return np.where(middle < 0, -window / below, np.where(middle < window, 1.0, 0.0))


def _fit(powers: Floats, seen: Floats, inside: np.ndarray) -> tuple[Floats, Floats, float]:
    """Expected counts, the covariance of those inside, and how rough the outside is (1: Poisson).

    Least squares weighted by the inverse of the expected count, as often as it takes to settle.
    """
    outside = ~inside
    expected = np.full_like(seen, max(seen[outside].mean(), 0.5))
    for _ in range(_REFITS):
        weights = 1 / np.maximum(expected[outside], 0.5)
        design = powers[outside]
        inverse = np.linalg.pinv(design.T * weights @ design)
        expected = powers @ (inverse @ (design.T * weights @ seen[outside]))
    known = np.maximum(expected[outside], 0.5)
    freedom = max(1, int(outside.sum()) - powers.shape[1])
    rough = max(1.0, float(((seen[outside] - expected[outside]) ** 2 / known).sum() / freedom))
    return expected, powers[inside] @ inverse @ powers[inside].T, rough


def _greatest_of_ladder(score: float, correlation: Floats) -> float:
    bound = len(correlation) * float(stats.norm.sf(score))
    if bound < _FEW:
        return bound
    # The integral is a random one: seeded, so that the same figures give the same answer.
    joint = stats.multivariate_normal(np.zeros(len(correlation)), correlation, allow_singular=True)
    inside = joint.cdf(np.full(len(correlation), score), rng=np.random.default_rng(0))
    return float(min(1.0, max(0.0, 1 - inside)))
