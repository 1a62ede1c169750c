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
from functools import cached_property

import pandas as pd

from dashboard.data import census
from dashboard.data.cells import Cells, added, counted
from dashboard.data.queries import cases
from dashboard.data.queries.cases import HELD, KINDS, Case, ListRow
from dashboard.data.scoped import kept_for_scope
from dashboard.data.store import Store
from dashboard.data.units import Focus, Unit
from dashboard.policy import households as rules
from dashboard.policy import lifecycle, suppression
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.codes import district_of
from dashboard.policy.households import ON, REACHED, Count, Household, Split
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
    scope = _scope(viewer, focus)
    if scope is None or viewer is None:
        return _frame([])
    is_open, day = viewer.sees_households, focus.period.last_day
    with store.reading() as connection:
        # Where nothing is hidden, the villages need not be told apart.
        traits = census.traits(connection, scope, day, by_village=not is_open)
    parents = {village: above for village, above, *_ in traits if village != above}
    towns = {above for above in parents.values() if above != district_of(above)}
    parents |= {town: district_of(town) for town in towns}
    tables = [
        added(((key[0], key[at]), count) for key, count in traits.items())
        for at in range(2, 2 + len(DIMENSIONS))
    ]
    return _breakdown(tables, parents, focus, is_open)


def _scope(viewer: Viewer | None, focus: Focus) -> Unit | None:
    """Whose households must be read: the focus unit's, or the district's where cells are hidden.

    None for who may not see the unit, and above the district.
    """
    if viewer is None or not may_see(viewer, focus.lineage):
        return None
    lineage = (*focus.ancestors, focus.unit)
    district = next((unit for unit in lineage if unit.level == "district"), None)
    return focus.unit if district is not None and viewer.sees_households else district


def _breakdown(
    tables: Sequence[Mapping[Cell, Count]],
    parents: Mapping[str, str],
    focus: Focus,
    is_open: bool,
) -> pd.DataFrame:
    rows: list[tuple[str, str, Count | None]] = []
    for dimension, counts in zip(DIMENSIONS, tables, strict=True):
        told = Cells(counts, parents, is_open).of(focus.unit.code)
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
    """Everything about the households under the focus unit, in five statements; one at another
    quarter.

    None for who may not see the unit, and above the district.
    """
    scope = _scope(viewer, focus)
    if scope is None or viewer is None:
        return None
    read = census.read(store, scope, focus.period)
    with store.reading() as connection:
        planned = census.quotas(connection, focus.unit, _exits(settings))
    known, quotas = read.names, planned.get(focus.period.year, {})
    parents = {code: above for code, (_, above) in known.items() if above and code != scope.code}
    view = _View(settings, focus, viewer.sees_households, parents, read.households)
    lists, whole = view.lists(sorted(known), quotas)
    is_village = focus.unit.is_village
    is_told = view.is_open or not is_village
    return Look(
        is_open=view.is_open,
        year=lifecycle.closed_year(focus.period),
        total=rules.count(one for one in view.here if view.is_on[one.number]),
        breakdown=_breakdown(view.traits, parents, focus, view.is_open),
        flow=rules.flow(view.here, view.ways) if is_told else None,
        split=view.split() if is_told else None,
        gaps=view.gaps.of(focus.unit.code),
        lists=lists if is_told else (),
        whole=whole,
        on_quota=lifecycle.on_quota({row.unit: row.exits for row in lists}, quotas),
        cases=tuple(view.cases_here()) if view.is_open else (),
        members=tuple(view.here) if view.is_open and is_village else (),
        names={code: name for code, (name, _) in known.items()},
    )


def _exits(settings: Settings) -> str:
    """Code of the indicator that counts exits; "" where the catalogue has none."""
    entries = settings.catalogue.indicators
    named = (e.code for e in entries if e.register_rule and e.register_rule.rule == _EXIT_RULE)
    return next(named, "")


