"""Write checked rows into the store: upsert by key, keep what is overwritten, then roll up.

The one road into the fact tables, for workbooks and demo data alike. Runs inside the caller's
transaction: all or nothing.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, func, insert, select, update

from dashboard.data import bulk, catalogue, rollup, schema, submissions
from dashboard.settings import Settings

Row = dict[str, Any]
_PROVENANCE = {"batch_id", "source_row"}
_CHUNK = 500


@dataclass(frozen=True)
class FileInfo:
    """The file that rows came from."""

    name: str
    sha256: str


@dataclass
class Counts:
    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class Applied:
    """What a file changed, by table, and which figures (unit, year) that bears on.

    `batch_id` is None where it changed nothing.
    """

    batch_id: str | None
    counts: dict[str, Counts] = field(default_factory=dict)
    touched: rollup.Touched = field(default_factory=set)


def apply_rows(
    connection: Connection,
    settings: Settings,
    tables: Mapping[str, Sequence[Row]],
    file: FileInfo,
    actor: str,
    on_progress: Callable[[int, int], None] | None = None,
    roll_up: bool = True,
    received_at: datetime | None = None,
) -> Applied:
    """Write rows of fact tables (schema.FACTS), all columns but batch_id, and refresh the rollup.

    A row equal to the one in the store is left alone, so that the same file twice changes nothing.
    Who writes many files in one transaction may leave the rollup out (`roll_up`) and do it once,
    before that transaction ends. `received_at` is the present unless told otherwise.
    """
    catalogue.sync(connection, settings.catalogue)
    now = received_at or datetime.now(UTC)
    batch_id = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(6)}"
    applied = Applied(None)
    districts: set[str] = set()
    steps = [table for table in schema.FACTS if tables.get(table.name)]
    for done, table in enumerate(steps, start=1):
        written = _write(connection, table, tables[table.name], batch_id, now)
        applied.counts[table.name] = written.counts
        applied.touched |= rollup.touched_by(settings, table.name, written.rows)
        districts |= {row["district_code"] for row in written.rows}
        if written.counts.new or written.counts.changed:
            submissions.note(connection, table.name, tables[table.name], batch_id, now)
        if table is schema.household_income:
            applied.touched |= rollup.touched_by_household_income(connection, written.rows)
        if on_progress:
            on_progress(done, len(steps) + 1)
    if any(count.new or count.changed for count in applied.counts.values()):
        applied.batch_id = batch_id
        _record_batch(connection, districts, file, applied, actor, now)
        if roll_up:
            rollup.refresh(connection, settings, applied.touched)
    if on_progress:
        on_progress(len(steps) + 1, len(steps) + 1)
    return applied


@dataclass
class _Written:
    counts: Counts
    rows: list[Row]


def _write(
    connection: Connection, table: Table, rows: Sequence[Row], batch_id: str, now: datetime
) -> _Written:
    """Insert new rows, update changed ones and keep their old values as revisions."""
    keys, values = keys_of(table), values_of(table)
    compared = compare(connection, table, rows)
    fresh = _complete(table, compared.fresh, batch_id)
    bulk.insert_rows(connection, table, fresh)
    revise(connection, table, [old for old, _ in compared.changed], batch_id, now)
    _update(connection, table, keys, values, [row for _, row in compared.changed], batch_id)
    old_and_new = (row for pair in compared.changed for row in pair)
    return _Written(compared.counts, [*fresh, *old_and_new])


@dataclass
class Compared:
    """Rows against the store: not there yet, there with other values (old, new), and the same."""

    fresh: list[Row] = field(default_factory=list)
    changed: list[tuple[Row, Row]] = field(default_factory=list)
    unchanged: int = 0

    @property
    def counts(self) -> Counts:
        return Counts(len(self.fresh), len(self.changed), self.unchanged)


def compare(connection: Connection, table: Table, rows: Sequence[Row]) -> Compared:
    """What writing the rows would do. Changes nothing."""
    keys, values = keys_of(table), values_of(table)
    found = _existing(connection, table, keys, rows) if rows else {}
    if not found:
        return Compared(list(rows))
    compared = Compared()
    for row in rows:
        old = found.get(_key(keys, row))
        if old is None:
            compared.fresh.append(row)
        elif any(old[name] != row[name] for name in values if name in row):
            compared.changed.append((old, row))
        else:
            compared.unchanged += 1
    return compared


def keys_of(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def values_of(table: Table) -> list[str]:
    """Columns that a file fills, beside the key."""
    keys = keys_of(table)
    return [c.name for c in table.columns if c.name not in {*keys, *_PROVENANCE}]


def _key(keys: Sequence[str], row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in keys)


def _complete(table: Table, rows: Sequence[Row], batch_id: str) -> list[Row]:
    """Columns left out take the schema's default, and all rows of an insert have the same keys."""
    names = {column.name for column in table.columns}
    blank: Row = dict.fromkeys(c.name for c in table.columns if c.server_default is None)
    ours = (row if row.keys() <= names else {n: row[n] for n in row if n in names} for row in rows)
    return [{**blank, **row, "batch_id": batch_id} for row in ours]


