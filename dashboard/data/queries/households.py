"""Low-income households under a unit: who they are, how they come and go, and who is stuck.

Rows of households are for the office and their own town. Everybody else is shown counts in which
small cells are hidden (dashboard.policy.suppression), for the whole district at once, so that
neither another page nor another unit gives them away. What a unit has on its register, its exits
and relapses are indicators of the programme and are told to all.
Source: 武发〔2016〕68号 二(一), 二(三), 三(五), 三(六), 四(四).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

import pandas as pd

from dashboard.data import census, versioned
from dashboard.data.cells import Cells, added, counted
from dashboard.data.queries import cases
from dashboard.data.queries.cases import HELD, KINDS, Case, ListRow
from dashboard.data.scoped import kept_for_scope
from dashboard.data.store import Store
from dashboard.data.units import Focus, Unit
from dashboard.data.versioned import Source
from dashboard.policy import households as rules
from dashboard.policy import lifecycle, suppression
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.households import ON, REACHED, Count, Household, Split
from dashboard.policy.periods import Period
from dashboard.policy.suppression import LEAST, Cell
from dashboard.settings import Settings

TRACKS = "劳动能力"
DIMENSIONS = ("类别", "致贫原因", TRACKS)
GOAL = "household_target_2019"
"""The line that an exit must have reached: 达到1万元."""
_COLUMNS = ["dimension", "word", "households", "persons", "hidden"]
_EXIT_RULE = "households_exited"


@dataclass(frozen=True)
class Look:
    """What a viewer is shown of the households under the focus unit.

    `year`: the newest whose income is known. `total`: on the register. `flow`, `split`: None where
    they are not to be told. `gaps`: on the register by how far below the line, None for a hidden
    count. `lists`: a row a child, or the unit's own; `whole` is the unit itself. `on_quota`:
    children whose exits equal their target to the household. `cases`, and at a village `members`:
    the households themselves, for who may see them (`is_open`).
    """

    is_open: bool
    year: int
    total: Count
    breakdown: pd.DataFrame
    flow: rules.Flow | None
    split: Split | None
    gaps: Mapping[str, Count | None]
    lists: tuple[ListRow, ...]
    whole: ListRow
    on_quota: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    members: tuple[Household, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Nobody is on the register, and nobody has been."""
        return not self.total.households and not self.flow


