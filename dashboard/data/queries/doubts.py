"""Which figures wait to be checked, wherever they appear: marked, never judged.

A figure waits where an open finding rests on a row behind it, or where the office has sent back the
report that it came with and no corrected one has come. What is made of such a figure waits too: a
town's because of its village's, the district's because of its town's.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from dashboard.data import units
from dashboard.data.queries import authenticity, conduct
from dashboard.data.registers import PERSONAL_INCOME_RULES
from dashboard.data.schema import observation, village_income
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.figures import DOUBT
from dashboard.policy.access import Viewer, may_see
from dashboard.settings import Settings

_RULES: Mapping[str, frozenset[str]] = {
    "village_income": frozenset({"villages_beyond_line", "weak_villages", "village_income_total"}),
    "lifecycle_event": frozenset({"households_exited"}),
    "household_income": PERSONAL_INCOME_RULES,
}
"""By table of a finding's rows: the register rules whose figures are made of them."""


@dataclass(frozen=True)
class Doubts(Container[tuple[str, str]]):
    """(unit, indicator) of the figures that wait to be checked."""

    marked: frozenset[tuple[str, str]] = field(default=frozenset())

    def __contains__(self, figure: object) -> bool:
        return figure in self.marked

    def of(self, unit: str) -> frozenset[str]:
        """The indicators of a unit that wait."""
        return frozenset(indicator for code, indicator in self.marked if code == unit)

    def any_of(self, unit: str, indicators: Iterable[str]) -> bool:
        """Whether one of a unit's figures waits."""
        return any((unit, indicator) in self.marked for indicator in indicators)

    def mark(self, unit: str, *indicators: str) -> str:
        """Behind a figure of a unit that is made of these indicators; "" where none waits."""
        return DOUBT if self.any_of(unit, indicators) else ""


NONE = Doubts()
VILLAGE_INCOME = "V03"
"""Which says of a village what its income is."""


def doubts(store: Store, viewer: Viewer | None, focus: Focus, settings: Settings) -> Doubts:
    """The figures of the focus quarter that wait to be checked, of the focus unit and all under it.

    Findings are marked for those who may see findings; what was sent back, for all who see the
    unit. Nothing above the district. Source: 武发〔2016〕68号 四(五) (严禁弄虚作假).
    """
    if viewer is None or not may_see(viewer, focus.lineage):
        return NONE
    if not focus.is_in_a_district:
        return NONE
    found = {
        (unit, indicator)
        for table, unit in authenticity.suspected(store, viewer, focus, settings)
        for indicator in _made_of(settings, table)
        for unit in _upwards(store, focus, unit)
    }
    for sent in conduct.of_district(store, focus).sent_back.get(str(focus.period), ()):
        if sent.is_open:
            below = _below(store, viewer, focus, sent.unit, sent.table)
            reached = {*_upwards(store, focus, sent.unit), *below}
            found |= {(one, code) for one in reached for code in _made_of(settings, sent.table)}
    return Doubts(frozenset(found))


def _made_of(settings: Settings, table: str) -> list[str]:
    """Codes of the indicators whose figures come from a table's rows."""
    entries = settings.catalogue.indicators
    if table == observation.name:
        return [entry.code for entry in entries if entry.register_rule is None]
    rules = _RULES.get(table, frozenset())
    return [e.code for e in entries if e.register_rule and e.register_rule.rule in rules]


def _upwards(store: Store, focus: Focus, unit: str) -> list[str]:
    """The unit and those above it, up to the focus unit; nothing where it does not lie under it."""
    lineage = [one.code for one in units.lineage_kept(store, unit)]
    here = focus.unit.code
    return lineage[lineage.index(here) :] if here in lineage else []


def _below(store: Store, viewer: Viewer, focus: Focus, unit: str, table: str) -> list[str]:
    """A town's report of incomes is its villages': those that the focus shows."""
    if table != village_income.name:
        return []
    if focus.unit.code == unit:
        return [one.code for one in units.children(store, viewer, focus)]
    return [focus.unit.code] if focus.unit.parent_code == unit else []
