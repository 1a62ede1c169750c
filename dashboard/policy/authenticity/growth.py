"""Figures that move as no village's income moves: jumps, falls, what stopped moving together."""

import numpy as np
from scipy import stats

from dashboard.policy.authenticity.findings import Finding, Row, chance, income_rows, listed
from dashboard.policy.authenticity.inputs import Figures, Inputs
from dashboard.policy.authenticity.rules import Rules
from dashboard.policy.authenticity.statistic import grubbs, medians, modified_z, more_often
from dashboard.policy.periods import QUARTERS_A_YEAR, Period

FALLS, FOURTH_QUARTER, OWN_HISTORY = "year_to_date_falls", "fourth_quarter", "own_history"
PEERS, DECOUPLED = "peers", "decoupled"
_RANK_VARIANCE = 1.06
"""Of Fisher's z of a rank correlation, times n - 3 (Fieller, Hartley & Pearson 1957)."""


def year_to_date_falls(inputs: Inputs, _rules: Rules) -> list[Finding]:
    """A cumulative figure below that of the quarter before: a contradiction in itself, no chance.

    By source, as a fall in one is hidden by a rise in another. A correction may be the reason.
    """
    incomes, period = inputs.incomes, inputs.period
    now, before = incomes.at(period), incomes.at(period.previous())
    if period.quarter == 1 or now is None or before is None:
        return []
    both = incomes.reported[:, now] & incomes.reported[:, before]
    lower = incomes.fen[:, now, :] - incomes.fen[:, before, :]
    fallen = np.flatnonzero(both & (lower < 0).any(axis=1))
    if not fallen.size:
        return []
    worst_first = fallen[np.argsort(lower[fallen].min(axis=1), kind="stable")].tolist()
    units = tuple(incomes.villages[i] for i in worst_first)
    rows = income_rows(inputs, worst_first) + income_rows(
        inputs, worst_first, "上季度年累计收入", period.previous()
    )
    sentence = (
        f"{listed(inputs, units)}有收入来源的年累计数比上季度少,年累计数不会减少:"
        "要么上季度多报,要么本季度漏报。"
    )
    return [Finding(FALLS, "年累计数下降", units, period, float(len(units)), None, sentence, rows)]


def fourth_quarter(inputs: Inputs, rules: Rules) -> list[Finding]:
    """Villages that needed it make most of their year in its last quarter, others do not.

    Looked at: the fourth quarter's share of the year's income without transfers (floor support and
    subsidies do come at the year's end), against the same village's share a year before where it is
    known. Outliers (modified z, Iglewicz & Hoaglin 1993) are counted among villages that stood
    below the line before and among all others; Fisher's exact test compares the two. Assumes that
    late income is as common in either group. Power at 190 villages: ten invented jumps are seen,
    five are not.
    """
    period, incomes = inputs.period, inputs.incomes
    if not period.closes_year or not rules.lines:
        return []
    share = _last_share(inputs, rules, period)
    before = _last_share(inputs, rules, period.year_end(1))
    compared = np.isfinite(before).sum() >= rules.least_villages
    away = modified_z(share - before if compared else share)
    start = incomes.total(period.year_end(1))
    needed = (start < rules.lines[0].fen) & np.isfinite(away)
    others = (start >= rules.lines[0].fen) & np.isfinite(away)
    late = away > rules.modified_z
    jumped = np.flatnonzero(late & needed)
    if min(needed.sum(), others.sum()) < rules.least_villages:
        return []
    p_value = more_often(
        jumped.size, int(needed.sum()), int((late & others).sum()), int(others.sum())
    )
    latest_first = jumped[np.argsort(-away[jumped], kind="stable")].tolist()
    units = tuple(incomes.villages[i] for i in latest_first)
    sentence = (
        f"上年未过线的{int(needed.sum())}个村中有{len(units)}个的收入异常集中在第四季度"
        f"(其他{int(others.sum())}个村中有{int((late & others).sum())}个):{listed(inputs, units)};"
        f"偶然如此的可能{chance(p_value)}。"
    )
    rows = income_rows(inputs, latest_first)
    statistic = float(len(units))
    return [
        Finding(FOURTH_QUARTER, "四季度突增", units, period, statistic, p_value, sentence, rows)
    ]


