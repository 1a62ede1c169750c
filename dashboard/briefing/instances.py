"""Instances for a 实例讲评: which units moved most in a quarter, and by what."""

from fractions import Fraction

from dashboard.briefing.facts import Child, Fact, Facts
from dashboard.briefing.ledger import Missing
from dashboard.policy.board import Place
from dashboard.policy.progress import Light, on_schedule

_INSTANCES = 3


def instances(facts: Facts, *, best: bool, many: int = _INSTANCES) -> list[Place]:
    """Units whose score rose (fell) most since last quarter, the most first.

    Where nobody has a score of last quarter there is nothing to go by: Missing.
    """
    moved = [place for place in facts.board.places if place.gained is not None]
    if not moved:
        raise Missing("上季度的综合得分")
    sign = 1 if best else -1
    # A change that two decimals do not show is none.
    told = [place for place in moved if sign * round(place.gained or 0, 2) > 0]
    return sorted(told, key=lambda place: (-sign * (place.gained or 0), place.code))[:many]


def most_changed(facts: Facts, child: Child, *, up: bool, many: int = _INSTANCES) -> list[str]:
    """Core indicators whose progress against the schedule rose (fell) most in a quarter.

    Weighed as in the score, and no further than that counts them; what is still on schedule has not
    fallen behind.
    """
    cap = Fraction(facts.settings.policy.scoring.cap_percent, 100)
    changes = []
    for code, now in child.now.items():
        then, here = share(child.before[code]), share(now)
        if not now.entry.core or then is None or here is None:
            continue
        change = min(here, cap) - min(then, cap)
        if change > 0 if up else change < 0 and now.light is not Light.GREEN:
            changes.append((abs(change) * now.entry.weight, code))
    return [code for _, code in sorted(changes, key=lambda pair: (-pair[0], pair[1]))[:many]]


def share(fact: Fact) -> Fraction | None:
    """Actual over scheduled progress; None where it cannot be said."""
    if fact.value is None or fact.scheduled is None or fact.denominator == 0:
        return None
    due = Fraction(fact.scheduled)
    return on_schedule(fact.value, due, fact.entry.direction, fact.baseline)
