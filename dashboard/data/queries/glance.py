"""What the registers hold of a unit and all below it, in one statement.

Each part counts as the query behind its own page does, so that the two never differ.
Source: 武发〔2016〕68号 三(二) (挂钩结对), 四(四) (专款专用), 四(五) (进度跟踪、逐级督查).
"""

from typing import Any

import pandas as pd
from sqlalchemy import (
    CompoundSelect,
    Select,
    String,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from dashboard.data.queries.funds import of_year
from dashboard.data.queries.places import by_rule
from dashboard.data.queries.subtree import joined, read, under
from dashboard.data.queries.supervision import due_by
from dashboard.data.schema import fund_flow, inspection, pairing, summary, task, unit
from dashboard.data.scoped import kept_frame
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer
from dashboard.settings import Settings

SECRETARY, DEPARTMENT = "第一书记", "部门挂钩"
MONEY, TASKS, FINDINGS = "money", "tasks", "findings"


@kept_frame
def glance(store: Store, viewer: Viewer | None, focus: Focus, settings: Settings) -> pd.DataFrame:
    """Columns: what, part, whole; a row for each of

    第一书记, 部门挂钩 (weak villages that have one on the last day, of how many); money (fen
    allocated, of the fen arranged in the focus year); tasks (done by the quarter's end, of those
    due by then in the year); findings (mended by the quarter's end, of those found in the year).
    """
    weak = by_rule(settings.catalogue, "weak_villages", "weak_village")
    parts = union_all(
        _paired(focus, weak, SECRETARY),
        _paired(focus, weak, DEPARTMENT),
        _money(focus),
        _tasks(focus),
        _findings(focus),
    )
    frame = read(store, viewer, focus, _as_select(parts))
    return frame.astype({"part": "Int64", "whole": "Int64"})


def _as_select(parts: CompoundSelect[Any]) -> Select[Any]:
    rows = parts.subquery()
    return select(rows.c.what, rows.c.part, rows.c.whole)


def _row(what: str, part: Any, whole: Any) -> Select[Any]:
    return select(
        literal(what, String).label("what"),
        func.coalesce(part, 0).label("part"),
        func.coalesce(whole, 0).label("whole"),
    )


def _paired(focus: Focus, weak: str, kind: str) -> Select[Any]:
    day = focus.period.last_day
    has = exists().where(
        pairing.c.district_code == unit.c.district_code,
        pairing.c.kind == kind,
        pairing.c.subject_type == "village",
        pairing.c.subject == unit.c.code,
        pairing.c.started_on <= day,
        or_(pairing.c.ended_on.is_(None), pairing.c.ended_on >= day),
    )
    judged = and_(
        summary.c.district_code == unit.c.district_code,
        summary.c.unit_code == unit.c.code,
        summary.c.indicator_code == weak,
        summary.c.period == str(focus.period),
    )
    # Villages first, the rollup by its key: from the rollup on, the database reads all quarters.
    is_weak = summary.c.value == 1
    weak_with, weak_ones = case((and_(is_weak, has), 1), else_=0), case((is_weak, 1), else_=0)
    return (
        _row(kind, func.sum(weak_with), func.sum(weak_ones))
        .select_from(unit.outerjoin(summary, judged))
        .where(*under(focus), unit.c.level == "village", unit.c.valid_to.is_(None))
    )


def _money(focus: Focus) -> Select[Any]:
    allocated, arranged = func.sum(fund_flow.c.allocated_fen), func.sum(fund_flow.c.arranged_fen)
    return _row(MONEY, allocated, arranged).select_from(joined(fund_flow)).where(*of_year(focus))


def _tasks(focus: Focus) -> Select[Any]:
    done = func.sum(case((task.c.done_on <= focus.period.last_day, 1), else_=0))
    return _row(TASKS, done, func.count()).select_from(joined(task)).where(*due_by(focus))


def _findings(focus: Focus) -> Select[Any]:
    mended = func.sum(case((inspection.c.fixed_on <= focus.period.last_day, 1), else_=0))
    return (
        _row(FINDINGS, mended, func.count())
        .select_from(joined(inspection))
        .where(
            *under(focus),
            inspection.c.period.between(f"{focus.period.year}Q1", str(focus.period)),
            inspection.c.finding != "",
        )
    )
