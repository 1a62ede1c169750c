"""A copy of the whole store in one file, and a store from such a file, whatever database it is in.

The file is an SQLite database with the store's own tables and a manifest: which schema, how many
rows, and a hash of each table. A backup is one consistent state of the store while it is in use; a
restore holds only if every table's hash is the one that was written.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    func,
    insert,
    select,
)
from sqlalchemy.exc import DatabaseError

from dashboard.data import bulk, schema
from dashboard.data.store import Store, revision_of

Report = Callable[[int, int], None]
_CHUNK = 2000
_WHOLE = 1 << 256
_MADE_ANEW = {"store_info", "indicator", "account"}
"""Tables that a fresh store has rows in: a restore takes their place."""
_MAY_HOLD = _MADE_ANEW | {"audit_event"}
"""What a fresh store may hold already; what was done to it stays in its trail."""

manifest = Table(
    "backup_manifest",
    MetaData(),
    Column("table_name", String(40), primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("revision", String(32), nullable=False),
    Column("made_at", String(40), nullable=False),
)


class BackupError(ValueError):
    """No backup was made, or nothing was restored; the message is a Chinese sentence."""


@dataclass(frozen=True)
class Digest:
    """A table's content, whatever the order of its rows: the sum of the rows' hashes."""

    rows: int
    sha256: str


def backup(store: Store, path: Path, on_progress: Report | None = None) -> dict[str, Digest]:
    """Write the store into a new file; digests by table. Raises BackupError.

    The file appears under its name once it is whole.
    """
    if path.exists():
        raise BackupError(f"文件{path.name}已存在,请换一个文件名")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    engine = create_engine(f"sqlite:///{draft}")
    try:
        with store.reading() as source, engine.begin() as target:
            revision = revision_of(source)
            schema.metadata.create_all(target)
            manifest.create(target)
            found = _copied(source, target, on_progress)
            made_at = datetime.now(UTC).isoformat(timespec="seconds")
            rows = [
                {"table_name": name, "rows": one.rows, "sha256": one.sha256}
                | {"revision": revision, "made_at": made_at}
                for name, one in found.items()
            ]
            target.execute(insert(manifest), rows)
        engine.dispose()
        draft.replace(path)
    finally:
        engine.dispose()
        draft.unlink(missing_ok=True)
    return found


def restore(store: Store, path: Path, on_progress: Report | None = None) -> dict[str, Digest]:
    """Fill an empty store from a backup, in one transaction; digests by table.

    Accounts and settings of the fresh store give way to those of the backup. Raises BackupError for
    a store with data, a file that is no backup, of another schema, or damaged.
    """
    engine = _opened(path)
    try:
        with engine.connect() as source:
            told = _manifest(source, path)
            store.migrate()
            with store.writing() as target:
                _check_empty(target)
                _check_revision(target, told, path)
                for name in _MADE_ANEW:
                    target.execute(schema.metadata.tables[name].delete())
                found = _copied(source, target, on_progress)
                for name, wanted in told.items():
                    if found.get(name) != wanted[0]:
                        raise BackupError(f"{path.name}的表{name}与备份时不一致,没有恢复任何数据")
    except DatabaseError as error:
        raise BackupError(f"{path.name}已损坏,没有恢复任何数据:{error.orig}") from error
    finally:
        engine.dispose()
    return found


def digest(store: Store) -> dict[str, Digest]:
    """Every table's digest as the store is now: two stores with the same ones hold the same."""
    with store.reading() as connection:
        return {
            table.name: _sum(rows for rows in _chunks(connection, table))
            for table in schema.metadata.sorted_tables
        }


def _copied(
    source: Connection, target: Connection, on_progress: Report | None
) -> dict[str, Digest]:
    tables = schema.metadata.sorted_tables
    found: dict[str, Digest] = {}
    for done, table in enumerate(tables, start=1):
        found[table.name] = _sum(_carried(source, target, table))
        if on_progress:
            on_progress(done, len(tables))
    return found


def _carried(
    source: Connection, target: Connection, table: Table
) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Chunks of rows, each written as it is read."""
    for rows in _chunks(source, table):
        bulk.insert_rows(target, table, rows)
        yield rows


def _chunks(connection: Connection, table: Table) -> Iterator[Sequence[Mapping[str, Any]]]:
    streamed = connection.execution_options(stream_results=True, yield_per=_CHUNK)
    result = streamed.execute(select(table))
    for rows in result.mappings().partitions(_CHUNK):
        yield [{name: _utc(value) for name, value in row.items()} for row in rows]


def _utc(value: Any) -> Any:
    """SQLite hands back times without their zone; other databases need it."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    return bytes(value) if isinstance(value, memoryview) else value


def _sum(chunks: Iterator[Sequence[Mapping[str, Any]]]) -> Digest:
    total, count = 0, 0
    for rows in chunks:
        for row in rows:
            text = json.dumps(row, default=_plain, ensure_ascii=False, sort_keys=True)
            total += int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
        count += len(rows)
    return Digest(count, f"{total % _WHOLE:064x}")


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no plain form of {type(value)}")


def _opened(path: Path) -> Engine:
    if not path.is_file():
        raise BackupError(f"没有文件{path}")
    return create_engine(f"sqlite:///file:{path.resolve()}?mode=ro&uri=true")


def _manifest(source: Connection, path: Path) -> dict[str, tuple[Digest, str]]:
    """Digest and schema revision by table."""
    try:
        rows = source.execute(select(manifest)).all()
    except DatabaseError as error:
        raise BackupError(f"{path.name}不是本系统的备份文件") from error
    if not rows:
        raise BackupError(f"{path.name}不是本系统的备份文件")
    return {row.table_name: (Digest(row.rows, row.sha256), row.revision) for row in rows}


def _check_revision(target: Connection, told: Mapping[str, tuple[Digest, str]], path: Path) -> None:
    there, here = next(iter(told.values()))[1], revision_of(target)
    if there != here:
        raise BackupError(
            f"{path.name}的数据库版本是{there},本程序是{here}:请用与备份时相同版本的程序恢复,再升级"
        )


def _check_empty(target: Connection) -> None:
    for table in schema.metadata.sorted_tables:
        if table.name in _MAY_HOLD:
            continue
        if target.scalar(select(func.count()).select_from(select(table).limit(1).subquery())):
            raise BackupError(f"数据库不是空的(表{table.name}已有数据),只能恢复到空数据库")
