"""The decomposition of the year's targets: who is to reach what by when, and whether it adds up.

Source: 武发〔2016〕68号 四(五) (区、镇(街道)、村逐级签订目标责任状,分解任务; 把任务细化到月、
落实到人). Values are integers in the indicator's smallest unit.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    case,
    func,
    null,
    or_,
    select,
    union_all,
)

from dashboard.config_models import LEVELS, Catalogue, IndicatorEntry
from dashboard.data.frames import frame
from dashboard.data.schema import (
    target,
    target_month,
    unit,
)
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import kept
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.aggregation import Aggregation
from dashboard.policy.periods import Period
from dashboard.policy.reconciliation import Discrepancy, against_children, against_months

ADDITIVE = (Aggregation.SUM, Aggregation.LAST, Aggregation.DISTRIBUTION)
"""Kinds of indicators whose targets add up over units. A rate's or a mean's do not."""

_CELL = ("district_code", "unit_code", "indicator_code", "year")
_TARGET = ("value", "department", "post", "due_month")
TARGET_COLUMNS = ["unit", "name", "indicator", *_TARGET]
MONTH_COLUMNS = ["unit", "name", "indicator", "month", "planned"]


@dataclass(frozen=True)
class Checked:
    """A decomposition that was checked. Without any value in it, nothing can be said to agree.

    `values` holds each target that was checked by (unit, indicator), in the smallest unit; `names`
    the name of each unit; `below` the units directly under each.
    """

    discrepancies: tuple[Discrepancy, ...] = ()
    values: Mapping[tuple[str, str], int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    below: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def parts(self, one: Discrepancy) -> list[tuple[str, int | None]]:
        """The cells that were added up for a difference: (unit's name, target or None)."""
        return [
            (self.names[code], self.values.get((code, one.indicator)))
            for code in self.below.get(one.unit, ())
        ]


def targets(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Targets of the focus unit and of the units directly under it, for the focus year.

    Columns: unit (code), name, indicator (code), value (smallest unit), department, post
    (responsible post, never a name), due_month (1–12). The focus unit's own rows come first, then
    by unit and indicator; what has no target has no row.
    """
    statement = (
        select(
            unit.c.code.label("unit"),
            unit.c.name,
            target.c.indicator_code.label("indicator"),
            *[target.c[name] for name in _TARGET],
        )
        .join(target, _rows_of_unit(target))
        .where(_here(focus), unit.c.valid_to.is_(None), target.c.year == focus.period.year)
        .order_by(*_focus_first(focus), target.c.indicator_code)
    )
    return _frame(store, viewer, focus, statement, ("value", "due_month"))


def months(
    store: Store, viewer: Viewer | None, focus: Focus, indicator: str | None = None
) -> pd.DataFrame:
    """Monthly plan of the focus unit and of the units directly under it, for the focus year.

    Columns: unit (code), name, indicator (code), month (1–12), planned (cumulative within the year,
    smallest unit). The focus unit's own rows come first, then by unit, indicator and month.
    Without `indicator`, of all indicators.
    """
    statement = (
        select(
            unit.c.code.label("unit"),
            unit.c.name,
            target_month.c.indicator_code.label("indicator"),
            target_month.c.month,
            target_month.c.planned,
        )
        .join(target_month, _rows_of_unit(target_month))
        .where(_here(focus), unit.c.valid_to.is_(None), target_month.c.year == focus.period.year)
        .order_by(*_focus_first(focus), target_month.c.indicator_code, target_month.c.month)
    )
    if indicator is not None:
        statement = statement.where(target_month.c.indicator_code == indicator)
    return _frame(store, viewer, focus, statement, ("month", "planned"))


def plan(store: Store, viewer: Viewer | None, focus: Focus, indicator: str) -> pd.DataFrame:
    """One indicator's target and monthly plan of the focus unit and its children, in one statement.

    Columns: those of `targets` without indicator, then month and planned (NA where the unit has no
    monthly plan). One row a unit and planned month; what has no target has no row.
    """
    statement = (
        select(
            unit.c.code.label("unit"),
            unit.c.name,
            *[target.c[name] for name in _TARGET],
            target_month.c.month,
            target_month.c.planned,
        )
        .select_from(unit.join(target, _rows_of_unit(target)).outerjoin(target_month, _same_cell()))
        .where(
            _here(focus),
            unit.c.valid_to.is_(None),
            target.c.indicator_code == indicator,
            target.c.year == focus.period.year,
        )
        .order_by(*_focus_first(focus), target_month.c.month)
    )
    return _frame(store, viewer, focus, statement, ("value", "due_month", "month", "planned"))


def reconcile(
    store: Store, viewer: Viewer | None, focus: Focus, catalogue: Catalogue
) -> list[Discrepancy]:
    """Where the decomposition under the focus unit does not add up in the focus year.

    See `check`, which tells the units' names as well.
    """
    return list(check(store, viewer, focus, catalogue).discrepancies)


def check(store: Store, viewer: Viewer | None, focus: Focus, catalogue: Catalogue) -> Checked:
    """Each target under the focus unit against its children's, and against its monthly plan.

    A district is checked down to its villages, a town likewise; above the district, the unit and
    its direct children only (whoever answers for a district checks what is below it). Children are
    added up for additive indicators only. Ordered from the focus unit downwards, by unit code, in
    the catalogue's order. One statement a year.
    """
    if not may_see(viewer, focus.lineage):
        return Checked()
    year = focus.at(Period(focus.period.year, 1))
    return _checked(store, _Asked(year, id(catalogue), catalogue))


@dataclass(frozen=True)
class _Asked:
    """`catalogue` by what it is, not by what it says; the key holds it."""

    focus: Focus
    identity: int
    catalogue: Catalogue = field(compare=False)


@kept(size=64)
def _checked(connection: Connection, asked: Any) -> Checked:
    focus, catalogue = asked.focus, asked.catalogue
    both = union_all(_subtree_targets(focus), _suspect_plans(focus, _rising(catalogue)))
    found = connection.execute(both).all()
    rows = [tuple(row)[:-2] for row in found if row.month is None]
    plans = [row for row in found if row.month is not None]
    seen = Checked(
        values={
            (code, indicator): value
            for code, _, _, _, indicator, value in rows
            if value is not None
        },
        names={code: name for code, _, _, name, _, _ in rows},
        below=_below(rows),
    )
    odd = sorted(
        [*_over_children(seen, catalogue), *_over_months(seen, plans, catalogue)],
        key=_order(rows, catalogue),
    )
    return replace(seen, discrepancies=tuple(odd))


def _below(rows: Sequence[Sequence[Any]]) -> dict[str, tuple[str, ...]]:
    below: dict[str, list[str]] = defaultdict(list)
    for code, parent in sorted({(code, parent) for code, parent, _, _, _, _ in rows if parent}):
        below[parent].append(code)
    return {parent: tuple(codes) for parent, codes in below.items()}


def _over_children(seen: Checked, catalogue: Catalogue) -> Iterator[Discrepancy]:
    for (code, indicator), own in seen.values.items():
        entry = catalogue.by_code.get(indicator)
        if entry is None or entry.aggregation not in ADDITIVE or code not in seen.below:
            continue
        parts = {child: seen.values.get((child, indicator)) for child in seen.below[code]}
        difference = against_children(code, indicator, own, parts)
        if difference is not None:
            yield difference


def _over_months(
    seen: Checked, plans: Sequence[Row[Any]], catalogue: Catalogue
) -> Iterator[Discrepancy]:
    suspects: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for row in plans:
        suspects[row.code, row.indicator][row.month] = row.planned
    for (code, indicator), plan in suspects.items():
        entry = catalogue.by_code.get(indicator)
        if entry is not None and (code, indicator) in seen.values:
            own = seen.values[code, indicator]
            yield from against_months(code, indicator, own, plan, must_not_fall(entry))


def must_not_fall(entry: IndicatorEntry) -> bool:
    """Whether a monthly plan of this indicator may only rise: a cumulative count never falls, nor
    does a plan towards more. One towards fewer (villages left) falls by intention."""
    return entry.cumulative or entry.direction == "up"


def _rising(catalogue: Catalogue) -> list[str]:
    return [entry.code for entry in catalogue.indicators if must_not_fall(entry)]


def _order(
    rows: Sequence[Sequence[Any]], catalogue: Catalogue
) -> Callable[[Discrepancy], tuple[int, str, int, str, int]]:
    depth = {code: LEVELS.index(level) for code, _, level, _, _, _ in rows}
    place = {entry.code: at for at, entry in enumerate(catalogue.indicators)}
    return lambda one: (depth[one.unit], one.unit, place[one.indicator], one.check, -one.own)


def _subtree_targets(focus: Focus) -> Select[Any]:
    """Every unit of the subtree, with its targets of the year (NULL where it has none)."""
    own = and_(_rows_of_unit(target), target.c.year == focus.period.year)
    return (
        select(
            unit.c.code,
            unit.c.parent_code,
            unit.c.level,
            unit.c.name,
            target.c.indicator_code.label("indicator"),
            target.c.value,
            null().label("month"),
            null().label("planned"),
        )
        .outerjoin(target, own)
        .where(_subtree(focus), unit.c.valid_to.is_(None))
    )


def _suspect_plans(focus: Focus, rising: list[str]) -> Select[Any]:
    """Monthly plans that end elsewhere than at the target, or fall where they may not, in the
    columns of `_subtree_targets`.

    The database narrows (a district has tens of thousands of planned months, nearly all in order),
    policy/reconciliation decides.
    """
    names = ("district_code", "unit_code", "indicator_code")
    cell = [target_month.c[name] for name in names]
    month = target_month.c.month
    plan = (
        select(
            *cell,
            target_month.c.planned,
            target.c.value,
            func.lag(target_month.c.planned)
            .over(partition_by=cell, order_by=month)
            .label("before"),
            func.lead(month).over(partition_by=cell, order_by=month).label("next_month"),
        )
        .select_from(_planned().join(target, _same_cell()))
        .where(*_planned_under(focus))
        .subquery()
    )
    odd = or_(
        and_(plan.c.next_month.is_(None), plan.c.planned != plan.c.value),
        and_(plan.c.planned < plan.c.before, plan.c.indicator_code.in_(rising)),
    )
    suspect = select(*[plan.c[name] for name in names]).where(odd).distinct().subquery()
    return (
        select(
            target_month.c.unit_code,
            null(),
            null(),
            null(),
            target_month.c.indicator_code,
            null(),
            target_month.c.month,
            target_month.c.planned,
        )
        .join(suspect, and_(*[target_month.c[name] == suspect.c[name] for name in names]))
        .where(target_month.c.year == focus.period.year)
    )


def _planned() -> FromClause:
    return unit.join(target_month, _rows_of_unit(target_month))


def _planned_under(focus: Focus) -> list[ColumnElement[bool]]:
    return [
        _subtree(focus),
        unit.c.valid_to.is_(None),
        target_month.c.year == focus.period.year,
    ]


def _same_cell() -> ColumnElement[bool]:
    return and_(*[target.c[name] == target_month.c[name] for name in _CELL])


def _rows_of_unit(table: Any) -> ColumnElement[bool]:
    return and_(table.c.district_code == unit.c.district_code, table.c.unit_code == unit.c.code)


def _here(focus: Focus) -> ColumnElement[bool]:
    """The focus unit and the units directly under it."""
    itself = and_(unit.c.district_code == focus.unit.district_code, unit.c.code == focus.unit.code)
    below: ColumnElement[bool] = unit.c.parent_code == focus.unit.code
    if focus.unit.level in ("district", "town", "village"):
        # Up to the district all lie in its shard; above it each child is a shard of its own.
        below = and_(unit.c.district_code == focus.unit.district_code, below)
    return or_(itself, below)


def _subtree(focus: Focus) -> ColumnElement[bool]:
    """The units that a check goes down to: a district is its whole shard."""
    if focus.unit.level == "district":
        return unit.c.district_code == focus.unit.district_code
    return _here(focus)


def _focus_first(focus: Focus) -> list[Any]:
    return [case((unit.c.code == focus.unit.code, 0), else_=1), unit.c.code]


def _frame(
    store: Store,
    viewer: Viewer | None,
    focus: Focus,
    statement: Select[Any],
    integers: tuple[str, ...],
) -> pd.DataFrame:
    columns = [column.name for column in statement.selected_columns]
    rows: list[tuple[Any, ...]] = []
    if may_see(viewer, focus.lineage):
        with store.reading() as connection:
            rows = [tuple(row) for row in connection.execute(statement)]
    return frame(rows, columns, integers)
