"""Where the year's special funds went, and how the projects stand.

Both registers are read once for a district, all years of them, and counted for each quarter: a
meeting goes from quarter to quarter and from town to town.
Source: 武发〔2016〕68号 四(四) (专款专用), 四(五) (专项审计、稽查制度).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from dashboard.data.queries.subtree import of_subtree
from dashboard.data.schema import fund_flow, project
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import kept
from dashboard.policy.access import Viewer

_FINISHED = "已完工"
_MENDING = "整改中"


class _Flow(NamedTuple):
    """Amounts in fen."""

    unit: str
    purpose: str
    year: int
    on: date | None
    arranged: int
    allocated: int
    spent: int
    audit: str


class _Project(NamedTuple):
    unit: str
    category: str
    begun: date | None
    due: date | None
    status: str
    invested: int
    """Fen."""


def funds(store: Store, viewer: Viewer | None, focus: Focus) -> list[dict[str, Any]]:
    """Special funds of the focus year under the focus unit, up to the quarter's end, by purpose.

    Keys: purpose, flows (how many), arranged_fen, allocated_fen, spent_fen (integer fen),
    open_audits (flows whose audit found what is not mended yet). A flow without a date counts.
    Largest first. Source: 四(四).
    """
    year, day = focus.period.year, focus.period.last_day
    rows = _added_up(
        "purpose",
        (
            {
                "purpose": flow.purpose,
                "flows": 1,
                "arranged_fen": flow.arranged,
                "allocated_fen": flow.allocated,
                "spent_fen": flow.spent,
                "open_audits": int(flow.audit == _MENDING),
            }
            for flow in of_subtree(store, viewer, focus, _flows)
            if flow.year == year and (flow.on is None or flow.on <= day)
        ),
    )
    return sorted(rows, key=lambda row: (-row["arranged_fen"], row["purpose"]))


def projects(store: Store, viewer: Viewer | None, focus: Focus) -> list[dict[str, Any]]:
    """Projects under the focus unit begun by the quarter's end, by category.

    Keys: category, projects (how many), overdue (due by the quarter's end and still not finished),
    invested_fen (total investment, integer fen). How many had been finished by then is not told:
    the register keeps only the present state. Most projects first. Source: 三(五).
    """
    day = focus.period.last_day
    rows = _added_up(
        "category",
        (
            {
                "category": one.category,
                "projects": 1,
                "overdue": int(one.due is not None and one.due <= day and one.status != _FINISHED),
                "invested_fen": one.invested,
            }
            for one in of_subtree(store, viewer, focus, _projects)
            if one.begun is not None and one.begun <= day
        ),
    )
    return sorted(rows, key=lambda row: (-row["projects"], row["category"]))


def _added_up(name: str, rows: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """One row for each name, everything but the name added up."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row[name] in found:
            whole = found[row[name]]
            whole |= {key: whole[key] + row[key] for key in row if key != name}
        else:
            found[row[name]] = row
    return found.values()


@kept(size=32)
def _flows(connection: Connection, reach: Any) -> Sequence[_Flow]:
    table = fund_flow.c
    statement = select(
        table.unit_code,
        table.purpose,
        table.year,
        table.happened_on,
        table.arranged_fen,
        table.allocated_fen,
        table.spent_fen,
        table.audit_state,
    ).select_from(reach.source(fund_flow))
    return [_Flow(*row) for row in connection.execute(statement.where(reach.rows(fund_flow)))]


@kept(size=32)
def _projects(connection: Connection, reach: Any) -> Sequence[_Project]:
    table = project.c
    statement = select(
        table.unit_code,
        table.category,
        table.started_on,
        table.due_on,
        table.status,
        table.invested_fen,
    ).select_from(reach.source(project))
    return [_Project(*row) for row in connection.execute(statement.where(reach.rows(project)))]
