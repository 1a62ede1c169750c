"""Who sent what when, and what was sent back: the office's calendar of reports.

A town's workbook brings the town's own figures and its villages' incomes: both count as the town's
submission. Source: 武发〔2016〕68号 四(五) (实行进度跟踪, 每季度组织情况通报).
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from dashboard.data import audit
from dashboard.data.schema import observation, returned, submission, unit, village_income
from dashboard.data.store import Store
from dashboard.data.units import lineage_of
from dashboard.policy.access import NotAllowed, Viewer, may_see
from dashboard.policy.codes import district_of
from dashboard.policy.periods import Period

REPORTED = (observation.name, village_income.name)
"""Tables whose rows are a quarter's report."""
_CHUNK = 500


def note(
    connection: Connection,
    table: str,
    rows: Sequence[dict[str, Any]],
    batch_id: str,
    at: datetime,
) -> None:
    """Record who has sent rows of `table` with a batch, and answer what was sent back to them."""
    if table not in REPORTED or not rows:
        return
    sent = _senders(connection, table, rows)
    known = _known(connection, table, sent)
    fresh = [
        {"district_code": district, "unit_code": code, "period": period, "table_name": table}
        | {"first_at": at, "first_batch": batch_id, "last_at": at, "last_batch": batch_id}
        for district, code, period in sorted(sent - known)
    ]
    if fresh:
        connection.execute(insert(submission), fresh)
    for district, code, period in sorted(sent & known):
        here = (district, code, period, table)
        connection.execute(
            update(submission).where(_is(submission, *here)).values(last_at=at, last_batch=batch_id)
        )
        connection.execute(
            update(returned)
            .where(_is(returned, *here), returned.c.answered_batch.is_(None))
            .values(answered_batch=batch_id, answered_at=at)
        )


def send_back(
    store: Store,
    viewer: Viewer | None,
    unit_code: str,
    period: Period,
    table: str,
    reason: str,
    at: datetime,
    due_on: date | None = None,
) -> None:
    """The office sends a town's figures of a quarter back to be corrected.

    Raises NotAllowed for anybody but the office of that unit, ValueError without a reason.
    """
    if viewer is None or not viewer.may_import:
        raise NotAllowed("只有扶贫办可以退回填报数据")
    if not reason.strip():
        raise ValueError("退回应写明原因")
    with store.writing(changes_figures=True) as connection:
        if not may_see(viewer, [one.code for one in lineage_of(connection, unit_code)]):
            raise NotAllowed("您的账号无权退回这个单位的填报数据")
        record_return(connection, unit_code, period, table, reason, viewer.username, at, due_on)
        detail = {"unit": unit_code, "period": str(period), "table": table, "reason": reason}
        audit.add(connection, unit_code, viewer.username, "returned", detail, viewer.origin)


def record_return(
    connection: Connection,
    unit_code: str,
    period: Period,
    table: str,
    reason: str,
    by: str,
    at: datetime,
    due_on: date | None = None,
) -> None:
    """As `send_back`, within the caller's transaction."""
    here = (district_of(unit_code), unit_code, str(period), table)
    latest = connection.scalar(select(func.max(returned.c.number)).where(_is(returned, *here)))
    names = ("district_code", "unit_code", "period", "table_name")
    row = dict(zip(names, here, strict=True)) | {
        "number": (latest or 0) + 1,
        "reason": reason,
        "returned_at": at,
        "returned_by": by,
        "due_on": due_on,
    }
    connection.execute(insert(returned), [row])


_Sent = tuple[str, str, str]
"""district_code, unit_code, period."""


def _senders(connection: Connection, table: str, rows: Sequence[dict[str, Any]]) -> set[_Sent]:
    column = "village_code" if table == village_income.name else "unit_code"
    codes = {str(row[column]) for row in rows}
    towns = _towns(connection, codes)
    return {
        (str(row["district_code"]), towns.get(str(row[column]), str(row[column])), row["period"])
        for row in rows
    }


def _towns(connection: Connection, codes: Collection[str]) -> dict[str, str]:
    """Villages to their towns; other units are left out."""
    ordered = sorted(codes)
    found: dict[str, str] = {}
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        statement = select(unit.c.code, unit.c.parent_code).where(
            unit.c.district_code.in_({district_of(code) for code in chunk}),
            unit.c.code.in_(chunk),
            unit.c.level == "village",
            unit.c.parent_code.is_not(None),
        )
        found |= {row.code: row.parent_code for row in connection.execute(statement)}
    return found


def _known(connection: Connection, table: str, sent: Collection[_Sent]) -> set[_Sent]:
    statement = select(submission.c.district_code, submission.c.unit_code, submission.c.period)
    found: set[_Sent] = set()
    ordered = sorted(sent)
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        rows = connection.execute(
            statement.where(
                submission.c.district_code.in_({district for district, _, _ in chunk}),
                submission.c.unit_code.in_({code for _, code, _ in chunk}),
                submission.c.period.in_({period for _, _, period in chunk}),
                submission.c.table_name == table,
            )
        )
        found |= {(row.district_code, row.unit_code, row.period) for row in rows}
    return found & set(sent)


def _is(table: Any, district: str, unit_code: str, period: str, name: str) -> Any:
    return and_(
        table.c.district_code == district,
        table.c.unit_code == unit_code,
        table.c.period == period,
        table.c.table_name == name,
    )
