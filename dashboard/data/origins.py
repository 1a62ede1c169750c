"""The files that rows came in, and what stood in the rows before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from dashboard.data import schema
from dashboard.data.contributions import Part
from dashboard.data.registers import CHUNK


@dataclass(frozen=True)
class Batch:
    """A file that rows came in: when (UTC) and by whose hand."""

    id: str
    file: str
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True)
class Span:
    """Where rows came from: how many they are (None where that is not to be told), their files.

    `newest` is the one that came last; `files` are in the order of coming, newest first.
    """

    rows: int | None = None
    batches: tuple[Batch, ...] = ()

    @property
    def newest(self) -> Batch | None:
        return self.batches[0] if self.batches else None

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(batch.file for batch in self.batches))


@dataclass(frozen=True)
class Earlier:
    """A value that was overwritten: the whole row as it stood, the file that had brought it, and
    when (UTC) and by which file it was replaced."""

    row: Mapping[str, Any]
    batch: Batch | None
    replaced_at: datetime
    replaced_by: Batch | None


@dataclass(frozen=True)
class Origin:
    """A row of a fact table, what it adds to the figure, its file, and what it was before."""

    part: Part
    batch: Batch | None
    earlier: tuple[Earlier, ...] = ()


def origins_of(
    parts: Sequence[Part],
    batches: Mapping[str, Batch],
    history: Mapping[tuple[str, str], Sequence[Any]],
) -> tuple[Origin, ...]:
    """Rows with their files and what stood in them before."""
    return tuple(
        Origin(
            part,
            batches.get(part.batch),
            tuple(
                Earlier(
                    row.old_row,
                    batches.get(row.batch_id),
                    row.replaced_at,
                    batches.get(row.replaced_by),
                )
                for row in history.get((part.table, part.key), ())
            ),
        )
        for part in parts
    )


def history_of(
    connection: Connection, district: str, parts: Sequence[Part]
) -> dict[tuple[str, str], list[Any]]:
    """What stood before in the rows, the newest of it first, by table and key."""
    table = schema.observation_revision
    keys: dict[str, list[str]] = {}
    for part in parts:
        keys.setdefault(part.table, []).append(part.key)
    if not keys:
        return {}
    statement = (
        select(table)
        .where(
            table.c.district_code == district,
            or_(*[and_(table.c.table_name == t, table.c.row_key.in_(k)) for t, k in keys.items()]),
        )
        .order_by(table.c.revision.desc())
    )
    found: dict[tuple[str, str], list[Any]] = {}
    for row in connection.execute(statement):
        found.setdefault((row.table_name, row.row_key), []).append(row)
    return found


def batches_of(connection: Connection, district: str, ids: Collection[str]) -> dict[str, Batch]:
    table = schema.import_batch
    ordered = sorted(ids)
    found = {}
    for start in range(0, len(ordered), CHUNK):
        statement = select(
            table.c.id, table.c.file_name, table.c.imported_at, table.c.imported_by
        ).where(table.c.district_code == district, table.c.id.in_(ordered[start : start + CHUNK]))
        for row in connection.execute(statement):
            at = row.imported_at
            # SQLite hands back times without their zone.
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            found[row.id] = Batch(row.id, row.file_name, at, row.imported_by)
    return found
