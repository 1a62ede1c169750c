"""What the office decides on a finding: accepted with a reason, sent back, closed with an outcome.

A decision belongs to what the finding rests on: where the figures change, it is another finding.
Source: 武发〔2016〕68号 四(五) (严禁弄虚作假、搞“数字脱贫”; 全程督办).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select

from dashboard.data import audit, submissions
from dashboard.data.schema import finding_review
from dashboard.data.store import Store
from dashboard.data.units import Focus, lineage_of
from dashboard.policy.access import NotAllowed, Viewer, may_see
from dashboard.policy.authenticity.findings import Finding


class Action(StrEnum):
    """What can be done with a finding."""

    ACCEPTED = "accepted"
    RETURNED = "returned"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        return {"accepted": "● 已说明", "returned": "↩ 已退回", "closed": "● 已办结"}[self.value]


@dataclass(frozen=True)
class Review:
    """The newest decision on a finding."""

    fingerprint: str
    action: Action
    title: str
    reason: str
    due_on: date | None
    decided_by: str
    decided_at: datetime


def decide(
    store: Store,
    viewer: Viewer | None,
    focus: Focus,
    finding: Finding,
    action: Action,
    reason: str,
    due_on: date | None = None,
    towns: Sequence[str] = (),
) -> None:
    """Record a decision; `returned` sends the reported tables of `towns` back, due on a day.

    Raises NotAllowed for anybody but the district's office, ValueError without a reason, and where
    there is nothing that could be sent back.
    """
    if viewer is None or not viewer.may_import or not may_see(viewer, focus.lineage):
        raise NotAllowed("只有扶贫办可以处理核查线索")
    if not reason.strip():
        raise ValueError("处理应写明原因或结果")
    tables = sendable(finding) if action is Action.RETURNED else ()
    if action is Action.RETURNED and (not tables or not towns or due_on is None):
        raise ValueError("退回应选择镇(街道)和更正期限;只有“指标填报”和“村集体收入”可以退回")
    now, district = datetime.now(UTC), focus.unit.district_code
    with store.writing(changes_figures=True) as connection:
        if not all(_is_under(connection, focus, town) for town in towns):
            raise NotAllowed("只能退回给本区县的镇(街道)")
        for town in towns if tables else ():
            for table in tables:
                submissions.record_return(
                    connection, town, finding.period, table, reason, viewer.username, now, due_on
                )
        row = _row(connection, district, finding, action, reason, due_on, viewer.username, now)
        connection.execute(insert(finding_review), [row])
        detail = {"finding": finding.fingerprint, "title": finding.title, "action": action.value}
        audit.add(connection, district, viewer.username, "finding", detail, viewer.origin)


def _is_under(connection: Connection, focus: Focus, unit_code: str) -> bool:
    return focus.unit.code in {one.code for one in lineage_of(connection, unit_code)}


def sendable(finding: Finding) -> tuple[str, ...]:
    """The reported tables that a finding's rows lie in."""
    tables = {row.table for row in finding.rows}
    return tuple(table for table in submissions.REPORTED if table in tables)


def newest(store: Store, viewer: Viewer | None, focus: Focus) -> Mapping[str, Review]:
    """The newest decision on each finding of the focus quarter, by fingerprint; nothing for who may
    not see the focus unit. Whose finding it is, is for the caller: fingerprints tell nothing."""
    if not may_see(viewer, focus.lineage):
        return {}
    table = finding_review
    statement = (
        select(table)
        .where(
            table.c.district_code == focus.unit.district_code,
            table.c.period == str(focus.period),
        )
        .order_by(table.c.number)
    )
    with store.reading() as connection:
        return {
            row.fingerprint: Review(
                row.fingerprint,
                Action(row.action),
                row.title,
                row.reason,
                row.due_on,
                row.decided_by,
                row.decided_at,
            )
            for row in connection.execute(statement)
        }


def _row(
    connection: Connection,
    district: str,
    finding: Finding,
    action: Action,
    reason: str,
    due_on: date | None,
    by: str,
    at: datetime,
) -> dict[str, object]:
    key = {
        "district_code": district,
        "period": str(finding.period),
        "fingerprint": finding.fingerprint,
    }
    here = [finding_review.c[name] == value for name, value in key.items()]
    latest = connection.scalar(select(func.max(finding_review.c.number)).where(*here))
    return key | {
        "number": (latest or 0) + 1,
        "check_name": finding.check,
        "title": finding.title,
        "units": list(finding.units),
        "action": action.value,
        "reason": reason.strip(),
        "due_on": due_on if action is Action.RETURNED else None,
        "decided_by": by,
        "decided_at": at,
    }
