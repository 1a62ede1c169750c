"""All checks together: what to look at first, and how sure it is after so many looks.

Between checks the weighted Holm procedure holds the chance of a single false alarm in an honest
district-quarter below the alarm rate, whatever the dependence of the checks. It was taken rather
than Benjamini-Hochberg because a town that is wrongly asked to explain itself costs trust each
time: the promise is about any false alarm at all, not about their share. The line of the policy is
given the largest share of the rate.
"""

from collections.abc import Mapping
from dataclasses import replace

from dashboard.policy.authenticity import digits, exits, growth, line, reports
from dashboard.policy.authenticity.findings import Check, Finding
from dashboard.policy.authenticity.inputs import Inputs
from dashboard.policy.authenticity.rules import Rules
from dashboard.policy.authenticity.statistic import holm

CHECKS: Mapping[str, Check] = {
    line.JUST_OVER: line.villages_just_over,
    line.HOUSEHOLDS_OVER: line.households_just_over,
    digits.HEAPING: digits.heaping,
    digits.LAST_DIGITS: digits.last_digits,
    digits.SAME_VALUES: digits.same_values,
    growth.FOURTH_QUARTER: growth.fourth_quarter,
    growth.OWN_HISTORY: growth.own_history,
    growth.PEERS: growth.peers,
    growth.DECOUPLED: growth.decoupled,
    exits.QUOTA: exits.in_shape_of_quota,
    reports.ONE_WAY: reports.one_way_revisions,
    reports.BOOKED: reports.booked_before_received,
    growth.FALLS: growth.year_to_date_falls,
    exits.SKIPPED: exits.without_steps,
    reports.TIMELINESS: reports.timeliness,
}
"""Every check by its key, which is also its key in config/policy.yaml."""


def review(inputs: Inputs, rules: Rules) -> list[Finding]:
    """The findings of `reviewed` alone."""
    return reviewed(inputs, rules)[0]


def reviewed(inputs: Inputs, rules: Rules) -> tuple[list[Finding], frozenset[str]]:
    """What to check first in a district's quarter, strongest evidence of most weight first.

    Findings by chance are kept where their p-value, adjusted for all checks that could be made,
    lies below the alarm rate; evidence is 1 minus that. Contradictions in the rows are always kept:
    their evidence is 1, their weight says how much they matter. With them come the keys of the
    checks that had enough to judge by.
    """
    found = [finding for check in CHECKS.values() for finding in check(inputs, rules)]
    kept = [
        replace(one, weight=rules.weights[one.check])
        for one in (*_by_chance(found, rules), *_contradictions(found))
    ]
    asked = {one.check for one in found} | {key for key in CHECKS if rules.shares[key] == 0}
    ordered = sorted(kept, key=lambda one: (-one.rank, one.p_value or 0.0, one.check, one.title))
    return ordered, frozenset(asked)


def adjusted(found: list[Finding], rules: Rules) -> list[Finding]:
    """The findings by chance, each with its p-value adjusted for all of them."""
    family = {str(i): one for i, one in enumerate(found) if one.p_value is not None}
    same = {key: sum(o.check == one.check for o in family.values()) for key, one in family.items()}
    # Two lines of one check share what the check is given.
    shares = {key: rules.shares[one.check] / same[key] for key, one in family.items()}
    p_values = {key: one.p_value for key, one in family.items() if one.p_value is not None}
    after = holm(p_values, shares)
    return [replace(one, adjusted=after[key]) for key, one in family.items()]


def _by_chance(found: list[Finding], rules: Rules) -> list[Finding]:
    return [
        replace(one, evidence=1 - one.adjusted)
        for one in adjusted(found, rules)
        if one.adjusted is not None and one.adjusted < rules.alarm
    ]


def _contradictions(found: list[Finding]) -> list[Finding]:
    return [replace(one, evidence=1.0) for one in found if one.p_value is None]
