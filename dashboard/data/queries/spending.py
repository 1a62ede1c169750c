"""Where the year's special funds went, and how the projects stand.

Source: 武发〔2016〕68号 四(四) (专款专用), 四(五) (专项审计、稽查制度).
"""

from typing import Any

import pandas as pd
from sqlalchemy import (
    Select,
    and_,
    case,
    func,
    or_,
    select,
)

from dashboard.data.queries.subtree import joined, read, under
from dashboard.data.schema import fund_flow, project
from dashboard.data.scoped import kept_frame
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer

_FINISHED = "已完工"
_MENDING = "整改中"


@kept_frame
def funds(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Special funds of the focus year under the focus unit, up to the quarter's end, by purpose.

    Columns: purpose, flows (how many), arranged_fen, allocated_fen, spent_fen (integer fen),
    open_audits (flows whose audit found what is not mended yet). A flow without a date counts.
    Largest first. Source: 四(四).
    """
    statement = (
        select(
            fund_flow.c.purpose,
            func.count().label("flows"),
            func.sum(fund_flow.c.arranged_fen).label("arranged_fen"),
            func.sum(fund_flow.c.allocated_fen).label("allocated_fen"),
            func.sum(fund_flow.c.spent_fen).label("spent_fen"),
            func.sum(case((fund_flow.c.audit_state == _MENDING, 1), else_=0)).label("open_audits"),
        )
        .select_from(joined(fund_flow))
        .where(
            *under(focus),
            fund_flow.c.year == focus.period.year,
            or_(
                fund_flow.c.happened_on.is_(None),
                fund_flow.c.happened_on <= focus.period.last_day,
            ),
        )
        .group_by(fund_flow.c.purpose)
        .order_by(func.sum(fund_flow.c.arranged_fen).desc(), fund_flow.c.purpose)
    )
    return _read(store, viewer, focus, statement)


@kept_frame
def projects(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Projects under the focus unit begun by the quarter's end, by category.

    Columns: category, projects (how many), overdue (due by the quarter's end and still not
    finished), invested_fen (total investment, integer fen). How many had been finished by then is
    not told: the register keeps only the present state. Most projects first. Source: 三(五).
    """
    day = focus.period.last_day
    late = and_(project.c.due_on <= day, project.c.status != _FINISHED)
    statement = (
        select(
            project.c.category,
            func.count().label("projects"),
            func.sum(case((late, 1), else_=0)).label("overdue"),
            func.sum(project.c.invested_fen).label("invested_fen"),
        )
        .select_from(joined(project))
        .where(*under(focus), project.c.started_on <= day)
        .group_by(project.c.category)
        .order_by(func.count().desc(), project.c.category)
    )
    return _read(store, viewer, focus, statement)


def _read(
    store: Store, viewer: Viewer | None, focus: Focus, statement: Select[Any]
) -> pd.DataFrame:
    frame = read(store, viewer, focus, statement)
    return frame.astype(dict.fromkeys(frame.columns[1:], "Int64"))
