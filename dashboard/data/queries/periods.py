"""Which quarters there are figures for."""

from sqlalchemy import select

from dashboard.data.schema import summary
from dashboard.data.store import Store
from dashboard.data.units import Unit
from dashboard.policy.access import Viewer
from dashboard.policy.periods import Period


def available(store: Store, viewer: Viewer | None, unit: Unit) -> list[Period]:
    """The quarters in which the unit has any reported figure, oldest first."""
    if viewer is None:
        return []
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
        return sorted(Period.parse(text) for text in connection.scalars(statement))
