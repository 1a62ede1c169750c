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
_OF_VILLAGE = ["village", "name", "town", "town_name"]
COLUMNS = [*_OF_VILLAGE, TOLD, *OTHER_SOURCES]
_AMOUNTS = [TOLD, *OTHER_SOURCES]


def incomes(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Year-to-date income of every village under the focus unit that another source speaks of.

    Columns: village (code), name, town (code), town_name, told (as reported, integer fen, NA where
    it was not), then one a source (OTHER_SOURCES, integer fen, NA where it says nothing). By
    village. Empty above the district, and for who may not see the unit.
    Source: 武发〔2016〕68号 四(一).
    """
    if not may_see(viewer, focus.lineage):
        return frame([], COLUMNS, _AMOUNTS)
    other, told, above = village_income_check, village_income, unit.alias("above")
    of_village = and_(
        other.c.district_code == unit.c.district_code, other.c.village_code == unit.c.code
    )
    lies_in = and_(
        above.c.district_code == unit.c.district_code, above.c.code == unit.c.parent_code
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
            above.c.name,
            _sum(told),
            other.c.source,
            _sum(other),
        )
        .select_from(unit.join(other, of_village).join(above, lies_in).outerjoin(told, reported))
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
        for *village, was_told, source, amount in connection.execute(statement):
            row = dict(zip(_OF_VILLAGE, village, strict=True)) | {TOLD: was_told}
            rows.setdefault(str(village[0]), row)[source] = amount
    ordered = [tuple(row.get(column) for column in COLUMNS) for row in rows.values()]
    return frame(ordered, COLUMNS, _AMOUNTS)


def _sum(table: Table) -> ColumnElement[Any]:
    return reduce(add, (table.c[f"{source}_fen"] for source in INCOME_SOURCES))
