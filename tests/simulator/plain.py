"""The checks that DHIS2 has, on the same data: z-score, modified z-score, min–max range.

Each sets a village's quarter against the village's own earlier quarters. So that all are compared
at the same price, their thresholds are not the usual 3 or 3.5 but those at which 5 % of honest
districts have any alarm: the district's statistic is that of its most extreme village.
"""

from collections.abc import Callable, Mapping

import numpy as np

from dashboard.policy.authenticity.inputs import Figures, Incomes, Inputs

Statistic = Callable[[Inputs], float]
_FACTOR = 0.6745


def _gains(incomes: Incomes) -> tuple[Figures, Figures]:
    """Logarithms of the newest quarter's gain and of all earlier ones, floor support taken off."""
    columns = np.array([incomes.gain(period) for period in incomes.periods]).T
    logs = np.log(np.maximum(columns, 1.0))
    return logs[:, -1], logs[:, :-1]


def z_score(inputs: Inputs) -> float:
    """Distance from the mean in standard deviations."""
    now, before = _gains(inputs.incomes)
    return float(np.nanmax((now - before.mean(axis=1)) / before.std(axis=1, ddof=1)))


def modified_z(inputs: Inputs) -> float:
    """Distance from the median in median deviations."""
    now, before = _gains(inputs.incomes)
    middle = np.median(before, axis=1)
    spread = np.median(np.abs(before - middle[:, None]), axis=1)
    return float(np.nanmax(_FACTOR * (now - middle) / spread))


def min_max(inputs: Inputs) -> float:
    """How far above the largest earlier value, in widths of the range."""
    now, before = _gains(inputs.incomes)
    low, high = before.min(axis=1), before.max(axis=1)
    return float(np.nanmax((now - high) / (high - low)))


PLAIN: Mapping[str, Statistic] = {
    "z分数": z_score,
    "修正z分数": modified_z,
    "最小最大值范围": min_max,
}
