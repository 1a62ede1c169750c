"""Whether a decomposition adds up: district = Σ towns = Σ villages, and the year = its months.

Source: 武发〔2016〕68号 四(五) (区、镇(街道)、村逐级签订目标责任状,分解任务; 把任务细化到月).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise


class Check(StrEnum):
    CHILDREN = "children"
    MONTHS = "months"
    MONTHS_FALL = "months_fall"


@dataclass(frozen=True)
class Discrepancy:
    """A cell of the decomposition that does not add up, in the indicator's smallest unit.

    `own` is the unit's target, `parts` what its children (or its last planned month) come to.
    `ratio` is parts / own: above 1 is 层层加码, below 1 a target not handed down in full; None
    when own is 0. `missing` names the children without a target.
    """

    unit: str
    indicator: str
    check: Check
    own: int
    parts: int
    ratio: Fraction | None
    missing: tuple[str, ...] = ()


def against_children(
    unit: str, indicator: str, own: int, children: Mapping[str, int | None]
) -> Discrepancy | None:
    """The unit's target against the sum of its children's; None when equal.

    A decomposition nobody has begun (no child has a target) is not a discrepancy.
    """
    given = [value for value in children.values() if value is not None]
    if not given or sum(given) == own:
        return None
    missing = tuple(sorted(code for code, value in children.items() if value is None))
    return Discrepancy(
        unit, indicator, Check.CHILDREN, own, sum(given), _ratio(sum(given), own), missing
    )


def against_months(
    unit: str, indicator: str, own: int, plan: Mapping[int, int], rising: bool = True
) -> list[Discrepancy]:
    """The year's target against its monthly plan (cumulative): the last month must equal the year,
    and a cumulative plan of a rising indicator must not fall."""
    if not plan:
        return []
    found = []
    months = sorted(plan)
    last = plan[months[-1]]
    if last != own:
        found.append(Discrepancy(unit, indicator, Check.MONTHS, own, last, _ratio(last, own)))
    for before, after in pairwise(months):
        if rising and plan[after] < plan[before]:
            found.append(
                Discrepancy(unit, indicator, Check.MONTHS_FALL, plan[before], plan[after], None)
            )
    return found


def _ratio(parts: int, own: int) -> Fraction | None:
    return Fraction(parts, own) if own else None
