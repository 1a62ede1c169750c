"""What has been changed since an earlier moment: every row that stands otherwise now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, func, select

from dashboard.data import history
from dashboard.data.ingest.apply import Row, keys_of, row_key, values_of
from dashboard.data.schema import (
    FACTS,
    audit_event,
    household,
    import_batch,
    observation_revision,
    unit,
)
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer, may_see

_OF_HOUSEHOLDS = ("household", "household_income")


@dataclass(frozen=True)
class Change:
    """A row of a fact table that is another one now; values as the store keeps them.

    `old` is None where it was not known then, `new` where it has been taken back. `batch`, `file`,
    `by` and `at` (UTC) are of what was done to it last; `taken_back` where that was the taking back
    of that file. `row` is the row in the file's sheet.
    """

    table: str
    key: str
    unit: str
    name: str
    old: Row | None
    new: Row | None
    batch: str
    file: str
    row: int | None
    by: str
    at: datetime
    taken_back: bool

    @property
    def fields(self) -> list[str]:
        """The columns that differ; empty for a row that came or went."""
        if self.old is None or self.new is None:
            return []
        skip = {"batch_id", "source_row"}
        return [n for n in self.new if n not in skip and self.old.get(n) != self.new[n]]


def since(store: Store, viewer: Viewer | None, focus: Focus, moment: datetime) -> list[Change]:
    """What stands otherwise now than at a moment, under the focus unit.

    What was known and is otherwise now comes before what was not known; newest first. `store` is
    the present one. Above the district only what such a unit has itself. Rows of households are
    for who may see households. Source: 武发〔2016〕68号 四(五) (动态跟踪).
    """
    if viewer is None or not may_see(viewer, focus.lineage):
        return []
    district = focus.unit.district_code
    with store.reading() as connection:
        look = _Look.read(connection, district, moment)
        places = _places(connection, focus)
        homes = _homes(connection, district) if viewer.sees_households else {}
        found = [
            change
            for table in FACTS
            if viewer.sees_households or table.name not in _OF_HOUSEHOLDS
            for change in _of_table(connection, table, look, places, homes)
            if viewer.sees_households or not _is_of_household(change)
        ]
    return sorted(
        found, key=lambda one: (one.old is not None, one.at, one.table, one.key), reverse=True
    )


@dataclass(frozen=True)
class _Look:
    """What is asked of every table: the moment, and all files of the district."""

    district: str
    moment: datetime
    came: history.Batches
    files: Mapping[str, Any]
    undone_by: Mapping[str, str]

    @classmethod
    def read(cls, connection: Connection, district: str, moment: datetime) -> "_Look":
        batches = select(import_batch).where(import_batch.c.district_code == district)
        events = select(audit_event.c.username, audit_event.c.detail).where(
            audit_event.c.district_code == district, audit_event.c.action == "undo"
        )
        return cls(
            district,
            moment,
            history.batches(connection, district),
            {row.id: row for row in connection.execute(batches)},
            {row.detail["batch"]: row.username for row in connection.execute(events)},
        )


def _of_table(
    connection: Connection,
    table: Table,
    look: _Look,
    places: Mapping[str, str],
    homes: Mapping[str, str],
) -> Iterable[Change]:
    then = history.superseded(connection, table, look.district, look.moment)
    now = _touched(connection, table, look, then)
    last = _last_replaced(connection, table, look) if then else {}
    told = values_of(table)
    for key in then.keys() | now.keys():
        old, new = then.get(key), now.get(key)
        if old is not None and look.came.get(old["batch_id"], look.moment) > look.moment:
            old = None
        if old is None and new is None:
            continue
        if old is not None and new is not None and all(old[n] == new[n] for n in told):
            continue
        here = _unit_of(new or old or {}, homes)
        if here in places:
            yield _change(look, table, key, here, places[here], old, new, last.get(key))


def _change(
    look: _Look,
    table: Table,
    key: str,
    here: str,
    name: str,
    old: Row | None,
    new: Row | None,
    last: Any,
) -> Change:
    # Taken back last, unless the row that stands came with or after what wrote over the one before.
    is_back = last is not None and (
        new is None or look.came.get(new["batch_id"], look.moment) < history.utc(last.replaced_at)
    )
    batch = str(last.batch_id if is_back else (new or {})["batch_id"])
    file = look.files.get(batch)
    at = history.utc(last.replaced_at) if is_back else look.came[batch]
    by = look.undone_by.get(batch, "") if is_back else ("" if file is None else file.imported_by)
    row = None if is_back or new is None else new["source_row"]
    named = "" if file is None else str(file.file_name)
    return Change(table.name, key, here, name, old, new, batch, named, row, by, at, is_back)


def _touched(
    connection: Connection, table: Table, look: _Look, then: Mapping[str, Row]
) -> dict[str, Row]:
    """By key, the rows that have come since, and those that stand where one was replaced since."""
    keys = keys_of(table)
    rows = connection.execute(select(table).where(table.c.district_code == look.district))
    found = {}
    for row in rows.mappings():
        one = dict(row)
        key = row_key(keys, one)
        if key in then or look.came.get(one["batch_id"], look.moment) > look.moment:
            found[key] = one
    return found


def _last_replaced(connection: Connection, table: Table, look: _Look) -> dict[str, Any]:
    """The newest revision of each row that was replaced since."""
    revisions = observation_revision
    here = and_(
        revisions.c.district_code == look.district,
        revisions.c.table_name == table.name,
        revisions.c.replaced_at > look.moment,
    )
    newest = (
        select(revisions.c.row_key, func.max(revisions.c.revision).label("revision"))
        .where(here)
        .group_by(revisions.c.row_key)
        .subquery()
    )
    statement = (
        select(
            revisions.c.row_key,
            revisions.c.batch_id,
            revisions.c.replaced_by,
            revisions.c.replaced_at,
        )
        .join(
            newest,
            and_(
                newest.c.row_key == revisions.c.row_key,
                newest.c.revision == revisions.c.revision,
            ),
        )
        .where(here)
    )
    return {row.row_key: row for row in connection.execute(statement)}


def _unit_of(row: Mapping[str, Any], homes: Mapping[str, str]) -> str:
    for column in ("village_code", "unit_code", "code"):
        if column in row:
            return str(row[column])
    return homes.get(str(row["household"]), "")


def _is_of_household(change: Change) -> bool:
    return (change.new or change.old or {}).get("subject_type") == "household"


def _places(connection: Connection, focus: Focus) -> dict[str, str]:
    """Names by code of the focus unit and all under it, as the tree stands today."""
    statement = select(unit.c.code, unit.c.name, unit.c.parent_code).where(
        unit.c.district_code == focus.unit.district_code
    )
    rows = connection.execute(statement).all()
    own = {focus.unit.code}
    for _ in range(2):
        own |= {row.code for row in rows if row.parent_code in own}
    return {row.code: row.name for row in rows if row.code in own}


def _homes(connection: Connection, district: str) -> dict[str, str]:
    statement = select(household.c.number, household.c.village_code).where(
        household.c.district_code == district
    )
    return {row.number: row.village_code for row in connection.execute(statement)}
