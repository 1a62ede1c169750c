"""Figures that the office has sent back to be corrected."""

import pandas as pd
from sqlalchemy import and_, case, func, select

from dashboard.data.schema import returned, unit
from dashboard.data.scoped import kept_frame
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer, may_see

COLUMNS = ["unit", "name", "times", "open"]


@kept_frame
def of_children(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """What was sent back for the quarter to the units directly under the focus unit.

    Columns: unit (code), name, times, open (of them not answered yet). One row a unit that had
    anything sent back, by code. Source: 武发〔2016〕68号 四(五) (动态跟踪、全程督办).
    """
    if not may_see(viewer, focus.lineage):
        return pd.DataFrame(columns=COLUMNS, dtype=object)
    here = and_(
        returned.c.district_code == unit.c.district_code, returned.c.unit_code == unit.c.code
    )
    waiting = case((returned.c.answered_batch.is_(None), 1), else_=0)
    statement = (
        select(unit.c.code, unit.c.name, func.count(), func.sum(waiting))
        .select_from(unit.join(returned, here))
        .where(
            unit.c.parent_code == focus.unit.code,
            unit.c.valid_to.is_(None),
            returned.c.period == str(focus.period),
        )
        .group_by(unit.c.code, unit.c.name)
        .order_by(unit.c.code)
    )
    if focus.unit.level in ("district", "town"):
        # Below the district all children share its shard; above it each child is its own.
        statement = statement.where(unit.c.district_code == focus.unit.district_code)
    with store.reading() as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object).astype(
        {"times": "Int64", "open": "Int64"}
    )