class _View:
    """The households read, counted as their viewer may see them."""

    def __init__(
        self,
        settings: Settings,
        focus: Focus,
        is_open: bool,
        parents: Mapping[str, str],
        everyone: Sequence[Household],
    ) -> None:
        self.settings, self.focus, self.is_open = settings, focus, is_open
        self.parents, self.everyone = parents, everyone
        self.retention = settings.policy.retention
        self.goal = settings.policy.threshold(GOAL)
        self.of_village: dict[str, list[Household]] = {}
        for one in everyone:
            self.of_village.setdefault(one.village, []).append(one)
        self.under: dict[str, list[Household]] = {}
        for village, own in self.of_village.items():
            for unit in suppression.upwards(village, parents):
                self.under.setdefault(unit, []).extend(own)
        self.here = self.under.get(focus.unit.code, [])
        self.ways = rules.ways(everyone, focus.period, self.retention)
        self.is_on = {number: now == ON for number, (_, now) in self.ways.items()}

    @cached_property
    def traits(self) -> list[dict[Cell, Count]]:
        """Households on the register by village and trait, one table a dimension."""
        sums: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        for one in self.everyone:
            if self.is_on[one.number]:
                own = sums.setdefault((one.village, one.traits), [0, 0])
                own[0] += 1
                own[1] += one.persons
        return [
            added(((village, traits[at]), Count(*own)) for (village, traits), own in sums.items())
            for at in range(len(DIMENSIONS))
        ]

    @cached_property
    def cases(self) -> list[Case]:
        return cases.found(self.everyone, self.focus.period, self.retention, self.goal)

    def cases_here(self) -> list[Case]:
        own = self._villages(self.focus.unit.code)
        return [case for case in self.cases if case.household.village in own]

    def _villages(self, unit: str) -> set[str]:
        """Those at or under a unit that have households."""
        return {v for v in self.of_village if unit in suppression.upwards(v, self.parents)}

    @cached_property
    def exits(self) -> dict[str, int]:
        """Of the year, by unit."""
        sums: Counter[str] = Counter()
        for village, own in self.of_village.items():
            count = sum(cases.exits_of_year(one, self.focus.period) for one in own if one.events)
            for unit in suppression.upwards(village, self.parents):
                sums[unit] += count
        return sums

    @cached_property
    def gaps(self) -> Cells:
        """Households on the register by how far their income lies below the line."""
        year = lifecycle.closed_year(self.focus.period)
        counts = counted(
            ((one.village, rules.gap(one.incomes.get(year), self.goal)), one.persons)
            for one in self.everyone
            if self.is_on[one.number]
        )
        return Cells(counts, self.parents, self.is_open)

    def lists(
        self, units: Sequence[str], quotas: Mapping[str, int]
    ) -> tuple[tuple[ListRow, ...], ListRow]:
        """A row for each child (whoever may not see households: for each town of a district), and
        one for the unit itself."""
        here = self.focus.unit.code
        children = [code for code in units if self.parents.get(code) == here]
        leaves = children or [here]
        if not self.is_open:
            # As the district's own page has them, whichever unit is looked at.
            district = self.focus.unit.district_code
            leaves = [code for code in units if self.parents.get(code) == district]
            children = children if here == district else []
        at = {one: leaf for leaf in leaves for one in self._villages(leaf)}
        above = {leaf: self.parents[leaf] for leaf in leaves if leaf in self.parents}
        counts = cases.tallied(self.cases, at, leaves)
        gone = frozenset() if self.is_open else cases.small(counts, above)
        sums = suppression.summed(counts, above)

        def row(unit: str) -> ListRow:
            shown = {k: None if (unit, k) in gone else sums.get((unit, k), 0) for k in KINDS}
            # Who is held is a cell of the table of incomes, and hidden where that is.
            held = self.gaps.of(unit).get(REACHED, Count())
            shown[HELD] = None if held is None else held.households
            return ListRow(unit, self.exits.get(unit, 0), quotas.get(unit), shown)

        return tuple(row(child) for child in children), row(here)

    def split(self) -> Split | None:
        """The averages; None where a group is so small that they would say what it earns."""
        made = self._split_of(self.focus.unit.code)
        if self.is_open:
            return made
        district = self.focus.unit.district_code
        towns = [code for code, above in self.parents.items() if above == district]
        sizes = {code: self._split_of(code).sizes for code in (district, *towns)}
        gone = rules.withheld(sizes, dict.fromkeys(towns, district), LEAST)
        return None if self.focus.unit.code in gone else made

    def _split_of(self, unit: str) -> Split:
        return rules.split(self.under.get(unit, ()), self.parts, self.focus.period)

    @cached_property
    def parts(self) -> dict[str, str]:
        """Who stayed, left and joined between the two newest years of income, by number."""
        due, period = self.settings.policy.registration_due, self.focus.period
        return rules.parts(self.everyone, period, self.retention, due)
