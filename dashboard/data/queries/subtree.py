"""What registers' queries share: rows of a focus and below it, joined with their units."""

from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, or_

from dashboard.data.schema import unit
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer, may_see


def joined(table: Table) -> FromClause:
    """A register's rows with the unit that each names."""
    here = and_(unit.c.district_code == table.c.district_code, unit.c.code == table.c.unit_code)
    return table.join(unit, here)


def under(focus: Focus) -> list[ColumnElement[bool]]:
    """The focus unit and what lies below it; above the district, its children's own alone."""
    own, below = unit.c.code == focus.unit.code, unit.c.parent_code == focus.unit.code
    if focus.unit.level == "district":
        return [unit.c.district_code == focus.unit.code]
    if focus.unit.level in ("town", "village"):
        return [unit.c.district_code == focus.unit.district_code, or_(own, below)]
    return [or_(own, below)]


def read(store: Store, viewer: Viewer | None, focus: Focus, statement: Select[Any]) -> pd.DataFrame:
    """The statement's rows, none for who may not see the focus unit."""
    columns = [column.name for column in statement.selected_columns]
    rows: list[tuple[Any, ...]] = []
    if may_see(viewer, focus.lineage):
        with store.reading() as connection:
            rows = [tuple(row) for row in connection.execute(statement)]
    return pd.DataFrame(rows, columns=columns, dtype=object)
