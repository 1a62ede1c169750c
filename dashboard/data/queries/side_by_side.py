"""What others say that villages earned, beside what was reported."""

from functools import reduce
from operator import add
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Table, and_, select

from dashboard.data.frames import frame
from dashboard.data.ingest.sheets import OTHER_SOURCES
from dashboard.data.queries.villages import under
from dashboard.data.schema import INCOME_SOURCES, unit, village_income, village_income_check
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer, may_see

TOLD = "told"
COLUMNS = ["village", "name", "town", TOLD, *OTHER_SOURCES]


def incomes(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Year-to-date income of every village under the focus unit that another source speaks of.

    Columns: village (code), name, town (code), told (as reported, integer fen, NA where it was
    not), then one a source (OTHER_SOURCES, integer fen, NA where it says nothing). By village.
    Empty above the district, and for who may not see the unit. Source: 武发〔2016〕68号 四(一).
    """
    if not may_see(viewer, focus.lineage):
        return frame([], COLUMNS, COLUMNS[3:])
    other, told = village_income_check, village_income
    of_village = and_(
        other.c.district_code == unit.c.district_code, other.c.village_code == unit.c.code
    )
    reported = and_(
        told.c.district_code == other.c.district_code,
        told.c.village_code == other.c.village_code,
        told.c.period == other.c.period,
    )
    statement = (
        select(
            unit.c.code,
            unit.c.name,
            unit.c.parent_code,
            _sum(told),
            other.c.source,
            _sum(other),
        )
        .select_from(unit.join(other, of_village).outerjoin(told, reported))
        .where(
            unit.c.district_code == focus.unit.district_code,
            under(focus),
            unit.c.level == "village",
            other.c.period == str(focus.period),
        )
        .order_by(unit.c.code)
    )
    rows: dict[str, dict[str, object]] = {}
    with store.reading() as connection:
        for code, name, town, was_told, source, amount in connection.execute(statement):
            row = rows.setdefault(
                code, dict(zip(COLUMNS[:4], (code, name, town, was_told), strict=True))
            )
            row[source] = amount
    ordered = [tuple(row.get(column) for column in COLUMNS) for row in rows.values()]
    return frame(ordered, COLUMNS, COLUMNS[3:])


def _sum(table: Table) -> ColumnElement[Any]:
    return reduce(add, (table.c[f"{source}_fen"] for source in INCOME_SOURCES))
