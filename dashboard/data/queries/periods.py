"""Which quarters there are figures for."""

from typing import Any

from sqlalchemy import Connection, select

from dashboard.data.schema import summary
from dashboard.data.store import Store
from dashboard.data.units import Unit, lineage_kept
from dashboard.data.versioned import kept
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.periods import Period


def available(store: Store, viewer: Viewer | None, unit: Unit) -> list[Period]:
    """The quarters in which the unit has any reported figure, oldest first.

    Empty for who may not see the unit.
    """
    # Who asks for the own unit, as every page does, needs no walk up the tree.
    if not may_see(viewer, [unit.code]) and not may_see(
        viewer, [above.code for above in lineage_kept(store, unit.code)]
    ):
        return []
    return list(_reported(store, (unit.district_code, unit.code)))


@kept(size=4096)
def _reported(connection: Connection, key: Any) -> tuple[Period, ...]:
    district, code = key
    statement = (
        select(summary.c.period)
        .where(
            summary.c.district_code == district,
            summary.c.unit_code == code,
            summary.c.reported > 0,
        )
        .distinct()
    )
    return tuple(sorted(Period.parse(text) for text in connection.scalars(statement)))
