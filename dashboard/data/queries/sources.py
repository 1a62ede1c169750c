"""Where the figures on a page came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import Connection, Select, String, Table, and_, cast, select, union

from dashboard.data.queries.subtree import Reach, named, of_subtree
from dashboard.data.schema import import_batch, observation, target, target_month, village_income
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import kept
from dashboard.policy.access import Viewer

COLUMNS = ["batch", "file", "imported_at", "imported_by"]


def newest(
    store: Store, viewer: Viewer | None, focus: Focus, limit: int | None = 1
) -> pd.DataFrame:
    """The newest imports behind the focus unit's figures of the year, up to the focus period; all
    of them without a limit.

    Behind them are its own targets, plans, reports and incomes and those of the units below it: a
    town is not told of another town's file, and an old quarter not of a file that came for a later
    one. Columns: batch, file, imported_at (UTC), imported_by. Newest first.
    """
    year = focus.period.year
    when = {str(year), *(f"{year}Q{number}" for number in range(1, focus.period.quarter + 1))}
    behind = of_subtree(store, viewer, focus, lambda of, reach: _batches(of, reach).behind)
    batches = {one.batch for one in behind if one.when in when}
    if not batches:
        return pd.DataFrame(columns=COLUMNS, dtype=object)
    files = _batches(store, Reach.of(focus)).files
    found = sorted((batch, *files[batch]) for batch in batches if batch in files)
    found.sort(key=lambda row: row[2], reverse=True)
    return pd.DataFrame(found[:limit], columns=COLUMNS, dtype=object)


class _Behind(NamedTuple):
    """That a batch brought figures of a unit. `when`: the year of a target or a plan, else the
    quarter."""

    unit: str
    when: str
    batch: str


@dataclass(frozen=True)
class _Batches:
    """`files`: (file, imported_at, imported_by) by batch."""

    behind: list[_Behind]
    files: Mapping[str, tuple[str, datetime, str]]


@kept(size=32)
def _batches(connection: Connection, reach: Any) -> _Batches:
    """Of a whole district, all its quarters; a row for each unit, quarter and batch."""
    behind = union(
        *(_behind(reach, table, cast(table.c.year, String)) for table in (target, target_month)),
        *(_behind(reach, table, table.c.period) for table in (observation, village_income)),
    ).subquery()
    rows = connection.execute(select(behind.c.unit, behind.c.when, behind.c.batch))
    table = import_batch.c
    files = select(table.id, table.file_name, table.imported_at, table.imported_by)
    if reach.is_district:
        files = files.where(table.district_code == reach.code)
    else:
        here = and_(table.district_code == behind.c.district, table.id == behind.c.batch)
        files = files.join(behind, here)
    return _Batches(
        [_Behind(*row) for row in rows],
        {batch: (file, at, who) for batch, file, at, who in connection.execute(files)},
    )


def _behind(reach: Reach, table: Table, when: Any) -> Select[Any]:
    return (
        select(
            table.c.district_code.label("district"),
            named(table).label("unit"),
            when.label("when"),
            table.c.batch_id.label("batch"),
        )
        .select_from(reach.source(table))
        .where(reach.rows(table))
    )
