"""Villages' incomes that a later workbook of their town has changed."""

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


def read(
    connection: Connection, district: str, period: Period, towns: dict[str, str]
) -> list[Revision]:
    """What was overwritten in the quarter's incomes, in time; `towns` by village.

    A batch that was taken back has changed nothing: neither it nor its taking back counts.
    """
    history = _history(connection, district, period)
    if not history:
        return []
    gone = _taken_back(connection, district)
    now = _totals_now(connection, district, period)
    found = []
    for village, versions in history.items():
        told = [(batch, total) for batch, total in versions if batch not in gone]
        told += [now[village]] if village in now else []
        for (_, old), (batch, new) in pairwise(told):
            if village in towns:
                found.append(Revision(village, towns[village], period, batch, old, new))
    return found


def _history(
    connection: Connection, district: str, period: Period
) -> dict[str, list[tuple[str, int]]]:
    """By village: batches and the totals (fen) that they told, but for the present one."""
    table = observation_revision
    statement = (
        select(table.c.row_key, table.c.old_row)
        .where(
            table.c.district_code == district,
            table.c.table_name == village_income.name,
            table.c.row_key.endswith(f"|{period}"),
        )
        .order_by(table.c.row_key, table.c.revision)
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for key, row in connection.execute(statement):
        found.setdefault(key.partition("|")[0], []).append((row["batch_id"], _total(row)))
    return found


def _totals_now(
    connection: Connection, district: str, period: Period
) -> dict[str, tuple[str, int]]:
    statement = select(village_income).where(
        village_income.c.district_code == district, village_income.c.period == str(period)
    )
    rows = connection.execute(statement).mappings()
    return {row["village_code"]: (row["batch_id"], _total(row)) for row in rows}


def _total(row: Any) -> int:
    return sum(int(row[f"{source}_fen"]) for source in INCOME_SOURCES)


def _taken_back(connection: Connection, district: str) -> set[str]:
    statement = select(import_batch.c.id).where(
        import_batch.c.district_code == district, import_batch.c.status != _APPLIED
    )
    return set(connection.scalars(statement))
