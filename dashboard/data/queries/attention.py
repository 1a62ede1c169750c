"""What changed since last quarter and wants a look."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import and_, func, select

from dashboard.data.frames import frame
from dashboard.data.schema import summary, unit
from dashboard.data.scoped import kept_frame
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.periods import Period

COLUMNS = ["village", "name", "indicator", "before", "now"]


@kept_frame
def changed_villages(
    store: Store, viewer: Viewer | None, focus: Focus, indicators: Sequence[str]
) -> pd.DataFrame:
    """Villages under the focus unit whose figure is not what it was a quarter ago.

    For indicators that are 0 or 1 for a village: over a line or not, weak or not. Columns: village
    (code), name, indicator (code), before (NA where last quarter has no figure), now. A village
    without a figure this quarter has no row. Ordered by indicator and village. Above the district,
    nothing: such pages read their own children alone. Source: 武发〔2016〕68号 二(三) (有进有出).
    """
    if not may_see(viewer, focus.lineage) or not indicators:
        return _frame([])
    now, before = summary.alias("now"), summary.alias("before")
    # Villages first, whatever the database thinks of it: the other way round it reads all quarters.
    joined = unit.outerjoin(
        now,
        and_(
            now.c.district_code == unit.c.district_code,
            now.c.unit_code == unit.c.code,
            now.c.indicator_code.in_(indicators),
            now.c.period == str(focus.period),
        ),
    ).outerjoin(
        before,
        and_(
            before.c.district_code == now.c.district_code,
            before.c.unit_code == now.c.unit_code,
            before.c.indicator_code == now.c.indicator_code,
            before.c.period == str(focus.period.previous()),
        ),
    )
    here = {
        "district": unit.c.district_code == focus.unit.code,
        "town": unit.c.parent_code == focus.unit.code,
        "village": unit.c.code == focus.unit.code,
    }
    if focus.unit.level not in here:
        return _frame([])
    statement = (
        select(unit.c.code, unit.c.name, now.c.indicator_code, before.c.value, now.c.value)
        .select_from(joined)
        .where(
            unit.c.district_code == focus.unit.district_code,
            here[focus.unit.level],
            unit.c.level == "village",
            unit.c.valid_to.is_(None),
            # Without a figure this quarter it is what it was.
            func.coalesce(now.c.value, before.c.value).is_distinct_from(before.c.value),
        )
        .order_by(now.c.indicator_code, unit.c.code)
    )
    with store.reading() as connection:
        return _frame([tuple(row) for row in connection.execute(statement)])


def changed_children(
    rows: Iterable[Mapping[str, Any]], indicators: Sequence[str], now: Period
) -> list[dict[str, Any]]:
    """What `changed_villages` tells of a town, out of rows of its villages that are read already
    (progress.rows_around of this quarter and the one before): the same keys and order."""
    values: dict[tuple[str, str], dict[str, Any]] = {}
    names: dict[str, str] = {}
    for row in rows:
        if row["indicator"] in indicators:
            names[row["unit"]] = row["name"]
            values.setdefault((row["indicator"], row["unit"]), {})[row["period"]] = row["value"]
    told = (
        (code, indicator, of.get(str(now.previous())), of.get(str(now)))
        for (indicator, code), of in sorted(values.items())
    )
    return [
        dict(zip(COLUMNS, (code, names[code], indicator, before, value), strict=True))
        for code, indicator, before, value in told
        if value is not None and value != before
    ]


def _frame(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    return frame(rows, COLUMNS, ("before", "now"))
