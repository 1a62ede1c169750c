"""Target, scheduled progress (序时进度), completion rate and light.

Source: 武发〔2016〕68号 四(五) (把任务细化到月, 实行进度跟踪). Values are integers in the
indicator's smallest unit; results that need division are exact fractions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from dashboard.policy.periods import Period

Direction = Literal["up", "down"]
MONTHS_A_YEAR = 12


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    NONE = "none"

    @property
    def label(self) -> str:
        return _LIGHT_LABELS[self]

    @property
    def glyph(self) -> str:
        """A shape of its own for each light: status is never colour alone."""
        return _LIGHT_GLYPHS[self]


_LIGHT_LABELS = {
    Light.GREEN: "达到序时",
    Light.YELLOW: "略低于序时",
    Light.RED: "明显滞后",
    Light.NONE: "无法判断",
}
_LIGHT_GLYPHS = {Light.GREEN: "●", Light.YELLOW: "▲", Light.RED: "■", Light.NONE: "○"}


@dataclass(frozen=True)
class LightRule:
    """Share of the scheduled progress from which a light shows (exact fractions)."""

    green_from: Fraction = Fraction(1)
    yellow_from: Fraction = Fraction(9, 10)


def scheduled(
    target: int,
    period: Period,
    plan: Mapping[int, int] | None = None,
    due_month: int = MONTHS_A_YEAR,
    baseline: int = 0,
) -> Fraction:
    """What should have been reached by the end of the period.

    `plan` maps months (1–12) to planned cumulative values and holds where it is given: the last
    planned month up to the quarter's end counts, and before the first planned month the baseline.
    Without a plan, progress is linear from the baseline in January to the target in the due month.
    """
    month = period.last_month
    if plan:
        past = [planned for planned in plan if planned <= month]
        return Fraction(plan[max(past)] if past else baseline)
    share = Fraction(min(month, due_month), due_month)
    return baseline + (target - baseline) * share


def completion(
    actual: int, target: int, direction: Direction, baseline: int | None = None
) -> Fraction | None:
    """Completion rate (完成率), 0–1 and above; None where it has no meaning. Negative for a figure
    that should fall and has risen above its baseline.

    Upwards: actual / target. Downwards with a baseline: the share of the reduction that is done,
    (baseline − actual) / (baseline − target). Downwards without one: 1 when met, else
    target / actual, which a target of 0 leaves without meaning.
    """
    if direction == "up":
        return (
            Fraction(actual, target) if target > 0 else (Fraction(1) if actual >= target else None)
        )
    if baseline is not None and baseline > target:
        return Fraction(baseline - actual, baseline - target)
    if actual <= target:
        return Fraction(1)
    return Fraction(target, actual) if target > 0 else None


def on_schedule(
    actual: int, expected: Fraction, direction: Direction, baseline: int | None = None
) -> Fraction | None:
    """Actual progress as a share of the scheduled progress; 1 means exactly on schedule."""
    if direction == "up":
        if expected <= 0:
            return Fraction(1)
        return Fraction(actual) / expected
    if actual <= expected:
        return Fraction(1)
    if baseline is not None and baseline > expected:
        return (baseline - actual) / (baseline - expected)
    return expected / actual if expected > 0 else Fraction(0)


def light(
    actual: int | None,
    expected: Fraction | None,
    direction: Direction,
    rule: LightRule,
    baseline: int | None = None,
) -> Light:
    """The light of a figure against its scheduled progress; NONE when either is missing."""
    if actual is None or expected is None:
        return Light.NONE
    share = on_schedule(actual, expected, direction, baseline)
    if share is None:
        return Light.NONE
    if share >= rule.green_from:
        return Light.GREEN
    return Light.YELLOW if share >= rule.yellow_from else Light.RED
