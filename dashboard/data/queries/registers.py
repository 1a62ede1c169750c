"""What the registers hold about one unit: pairing, projects, tasks, households, its timeline."""

from typing import Any

import pandas as pd
from sqlalchemy import Select, and_, case, literal, not_, or_, select, union_all

from dashboard.data.queries.households import TRACKS, breakdown
from dashboard.data.schema import (
    lifecycle_event,
    measure,
    pairing,
    project,
    task,
)
from dashboard.data.scoped import kept_frame
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy import suppression
from dashboard.policy.access import Viewer, may_see

SMALL_CELL = suppression.LEAST
"""Counts of households below this are not shown to whoever may not see households."""


@kept_frame
def pairings(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Who is paired with the focus village itself on the last day of the quarter.

    Columns: kind (部门挂钩, 企业, 第一书记, 党员干部), organisation, post, started_on, ended_on.
    """
    day = focus.period.last_day
    statement = (
        select(
            pairing.c.kind,
            pairing.c.organisation,
            pairing.c.post,
            pairing.c.started_on,
            pairing.c.ended_on,
        )
        .where(
            pairing.c.district_code == focus.unit.district_code,
            pairing.c.village_code == focus.unit.code,
            pairing.c.subject_type == "village",
            pairing.c.started_on <= day,
            or_(pairing.c.ended_on.is_(None), pairing.c.ended_on >= day),
        )
        .order_by(pairing.c.kind, pairing.c.organisation, pairing.c.started_on)
    )
    return _read(store, viewer, focus, statement)


@kept_frame
def projects(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Projects of the focus unit itself.

    Columns: number, name, category, invested_fen, completed_fen (integer fen), progress (0-1),
    due_on, status.
    """
    statement = (
        select(
            project.c.number,
            project.c.name,
            project.c.category,
            project.c.invested_fen,
            project.c.completed_fen,
            (project.c.progress / 1_000_000.0).label("progress"),
            project.c.due_on,
            project.c.status,
        )
        .where(
            project.c.district_code == focus.unit.district_code,
            project.c.unit_code == focus.unit.code,
        )
        .order_by(project.c.number)
    )
    return _read(store, viewer, focus, statement)


@kept_frame
def households(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Households on the register at the quarter's end under the focus unit, by class and cause.

    Columns: dimension (类别 or 致贫原因), word, households, persons, hidden (bool): see
    queries.households.breakdown, which hides small cells for whoever may not see households.
    """
    frame = breakdown(store, viewer, focus)
    return frame[frame["dimension"] != TRACKS].reset_index(drop=True)


@kept_frame
def timeline(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """What happened to the focus village itself up to the quarter's end, newest first.

    Columns: day, what, detail.
    """
    day, code = focus.period.last_day, focus.unit.code
    district = focus.unit.district_code
    events = select(
        lifecycle_event.c.happened_on.label("day"),
        lifecycle_event.c.event.label("what"),
        lifecycle_event.c.evidence.label("detail"),
    ).where(
        lifecycle_event.c.district_code == district,
        lifecycle_event.c.village_code == code,
        lifecycle_event.c.subject_type == "village",
        lifecycle_event.c.happened_on <= day,
    )
    measures = select(
        measure.c.started_on, literal("帮扶措施:") + measure.c.category, measure.c.department
    ).where(
        measure.c.district_code == district,
        measure.c.village_code == code,
        measure.c.subject_type == "village",
        measure.c.started_on <= day,
    )
    statement = union_all(events, measures)
    frame = _read(store, viewer, focus, statement)
    frame = frame.set_axis(["day", "what", "detail"], axis=1)
    return frame.sort_values("day", ascending=False, ignore_index=True)


@kept_frame
def tasks(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Tasks of the focus unit itself, overdue ones first: those due in the focus year or, where the
    year is ending, in the quarter after it, and those overdue from before.

    Columns: number, kind, content, department, post, due_month ("2016-09"), done_on, done and
    overdue (1 or 0, by the quarter's end, computed from the due month: 四(五)).
    """
    year, after = focus.period.year, focus.period.shift(1)
    month = f"{year}-{focus.period.last_month:02d}"
    is_done = task.c.done_on <= focus.period.last_day
    late = and_(task.c.due_month <= month, or_(task.c.done_on.is_(None), not_(is_done)))
    last = max(f"{year}-12", f"{after.year}-{after.last_month:02d}")
    overdue = case((late, 1), else_=0).label("overdue")
    statement = (
        select(
            task.c.number,
            task.c.kind,
            task.c.content,
            task.c.department,
            task.c.post,
            task.c.due_month,
            task.c.done_on,
            case((is_done, 1), else_=0).label("done"),
            overdue,
        )
        .where(
            task.c.district_code == focus.unit.district_code,
            task.c.unit_code == focus.unit.code,
            or_(task.c.due_month.between(f"{year}-01", last), late),
        )
        .order_by(overdue.desc(), task.c.due_month, task.c.number)
    )
    return _read(store, viewer, focus, statement)


def _read(store: Store, viewer: Viewer | None, focus: Focus, statement: Any) -> pd.DataFrame:
    columns = (
        [column.name for column in statement.selected_columns]
        if isinstance(statement, Select)
        else list(statement.selected_columns.keys())
    )
    if not may_see(viewer, focus.lineage):
        return pd.DataFrame(columns=columns, dtype=object)
    with store.reading() as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    return pd.DataFrame(rows, columns=columns, dtype=object)
