"""Targets against actuals, read from the rollup: one indexed range of `summary` a question.

Plain rows: who asks goes through them one by one.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    literal,
    select,
    union_all,
)

from dashboard.data import few
from dashboard.data.few import Withheld
from dashboard.data.frames import Row
from dashboard.data.schema import summary, unit
from dashboard.data.scoped import kept_rows
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import kept
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.periods import Period

_FIGURES = [
    summary.c[name]
    for name in (
        "value",
        "numerator",
        "denominator",
        "classes",
        "baseline",
        "target",
        "scheduled",
        "rate",
        "light",
        "reported",
        "expected",
        "source",
    )
]
FIGURE_COLUMNS = [column.name for column in _FIGURES]
"""value, numerator, denominator, baseline, target, scheduled: in the indicator's smallest unit
(pieces, fen, millionths of a rate, hundredths of a score); classes: dict for a distribution and for
income by source; rate: completion 0-1 and above; light: green, yellow, red, none; reported of
expected reporting units; source: register, reported, children, none, or withheld for a figure that
the viewer is not to be told (dashboard.data.few): nothing of it is there but the target and who has
reported. None where absent."""
_OF_QUARTER = ("indicator", "period", *FIGURE_COLUMNS)


def of_unit(store: Store, viewer: Viewer | None, focus: Focus) -> list[Row]:
    """Every indicator of the focus unit at the focus period, with the keys of `trend`. Indicators
    without figure and target are absent."""
    return trend(store, viewer, focus, focus.period)


@kept_rows
def of_children(store: Store, viewer: Viewer | None, focus: Focus) -> list[Row]:
    """Every indicator of every unit directly under the focus unit at the focus period.

    Keys: unit (code), name, kind, indicator (code), then FIGURE_COLUMNS. A child without any figure
    or target has one row with indicator None, so that no unit is missing from a table.
    """
    statement = _of_children(focus, [focus.period], unit.c.kind)
    return _rows(store, viewer, focus, statement.order_by(unit.c.code, summary.c.indicator_code))


def rows_around(
    store: Store, viewer: Viewer | None, focus: Focus, since: Period, quarters: Sequence[Period]
) -> list[Row]:
    """The focus unit's figures from `since` to the focus period, and those of the units directly
    under it in some quarters: one statement, plain rows, for who goes through them one by one.

    Keys: unit (code), name, period ("2016Q3"), indicator (code), FIGURE_COLUMNS; None where absent.
    A child without any figure has one row without period and indicator.
    """
    own = select(
        summary.c.unit_code.label("unit"),
        literal(focus.unit.name).label("name"),
        summary.c.period,
        summary.c.indicator_code.label("indicator"),
        *_FIGURES,
    ).where(_of_unit(focus), summary.c.period.between(str(since), str(focus.period)))
    return _rows(
        store, viewer, focus, union_all(own, _of_children(focus, quarters, summary.c.period))
    )


def _of_children(
    focus: Focus, periods: Sequence[Period], more: ColumnElement[str]
) -> Select[tuple[Any, ...]]:
    joined = unit.outerjoin(
        summary,
        and_(
            summary.c.district_code == unit.c.district_code,
            summary.c.unit_code == unit.c.code,
            summary.c.period.in_([str(period) for period in periods]),
        ),
    )
    return (
        select(
            unit.c.code.label("unit"),
            unit.c.name,
            more,
            summary.c.indicator_code.label("indicator"),
            *_FIGURES,
        )
        .select_from(joined)
        .where(*_children_of(focus), unit.c.valid_to.is_(None))
    )


def trend(store: Store, viewer: Viewer | None, focus: Focus, since: Period) -> list[Row]:
    """The focus unit's figures by period, from `since` to the focus period.

    Keys: indicator (code), period ("2016Q3"), then FIGURE_COLUMNS; ordered by both. A unit's
    quarters are read once: a meeting goes from one to the next.
    """
    if not may_see(viewer, focus.lineage):
        return []
    first, last = str(since), str(focus.period)
    at = _OF_QUARTER.index("period")
    known = _quarters(store, (focus.unit.district_code, focus.unit.code))
    rows = [row for row in known if first <= row[at] <= last]
    return _as_told(store, viewer, focus, rows, _OF_QUARTER)


@kept(size=128)
def _quarters(connection: Connection, key: Any) -> Sequence[tuple[Any, ...]]:
    """All quarters of one unit: _OF_QUARTER."""
    statement = (
        select(summary.c.indicator_code, summary.c.period, *_FIGURES)
        .where(summary.c.district_code == key[0], summary.c.unit_code == key[1])
        .order_by(summary.c.indicator_code, summary.c.period)
    )
    return [tuple(row) for row in connection.execute(statement)]


def _of_unit(focus: Focus) -> ColumnElement[bool]:
    return and_(
        summary.c.district_code == focus.unit.district_code,
        summary.c.unit_code == focus.unit.code,
    )


def _children_of(focus: Focus) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [unit.c.parent_code == focus.unit.code]
    if focus.unit.level in ("district", "town"):
        # Below the district all children share its shard; above it each child is its own.
        conditions.append(unit.c.district_code == focus.unit.district_code)
    return conditions


def _rows(
    store: Store, viewer: Viewer | None, focus: Focus, statement: Select[Any] | CompoundSelect[Any]
) -> list[Row]:
    if not may_see(viewer, focus.lineage):
        return []
    columns = [column.name for column in statement.selected_columns]
    with store.reading() as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    return _as_told(store, viewer, focus, rows, columns)


def _as_told(
    store: Store,
    viewer: Viewer | None,
    focus: Focus,
    rows: Sequence[tuple[Any, ...]],
    columns: Sequence[str],
) -> list[Row]:
    """By column, without what the viewer is not to be told."""
    named = (dict(zip(columns, row, strict=True)) for row in rows)
    withheld = few.withheld(store, viewer, focus)
    return list(_told(named, withheld, focus) if withheld else named)


def _told(rows: Iterator[Row], withheld: Withheld, focus: Focus) -> Iterator[Row]:
    unit, period = focus.unit.code, str(focus.period)
    for row in rows:
        of = row.get("unit", unit), row["indicator"], row.get("period", period)
        yield withheld.told(row) if withheld.has(*of) else row
