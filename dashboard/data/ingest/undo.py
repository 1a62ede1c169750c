"""Take back what a file brought: the rows it added go, the ones it changed are as before.

Only where its rows are still the newest: what a later file has written over is not touched. What is
taken back is kept as a revision, and the batch stays in the list as taken back: nothing is lost.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Date,
    Table,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)

from dashboard.data import audit, rollup, schema
from dashboard.data.ingest.apply import Row, keys_of, revise, row_key
from dashboard.data.store import Store
from dashboard.policy.access import NotAllowed, Viewer
from dashboard.policy.codes import district_of
from dashboard.settings import Settings

APPLIED, UNDONE = "applied", "undone"
_CHUNK = 500
_REFERS = {
    "unit": (
        ("unit", "parent_code"),
        ("boundary", "unit_code"),
        ("target", "unit_code"),
        ("observation", "unit_code"),
        ("village_income", "village_code"),
        ("village_income_check", "village_code"),
        ("household", "village_code"),
        ("project", "unit_code"),
        ("fund_flow", "unit_code"),
        ("task", "unit_code"),
        ("inspection", "unit_code"),
        ("lifecycle_event", "village_code"),
        ("pairing", "village_code"),
        ("measure", "village_code"),
        ("account", "unit_code"),
    ),
    "household": (
        ("household_income", "household"),
        ("lifecycle_event", "subject"),
        ("pairing", "subject"),
        ("measure", "subject"),
    ),
    "project": (("fund_flow", "project_number"),),
}
"""What would be left hanging if a row that others name were gone."""
_NAMES = {"unit": "单位", "household": "农户", "project": "项目"}


class UndoRefused(ValueError):
    """The batch stays as it is; the message is a Chinese sentence."""


def undo(store: Store, settings: Settings, viewer: Viewer | None, batch_id: str) -> int:
    """Take a batch back; the number of rows taken back. Raises NotAllowed, UndoRefused."""
    if viewer is None or not viewer.may_import:
        raise NotAllowed("只有扶贫办可以撤销导入")
    with store.writing() as connection:
        # Told once it is this one's turn: what is known when goes by it.
        now = datetime.now(UTC)
        own_id = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(6)}"
        district = district_of(viewer.unit_code)
        batch = _batch(connection, district, batch_id)
        touched: rollup.Touched = set()
        taken = 0
        # The other way round than they were written: who names a row goes before it.
        for table in reversed(schema.FACTS):
            counts = batch.sheets.get(table.name)
            if counts is None or not counts["new"] + counts["changed"]:
                continue
            rows = _rows_of(connection, district, table, batch_id)
            if len(rows) != counts["new"] + counts["changed"]:
                raise UndoRefused("这一批的数据后来又被别的文件更改,不能撤销;请导入改正的文件")
            touched |= _take_back(connection, settings, table, rows, batch_id, own_id, now)
            taken += len(rows)
        _withdraw_reports(connection, district, batch_id)
        connection.execute(
            update(schema.import_batch)
            .where(_is(schema.import_batch, district), schema.import_batch.c.id == batch_id)
            .values(status=UNDONE)
        )
        detail = {"batch": batch_id, "file": batch.file_name, "rows": taken}
        audit.add(connection, district, viewer.username, "undo", detail, viewer.origin)
        rollup.refresh(connection, settings, touched)
    return taken


def _batch(connection: Connection, district: str, batch_id: str) -> Any:
    table = schema.import_batch
    batch = connection.execute(
        select(table).where(_is(table, district), table.c.id == batch_id)
    ).one_or_none()
    if batch is None:
        raise UndoRefused("没有这一批导入")
    if batch.status != APPLIED:
        raise UndoRefused("这一批已经撤销")
    elsewhere = connection.scalar(
        select(func.count()).select_from(table).where(table.c.id == batch_id)
    )
    if elsewhere != 1:
        raise UndoRefused("这一批的数据分属几个区县,不能撤销;请导入改正的文件")
    return batch


def _rows_of(connection: Connection, district: str, table: Table, batch_id: str) -> list[Row]:
    statement = select(table).where(_is(table, district), table.c.batch_id == batch_id)
    return [dict(row) for row in connection.execute(statement).mappings()]


def _take_back(
    connection: Connection,
    settings: Settings,
    table: Table,
    rows: Sequence[Row],
    batch_id: str,
    own_id: str,
    now: datetime,
) -> rollup.Touched:
    before = _before(connection, table, rows, batch_id)
    keys = keys_of(table)
    named = [(row, before.get(row_key(keys, row))) for row in rows]
    fresh = [row for row, old in named if old is None]
    kept = [old for _, old in named if old is not None]
    revise(connection, table, rows, own_id, now)
    touched = rollup.touched_by(settings, table.name, [*rows, *kept])
    if table is schema.household_income:
        touched |= rollup.touched_by_household_income(connection, rows)
    _check_hanging(connection, table, fresh)
    where = and_(*[table.c[name] == bindparam(f"key_{name}") for name in keys])
    if fresh:
        if table is schema.unit:
            _forget_figures(connection, fresh)
        connection.execute(
            delete(table).where(where), [{f"key_{k}": row[k] for k in keys} for row in fresh]
        )
    if kept:
        others = [column.name for column in table.columns if column.name not in keys]
        connection.execute(
            update(table).where(where).values({name: bindparam(f"new_{name}") for name in others}),
            [
                {f"key_{k}": row[k] for k in keys} | {f"new_{name}": row[name] for name in others}
                for row in kept
            ],
        )
    return touched


def _before(
    connection: Connection, table: Table, rows: Sequence[Row], batch_id: str
) -> dict[str, Row]:
    """What the batch wrote over, by row key."""
    revisions = schema.observation_revision
    statement = select(revisions.c.row_key, revisions.c.old_row).where(
        revisions.c.district_code == rows[0]["district_code"],
        revisions.c.replaced_by == batch_id,
        revisions.c.table_name == table.name,
    )
    return {key: typed(table, old) for key, old in connection.execute(statement)}


def typed(table: Table, old: Mapping[str, Any]) -> Row:
    """A row as observation_revision keeps it, whole again: days are text in JSON."""
    return {
        column.name: date.fromisoformat(old[column.name])
        if isinstance(column.type, Date) and old.get(column.name) is not None
        else old.get(column.name)
        for column in table.columns
    }


def _check_hanging(connection: Connection, table: Table, fresh: Sequence[Row]) -> None:
    """Refuse where rows that stay name one that would go."""
    for name, column in _REFERS.get(table.name, ()) if fresh else ():
        other = schema.metadata.tables[name]
        for row in _named_in(connection, other, column, table, fresh):
            what = _NAMES[table.name]
            raise UndoRefused(f"{what}{row}还有其他数据,不能撤销;请先撤销那些数据")


def _named_in(
    connection: Connection, other: Table, column: str, table: Table, fresh: Sequence[Row]
) -> Iterable[str]:
    code = "code" if table is schema.unit else "number"
    going = {row[code] for row in fresh}
    ordered = sorted(going)
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        statement = select(other).where(
            _is(other, fresh[0]["district_code"]), other.c[column].in_(chunk)
        )
        for row in connection.execute(statement).mappings():
            # Units that go together may name each other.
            if other is table and row["code"] in going:
                continue
            yield str(row[column])


def _forget_figures(connection: Connection, units: Sequence[Row]) -> None:
    table = schema.summary
    connection.execute(
        delete(table).where(
            table.c.district_code == bindparam("district"), table.c.unit_code == bindparam("unit")
        ),
        [{"district": row["district_code"], "unit": row["code"]} for row in units],
    )


def _withdraw_reports(connection: Connection, district: str, batch_id: str) -> None:
    """Who had sent only this has not reported; what it answered is open again."""
    sent, back = schema.submission, schema.returned
    connection.execute(delete(sent).where(_is(sent, district), sent.c.first_batch == batch_id))
    connection.execute(
        update(sent)
        .where(_is(sent, district), sent.c.last_batch == batch_id)
        .values(last_batch=sent.c.first_batch, last_at=sent.c.first_at)
    )
    connection.execute(
        update(back)
        .where(_is(back, district), back.c.answered_batch == batch_id)
        .values(answered_batch=None, answered_at=None)
    )


def _is(table: Table, district: str) -> Any:
    return table.c.district_code == district
