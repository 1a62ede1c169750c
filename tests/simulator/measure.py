"""How often each kind of faking is seen, at a known rate of false alarms."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from dashboard.policy.authenticity.counterfactual import excess
from dashboard.policy.authenticity.inputs import Inputs
from dashboard.policy.authenticity.line import JUST_OVER
from dashboard.policy.authenticity.review import review
from dashboard.policy.authenticity.rules import Rules
from tests.simulator.faking import KINDS, Kind, move_over, over_the_line
from tests.simulator.plain import PLAIN
from tests.simulator.world import LINE, Size, district, totals

PROVINCE = 14_000
OURS = "本程序"
_SPAN_OF_SEEDS = 1_000_000
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Rate:
    """Hits among runs; `half` is half the width of the 95 % interval (normal)."""

    hits: int
    runs: int

    @property
    def share(self) -> float:
        return self.hits / self.runs

    @property
    def half(self) -> float:
        # Agresti & Coull (1998): two hits and two misses are added, so that 0 and 1 have a width.
        share = (self.hits + 2) / (self.runs + 4)
        return float(1.96 * np.sqrt(share * (1 - share) / (self.runs + 4)))


@dataclass(frozen=True)
class Line:
    """One line of the table: a kind and strength, and how often each method saw anything; `meant`:
    how often the check that is meant for it did."""

    said: str
    rates: dict[str, Rate]
    meant: Rate | None = None


def alarmed(inputs: Inputs, rules: Rules) -> set[str]:
    """The checks by chance that say something."""
    return {one.check for one in review(inputs, rules) if one.p_value is not None}


@dataclass(frozen=True)
class Calibrated:
    """The plain checks' thresholds at which 5 % of honest districts have an alarm, and how often
    ours had one there."""

    thresholds: dict[str, float]
    ours: Rate


def calibrate(rules: Rules, runs: int) -> Calibrated:
    """Honest districts only."""
    worst: dict[str, list[float]] = {name: [] for name in PLAIN}
    alarms = 0
    for seed in range(runs):
        honest = district(np.random.default_rng(seed))
        alarms += bool(alarmed(honest, rules))
        for name, statistic in PLAIN.items():
            worst[name].append(statistic(honest))
    thresholds = {name: float(np.quantile(told, 1 - rules.alarm)) for name, told in worst.items()}
    return Calibrated(thresholds, Rate(alarms, runs))


def of_kind(
    kind: Kind, strength: float, rules: Rules, thresholds: dict[str, float], runs: int
) -> Line:
    """Faking of one kind and strength planted into `runs` districts, other ones than calibrated."""
    hits = dict.fromkeys((OURS, *PLAIN), 0)
    meant = 0
    for seed in range(runs):
        rng = np.random.default_rng(_SPAN_OF_SEEDS + seed)
        faked = kind.plant(rng, district(rng), strength)
        found = alarmed(faked, rules)
        hits[OURS] += bool(found)
        meant += kind.check in found
        for name, statistic in PLAIN.items():
            hits[name] += statistic(faked) > thresholds[name]
    rates = {name: Rate(count, runs) for name, count in hits.items()}
    return Line(kind.label.format(strength), rates, Rate(meant, runs))


def districts(rules: Rules, thresholds: dict[str, float], runs: int) -> Iterator[Line]:
    for kind in KINDS.values():
        for strength in kind.strengths:
            yield of_kind(kind, strength, rules, thresholds, runs)


def province(rules: Rules, moved: float, runs: int) -> Rate:
    """Villages moved over the line in a province; only this check is made, and it has but its own
    share of the alarm rate."""
    limit = rules.alarm * rules.shares[JUST_OVER]
    hits = 0
    for seed in range(runs):
        rng = np.random.default_rng(_SPAN_OF_SEEDS + seed)
        told = move_over(rng, totals(rng, PROVINCE), moved)
        found = excess(told[told % rules.round_fen != 0] / LINE - 1, rules)
        hits += found is not None and found.p_value <= limit
    return Rate(hits, runs)


def plain_in_province(rules: Rules, moved: float, runs: int) -> dict[str, Rate]:
    """The plain checks on a province's villages with four years of reports."""
    size = Size(PROVINCE, PROVINCE // 12, households=10)
    honest: dict[str, list[float]] = {name: [] for name in PLAIN}
    faked: dict[str, list[float]] = {name: [] for name in PLAIN}
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        made = district(rng, size)
        moved_over = over_the_line(rng, made, moved)
        for name, statistic in PLAIN.items():
            honest[name].append(statistic(made))
            faked[name].append(statistic(moved_over))
    return {
        name: Rate(int((np.array(faked[name]) > np.quantile(honest[name], 0.95)).sum()), runs)
        for name in PLAIN
    }