def _last_share(inputs: Inputs, rules: Rules, end: Period) -> Figures:
    sources = [s for s in inputs.incomes.sources if s not in rules.transfer_sources]
    year = inputs.incomes.total(end, sources)
    three_quarters = inputs.incomes.total(end.previous(), sources)
    known = year > 0
    share = np.divide(year - three_quarters, year, out=np.zeros_like(year), where=known)
    return np.where(known, share, np.nan)


def own_history(inputs: Inputs, rules: Rules) -> list[Finding]:
    """Villages whose quarter lies far above their own earlier quarters.

    Each quarter's gain over that of the same quarter a year before is set against the village's
    other quarters by modified z, the earlier quarters likewise: if nothing is wrong, this quarter
    has no more outliers than they had (Fisher's exact test). Growth common to all villages is taken
    off first. Assumes that the quarters of a village are exchangeable. Needs three years of reports
    to begin with; power at 190 villages: some ten villages with doubled gains.
    """
    incomes, period = inputs.incomes, inputs.period
    if incomes.at(period) is None or incomes.at(period.shift(-QUARTERS_A_YEAR)) is None:
        return []
    moves = _moves(inputs)
    full = np.isfinite(moves).sum(axis=1) > rules.least_history
    full &= np.isfinite(moves[:, -1])
    if full.sum() < rules.least_villages:
        return []
    away = np.full_like(moves, np.nan)
    for at in range(moves.shape[1]):
        others = np.delete(moves, at, axis=1)[full]
        middle = medians(others)
        spread = medians(np.abs(others - middle[:, None]))
        away[full, at] = 0.6745 * (moves[full, at] - middle) / np.maximum(spread, 1e-6)
    far = away > rules.modified_z
    known_before = int(np.isfinite(away[:, :-1]).sum())
    jumped = np.flatnonzero(far[:, -1])
    p_value = more_often(jumped.size, int(full.sum()), int(far[:, :-1].sum()), known_before)
    furthest_first = jumped[np.argsort(-away[jumped, -1], kind="stable")].tolist()
    units = tuple(incomes.villages[i] for i in furthest_first)
    usual = far[:, :-1].sum() / max(1, known_before)
    sentence = (
        f"{len(units)}个村本季度的增收远高于自己往年同季(以往每季约{usual * full.sum():.1f}个):"
        f"{listed(inputs, units)};偶然如此的可能{chance(p_value)}。"
    )
    rows = income_rows(inputs, furthest_first)
    statistic = float(len(units))
    return [
        Finding(OWN_HISTORY, "与自身历史不符", units, period, statistic, p_value, sentence, rows)
    ]


def _moves(inputs: Inputs) -> Figures:
    """By village and quarter: how the quarter's gain compares with that of a year before, without
    what is common to all villages (logarithms)."""
    gains = {period: inputs.incomes.gain(period) for period in inputs.incomes.periods}
    columns = []
    for period in inputs.incomes.periods:
        before = gains.get(period.shift(-QUARTERS_A_YEAR))
        if before is None or period > inputs.period:
            continue
        known = (gains[period] > 0) & (before > 0)
        ratio = np.divide(gains[period], before, out=np.ones_like(before), where=known)
        column = np.where(known, np.log(ratio), np.nan)
        columns.append(column - np.nanmedian(column) if known.any() else column)
    return np.array(columns).T if columns else np.empty((len(inputs.incomes.villages), 0))


