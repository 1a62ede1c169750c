"""Just over the line: more figures directly above a line than there would be without pressing.

Assumptions: the honest distribution is smooth at the line once floor money and round figures are
left out; real effort towards a target makes the same picture, so that a finding says where to look
first. Power: see docs/authenticity.md; with 190 villages some 8 lie within 5 % below the line, and
half of them moved are seen two times in three. That is why a town has no p-value of its own here.
Source: 武发〔2016〕68号 二·首段 (超150万元), 四(五) (严禁弄虚作假、搞“数字脱贫”).
"""

import numpy as np

from dashboard.policy.authenticity.counterfactual import Excess, excess
from dashboard.policy.authenticity.findings import Finding, Row, chance, listed
from dashboard.policy.authenticity.inputs import Inputs, LineSample
from dashboard.policy.authenticity.rules import Rules
from dashboard.policy.money import FEN_A_WAN, wan_text, yuan_text

JUST_OVER, HOUSEHOLDS_OVER = "just_over", "households_just_over"


def villages_just_over(inputs: Inputs, rules: Rules) -> list[Finding]:
    """Villages' totals of the year against the lines, at the year's end only: the lines are those
    of a year. Floor support is taken off first."""
    if not inputs.period.closes_year:
        return []
    incomes = inputs.incomes
    totals = incomes.total(inputs.period)
    known = np.flatnonzero(np.isfinite(totals)).tolist()
    units = [incomes.villages[i] for i in known]
    fen = [int(totals[i]) for i in known]
    samples = [LineSample(one.label, one.fen, rules.round_fen, units, fen) for one in rules.lines]
    found = (_tested(JUST_OVER, "village_income", one, inputs, rules) for one in samples)
    return [finding for finding in found if finding]


def households_just_over(inputs: Inputs, rules: Rules) -> list[Finding]:
    """Households' income per head against their line, where a year's incomes are given."""
    found = (
        _tested(HOUSEHOLDS_OVER, "household_income", one, inputs, rules) for one in inputs.samples
    )
    return [finding for finding in found if finding]


def _tested(
    check: str, table: str, sample: LineSample, inputs: Inputs, rules: Rules
) -> Finding | None:
    fen = np.array(sample.fen, dtype=np.int64)
    kept = fen % sample.round_fen != 0
    distance = fen / sample.line_fen - 1
    result = excess(distance[kept], rules)
    if result is None:
        return None
    # Named are all above the line, round ones too: they are to be looked at all the same.
    over = np.flatnonzero((distance >= 0) & (distance < result.window))
    nearest_first = over[np.argsort(distance[over], kind="stable")]
    units = tuple(sample.units[i] for i in nearest_first)
    village = table == "village_income"
    # A household's number goes into the row, for those who may see it, and never into a sentence.
    rows = tuple(
        Row(table, code if village else "", str(inputs.period), "年收入", int(fen[i]))
        if village
        else Row(table, "", str(inputs.period), "人均可支配收入", int(fen[i]), subject=code)
        for code, i in zip(units, nearest_first, strict=True)
    )
    return Finding(
        check,
        "刚好过线",
        units if village else (),
        inputs.period,
        result.over - result.expected,
        result.p_value,
        _sentence(sample, result, inputs, units if village else ()),
        rows,
    )


def _sentence(sample: LineSample, result: Excess, inputs: Inputs, units: tuple[str, ...]) -> str:
    money = (
        f"{wan_text(sample.line_fen, 0)}万元"
        if sample.line_fen >= FEN_A_WAN * 10
        else f"{yuan_text(sample.line_fen)}元"
    )
    counted = "个村" if units or sample.line_fen >= FEN_A_WAN * 10 else "户"
    first = (
        f"{sample.label}({money})以上{result.window:.1%}以内有{result.over}{counted},"
        f"按线两侧的分布应约有{result.expected:.1f}{counted}"
    )
    names = f";先看{listed(inputs, units)}" if units else ""
    return f"{first},偶然如此的可能{chance(result.p_value)}{names}。努力达标也会如此,不等于造假。"
