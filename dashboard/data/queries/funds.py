"""Money flow by flow: arranged, allocated, spent, what lies idle, what the audit found.

The register keeps the present state of a flow: allocated and spent are as of the newest file.
Source: 武发〔2016〕68号 四(三) (兜底, 区、镇各半承担), 四(四) (专款专用), 四(五) (专项审计、稽查).
"""

from datetime import date, timedelta

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, func, or_, select

from dashboard.config_models import FundsEntry
from dashboard.data.queries.subtree import joined, read, under
from dashboard.data.schema import fund_flow, project, unit
from dashboard.data.scoped import kept_frame
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer
from dashboard.policy.periods import Period

_FINISHED = "已完工"


@kept_frame
def by_source(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Flows of the focus year up to the quarter's end, by source, purpose and audit state.

    Columns: source, purpose, audit_state, flows (how many), arranged_fen, allocated_fen, spent_fen
    (integer fen). A flow without a date counts.
    """
    sums = [
        func.sum(fund_flow.c[name]).label(name)
        for name in ("arranged_fen", "allocated_fen", "spent_fen")
    ]
    by = [fund_flow.c.source, fund_flow.c.purpose, fund_flow.c.audit_state]
    statement = (
        select(*by, func.count().label("flows"), *sums)
        .select_from(joined(fund_flow))
        .where(*of_year(focus))
        .group_by(*by)
        .order_by(*by)
    )
    return read(store, viewer, focus, statement)


@kept_frame
def to_look_into(
    store: Store, viewer: Viewer | None, focus: Focus, rules: FundsEntry, most: int = 300
) -> pd.DataFrame:
    """Flows that are not as they should be by the end of the focus quarter.

    Columns: number, name (of the unit), unit (code), source, purpose, arranged_fen, allocated_fen,
    spent_fen, happened_on, audit_state, late_fen (arranged, not allocated after so many days),
    idle_fen (allocated, not spent after so many days). Largest sums first.
    """
    day = focus.period.last_day
    table = fund_flow.c
    due, used = (day - timedelta(days) for days in (rules.late_after_days, rules.idle_after_days))
    late = case(
        (table.happened_on <= due, table.arranged_fen - table.allocated_fen), else_=0
    ).label("late_fen")
    idle = case((table.happened_on <= used, table.allocated_fen - table.spent_fen), else_=0).label(
        "idle_fen"
    )
    found = table.audit_state.in_(("整改中", *rules.misuse))
    statement = (
        select(
            table.number,
            unit.c.name,
            unit.c.code.label("unit"),
            table.source,
            table.purpose,
            table.arranged_fen,
            table.allocated_fen,
            table.spent_fen,
            table.happened_on,
            table.audit_state,
            late,
            idle,
        )
        .select_from(joined(fund_flow))
        .where(*under(focus), table.year <= focus.period.year, _by(day))
        .where(or_(late > 0, idle > 0, found))
        .order_by((late + idle).desc(), table.number)
        .limit(most)
    )
    return read(store, viewer, focus, statement)


@kept_frame
def floor(store: Store, viewer: Viewer | None, focus: Focus, rules: FundsEntry) -> pd.DataFrame:
    """Floor support of the focus year by village: what the district and the town have allocated.

    Columns: unit (code), name, town (code), district_fen, town_fen (allocated, integer fen).
    """
    sides = {
        "district_fen": rules.district_sources,
        "town_fen": rules.town_sources,
    }
    sums = [
        func.sum(case((fund_flow.c.source.in_(sources), fund_flow.c.allocated_fen), else_=0)).label(
            name
        )
        for name, sources in sides.items()
    ]
    statement = (
        select(unit.c.code.label("unit"), unit.c.name, unit.c.parent_code.label("town"), *sums)
        .select_from(joined(fund_flow))
        .where(*of_year(focus), fund_flow.c.purpose == rules.floor_purpose)
        .group_by(unit.c.code, unit.c.name, unit.c.parent_code)
        .order_by(unit.c.code)
    )
    return read(store, viewer, focus, statement)


@kept_frame
def projects(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Projects under the focus unit that had begun by the quarter's end.

    Columns: number, project, unit (code), name (of the unit), category, invested_fen,
    completed_fen (integer fen), progress (0-1, the newest told), started_on, due_on, status,
    overdue (bool: due by the quarter's end and not finished). Overdue first.
    """
    day = focus.period.last_day
    overdue = and_(project.c.due_on <= day, project.c.status != _FINISHED)
    statement = (
        select(
            project.c.number,
            project.c.name.label("project"),
            unit.c.code.label("unit"),
            unit.c.name,
            project.c.category,
            project.c.invested_fen,
            project.c.completed_fen,
            (project.c.progress / 1_000_000.0).label("progress"),
            project.c.started_on,
            project.c.due_on,
            project.c.status,
            case((overdue, True), else_=False).label("overdue"),
        )
        .select_from(joined(project))
        .where(*under(focus), project.c.started_on <= day)
        .order_by(case((overdue, 0), else_=1), project.c.due_on, project.c.number)
    )
    return read(store, viewer, focus, statement)


def of_year(focus: Focus) -> list[ColumnElement[bool]]:
    """Flows under the focus unit of the focus year up to the quarter's end."""
    return [*under(focus), *in_year(focus.period)]


def in_year(period: Period) -> list[ColumnElement[bool]]:
    """Flows of the quarter's year up to its end, wherever; one without a date counts."""
    return [fund_flow.c.year == period.year, _by(period.last_day)]


def _by(day: date) -> ColumnElement[bool]:
    return or_(fund_flow.c.happened_on.is_(None), fund_flow.c.happened_on <= day)
