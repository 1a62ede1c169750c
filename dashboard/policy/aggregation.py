"""How a figure of a unit is made of its children's: by kind of indicator, never a mean of rates.

Source: 武发〔2016〕68号 四(五) (逐级分解任务).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction


class Aggregation(StrEnum):
    SUM = "sum"
    """Counts and money add up."""
    RATIO = "ratio"
    """Σ numerator / Σ denominator."""
    WEIGHTED_MEAN = "weighted_mean"
    """Σ (value × weight) / Σ weight, e.g. income per head weighted by persons."""
    LAST = "last"
    """A stock reported now and then: the last value reported in the year holds; units add up."""
    DISTRIBUTION = "distribution"
    """Counts by class, merged class by class."""


RATE_SCALE = 1_000_000
"""A rate is kept in integer millionths."""


@dataclass(frozen=True)
class Figure:
    """One figure in the indicator's smallest unit (pieces, fen, millionths) and what it is made of.

    `numerator` and `denominator` are set for RATIO and WEIGHTED_MEAN; `classes` for DISTRIBUTION.
    `reported` of `expected` reporting units are behind it.
    """

    value: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    classes: dict[str, int] = field(default_factory=dict)
    reported: int = 0
    expected: int = 0


def combine(kind: Aggregation, parts: Iterable[Figure]) -> Figure:
    """The parent's figure. Order does not matter; parts without a value add only to `expected`."""
    figures = list(parts)
    expected = sum(part.expected for part in figures)
    reported = sum(part.reported for part in figures)
    present = [part for part in figures if part.value is not None or part.denominator is not None]
    if not present:
        return Figure(reported=reported, expected=expected)
    if kind in (Aggregation.RATIO, Aggregation.WEIGHTED_MEAN):
        numerator = sum(part.numerator or 0 for part in present)
        denominator = sum(part.denominator or 0 for part in present)
        value = quotient(kind, numerator, denominator)
        return Figure(value, numerator, denominator, reported=reported, expected=expected)
    classes: Counter[str] = Counter()
    for part in present:
        classes.update(part.classes)
    total = sum(part.value or 0 for part in present)
    return Figure(total, classes=dict(classes), reported=reported, expected=expected)


def quotient(kind: Aggregation, numerator: int, denominator: int) -> int | None:
    """A rate in millionths, or a mean in the numerator's unit; None over a denominator of 0.

    Rounded half to even for keeping; decisions are taken on numerator and denominator.
    """
    if denominator == 0:
        return None
    scale = RATE_SCALE if kind is Aggregation.RATIO else 1
    return round(Fraction(numerator * scale, denominator))
