"""Exits that were not earned step by step, and exits that follow a number.

Source: 武发〔2016〕68号 二(一) (四个步骤), 二(三) (有进有出), 四(四) (分批摘帽).
"""

import numpy as np
from scipy import stats

from dashboard.policy.authenticity.findings import Finding, Row, chance, listed
from dashboard.policy.authenticity.inputs import Inputs
from dashboard.policy.authenticity.rules import Rules
from dashboard.policy.authenticity.statistic import at_least
from dashboard.policy.lifecycle import missing_steps, on_quota

SKIPPED, QUOTA = "exits_without_steps", "exits_on_quota"


def without_steps(inputs: Inputs, _rules: Rules) -> list[Finding]:
    """Exits of the quarter before which a step of the policy is not on record. No chance involved;
    the step may have been taken and not recorded."""
    period = inputs.period
    rows = []
    for one in inputs.exits:
        if period.first_day <= one.happened_on <= period.last_day:
            missing = missing_steps(one.events, one.happened_on)
            if missing:
                what = f"退出前缺少{'、'.join(missing)}"
                row = Row(
                    "lifecycle_event", one.village, str(period), what, len(missing), one.subject
                )
                rows.append(row)
    if not rows:
        return []
    units = tuple(dict.fromkeys(row.unit for row in rows))
    sentence = f"本季度有{len(rows)}个退出缺少规定步骤的记录,在{listed(inputs, units)}。"
    return [
        Finding(SKIPPED, "退出缺步骤", units, period, float(len(rows)), None, sentence, tuple(rows))
    ]


def in_shape_of_quota(inputs: Inputs, _rules: Rules) -> list[Finding]:
    """Towns that let out exactly their quota of the year, at its end.

    If exits were earned one by one their number would be about Poisson, and no quota is hit more
    often than Poisson's most likely number; how many towns hit theirs is then Poisson-binomial,
    exact. A town that stops at its quota for want of places does the same honestly. Power with 16
    towns and quotas near 20: five more exact hits, two times in three.
    """
    period = inputs.period
    if not period.closes_year:
        return []
    told = [one for one in inputs.quotas if one.quota > 0]
    exits = {one.town: one.exits for one in told}
    units = on_quota(exits, {one.town: one.quota for one in told})
    if not told:
        return []
    quotas = np.array([one.quota for one in told], dtype=np.float64)
    p_value = at_least(len(units), stats.poisson.pmf(quotas, quotas))
    rows = tuple(
        Row("lifecycle_event", code, str(period), "退出户数", exits[code]) for code in units
    )
    sentence = (
        f"{len(told)}个镇中有{len(units)}个的退出数与年度任务数一户不差:{listed(inputs, units)};"
        f"偶然如此的可能{chance(p_value)},像是按任务数退出。"
    )
    statistic = float(len(units))
    return [Finding(QUOTA, "按任务数退出", units, period, statistic, p_value, sentence, rows)]
