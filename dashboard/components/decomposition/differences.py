"""What a check of the decomposition found, in words."""

from dataclasses import dataclass

from dashboard.components.decomposition import wording
from dashboard.config_models import Catalogue, IndicatorEntry
from dashboard.data.queries.decomposition import Checked
from dashboard.policy.reconciliation import Check, Discrepancy


@dataclass(frozen=True)
class Difference:
    """A cell that does not add up. `own` and `parts` in the indicator's smallest unit: what it
    should come to and what it comes to; `ratio` is parts / own, None over 0."""

    code: str
    unit: str
    entry: IndicatorEntry
    problem: str
    own: int
    parts: int
    ratio: float | None
    detail: str

    @property
    def gap(self) -> int:
        return self.parts - self.own


def differences(checked: Checked, catalogue: Catalogue) -> list[Difference]:
    """Everything that was found, in the order of the check."""
    return [_difference(one, checked, catalogue[one.indicator]) for one in checked.discrepancies]


def summary(found: list[Difference]) -> str:
    """How many of which: “层层加码3处、月度计划回落1处”."""
    kinds = list(dict.fromkeys(one.problem for one in found))
    return "、".join(f"{kind}{sum(one.problem == kind for one in found)}处" for kind in kinds)


def _difference(one: Discrepancy, checked: Checked, entry: IndicatorEntry) -> Difference:
    return Difference(
        code=one.unit,
        unit=checked.names[one.unit],
        entry=entry,
        problem=_problem(one, entry),
        own=one.own,
        parts=one.parts,
        ratio=None if one.ratio is None else float(one.ratio),
        detail=_detail(one, checked, entry),
    )


def _problem(one: Discrepancy, entry: IndicatorEntry) -> str:
    if one.check is Check.MONTHS:
        return "月度计划与年度目标不符"
    if one.check is Check.MONTHS_FALL:
        return "月度累计计划回落"
    more = one.parts > one.own
    if entry.direction == "up":
        return "层层加码" if more else "未足额分解"
    # Of what should fall, less is the harder target, unless a unit has none at all.
    if more:
        return "分解后偏松"
    return "未足额分解" if one.missing else "层层加码"


def _detail(one: Discrepancy, checked: Checked, entry: IndicatorEntry) -> str:
    own, parts = (wording.figure(value, entry) for value in (one.own, one.parts))
    if one.check is Check.MONTHS:
        return f"末月累计计划{parts},年度目标{own}"
    if one.check is Check.MONTHS_FALL:
        return f"累计计划由{own}回落到{parts}"
    cells = checked.parts(one)
    given = "、".join(
        f"{name}{wording.figure(value, entry)}" for name, value in cells if value is not None
    )
    missing = "、".join(name for name, value in cells if value is None)
    return (f"未下达:{missing};" if missing else "") + given