def _existing(
    connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]
) -> dict[tuple[Any, ...], Row]:
    """Stored rows with the keys at hand: looked up by district and the unit, number or subject."""
    at = keys.index("subject") if "subject" in keys else 1
    found: dict[tuple[Any, ...], Row] = {}
    by_district: dict[str, set[Any]] = {}
    for row in rows:
        by_district.setdefault(row["district_code"], set()).add(row[keys[at]])
    extra = _ranges(table, keys[2:], rows)
    # The few kinds that stand before the subject in the key, so that its index is used.
    extra += [table.c[name].in_(sorted({row[name] for row in rows})) for name in keys[1:at]]
    for district, codes in by_district.items():
        ordered = sorted(codes)
        for start in range(0, len(ordered), _CHUNK):
            statement = select(table).where(
                table.c.district_code == district,
                table.c[keys[at]].in_(ordered[start : start + _CHUNK]),
                *extra,
            )
            for stored in connection.execute(statement).mappings():
                found[_key(keys, dict(stored))] = dict(stored)
    return found


def _ranges(table: Table, keys: Sequence[str], rows: Sequence[Row]) -> list[Any]:
    """Narrow the look-up to the years or quarters at hand, so that old ones are not read."""
    return [
        table.c[name].between(min(row[name] for row in rows), max(row[name] for row in rows))
        for name in keys
        if name in ("period", "year")
    ]


def revise(
    connection: Connection,
    table: Table,
    old_rows: Iterable[Row],
    batch_id: str,
    now: datetime,
) -> None:
    """Keep rows as they stand, before `batch_id` overwrites or removes them."""
    revisions, keys = schema.observation_revision, keys_of(table)
    old = {(row["district_code"], row_key(keys, row)): row for row in old_rows}
    if not old:
        return
    latest = _latest_revisions(connection, table, old)
    rows = [
        {
            "district_code": district,
            "table_name": table.name,
            "row_key": key,
            "revision": latest.get((district, key), 0) + 1,
            "old_row": {name: _plain(value) for name, value in row.items()},
            "batch_id": row["batch_id"],
            "replaced_by": batch_id,
            "replaced_at": now,
        }
        for (district, key), row in old.items()
    ]
    bulk.insert_rows(connection, revisions, rows)


def row_key(keys: Sequence[str], row: Mapping[str, Any]) -> str:
    """A row's key after district_code, as observation_revision.row_key holds it."""
    return "|".join(str(_plain(row[name])) for name in keys if name != "district_code")


def _latest_revisions(
    connection: Connection, table: Table, old: Mapping[tuple[str, str], Row]
) -> dict[tuple[str, str], int]:
    revisions = schema.observation_revision
    latest: dict[tuple[str, str], int] = {}
    keys = sorted(old)
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        statement = (
            select(revisions.c.district_code, revisions.c.row_key, func.max(revisions.c.revision))
            .where(
                revisions.c.district_code.in_({district for district, _ in chunk}),
                revisions.c.table_name == table.name,
                revisions.c.row_key.in_([key for _, key in chunk]),
            )
            .group_by(revisions.c.district_code, revisions.c.row_key)
        )
        for district, key, revision in connection.execute(statement):
            latest[district, key] = revision
    return latest


def _plain(value: Any) -> Any:
    """As JSON keeps it; numbers stay numbers."""
    return value.isoformat() if isinstance(value, date) else value


def _update(
    connection: Connection,
    table: Table,
    keys: Sequence[str],
    values: Sequence[str],
    rows: Sequence[Row],
    batch_id: str,
) -> None:
    if not rows:
        return
    given = [name for name in values if name in rows[0]]
    statement = (
        update(table)
        .where(and_(*[table.c[name] == bindparam(f"key_{name}") for name in keys]))
        .values({name: bindparam(f"new_{name}") for name in [*given, "batch_id", "source_row"]})
    )
    connection.execute(
        statement,
        [
            {f"key_{name}": row[name] for name in keys}
            | {f"new_{name}": row[name] for name in given}
            | {"new_batch_id": batch_id, "new_source_row": row.get("source_row")}
            for row in rows
        ],
    )


def _record_batch(
    connection: Connection,
    districts: set[str],
    file: FileInfo,
    applied: Applied,
    actor: str,
    now: datetime,
) -> None:
    """One row in every district that the file has rows of: where they are, their source is too."""
    batch = {
        "id": applied.batch_id,
        "file_name": file.name,
        "file_sha256": file.sha256,
        "sheets": {
            name: {"new": c.new, "changed": c.changed, "unchanged": c.unchanged}
            for name, c in applied.counts.items()
        },
        "imported_at": now,
        "imported_by": actor,
        "status": "applied",
    }
    rows = [{"district_code": district, **batch} for district in sorted(districts)]
    connection.execute(insert(schema.import_batch), rows)
