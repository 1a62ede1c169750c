"""Tasks and inspections of all units under the focus: who is to do what by when, what was found.

Source: 武发〔2016〕68号 四(五) (任务细化到月、落实到人; 五个落实全过程督办; 逐级督查; 目标责任状).
"""

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, func, or_, select

from dashboard.data.queries.subtree import joined, read, under
from dashboard.data.schema import inspection, task, unit
from dashboard.data.scoped import kept_frame
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer
from dashboard.policy.periods import Period


@kept_frame
def by_kind(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Tasks due by the quarter's end in the focus year, by unit and kind.

    Columns: unit (code), name, level, kind (of five 落实, or 议定事项), due (how many were due),
    done (of them, by the quarter's end). Overdue is due less done: it is never typed.
    """
    statement = (
        select(
            unit.c.code.label("unit"),
            unit.c.name,
            unit.c.level,
            task.c.kind,
            func.count().label("due"),
            func.sum(case((task.c.done_on <= focus.period.last_day, 1), else_=0)).label("done"),
        )
        .select_from(joined(task))
        .where(*due_by(focus))
        .group_by(unit.c.code, unit.c.name, unit.c.level, task.c.kind)
        .order_by(unit.c.code, task.c.kind)
    )
    return read(store, viewer, focus, statement)


@kept_frame
def by_month(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Tasks of the focus year by the month in which they are due and who is to do them.

    Columns: due_month ("2016-09"), department, post, due, done (by the quarter's end), overdue
    (due by then and not done).
    """
    done = case((task.c.done_on <= focus.period.last_day, 1), else_=0)
    late = case(
        (
            and_(
                task.c.due_month <= _month(focus.period),
                or_(task.c.done_on.is_(None), task.c.done_on > focus.period.last_day),
            ),
            1,
        ),
        else_=0,
    )
    by = [task.c.due_month, task.c.department, task.c.post]
    statement = (
        select(
            *by,
            func.count().label("due"),
            func.sum(done).label("done"),
            func.sum(late).label("overdue"),
        )
        .select_from(joined(task))
        .where(
            *under(focus),
            task.c.due_month.between(f"{focus.period.year}-01", f"{focus.period.year}-12"),
        )
        .group_by(*by)
        .order_by(*by)
    )
    return read(store, viewer, focus, statement)


@kept_frame
def inspections(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Inspections of the focus year up to the quarter that found something, or were scored.

    Columns: unit (code), name, period, kind, score (points), finding, fix_due_on, fixed_on,
    overdue (bool: due by the quarter's end and not mended by then). Open ones first.
    """
    day = focus.period.last_day
    open_ = or_(inspection.c.fixed_on.is_(None), inspection.c.fixed_on > day)
    late = and_(inspection.c.fix_due_on <= day, open_)
    statement = (
        select(
            unit.c.code.label("unit"),
            unit.c.name,
            inspection.c.period,
            inspection.c.kind,
            (inspection.c.score / 100.0).label("score"),
            inspection.c.finding,
            inspection.c.fix_due_on,
            inspection.c.fixed_on,
            case((late, True), else_=False).label("overdue"),
        )
        .select_from(joined(inspection))
        .where(
            *under(focus),
            inspection.c.period.between(f"{focus.period.year}Q1", str(focus.period)),
        )
        .order_by(
            case((late, 0), (and_(inspection.c.finding != "", open_), 1), else_=2),
            inspection.c.period.desc(),
            unit.c.code,
            inspection.c.kind,
        )
    )
    return read(store, viewer, focus, statement)


def due_by(focus: Focus) -> list[ColumnElement[bool]]:
    """Tasks under the focus unit due in the focus year by the quarter's end."""
    return [*under(focus), due_in_year(focus.period)]


def due_in_year(period: Period) -> ColumnElement[bool]:
    """Tasks due in the quarter's year by its end, whoever's they are."""
    return task.c.due_month.between(f"{period.year}-01", _month(period))


def _month(period: Period) -> str:
    return f"{period.year}-{period.last_month:02d}"
