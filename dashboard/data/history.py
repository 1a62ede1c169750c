"""What the store knew at an earlier moment, row by row, from the facts and their revisions.

A row's versions follow one another: each that was overwritten or taken back lies in
observation_revision with the moment at which that happened; the newest lies in its own table. The
version in force at a moment is the first one that was replaced later, if the batch that brought it
had come by then: what was first inserted afterwards was not known.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, select

from dashboard.data.ingest.apply import Row, keys_of, row_key
from dashboard.data.ingest.undo import APPLIED, UNDONE, typed
from dashboard.data.schema import (
    audit_event,
    bulletin,
    finding_review,
    import_batch,
    observation,
    observation_revision,
    returned,
    submission,
    village_income,
)
from dashboard.policy.periods import CHINA_TIME

Batches = Mapping[str, datetime]
"""When each batch of a district came, UTC."""


def end_of(day: date) -> datetime:
    """The moment up to which something was known on a day: its last, on the office's clock."""
    return datetime.combine(day + timedelta(days=1), time(), CHINA_TIME).astimezone(
        UTC
    ) - timedelta(microseconds=1)


def batches(connection: Connection, district: str) -> Batches:
    """Every batch of a district, those taken back included."""
    table = import_batch
    statement = select(table.c.id, table.c.imported_at).where(table.c.district_code == district)
    return {row.id: utc(row.imported_at) for row in connection.execute(statement)}


def first_known(connection: Connection, district: str) -> datetime | None:
    """When a district's first batch came; None where nothing ever has."""
    table = import_batch
    statement = select(func.min(table.c.imported_at)).where(table.c.district_code == district)
    found = connection.scalar(statement)
    return None if found is None else utc(found)


def facts(
    connection: Connection, table: Table, district: str, moment: datetime, came: Batches
) -> list[Row]:
    """The rows of a fact table (schema.FACTS) of a district as they stood at a moment."""
    then = superseded(connection, table, district, moment)
    keys = keys_of(table)
    statement = select(table).where(table.c.district_code == district)
    for row in connection.execute(statement).mappings():
        found = dict(row)
        then.setdefault(row_key(keys, found), found)
    return [row for row in then.values() if _had_come(row, came, moment)]


def superseded(
    connection: Connection, table: Table, district: str, moment: datetime
) -> dict[str, Row]:
    """By row key, the version that was the first to be replaced after a moment."""
    revisions = observation_revision
    statement = (
        select(revisions.c.row_key, revisions.c.old_row)
        .where(
            revisions.c.district_code == district,
            revisions.c.table_name == table.name,
            revisions.c.replaced_at > moment,
        )
        .order_by(revisions.c.row_key, revisions.c.revision)
    )
    found: dict[str, Row] = {}
    for key, old in connection.execute(statement):
        if key not in found:
            found[key] = typed(table, old)
    return found


def _had_come(row: Row, came: Batches, moment: datetime) -> bool:
    at = came.get(row["batch_id"])
    return at is None or at <= moment


def taken_back(connection: Connection, district: str, came: Batches) -> Batches:
    """When batches were taken back. Taking back is no batch of its own, which tells it from an
    import that writes over."""
    revisions = observation_revision
    statement = (
        select(revisions.c.batch_id, revisions.c.replaced_by, revisions.c.replaced_at)
        .where(revisions.c.district_code == district)
        .distinct()
    )
    return {
        row.batch_id: utc(row.replaced_at)
        for row in connection.execute(statement)
        if row.replaced_by not in came
    }


def imports(connection: Connection, district: str, moment: datetime, back: Batches) -> list[Row]:
    """Rows of import_batch, each as applied or taken back as it was then."""
    table = import_batch
    rows = select(table).where(table.c.district_code == district, table.c.imported_at <= moment)
    return [
        {**row, "status": UNDONE if row["id"] in back and back[row["id"]] <= moment else APPLIED}
        for row in connection.execute(rows).mappings()
    ]


def notes(connection: Connection, district: str, moment: datetime) -> dict[Table, list[Row]]:
    """What was overwritten, sent back, decided and published by then, with what the trail says."""
    from dashboard.data.bulletins import PUBLISHED  # noqa: PLC0415 (it writes the trail itself)

    since = {
        observation_revision: observation_revision.c.replaced_at,
        returned: returned.c.returned_at,
        finding_review: finding_review.c.decided_at,
        bulletin: bulletin.c.published_at,
        audit_event: audit_event.c.happened_at,
    }
    found: dict[Table, list[Row]] = {}
    for table, at in since.items():
        statement = select(table).where(table.c.district_code == district, at <= moment)
        if table is audit_event:
            statement = statement.where(table.c.action == PUBLISHED)
        found[table] = [dict(row) for row in connection.execute(statement).mappings()]
    for row in found[returned]:
        if row["answered_at"] is not None and utc(row["answered_at"]) > moment:
            row |= {"answered_batch": None, "answered_at": None}
    return found


def reports(
    connection: Connection,
    district: str,
    moment: datetime,
    came: Batches,
    back: Batches,
    towns: Mapping[str, str],
) -> list[Row]:
    """Rows of submission: who had sent what by then; `towns` by village, as they were then.

    A file that was taken back later counts; one that had been taken back by then does not.
    """
    sent: dict[tuple[str, str, str], set[tuple[datetime, str]]] = {}
    # What a file repeated unchanged left no version behind: the calendar knows of it.
    for row in connection.execute(
        select(submission).where(submission.c.district_code == district)
    ).mappings():
        for at, batch in ((row["first_at"], "first_batch"), (row["last_at"], "last_batch")):
            if utc(at) <= moment:
                key = row["unit_code"], row["period"], row["table_name"]
                sent.setdefault(key, set()).add((utc(at), row[batch]))
    for table, column in ((observation, "unit_code"), (village_income, "village_code")):
        for version in _versions(connection, table, district):
            batch = str(version["batch_id"])
            at = came.get(batch)
            if at is None or at > moment or (batch in back and back[batch] <= moment):
                continue
            who = towns.get(version[column], version[column])
            sent.setdefault((who, version["period"], table.name), set()).add((at, batch))
    return [
        {
            "district_code": district,
            "unit_code": who,
            "period": period,
            "table_name": table_name,
            **dict(zip(("first_at", "first_batch"), min(times), strict=True)),
            **dict(zip(("last_at", "last_batch"), max(times), strict=True)),
        }
        for (who, period, table_name), times in sorted(sent.items())
    ]


def _versions(connection: Connection, table: Table, district: str) -> list[Mapping[str, Any]]:
    """Every version of a table's rows that there ever was."""
    revisions = observation_revision
    old = select(revisions.c.old_row).where(
        revisions.c.district_code == district, revisions.c.table_name == table.name
    )
    now = select(table).where(table.c.district_code == district)
    return [*connection.scalars(old), *connection.execute(now).mappings()]


def utc(at: datetime) -> datetime:
    """SQLite hands back times without their zone."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
