"""Targets against actuals, read from the rollup: one indexed range of `summary` a question."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, literal, select, union_all

from dashboard.data import few
from dashboard.data.few import Withheld
from dashboard.data.frames import frame
from dashboard.data.schema import summary, unit
from dashboard.data.scoped import kept_frame
from dashboard.data.store import Store
from dashboard.data.units import Focus
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
_WHOLE = ("value", "numerator", "denominator", "baseline", "target", "reported", "expected")
_REAL = ("scheduled", "rate")
FIGURE_COLUMNS = [column.name for column in _FIGURES]
"""value, numerator, denominator, baseline, target, scheduled: in the indicator's smallest unit
(pieces, fen, millionths of a rate, hundredths of a score), NA where absent; classes: dict for a
distribution and for income by source; rate: completion 0-1 and above; light: green, yellow, red,
none; reported of expected reporting units; source: register, reported, children, none, or withheld
for a figure that the viewer is not to be told (dashboard.data.few): all of it is NA but the target
and who has reported."""


@kept_frame
def of_unit(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Every indicator of the focus unit at the focus period.

    Columns: indicator (code), then FIGURE_COLUMNS. Indicators without figure and target are absent.
    """
    statement = select(summary.c.indicator_code.label("indicator"), *_FIGURES).where(
        _of_unit(focus), summary.c.period == str(focus.period)
    )
    return _frame(store, viewer, focus, statement)


@kept_frame
def of_children(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Every indicator of every unit directly under the focus unit at the focus period.

    Columns: unit (code), name, kind, indicator (code), then FIGURE_COLUMNS. A child without any
    figure or target has one row with indicator NA, so that no unit is missing from a table.
    """
    statement = _of_children(focus, [focus.period], unit.c.kind)
    ordered = statement.order_by(unit.c.code, summary.c.indicator_code)
    return _frame(store, viewer, focus, ordered)


def rows_around(
    store: Store, viewer: Viewer | None, focus: Focus, since: Period, quarters: Sequence[Period]
) -> list[dict[str, Any]]:
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
    statement = union_all(own, _of_children(focus, quarters, summary.c.period))
    columns = [column.name for column in statement.selected_columns]
    rows = _rows(store, viewer, focus, statement)
    return [dict(zip(columns, row, strict=True)) for row in rows]


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


@kept_frame
def trend(
    store: Store, viewer: Viewer | None, focus: Focus, indicators: Sequence[str], since: Period
) -> pd.DataFrame:
    """The focus unit's figures by period, from `since` to the focus period.

    Columns: indicator (code), period ("2016Q3"), then FIGURE_COLUMNS; ordered by both.
    """
    statement = (
        select(summary.c.indicator_code.label("indicator"), summary.c.period, *_FIGURES)
        .where(
            _of_unit(focus),
            summary.c.indicator_code.in_(indicators),
            summary.c.period.between(str(since), str(focus.period)),
        )
        .order_by(summary.c.indicator_code, summary.c.period)
    )
    return _frame(store, viewer, focus, statement)


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


def _frame(
    store: Store, viewer: Viewer | None, focus: Focus, statement: Select[Any]
) -> pd.DataFrame:
    columns = [column.name for column in statement.selected_columns]
    if not may_see(viewer, focus.lineage):
        return pd.DataFrame(columns=columns)
    return frame(_rows(store, viewer, focus, statement), columns, _WHOLE, _REAL)


def _rows(
    store: Store, viewer: Viewer | None, focus: Focus, statement: Select[Any] | CompoundSelect[Any]
) -> list[tuple[Any, ...]]:
    if not may_see(viewer, focus.lineage):
        return []
    columns = [column.name for column in statement.selected_columns]
    with store.reading() as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    told = few.withheld(store, viewer, focus)
    return list(_told(rows, columns, told, focus)) if told else rows


def _told(
    rows: Sequence[tuple[Any, ...]], columns: list[str], withheld: Withheld, focus: Focus
) -> Iterator[tuple[Any, ...]]:
    place = {name: number for number, name in enumerate(columns)}
    of_unit, of_period = place.get("unit"), place.get("period")
    unit, period = focus.unit.code, str(focus.period)
    for values in rows:
        unit = unit if of_unit is None else values[of_unit]
        period = period if of_period is None else values[of_period]
        if withheld.has(unit, values[place["indicator"]], period):
            yield tuple(withheld.told(dict(zip(columns, values, strict=True))).values())
        else:
            yield values
