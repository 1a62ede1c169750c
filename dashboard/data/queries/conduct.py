"""How those who report have behaved: when a report first came, and what was sent back.

Read once for a district, all quarters of it. Says nothing of who may see it: that is for the caller
to ask. Source: 武发〔2016〕68号 四(五) (动态跟踪、全程督办).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from dashboard.data.queries.subtree import Reach
from dashboard.data.schema import returned, submission
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import kept


class SentBack(NamedTuple):
    """A report that the office has sent back; `is_open` until a corrected one has come."""

    unit: str
    period: str
    table: str
    is_open: bool


@dataclass(frozen=True)
class Conduct:
    """`first_sent`: when the first report of (unit, period) came, with its time zone."""

    first_sent: Mapping[tuple[str, str], datetime]
    sent_back: Mapping[str, Sequence[SentBack]]
    """By period."""


def of_district(store: Store, focus: Focus) -> Conduct:
    """Of the focus unit's district; above the districts, of the unit's children alone."""
    return _conduct(store, Reach.of(focus))


@kept(size=32)
def _conduct(connection: Connection, reach: Any) -> Conduct:
    sent = (
        select(submission.c.unit_code, submission.c.period, func.min(submission.c.first_at))
        .select_from(reach.source(submission))
        .where(reach.rows(submission))
        .group_by(submission.c.unit_code, submission.c.period)
    )
    back = (
        select(
            returned.c.unit_code,
            returned.c.period,
            returned.c.table_name,
            returned.c.answered_batch.is_(None),
        )
        .select_from(reach.source(returned))
        .where(reach.rows(returned))
    )
    first = {(code, period): _aware(at) for code, period, at in connection.execute(sent)}
    by_period: dict[str, list[SentBack]] = {}
    for unit, period, table, is_open in connection.execute(back):
        by_period.setdefault(period, []).append(SentBack(unit, period, table, bool(is_open)))
    return Conduct(first, by_period)


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
