"""What the registers hold of a unit and all below it.

Each part counts as the query behind its own page does, so that the two never differ. A district's
quarter is counted once, unit by unit, in one statement: a meeting goes from town to town.
Source: 武发〔2016〕68号 三(二) (挂钩结对), 四(四) (专款专用), 四(五) (进度跟踪、逐级督查).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Select,
    String,
    Table,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from dashboard.data.queries.funds import in_year
from dashboard.data.queries.places import by_rule
from dashboard.data.queries.subtree import Reach, named, of_subtree
from dashboard.data.queries.supervision import due_in_year
from dashboard.data.schema import fund_flow, inspection, pairing, summary, task, unit
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import kept
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.periods import Period
from dashboard.settings import Settings

SECRETARY, DEPARTMENT = "第一书记", "部门挂钩"
MONEY, TASKS, FINDINGS = "money", "tasks", "findings"


class _Count(NamedTuple):
    """Of one unit, without what lies below it."""

    unit: str
    what: str
    part: int
    whole: int


@dataclass(frozen=True)
class _Quarter:
    """Which units, when, and the indicator that says which villages are weak."""

    reach: Reach
    period: Period
    weak: str


def glance(
    store: Store, viewer: Viewer | None, focus: Focus, settings: Settings
) -> Mapping[str, tuple[int, int]]:
    """(part, whole) of each of the five; nothing for who may not see the unit.

    SECRETARY, DEPARTMENT (weak villages that have one on the last day, of how many); MONEY (fen
    allocated, of the fen arranged in the focus year); TASKS (done by the quarter's end, of those
    due by then in the year); FINDINGS (mended by the quarter's end, of those found in the year).
    """
    if not may_see(viewer, focus.lineage):
        return {}
    weak = by_rule(settings.catalogue, "weak_villages", "weak_village")

    def counts(there: Store, reach: Reach) -> Sequence[_Count]:
        return _counts(there, _Quarter(reach, focus.period, weak))

    found = dict.fromkeys((SECRETARY, DEPARTMENT, MONEY, TASKS, FINDINGS), (0, 0))
    for one in of_subtree(store, viewer, focus, counts):
        part, whole = found[one.what]
        found[one.what] = part + one.part, whole + one.whole
    return found


@kept(size=128)
def _counts(connection: Connection, quarter: Any) -> Sequence[_Count]:
    parts = union_all(
        _paired(quarter, SECRETARY),
        _paired(quarter, DEPARTMENT),
        _money(quarter),
        _tasks(quarter),
        _findings(quarter),
    )
    rows = connection.execute(parts)
    return [_Count(code, what, int(part), int(whole)) for code, what, part, whole in rows]


def _by_unit(quarter: _Quarter, table: Table, what: str, part: Any, whole: Any) -> Select[Any]:
    """Of a register, counted by the unit that a row names."""
    return (
        select(
            named(table).label("unit"),
            literal(what, String).label("what"),
            func.coalesce(part, 0).label("part"),
            func.coalesce(whole, 0).label("whole"),
        )
        .select_from(quarter.reach.source(table))
        .where(quarter.reach.rows(table))
        .group_by(named(table))
    )


def _paired(quarter: _Quarter, kind: str) -> Select[Any]:
    day = quarter.period.last_day
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
        summary.c.indicator_code == quarter.weak,
        summary.c.period == str(quarter.period),
    )
    is_weak = summary.c.value == 1
    # Villages first, the rollup by its key: from the rollup on, the database reads all quarters.
    return (
        select(
            unit.c.code.label("unit"),
            literal(kind, String).label("what"),
            case((and_(is_weak, has), 1), else_=0).label("part"),
            case((is_weak, 1), else_=0).label("whole"),
        )
        .select_from(unit.outerjoin(summary, judged))
        .where(quarter.reach.rows(unit), unit.c.level == "village", unit.c.valid_to.is_(None))
    )


def _money(quarter: _Quarter) -> Select[Any]:
    allocated, arranged = func.sum(fund_flow.c.allocated_fen), func.sum(fund_flow.c.arranged_fen)
    return _by_unit(quarter, fund_flow, MONEY, allocated, arranged).where(*in_year(quarter.period))


def _tasks(quarter: _Quarter) -> Select[Any]:
    done = func.sum(case((task.c.done_on <= quarter.period.last_day, 1), else_=0))
    counted = _by_unit(quarter, task, TASKS, done, func.count())
    return counted.where(due_in_year(quarter.period))


def _findings(quarter: _Quarter) -> Select[Any]:
    period = quarter.period
    mended = func.sum(case((inspection.c.fixed_on <= period.last_day, 1), else_=0))
    return _by_unit(quarter, inspection, FINDINGS, mended, func.count()).where(
        inspection.c.period.between(f"{period.year}Q1", str(period)), inspection.c.finding != ""
    )