def breakdown(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Households on the register at the quarter's end under the focus unit, by trait.

    Columns: dimension (DIMENSIONS), word, households, persons, hidden (bool). Where the viewer may
    not see households, both counts of a small cell are NA, and so are those of further cells, zeros
    among them, that would give it away by subtraction: hidden, not absent. The largest come first,
    those hidden last.
    """
    district = _district(focus)
    if viewer is None or district is None or not may_see(viewer, focus.lineage):
        return _frame([])
    tables = _tables(versioned.source(store), district, focus.period.last_day)
    return _breakdown(tables, focus.unit.code, sees_all=viewer.sees_households)


@lru_cache(maxsize=32)
def _tables(at: Source, district: Unit, day: date) -> list[Cells]:
    """One a dimension, of every unit of a district: small cells are found when they are asked for.

    Kept for as many quarters as a district has in its five years, a megabyte each.
    """
    with at.store.reading(of_district=True) as connection:
        traits = census.traits(connection, district, day)
    parents = {village: above for village, above, *_ in traits if village != above}
    parents |= {town: district.code for town in parents.values() if town != district.code}
    counts = [
        added(((key[0], key[at_trait]), count) for key, count in traits.items())
        for at_trait in range(2, 2 + len(DIMENSIONS))
    ]
    return [Cells(of_trait, parents) for of_trait in counts]


def _district(focus: Focus) -> Unit | None:
    """The one that the unit lies in; None above the districts."""
    lineage = (*focus.ancestors, focus.unit)
    return next((unit for unit in lineage if unit.level == "district"), None)


def _breakdown(tables: Sequence[Cells], unit: str, *, sees_all: bool) -> pd.DataFrame:
    rows: list[tuple[str, str, Count | None]] = []
    for dimension, cells in zip(DIMENSIONS, tables, strict=True):
        told = cells.of(unit, sees_all=sees_all)
        # Where a hidden cell stands must not tell how large it is.
        ordered = sorted(told.items(), key=lambda t: (-(t[1].households if t[1] else 0), t[0]))
        rows += [(dimension, word, count) for word, count in ordered]
    return _frame(rows)


def _frame(rows: Sequence[tuple[str, str, Count | None]]) -> pd.DataFrame:
    told = [
        (dimension, word, pd.NA, pd.NA, True)
        if count is None
        else (dimension, word, count.households, count.persons, False)
        for dimension, word, count in rows
    ]
    frame = pd.DataFrame(told, columns=_COLUMNS)
    return frame.astype({"households": "Int64", "persons": "Int64", "hidden": bool})


@kept_for_scope(8)
def look(store: Store, viewer: Viewer | None, focus: Focus, settings: Settings) -> Look | None:
    """Everything about the households under the focus unit, in six statements; two at another
    quarter.

    None for who may not see the unit, and above the district.
    """
    district = _district(focus)
    if viewer is None or district is None or not may_see(viewer, focus.lineage):
        return None
    is_open = viewer.sees_households
    # Who sees the households of a village sees all that has happened to them.
    scope = focus.unit if is_open and focus.unit.is_village else district
    view = _View.of(store, scope, focus.period, settings)
    with store.reading() as connection:
        planned = census.quotas(connection, focus.unit, _exits(settings))
    unit, quotas = focus.unit, planned.get(focus.period.year, {})
    lists, whole = view.lists(unit, quotas, sees_all=is_open)
    here = view.under.get(unit.code, [])
    is_told = is_open or not unit.is_village
    return Look(
        is_open=is_open,
        year=lifecycle.closed_year(focus.period),
        total=rules.count(one for one in here if view.is_on[one.number]),
        breakdown=breakdown(store, viewer, focus),
        flow=rules.flow(here, view.ways) if is_told else None,
        split=view.split(unit, sees_all=is_open) if is_told else None,
        gaps=view.gaps.of(unit.code, sees_all=is_open),
        lists=lists if is_told else (),
        whole=whole,
        on_quota=lifecycle.on_quota({row.unit: row.exits for row in lists}, quotas),
        cases=tuple(view.cases_of(unit.code)) if is_open else (),
        members=tuple(here) if is_open and unit.is_village else (),
        names=view.names_of(unit.code),
    )


def hide(store: Store, district: Unit, period: Period, settings: Settings) -> None:
    """Have the households of a quarter gone through and small cells found, which takes longest of
    all that `look` and `breakdown` do. Tells nothing."""
    view = _View.of(store, district, period, settings)
    for cells in (view.gaps, *_tables(versioned.source(store), district, period.last_day)):
        cells.of(district.code)
    view.lists(district, {}, sees_all=False)
    view.split(district, sees_all=False)


def _exits(settings: Settings) -> str:
    """Code of the indicator that counts exits; "" where the catalogue has none."""
    entries = settings.catalogue.indicators
    named = (e.code for e in entries if e.register_rule and e.register_rule.rule == _EXIT_RULE)
    return next(named, "")


@dataclass(frozen=True)
class _Viewed:
    """Whose households in which quarter, and by whose rules."""

    at: Source
    scope: Unit
    period: Period
    identity: int
    settings: Settings = field(compare=False)


_Listed = tuple[dict[Cell, int], frozenset[Cell]]
"""Cases of units and of those above them, by kind; and which are not to be told."""


class _View:
    """The households of a scope in a quarter: a district's, gone through once, whoever looks and at
    whichever of its units, or one village's. `sees_all`: for who may see households; from others
    small cells are hidden, over the whole district.
    """

    def __init__(self, asked: _Viewed) -> None:
        self.scope, self.period = asked.scope, asked.period
        read = census.read(asked.at.store, asked.scope, asked.period)
        self.known, self.everyone = read.names, read.households
        self.parents = {
            code: above
            for code, (_, above) in self.known.items()
            if above and code != self.scope.code
        }
        policy = asked.settings.policy
        self.retention, self.due = policy.retention, policy.registration_due
        self.goal = policy.threshold(GOAL)
        self.of_village: dict[str, list[Household]] = {}
        for one in self.everyone:
            self.of_village.setdefault(one.village, []).append(one)
        self.under: dict[str, list[Household]] = {}
        self.villages: dict[str, set[str]] = {}
        """At or under a unit, those that have households."""
        for village, own in self.of_village.items():
            for unit in suppression.upwards(village, self.parents):
                self.under.setdefault(unit, []).extend(own)
                self.villages.setdefault(unit, set()).add(village)
        self.ways = rules.ways(self.everyone, self.period, self.retention)
        self.is_on = {number: now == ON for number, (_, now) in self.ways.items()}
        self._lists: dict[tuple[tuple[str, ...], bool], _Listed] = {}

    @staticmethod
    def of(store: Store, scope: Unit, period: Period, settings: Settings) -> "_View":
        """Kept until the store is written to, for as many quarters as a district has."""
        at = versioned.source(store)
        return _viewed(_Viewed(at, scope, period, id(settings), settings))

    def names_of(self, unit: str) -> dict[str, str]:
        """Of the unit and of what lies under it, by code."""
        return {
            code: name
            for code, (name, _) in self.known.items()
            if unit in suppression.upwards(code, self.parents)
        }

    @cached_property
    def cases(self) -> list[Case]:
        return cases.found(self.everyone, self.period, self.retention, self.goal)

    def cases_of(self, unit: str) -> list[Case]:
        own = self.villages.get(unit, ())
        return [case for case in self.cases if case.household.village in own]

    @cached_property
    def exits(self) -> dict[str, int]:
        """Of the year, by unit."""
        sums: Counter[str] = Counter()
        for village, own in self.of_village.items():
            count = sum(cases.exits_of_year(one, self.period) for one in own if one.events)
            for unit in suppression.upwards(village, self.parents):
                sums[unit] += count
        return sums

    @cached_property
    def gaps(self) -> Cells:
        """Households on the register by how far their income lies below the line."""
        year = lifecycle.closed_year(self.period)
        counts = counted(
            ((one.village, rules.gap(one.incomes.get(year), self.goal)), one.persons)
            for one in self.everyone
            if self.is_on[one.number]
        )
        return Cells(counts, self.parents)

    def lists(
        self, unit: Unit, quotas: Mapping[str, int], *, sees_all: bool
    ) -> tuple[tuple[ListRow, ...], ListRow]:
        """A row for each child (whoever may not see households: for each town of a district), and
        one for the unit itself."""
        children = self._under(unit.code)
        leaves = children or [unit.code]
        if not sees_all:
            # As the district's own page has them, whichever unit is looked at.
            leaves = self._under(unit.district_code)
            children = children if unit.code == unit.district_code else []
        sums, gone = self._listed(tuple(leaves), sees_all)

        def row(code: str) -> ListRow:
            shown = {k: None if (code, k) in gone else sums.get((code, k), 0) for k in KINDS}
            # Who is held is a cell of the table of incomes, and hidden where that is.
            held = self.gaps.of(code, sees_all=sees_all).get(REACHED, Count())
            shown[HELD] = None if held is None else held.households
            return ListRow(code, self.exits.get(code, 0), quotas.get(code), shown)

        return tuple(row(child) for child in children), row(unit.code)

    def _under(self, unit: str) -> list[str]:
        return sorted(code for code, above in self.parents.items() if above == unit)

    def _listed(self, leaves: tuple[str, ...], sees_all: bool) -> _Listed:
        asked = leaves, sees_all
        if asked not in self._lists:
            self._lists[asked] = self._tallied(leaves, sees_all)
        return self._lists[asked]

    def _tallied(self, leaves: tuple[str, ...], sees_all: bool) -> _Listed:
        at = {one: leaf for leaf in leaves for one in self.villages.get(leaf, ())}
        above = {leaf: self.parents[leaf] for leaf in leaves if leaf in self.parents}
        under = (case for case in self.cases if case.household.village in at)
        counts = cases.tallied(under, at, leaves)
        gone = frozenset[Cell]() if sees_all else cases.small(counts, above)
        return suppression.summed(counts, above), gone

    def split(self, unit: Unit, *, sees_all: bool) -> Split | None:
        """The averages; None where a group is so small that they would say what it earns."""
        if not sees_all and unit.code in self._unsplit:
            return None
        return rules.split(self.under.get(unit.code, ()), self.parts, self.period)

    @cached_property
    def _unsplit(self) -> frozenset[str]:
        """The district and its towns whose averages are not to be told."""
        district = self.scope.district_code
        towns = self._under(district)
        counts: dict[str, Counter[str]] = {code: Counter() for code in (district, *towns)}
        for village, own in self.of_village.items():
            here = Counter(self.parts[one.number] for one in own)
            for unit in suppression.upwards(village, self.parents):
                if unit in counts:
                    counts[unit].update(here)
        sizes = {
            code: [count[part] for part in (rules.STAYED, rules.LEFT, rules.JOINED)]
            for code, count in counts.items()
        }
        return frozenset(rules.withheld(sizes, dict.fromkeys(towns, district), LEAST))

    @cached_property
    def parts(self) -> dict[str, str]:
        """Who stayed, left and joined between the two newest years of income, by number."""
        return rules.parts(self.everyone, self.period, self.retention, self.due)


@lru_cache(maxsize=24)
def _viewed(asked: _Viewed) -> _View:
    return _View(asked)
