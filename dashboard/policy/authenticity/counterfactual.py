"""How many figures would lie just over a line if nobody had pressed any over it.

Two ways, chosen by how many lie near the line before anything is looked at: a likelihood ratio with
drawn chances for few, a polynomial through the rest of the distribution for many. Both count the
hole below the line together with what is too many above it, go through a ladder of windows and pay
for looking more than once.

Sources: Saez (2010), Chetty et al. (2011), Kleven & Waseem (2013) and Kleven (2016) for bunching
against a counterfactual with the missing mass below the line.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from dashboard.policy.authenticity.rules import Rules
from dashboard.policy.authenticity.statistic import Floats

_FEW = 1e-4
_REFITS = 3
_MOVED = 0.5
"""The share of those below the line that is looked for; others are seen nearly as well."""
_DRAWS = 20_000
_CELLS = 6000
"""Of the density over the span: a hundredth of a percent each."""
_SPREAD = 0.35
"""Of the lognormal whose hump is allowed for: narrower than a district's villages lie."""


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
    return few(distance, rules)


def few(distance: Floats, rules: Rules) -> Excess | None:
    """Likelihood ratio of "some were moved into the window" against nobody moved.

    Given how many lie in the span, their places are multinomial. Moved from just below the line
    they leave a hole there, and the ratio counts what is too many above and what is missing below
    together; moved from anywhere they leave none, and what is above counts alone. The ladder's
    largest ratio is judged by drawing from that distribution, always with the same seed. The shares
    come from a density with the slope of the two flanks and the hump of a lognormal.
    """
    near = distance[np.abs(distance) < rules.span]
    if len(near) < rules.least_villages:
        return None
    shares = _shares(near, rules)
    edges = np.array([-rules.below, 0.0, *rules.ladder])
    seen = np.array([((near >= a) & (near < b)).sum() for a, b in pairwise(edges)])
    drawn = np.random.default_rng(0).multinomial(
        len(near), np.append(shares, 1 - shares.sum()), _DRAWS
    )[:, :-1]
    ratios = _ratios(seen[None, :], shares, len(near))[0]
    best = int(np.argmax(ratios))
    higher = (_ratios(drawn, shares, len(near)).max(axis=1) >= ratios[best] - 1e-9).sum()
    return Excess(
        float((1 + higher) / (1 + _DRAWS)),
        rules.ladder[best],
        int(seen[1 : best + 2].sum()),
        float(len(near) * shares[1 : best + 2].sum()),
        len(near),
        polynomial=False,
    )


def _ratios(counts: NDArray[np.int64], shares: Floats, total: int) -> Floats:
    """Logarithm of the likelihood ratio for each window of the ladder; a row a set of counts.

    The larger of two: moved from just below, which leaves a hole there, or from anywhere.
    """
    over, within = np.cumsum(counts[:, 1:], axis=1), np.cumsum(shares[1:]) * total
    below = shares[0] * total
    added = np.log1p(_MOVED * below / within)
    moved = over * added + counts[:, :1] * np.log1p(-_MOVED)
    anywhere = special.xlogy(over, over / within) + special.xlogy(
        total - over, (total - over) / (total - within)
    )
    larger = np.maximum(moved, np.where(over > within, anywhere, -np.inf))
    return np.asarray(larger, dtype=np.float64)


def _shares(near: Floats, rules: Rules) -> Floats:
    """What share of the span's figures lies below the line and in each ring of the ladder, if
    nobody presses."""
    top = rules.ladder[-1]
    under, above = (near <= -rules.below).sum(), (near >= top).sum()
    apart = rules.span + (rules.below + top) / 2
    slope = float(np.log((above + 0.5) / (under + 0.5))) / apart
    cells = np.linspace(-rules.span, rules.span, _CELLS + 1)
    middle = (cells[:-1] + cells[1:]) / 2
    density = np.exp(slope * middle - (middle / _SPREAD) ** 2 / 2)
    edges = [-rules.below, 0.0, *rules.ladder]
    inside = [density[(middle >= a) & (middle < b)].sum() for a, b in pairwise(edges)]
    return np.asarray(np.array(inside) / density.sum(), dtype=np.float64)


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