def peers(inputs: Inputs, rules: Rules) -> list[Finding]:
    """A town whose villages grew far more than those of all other towns.

    The median growth over a year of each town's villages; Grubbs' test for one outlier, so that the
    yardstick is how much honest towns differ. Assumes these medians are about normal. Power with 16
    towns: a town that adds 30 % to all its villages, 20 % every other time; a district that adds as
    much everywhere shows nothing, as there is nobody left to compare with.
    """
    incomes = inputs.incomes
    growth = incomes.growth(inputs.period)
    towns = np.array(incomes.towns)
    codes = sorted(
        {t for t in incomes.towns if np.isfinite(growth[towns == t]).sum() >= 3},
    )
    if len(codes) < 4:
        return []
    medians = np.array([np.nanmedian(growth[towns == code]) for code in codes])
    p_values = grubbs(medians)
    top = int(np.argmin(p_values))
    p_value, rise = float(p_values[top]), float(np.expm1(medians[top]))
    rest = float(np.expm1(np.median(np.delete(medians, top))))
    # Growth is said of one town alone, the most striking one.
    members = np.flatnonzero((towns == codes[top]) & np.isfinite(growth)).tolist()
    sentence = (
        f"{inputs.name(codes[top])}各村收入同比增长的中位数为{rise:.0%},其他镇为{rest:.0%},"
        f"各镇之间差这么多偶然的可能{chance(p_value)}。"
    )
    return [
        Finding(
            PEERS,
            "与其他镇不符",
            (codes[top],),
            inputs.period,
            rise - rest,
            p_value,
            sentence,
            income_rows(inputs, members),
        )
    ]


def decoupled(inputs: Inputs, rules: Rules) -> list[Finding]:
    """Income without transfers and income of one's own moved together, and no longer do.

    Where totals are filled up from other sources (donations, 其他), their growth no longer follows
    that of rents, business and dividends. Rank correlation over villages this quarter against the
    middle one of earlier quarters, by Fisher's z with the variance of Fieller, Hartley & Pearson
    (1957). Assumes villages move independently given the district's growth. Power at 190 villages:
    a tenth of the villages with a tenth added.
    """
    incomes, period = inputs.incomes, inputs.period
    untransferred = [s for s in incomes.sources if s not in rules.transfer_sources]
    now, count = _together(inputs, rules, period, untransferred)
    # Quarters of this year hold the same figures in part: only those of earlier years compare.
    past = [
        _together(inputs, rules, p, untransferred) for p in incomes.periods if p.year < period.year
    ]
    known = [(z, n) for z, n in past if n >= rules.least_villages]
    if count < rules.least_villages or not known:
        return []
    usual = float(np.median([z for z, _ in known]))
    least = min(n for _, n in known)
    statistic = (usual - now) / np.sqrt(_RANK_VARIANCE / (count - 3) + _RANK_VARIANCE / (least - 3))
    p_value = float(stats.norm.sf(statistic))
    sentence = (
        f"各村经营性收入与总收入的增长不再同步:相关系数由{np.tanh(usual):.2f}降到{np.tanh(now):.2f},"
        f"偶然如此的可能{chance(p_value)};先看总收入增长快而自有收入没有增长的村。"
    )
    apart = _apart(inputs, rules, untransferred)
    units = tuple(incomes.villages[i] for i in apart)
    rows = tuple(
        Row("village_income", code, str(period), "年累计收入", row.value)
        for code, row in zip(units, income_rows(inputs, apart), strict=True)
    )
    return [
        Finding(DECOUPLED, "指标不再同步", units, period, float(statistic), p_value, sentence, rows)
    ]


def _together(inputs: Inputs, rules: Rules, period: Period, wider: list[str]) -> tuple[float, int]:
    """Fisher's z of the rank correlation of both growths, and over how many villages."""
    whole = inputs.incomes.growth(period, wider)
    own = inputs.incomes.growth(period, rules.own_sources)
    known = np.isfinite(whole) & np.isfinite(own)
    count = int(known.sum())
    if count < rules.least_villages:
        return 0.0, count
    if np.ptp(whole[known]) == 0 or np.ptp(own[known]) == 0:
        return 0.0, count  # all grew alike: nothing to move together with
    rank = float(stats.spearmanr(whole[known], own[known]).statistic)
    return float(np.arctanh(np.clip(rank, -0.9999, 0.9999))), count


def _apart(inputs: Inputs, rules: Rules, wider: list[str]) -> list[int]:
    """Villages whose whole income outgrew their own by far, the furthest first."""
    incomes, period = inputs.incomes, inputs.period
    gap = modified_z(incomes.growth(period, wider) - incomes.growth(period, rules.own_sources))
    far = np.flatnonzero(gap > rules.modified_z)
    return [int(i) for i in far[np.argsort(-gap[far], kind="stable")]]
