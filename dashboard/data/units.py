"""The tree of administrative units, and the focus that every page is a view of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from dashboard.config_models import LEVELS, Level
from dashboard.data import schema
from dashboard.data.store import Store
from dashboard.policy.access import NotAllowed, Viewer, may_see
from dashboard.policy.codes import district_of
from dashboard.policy.periods import Period


@dataclass(frozen=True)
class Unit:
    """A node of the tree (区 → 镇/街道 → 村; above the district 市, 省, 国)."""

    code: str
    name: str
    level: Level
    kind: str
    parent_code: str | None
    district_code: str
    lon: float | None = None
    lat: float | None = None

    @property
    def is_village(self) -> bool:
        return self.level == "village"


@dataclass(frozen=True)
class Focus:
    """What a page shows: a unit at a period. `ancestors` run from the root to the unit's parent."""

    unit: Unit
    period: Period
    ancestors: tuple[Unit, ...] = ()

    @property
    def lineage(self) -> tuple[str, ...]:
        """Codes of the unit and of all above it."""
        return (*(above.code for above in self.ancestors), self.unit.code)

    def at(self, period: Period) -> "Focus":
        return replace(self, period=period)

    @property
    def above(self) -> "Focus | None":
        """The focus on the unit's parent; None at the top. Its viewer may have no right to it."""
        if not self.ancestors:
            return None
        return Focus(self.ancestors[-1], self.period, self.ancestors[:-1])


class UnknownUnit(LookupError):
    """There is no such unit; the message is a Chinese sentence for the screen."""


_COLUMNS = [
    schema.unit.c[name]
    for name in ("code", "name", "level", "kind", "parent_code", "district_code", "lon", "lat")
]


def focus(store: Store, viewer: Viewer | None, code: str, period: Period) -> Focus:
    """The focus on a unit. Raises UnknownUnit, and NotAllowed where the viewer may not see it."""
    with store.reading() as connection:
        lineage = lineage_of(connection, code)
    if not lineage:
        raise UnknownUnit(f"没有代码为“{code[:20]}”的单位")
    if not may_see(viewer, (unit.code for unit in lineage)):
        raise NotAllowed(f"您的账号无权查看{lineage[-1].name}")
    return Focus(lineage[-1], period, tuple(lineage[:-1]))


def lineage_of(connection: Connection, code: str) -> list[Unit]:
    """The unit and all above it, topmost first; empty for an unknown code.

    One statement: a recursive walk up the parents by code, at most as long as there are levels.
    """
    above = (
        select(*_COLUMNS)
        .where(schema.unit.c.district_code == district_of(code), schema.unit.c.code == code)
        .cte("above", recursive=True)
    )
    parent = schema.unit.alias("parent")
    above = above.union(
        select(*[parent.c[column.name] for column in _COLUMNS]).join(
            above,
            and_(
                # A parent lies in the district that its own code names, as codes.district_of says.
                parent.c.district_code == func.substr(above.c.parent_code, 1, 6),
                parent.c.code == above.c.parent_code,
            ),
        )
    )
    units = [_unit(row) for row in connection.execute(select(above))]
    return sorted(units, key=lambda unit: LEVELS.index(unit.level))


def children(store: Store, viewer: Viewer | None, focus: Focus) -> list[Unit]:
    """The units directly under the focus unit, by code."""
    below, _ = around(store, viewer, focus)
    return below


def around(store: Store, viewer: Viewer | None, focus: Focus) -> tuple[list[Unit], list[Unit]]:
    """The units directly under the focus unit, and those under its parent (itself among them).

    Both by code, in one statement. The second is empty where the viewer may not see the parent.
    """
    if not may_see(viewer, focus.lineage):
        return [], []
    parents = [focus.unit.code]
    if focus.ancestors and may_see(viewer, focus.lineage[:-1]):
        parents.append(focus.ancestors[-1].code)
    statement = (
        select(*_COLUMNS)
        .where(schema.unit.c.parent_code.in_(parents), schema.unit.c.valid_to.is_(None))
        .order_by(schema.unit.c.code)
    )
    with store.reading() as connection:
        found = [_unit(row) for row in connection.execute(statement)]
    below = [unit for unit in found if unit.parent_code == focus.unit.code]
    return below, [unit for unit in found if unit.parent_code != focus.unit.code]


def siblings_label(units: Sequence[Unit]) -> str:
    """What a table calls these units: 镇(街道), 村, 区县."""
    levels = {unit.level for unit in units}
    if levels == {"town"}:
        return "镇(街道)"
    return "村" if levels == {"village"} else "单位"


def _unit(row: Row[Any]) -> Unit:
    return Unit(**row._mapping)
