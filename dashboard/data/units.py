"""The tree of administrative units, and the focus that every page is a view of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from dashboard.config_models import LEVELS, Level
from dashboard.data import schema
from dashboard.data.store import Store
from dashboard.data.versioned import kept
from dashboard.policy.access import NotAllowed, Viewer, may_see
from dashboard.policy.codes import above_by_code, district_of
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
    """What a page shows: a unit at a period. `ancestors` run from the root to the unit's parent.

    `as_of`: the day at whose end this was known; None for the present.
    """

    unit: Unit
    period: Period
    ancestors: tuple[Unit, ...] = ()
    as_of: date | None = None

    @property
    def lineage(self) -> tuple[str, ...]:
        """Codes of the unit and of all above it."""
        return (*(above.code for above in self.ancestors), self.unit.code)

    @property
    def is_in_a_district(self) -> bool:
        """Whether all that lies under the unit lies in one district, the unit's own."""
        return self.unit.level in ("district", "town", "village")

    def holds(self, village: str, town: str) -> bool:
        """Whether a village of the unit's district lies under the unit, or is it."""
        return self.unit.code in (self.unit.district_code, town, village)

    def at(self, period: Period) -> "Focus":
        return replace(self, period=period)

    @property
    def above(self) -> "Focus | None":
        """The focus on the unit's parent; None at the top. Its viewer may have no right to it."""
        if not self.ancestors:
            return None
        return replace(self, unit=self.ancestors[-1], ancestors=self.ancestors[:-1])


class UnknownUnit(LookupError):
    """There is no such unit; the message is a Chinese sentence for the screen."""


_COLUMNS = [
    schema.unit.c[name]
    for name in ("code", "name", "level", "kind", "parent_code", "district_code", "lon", "lat")
]


def focus(store: Store, viewer: Viewer | None, code: str, period: Period) -> Focus:
    """The focus on a unit. Raises UnknownUnit, and NotAllowed where the viewer may not see it."""
    lineage = lineage_kept(store, code)
    if not lineage:
        raise UnknownUnit(f"没有代码为“{code[:20]}”的单位")
    if not may_see(viewer, (unit.code for unit in lineage)):
        raise NotAllowed(f"您的账号无权查看{lineage[-1].name}")
    return Focus(lineage[-1], period, lineage[:-1], store.as_of)


def lineage_of(connection: Connection, code: str) -> list[Unit]:
    """The unit and all above it, topmost first; empty for an unknown code.

    One statement as a rule: codes name most of those above. A parent with another code is asked
    for by itself. Not a recursive statement: a distributed database refuses one across shards.
    """
    known: dict[str, Unit] = {}
    found: list[Unit] = []
    wanted: str | None = code
    while wanted is not None and wanted not in {unit.code for unit in found}:
        if wanted not in known:
            known |= _by_code(connection, [wanted] if found else [*above_by_code(code), code])
        if wanted not in known:
            break
        found.append(known[wanted])
        wanted = found[-1].parent_code
    return sorted(found, key=lambda unit: LEVELS.index(unit.level))


def _by_code(connection: Connection, codes: Sequence[str]) -> dict[str, Unit]:
    table = schema.unit
    # Every unit lies in the district that its own code names, as codes.district_of says.
    districts = sorted({district_of(code) for code in codes})
    statement = select(*_COLUMNS).where(
        table.c.district_code.in_(districts), table.c.code.in_(sorted(set(codes)))
    )
    return {row.code: _unit(row) for row in connection.execute(statement)}


def children(store: Store, viewer: Viewer | None, focus: Focus) -> list[Unit]:
    """The units directly under the focus unit, by code."""
    below, _ = around(store, viewer, focus)
    return below


def around(store: Store, viewer: Viewer | None, focus: Focus) -> tuple[list[Unit], list[Unit]]:
    """The units directly under the focus unit, and those under its parent (itself among them).

    Both by code. The second is empty where the viewer may not see the parent.
    """
    if not may_see(viewer, focus.lineage):
        return [], []
    below = _directly_under(store, focus.unit)
    if not focus.ancestors or not may_see(viewer, focus.lineage[:-1]):
        return below, []
    return below, _directly_under(store, focus.ancestors[-1])


def within(store: Store, viewer: Viewer | None, focus: Focus) -> list[Unit]:
    """The focus unit and all under it within its district, by code; units no longer in force too,
    as figures of the past have them. Above the district, the unit alone."""
    if not may_see(viewer, focus.lineage):
        return []
    known = _district(store, focus.unit.district_code).units
    found, here = [focus.unit], {focus.unit.code}
    while here:
        under = [unit for unit in known.values() if unit.parent_code in here]
        here = {unit.code for unit in under} - {unit.code for unit in found}
        found += [unit for unit in under if unit.code in here]
    return sorted(found, key=lambda unit: unit.code)


def _directly_under(store: Store, parent: Unit) -> list[Unit]:
    if parent.level in ("city", "province", "nation"):
        return list(_children_elsewhere(store, parent.code))
    return _district(store, parent.district_code).below.get(parent.code, [])


def names_under(store: Store, parent: Unit) -> dict[str, str]:
    """Names of the units directly under one, by code. Says nothing of who may see it."""
    return {one.code: one.name for one in _directly_under(store, parent)}


def lineage_kept(store: Store, code: str) -> tuple[Unit, ...]:
    """`lineage_of`, kept while the store is not written to. Says nothing of who may see it."""
    within: list[Unit] = []
    units = _district(store, district_of(code)).units
    wanted: str | None = code
    while wanted in units and units[wanted] not in within:
        within.append(units[wanted])
        wanted = within[-1].parent_code
    above = _lineage(store, wanted) if within and wanted and wanted not in units else ()
    units_found = dict.fromkeys((*above, *within))
    return tuple(sorted(units_found, key=lambda unit: LEVELS.index(unit.level)))


@dataclass(frozen=True)
class _District:
    """The units of one district_code by code, and those in force by their parent, by code."""

    units: dict[str, Unit]
    below: dict[str, list[Unit]]


@kept(size=128)
def _district(connection: Connection, district: Any) -> _District:
    """One statement for the whole tree of a district: some hundred rows, the same for everyone."""
    table = schema.unit
    statement = select(*_COLUMNS, table.c.valid_to).where(table.c.district_code == district)
    found = _District({}, {})
    for *values, valid_to in connection.execute(statement.order_by(table.c.code)):
        one = Unit(*values)
        found.units[one.code] = one
        if valid_to is None and one.parent_code is not None:
            found.below.setdefault(one.parent_code, []).append(one)
    return found


@kept(size=1024)
def _children_elsewhere(connection: Connection, parent: Any) -> tuple[Unit, ...]:
    """The units under one above the districts: each lies in a district of its own."""
    table = schema.unit
    statement = select(*_COLUMNS).where(table.c.parent_code == parent, table.c.valid_to.is_(None))
    return tuple(_unit(row) for row in connection.execute(statement.order_by(table.c.code)))


@kept(size=1024)
def _lineage(connection: Connection, code: Any) -> tuple[Unit, ...]:
    return tuple(lineage_of(connection, code))


def siblings_label(units: Sequence[Unit]) -> str:
    """What a table calls these units: 镇(街道), 村, 区县."""
    levels = {unit.level for unit in units}
    if levels == {"town"}:
        return "镇(街道)"
    return "村" if levels == {"village"} else "单位"


def _unit(row: Row[Any]) -> Unit:
    return Unit(**row._mapping)
