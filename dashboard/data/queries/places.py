"""Where things are: outlines of units, and villages as points with what a map says of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, or_, select

from dashboard.config_models import Catalogue
from dashboard.data.frames import Row
from dashboard.data.queries import progress
from dashboard.data.queries import villages as village_queries
from dashboard.data.schema import boundary, lifecycle_event, pairing, summary, unit
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import kept
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.periods import Period
from dashboard.settings import Settings

FACTS = ("households", "weak", "exited", "first_secretary")


@dataclass(frozen=True)
class Area:
    """A unit's outline: a GeoJSON geometry in WGS84 / CGCS2000, None where none is stored."""

    code: str
    name: str
    geometry: dict[str, Any] | None


def outlines(store: Store, viewer: Viewer | None, focus: Focus) -> Sequence[Area]:
    """The units directly under the focus unit, by code; for a town the town itself.

    Villages have points only. Empty for who may not see the unit.
    """
    if not may_see(viewer, focus.lineage):
        return ()
    wanted = focus.unit.parent_code if focus.unit.is_village else focus.unit.code
    district = focus.unit.district_code if focus.is_in_a_district else None
    return _outlines(store, _Drawn(wanted, focus.unit.level in ("town", "village"), district))


@dataclass(frozen=True)
class _Drawn:
    """Whose outlines: the unit's own, or those of the units under it; `district`: theirs where all
    have one."""

    code: str | None
    is_itself: bool
    district: str | None


@kept(size=32)
def _outlines(connection: Connection, asked: Any) -> Sequence[Area]:
    here = unit.c.code if asked.is_itself else unit.c.parent_code
    conditions: list[ColumnElement[bool]] = [here == asked.code, unit.c.valid_to.is_(None)]
    if asked.district is not None:
        conditions.append(unit.c.district_code == asked.district)
    drawn = and_(
        boundary.c.district_code == unit.c.district_code, boundary.c.unit_code == unit.c.code
    )
    statement = (
        select(unit.c.code, unit.c.name, boundary.c.geometry)
        .select_from(unit.outerjoin(boundary, drawn))
        .where(*conditions)
        .order_by(unit.c.code)
    )
    rows = connection.execute(statement)
    return tuple(Area(row.code, row.name, _parsed(row.geometry)) for row in rows)


def of_areas(store: Store, viewer: Viewer | None, focus: Focus) -> list[Row]:
    """Every indicator of the units whose outlines are drawn, at the focus period: of those directly
    under the focus unit, of a town its own. Keys: unit (code), indicator, FIGURE_COLUMNS."""
    if focus.unit.level == "town":
        own = progress.of_unit(store, viewer, focus)
        return [{"unit": focus.unit.code, **row} for row in own]
    return list(progress.of_children(store, viewer, focus))


def _parsed(geometry: Any) -> dict[str, Any] | None:
    if geometry is None:
        return None
    parsed: dict[str, Any] = json.loads(geometry) if isinstance(geometry, str) else geometry
    return parsed


def villages(
    store: Store, viewer: Viewer | None, focus: Focus, settings: Settings
) -> Sequence[Row]:
    """Every village under the focus unit (a district, a town or the village itself), by code.

    Keys: those of villages.incomes (amounts in integer fen, None where not reported; lon, lat in
    degrees, None where unknown), then households (on the register, None where none is told), weak
    (0 or 1, None), exited (bool: the newest event up to the quarter's end is 退出) and
    first_secretary (bool: in post on the quarter's last day). No caller can change them. Read once
    for a district's quarter: a meeting goes from town to town. Source: 武发〔2016〕68号 二(一),
    三(二), 四(四).
    """
    if not may_see(viewer, focus.lineage) or not focus.is_in_a_district:
        return ()
    quarter = _Quarter(
        focus.unit.district_code,
        focus.period,
        by_rule(settings.catalogue, "households", None),
        by_rule(settings.catalogue, "weak_villages", "weak_village"),
        village_queries.Sources.of(settings.policy),
    )
    rows = _villages(store, quarter)
    return tuple(row for row in rows if focus.holds(row["village"], row["town"]))


@dataclass(frozen=True)
class _Quarter:
    """Of which district, and the indicators that say how many households a village has and whether
    it is weak."""

    district: str
    period: Period
    households: str
    weak: str
    sources: village_queries.Sources


@kept(size=24)
def _villages(connection: Connection, quarter: Any) -> Sequence[Row]:
    statement = _with_facts(village_queries.selection(quarter.district, quarter.period), quarter)
    rows = village_queries.summed(village_queries.read(connection, statement), quarter.sources)
    for row in rows:
        row["exited"] = bool(row["exited"])
        row["first_secretary"] = bool(row["first_secretary"])
    return tuple(MappingProxyType(row) for row in rows)


def by_rule(catalogue: Catalogue, rule: str, threshold: str | None) -> str:
    """Code of the indicator that a register's rule fills; "" where the catalogue has none."""
    for entry in catalogue.indicators:
        given = entry.register_rule
        if given is not None and (given.rule, given.threshold) == (rule, threshold):
            return entry.code
    return ""


def _with_facts(statement: Select[Any], quarter: _Quarter) -> Select[Any]:
    """With FACTS of each village."""
    day, district = quarter.period.last_day, quarter.district
    counted, judged = summary.alias("counted"), summary.alias("judged")
    event, later = lifecycle_event.alias("event"), lifecycle_event.alias("later")
    of_village = (event.c.district_code == district, event.c.subject_type == "village")
    has_left = exists().where(
        *of_village,
        event.c.subject == unit.c.code,
        event.c.event == "退出",
        event.c.happened_on <= day,
        ~exists().where(
            later.c.district_code == district,
            later.c.subject_type == "village",
            later.c.subject == unit.c.code,
            later.c.event == "返贫",
            later.c.happened_on.between(event.c.happened_on, day),
        ),
    )
    has_secretary = exists().where(
        pairing.c.district_code == district,
        pairing.c.kind == "第一书记",
        pairing.c.subject_type == "village",
        pairing.c.subject == unit.c.code,
        pairing.c.started_on <= day,
        or_(pairing.c.ended_on.is_(None), pairing.c.ended_on >= day),
    )
    facts = (counted.c.value, judged.c.value, has_left, has_secretary)
    return (
        statement.outerjoin(counted, _of(counted, quarter.households, quarter.period))
        .outerjoin(judged, _of(judged, quarter.weak, quarter.period))
        .add_columns(*(fact.label(name) for name, fact in zip(FACTS, facts, strict=True)))
    )


def _of(table: Any, indicator: str, period: Period) -> ColumnElement[bool]:
    return and_(
        table.c.district_code == unit.c.district_code,
        table.c.unit_code == unit.c.code,
        table.c.indicator_code == indicator,
        table.c.period == str(period),
    )
