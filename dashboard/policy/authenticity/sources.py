"""Two sources of one figure: how far they are apart, and when that is worth a question.

Village accounts (村账) and audited statistics (统计审核) are kept by others than those who report.
They differ for honest reasons too (when a rent is booked, what counts as income of the year): a
difference is a question to the village, never a verdict.
Source: 武发〔2016〕68号 四(一) (统计审核), 四(五) (严禁弄虚作假); the tolerance is the office's.
"""

from fractions import Fraction


def difference(told: int, other: int) -> Fraction | None:
    """How much more was told than the other source has, as a share of the other; None over 0."""
    return Fraction(told - other, other) if other else None


def are_apart(told: int, other: int, tolerance_percent: int) -> bool:
    """Whether they differ by more than the tolerance, measured by the larger of the two."""
    return abs(told - other) * 100 > tolerance_percent * max(abs(told), abs(other))
