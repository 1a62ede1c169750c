"""Which quarters there are figures for."""

from sqlalchemy import select

from dashboard.data.schema import summary
from dashboard.data.store import Store
from dashboard.data.units import Unit, lineage_of
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.periods import Period


def available(store: Store, viewer: Viewer | None, unit: Unit) -> list[Period]:
    """The quarters in which the unit has any reported figure, oldest first.

    Empty for who may not see the unit.
    """
    statement = (
        select(summary.c.period)
        .where(
            summary.c.district_code == unit.district_code,
            summary.c.unit_code == unit.code,
            summary.c.reported > 0,
        )
        .distinct()
    )
    with store.reading() as connection:
        # Who asks for the own unit, as every page does, needs no walk up the tree.
        if not may_see(viewer, [unit.code]) and not may_see(
            viewer, [above.code for above in lineage_of(connection, unit.code)]
        ):
            return []
        return sorted(Period.parse(text) for text in connection.scalars(statement))
