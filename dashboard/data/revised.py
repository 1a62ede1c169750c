"""Villages' incomes that a later workbook of their town has changed."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, select

from dashboard.data.schema import (
    INCOME_SOURCES,
    import_batch,
    observation_revision,
    village_income,
)
from dashboard.policy.authenticity.inputs import Revision
from dashboard.policy.periods import Period

_APPLIED = "applied"
Version = tuple[str, int]
"""A batch and the total (fen) that it told."""


def read(
    connection: Connection,
    district: str,
    standing: Mapping[tuple[str, Period], Version],
    towns: Mapping[str, str],
) -> list[Revision]:
    """What was overwritten in the incomes of all quarters, by village and quarter, in time;
    `standing`: what is there now, `towns` by village.

    A batch that was taken back has changed nothing: neither it nor its taking back counts.
    """
    history = _history(connection, district)
    if not history:
        return []
    gone = _taken_back(connection, district)
    found = []
    for (village, period), versions in history.items():
        told = [(batch, total) for batch, total in versions if batch not in gone]
        told += [standing[village, period]] if (village, period) in standing else []
        for (_, old), (batch, new) in pairwise(told):
            if village in towns:
                found.append(Revision(village, towns[village], period, batch, old, new))
    return found


def _history(connection: Connection, district: str) -> dict[tuple[str, Period], list[Version]]:
    """By village and quarter: what was told, but for what stands at present."""
    table = observation_revision
    statement = (
        select(table.c.row_key, table.c.old_row)
        .where(table.c.district_code == district, table.c.table_name == village_income.name)
        .order_by(table.c.row_key, table.c.revision)
    )
    found: dict[tuple[str, Period], list[Version]] = {}
    for key, row in connection.execute(statement):
        village, _, period = key.partition("|")
        told = found.setdefault((village, Period.parse(period)), [])
        told.append((row["batch_id"], _total(row)))
    return found


def _total(row: Any) -> int:
    return sum(int(row[f"{source}_fen"]) for source in INCOME_SOURCES)


def _taken_back(connection: Connection, district: str) -> set[str]:
    statement = select(import_batch.c.id).where(
        import_batch.c.district_code == district, import_batch.c.status != _APPLIED
    )
    return set(connection.scalars(statement))
