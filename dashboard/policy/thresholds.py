"""The lines of the policy, each with the concept it holds for, its operator and its clause.

The text uses four names for a village's income and mixes 低于, 超 and 达到; a village at exactly
150.0 万元 is therefore neither weak nor at target.
Source: 武发〔2016〕68号 二·首段, 二(一), 四(三).
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Operator = Literal["<", "<=", ">", ">=", "="]
Real = int | float | Fraction

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
_WORDS = {"<": "低于", "<=": "不超过", ">": "超过", ">=": "达到", "=": "等于"}


def compare(value: int, by: Operator, limit: int) -> bool:
    """Exact comparison of integers in one unit (fen, pieces, millionths of a rate)."""
    return _COMPARE[by](value, limit)


def word(value: Real, by: Operator, limit: Real) -> str:
    """How a value lies to a limit that is meant with an operator: 超过, 达到, 等于 or 低于.

    On the limit itself the operator decides: "不低于" (>=) is 达到, "超过" (>) only 等于. Exact:
    never given what was rounded.
    """
    if value == limit:
        return "达到" if by == ">=" else "等于"
    return "超过" if value > limit else "低于"


@dataclass(frozen=True)
class Threshold:
    """One line: `concept` names the income it applies to, `fen` is its value in integer fen."""

    key: str
    concept: str
    operator: Operator
    fen: int
    clause: str
    grade: str

    def holds(self, fen: int) -> bool:
        return compare(fen, self.operator, self.fen)

    @property
    def wording(self) -> str:
        """The policy's word for the operator: 低于, 超过, 达到."""
        return _WORDS[self.operator]


def band(fen: int, lines: Sequence[int]) -> int:
    """Which stretch between ascending lines a value lies in, counted from 0.

    A value exactly on a line belongs to the stretch that starts there.
    """
    return sum(fen >= line for line in lines)


def is_weak(
    year_to_date: int,
    closes_year: bool,
    last_year: int | None,
    weak: Threshold,
) -> bool:
    """Whether a village counts as 经济一般村 at a quarter.

    The line is one for a year's total. At the year's end the year decides. Within the year a
    village stays weak until its cumulative income has left the line behind, and none becomes weak
    merely because the year is young: last year's total decides who starts out weak. Where last
    year's total is not in the store, the cumulative income alone decides. Source: 二(一).
    """
    if not weak.holds(year_to_date):
        return False
    return closes_year or last_year is None or weak.holds(last_year)
