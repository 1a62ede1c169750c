"""Figures counted from the incomes of a few households: not for who may not see households.

A village with one household on its register would tell that household's income as its mean. Which
units are too small follows from their registers, which are told to all; further ones are withheld
with them, so that no subtraction from the unit above gives one away.
Source: 武发〔2016〕68号 三(一) (供社会各界查询); the rule of five is the office's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from dashboard.config_models import IndicatorEntry
from dashboard.data.registers import PERSONAL_INCOME_RULES, rule_of
from dashboard.data.schema import indicator, summary
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import kept
from dashboard.policy import suppression
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.periods import Period

WITHHELD = "withheld"
"""Source of a figure that is there and is not told."""
_GIVES_AWAY = ("value", "numerator", "denominator", "classes", "baseline", "scheduled", "rate")
"""Of a row of summary; the target is the office's own, and told."""
_REGISTERED = "households"


def is_personal(entry: IndicatorEntry) -> bool:
    """Whether an indicator is counted from what single households earn."""
    return rule_of(entry) in PERSONAL_INCOME_RULES


@dataclass(frozen=True)
class _Registers:
    """Of a district: codes of the indicators in question, households by quarter and unit at the
    bottom (at least one where an income is told), and the unit above by unit."""

    personal: frozenset[str]
    counts: Mapping[str, Mapping[str, int]]
    parents: Mapping[str, str]
    _small: dict[str, frozenset[str]] = field(default_factory=dict, compare=False)

    def small(self, period: str) -> frozenset[str]:
        """Units whose figures are withheld in a quarter."""
        if period not in self._small:
            counts = {(unit, ""): count for unit, count in self.counts.get(period, {}).items()}
            cells = suppression.hidden(counts, self.parents, totals=False)
            self._small[period] = frozenset(unit for unit, _ in cells)
        return self._small[period]


@dataclass(frozen=True)
class Withheld:
    """What a viewer is not to be told of the units of one district."""

    registers: _Registers | None = None

    def __bool__(self) -> bool:
        return self.registers is not None

    def has(self, unit: str, indicator: str | None, period: str) -> bool:
        """Whether a figure is withheld."""
        if self.registers is None or indicator not in self.registers.personal:
            return False
        return unit in self.registers.small(period)

    def find(self, period: Period) -> None:
        """Find the units of a quarter now that `has` would look for at the first figure."""
        if self.registers is not None:
            self.registers.small(str(period))

    def told(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """What may be told of a row of summary whose figure is withheld."""
        gone = {name: None for name in _GIVES_AWAY if name in row}
        return {**row, **gone, "light": "none", "source": WITHHELD}


def withheld(store: Store, viewer: Viewer | None, focus: Focus) -> Withheld:
    """What is withheld of the focus unit and the units under it. Nothing from who sees households.

    Above the district nothing is: its children are whole districts. Two statements at the first
    look at a version of the store, none after it.
    """
    if viewer is None or viewer.sees_households or not focus.is_in_a_district:
        return Withheld()
    if not may_see(viewer, focus.lineage):
        return Withheld()  # who is told nothing at all needs no list of what is not told
    return Withheld(_registers(store, focus.unit.district_code))


@kept(size=32)
def _registers(connection: Connection, district: Any) -> _Registers:
    by_rule: dict[str, set[str]] = {}
    for code, definition in connection.execute(select(indicator.c.code, indicator.c.definition)):
        rule = (definition.get("register") or {}).get("rule", "")
        by_rule.setdefault(rule, set()).add(code)
    personal = frozenset[str]().union(*(by_rule.get(rule, ()) for rule in PERSONAL_INCOME_RULES))
    wanted = personal | by_rule.get(_REGISTERED, set())
    statement = select(
        summary.c.unit_code,
        summary.c.parent_code,
        summary.c.indicator_code,
        summary.c.period,
        summary.c.value,
    ).where(
        summary.c.district_code == district,
        summary.c.unit_code != district,
        summary.c.indicator_code.in_(sorted(wanted)),
        summary.c.value.is_not(None),
    )
    counts: dict[str, dict[str, int]] = {}
    parents: dict[str, str] = {}
    for unit, parent, code, period, value in connection.execute(statement):
        parents[unit] = parent
        of_quarter = counts.setdefault(period, {})
        # Whose households have all left the register since may still have a mean of their incomes.
        least = 1 if code in personal else int(value)
        of_quarter[unit] = max(of_quarter.get(unit, 0), least)
    return _Registers(personal, {when: _bottom(c, parents) for when, c in counts.items()}, parents)


def _bottom(counts: Mapping[str, int], parents: Mapping[str, str]) -> dict[str, int]:
    """Without the units that have others of them below: what is above them is added up."""
    above = {parents[unit] for unit in counts}
    return {unit: count for unit, count in counts.items() if unit not in above}
