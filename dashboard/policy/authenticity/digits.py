"""Figures that look made up: round ones, favourite last digits, the same in several villages."""

from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
from scipy import stats

from dashboard.policy.authenticity.findings import Finding, income_rows, listed
from dashboard.policy.authenticity.findings import chance as said
from dashboard.policy.authenticity.inputs import Inputs
from dashboard.policy.authenticity.rules import Rules
from dashboard.policy.authenticity.statistic import more_often
from dashboard.policy.periods import QUARTERS_A_YEAR

HEAPING, LAST_DIGITS, SAME_VALUES = "heaping", "last_digits", "same_values"
_LEAST_DIGITS = 90
"""Ten figures for each of nine digits: the chi-square distribution is good enough from there."""


def heaping(inputs: Inputs, rules: Rules) -> list[Finding]:
    """More villages with a round total (whole 万元) than a year ago, else than last quarter.

    Assumes that honest rounding does not become more common from one year to the next; a clerk's
    habit that was always there says nothing. Fisher's exact test; a village that rounds every time
    makes it cautious. Power at 190 villages: 10 % more round figures are seen
    three times in five, 20 % always.
    """
    incomes, period = inputs.incomes, inputs.period
    now = incomes.total(period)
    for back in (QUARTERS_A_YEAR, 1):
        before = incomes.total(period.shift(-back))
        if np.isfinite(before).sum() >= rules.least_villages:
            break
    else:
        return []
    count, count_before = int(np.isfinite(now).sum()), int(np.isfinite(before).sum())
    if count < rules.least_villages:
        return []
    is_round = (now % rules.round_fen == 0) & (now > 0)
    was_round = (before % rules.round_fen == 0) & (before > 0)
    hits, hits_before = int(is_round.sum()), int(was_round.sum())
    p_value = more_often(hits, count, hits_before, count_before)
    fresh = np.flatnonzero(is_round & ~was_round).tolist()
    units = tuple(incomes.villages[i] for i in fresh)
    sentence = (
        f"{hits}个村(占{hits / count:.0%})的收入是整万元,此前只有{hits_before}个"
        f"({hits_before / count_before:.0%}),偶然如此的可能{said(p_value)};"
        f"新出现整数的是{listed(inputs, units)},可能是估报。"
    )
    rows = income_rows(inputs, fresh)
    return [Finding(HEAPING, "整数扎堆", units, period, float(hits), p_value, sentence, rows)]


def last_digits(inputs: Inputs, rules: Rules) -> list[Finding]:
    """Whether some last digits (1 to 9) of the amounts are favourites.

    Real amounts have no favourite; people who make numbers up do (Mosimann, Wiseman & Edelman 1995;
    Beber & Scacco 2012). Zeros are left to `heaping`. The digit is that of the finest unit in which
    amounts are told (yuan, ten, hundred yuan). Chi-square with 8 degrees of freedom; figures under
    a thousand such units are left out, as Benford's law still shows in their last digit.
    """
    incomes, at = inputs.incomes, inputs.incomes.at(inputs.period)
    if at is None:
        return []
    told = incomes.reported[:, at]
    amounts = incomes.fen[told, at, :]
    # A figure that has not moved since last quarter is not written anew.
    before = incomes.at(inputs.period.previous()) if inputs.period.quarter > 1 else None
    fresh = amounts > 0 if before is None else amounts != incomes.fen[told, before, :]
    amounts = amounts[fresh]
    unit = _finest(amounts)
    digits = (amounts[amounts >= 1000 * unit] // unit) % 10
    counts = np.bincount(digits, minlength=10)[1:]
    if counts.sum() < _LEAST_DIGITS:
        return []
    result = stats.chisquare(counts)
    favourite = int(np.argmax(counts)) + 1
    share, p_value = counts.max() / counts.sum(), float(result.pvalue)
    sentence = (
        f"{int(counts.sum())}个金额的末位数字分布不均:“{favourite}”占{share:.0%},"
        f"均匀时应约占11%,偶然如此的可能{said(p_value)};编造的数字常有偏爱的末位。"
    )
    statistic = float(result.statistic)
    return [Finding(LAST_DIGITS, "末位数字", (), inputs.period, statistic, p_value, sentence)]


def _finest(amounts: np.ndarray) -> int:
    """The largest power of ten fen (from 1 yuan to 1 万元) of which nearly all are multiples."""
    for unit in (100_000, 10_000, 1_000):
        if amounts.size and (amounts % unit == 0).mean() >= 0.9:
            return unit
    return 100


def same_values(inputs: Inputs, rules: Rules) -> list[Finding]:
    """The same total in several villages of one town, round totals left aside.

    Chance: how often pairs of villages of different towns agree, at least once in 100,000 pairs;
    the number of agreeing pairs within towns is then about Poisson. Two copied villages are enough
    to be seen at any size, unless the figures were changed a little.
    """
    incomes = inputs.incomes
    totals = incomes.total(inputs.period)
    usable = np.isfinite(totals) & (totals > 0) & (totals % rules.round_fen != 0)
    groups: dict[float, list[int]] = defaultdict(list)
    for i in np.flatnonzero(usable):
        groups[float(totals[i])].append(int(i))
    inside, across, named = 0, 0, []
    for members in groups.values():
        pairs = Counter(incomes.towns[a] == incomes.towns[b] for a, b in combinations(members, 2))
        inside, across = inside + pairs[True], across + pairs[False]
        towns = Counter(incomes.towns[i] for i in members)
        named += [i for i in members if towns[incomes.towns[i]] > 1]
    count = int(usable.sum())
    sizes = Counter(incomes.towns[i] for i in np.flatnonzero(usable).tolist()).values()
    within = sum(size * (size - 1) // 2 for size in sizes)
    rate = max((across + 0.5) / max(1, count * (count - 1) // 2 - within), 1e-5)
    if not within:
        return []
    p_value = float(stats.poisson.sf(inside - 1, within * rate))
    units = tuple(incomes.villages[i] for i in named)
    sentence = (
        f"同一个镇里有{len(units)}个村的收入一分不差:{listed(inputs, units)};"
        f"偶然如此的可能{said(p_value)},先看是否复制了数据。"
        if units
        else "没有同镇的村收入完全相同。"
    )
    rows = income_rows(inputs, named)
    statistic = float(inside)
    return [
        Finding(SAME_VALUES, "同镇同数", units, inputs.period, statistic, p_value, sentence, rows)
    ]
