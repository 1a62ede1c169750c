"""What the office keeps an eye on: files that came in, who has reported, who did what."""

from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import and_, func, select

from dashboard.data.schema import audit_event, import_batch, returned, submission, unit
from dashboard.data.store import Store
from dashboard.data.submissions import REPORTED
from dashboard.data.units import Focus
from dashboard.policy.access import Role, Viewer, may_see
from dashboard.policy.codes import district_of
from dashboard.policy.periods import report_due

BATCHES = ["batch", "file", "imported_at", "imported_by", "status", "new", "changed", "sheets"]
CALENDAR = ["unit", "name", "table", "first_at", "last_at", "late", "returned", "reason", "due_on"]
TRAIL = ["happened_at", "username", "origin", "action", "detail"]


def batches(store: Store, viewer: Viewer | None, most: int = 100) -> pd.DataFrame:
    """Imports of the viewer's district, newest first; for the office alone.

    Columns: batch, file, imported_at (UTC), imported_by, status (applied, undone), new, changed
    (rows), sheets (names of the tables written, joined).
    """
    if viewer is None or not viewer.may_import:
        return pd.DataFrame(columns=BATCHES, dtype=object)
    statement = (
        select(import_batch)
        .where(import_batch.c.district_code == district_of(viewer.unit_code))
        .order_by(import_batch.c.imported_at.desc(), import_batch.c.id.desc())
        .limit(most)
    )
    with store.reading() as connection:
        rows = connection.execute(statement).all()
    return pd.DataFrame(
        [
            (
                row.id,
                row.file_name,
                _utc(row.imported_at),
                row.imported_by,
                row.status,
                sum(counts["new"] for counts in row.sheets.values()),
                sum(counts["changed"] for counts in row.sheets.values()),
                [name for name, c in row.sheets.items() if c["new"] or c["changed"]],
            )
            for row in rows
        ],
        columns=BATCHES,
        dtype=object,
    )


def calendar(store: Store, viewer: Viewer | None, focus: Focus, due_days: int) -> pd.DataFrame:
    """Who of those directly under the focus unit has reported for the quarter, sheet by sheet.

    Columns: unit (code), name, table (observation, village_income), first_at, last_at (UTC, None
    while nothing came), late (bool: came after the day by which reports are due, or has not come
    and that day is over), returned (open ones), reason and due_on of the newest open one. For a
    town it is the town itself. Empty for who may not see the unit.
    """
    if not may_see(viewer, focus.lineage):
        return pd.DataFrame(columns=CALENDAR, dtype=object)
    district, period = focus.unit.district_code, str(focus.period)
    whose = unit.c.code if focus.unit.level == "town" else unit.c.parent_code
    units = (
        select(unit.c.code, unit.c.name)
        .where(
            unit.c.district_code == district,
            whose == focus.unit.code,
            unit.c.level == "town",
            unit.c.valid_to.is_(None),
        )
        .order_by(unit.c.code)
    )
    sent = select(submission).where(
        submission.c.district_code == district, submission.c.period == period
    )
    back = (
        select(returned)
        .where(
            returned.c.district_code == district,
            returned.c.period == period,
            returned.c.answered_batch.is_(None),
        )
        .order_by(returned.c.number)
    )
    with store.reading() as connection:
        towns = connection.execute(units).all()
        came = {(row.unit_code, row.table_name): row for row in connection.execute(sent)}
        waiting: dict[tuple[str, str], list[object]] = {}
        for row in connection.execute(back):
            waiting.setdefault((row.unit_code, row.table_name), []).append(row)
    due = report_due(focus.period, due_days)
    rows = []
    for town in towns:
        for table in REPORTED:
            found, sentback = came.get((town.code, table)), waiting.get((town.code, table), [])
            at = _utc(found.first_at) if found else None
            last = _utc(found.last_at) if found else None
            late = (at or datetime.now(UTC)) >= due
            newest = sentback[-1] if sentback else None
            reason, by = getattr(newest, "reason", ""), getattr(newest, "due_on", None)
            rows.append((town.code, town.name, table, at, last, late, len(sentback), reason, by))
    return pd.DataFrame(rows, columns=CALENDAR, dtype=object)


def trail(
    store: Store,
    viewer: Viewer | None,
    since: datetime,
    until: datetime,
    action: str = "",
    username: str = "",
    most: int = 1000,
) -> pd.DataFrame:
    """What was done from `since` up to `until` (UTC), newest first; for the office alone.

    Columns: happened_at (UTC), username, origin (address), action, detail (dict).
    """
    if viewer is None or viewer.role is not Role.OFFICE:
        return pd.DataFrame(columns=TRAIL, dtype=object)
    wanted = [
        audit_event.c.district_code == district_of(viewer.unit_code),
        audit_event.c.happened_at >= since,
        audit_event.c.happened_at < until,
    ]
    wanted += [audit_event.c.action == action] if action else []
    wanted += [audit_event.c.username == username] if username else []
    statement = (
        select(*(audit_event.c[name] for name in TRAIL))
        .where(and_(*wanted))
        .order_by(audit_event.c.happened_at.desc(), audit_event.c.id.desc())
        .limit(most)
    )
    with store.reading() as connection:
        rows = [(_utc(row.happened_at), *row[1:]) for row in connection.execute(statement)]
    return pd.DataFrame(rows, columns=TRAIL, dtype=object)


def actions(store: Store, viewer: Viewer | None) -> list[str]:
    """Kinds of what was done that the trail knows; for the office alone."""
    if viewer is None or viewer.role is not Role.OFFICE:
        return []
    statement = (
        select(audit_event.c.action, func.count())
        .where(audit_event.c.district_code == district_of(viewer.unit_code))
        .group_by(audit_event.c.action)
        .order_by(audit_event.c.action)
    )
    with store.reading() as connection:
        return [str(row.action) for row in connection.execute(statement)]


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
