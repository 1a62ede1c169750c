"""Where things are: outlines of units, and villages as points with what a map says of them."""

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from dashboard.config_models import Catalogue
from dashboard.data.frames import Row
from dashboard.data.queries import progress
from dashboard.data.queries import villages as village_queries
from dashboard.data.schema import boundary, lifecycle_event, pairing, summary, unit
from dashboard.data.scoped import kept_frame
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer, may_see
from dashboard.settings import Settings

FACTS = ("households", "weak", "exited", "first_secretary")


@dataclass(frozen=True)
class Area:
    """A unit's outline: a GeoJSON geometry in WGS84 / CGCS2000, None where none is stored."""

    code: str
    name: str
    geometry: dict[str, Any] | None


def outlines(store: Store, viewer: Viewer | None, focus: Focus) -> list[Area]:
    """The units directly under the focus unit, by code; for a town the town itself.

    Villages have points only. Empty for who may not see the unit.
    """
    if not may_see(viewer, focus.lineage):
        return []
    here = unit.c.code if focus.unit.level in ("town", "village") else unit.c.parent_code
    wanted = focus.unit.parent_code if focus.unit.is_village else focus.unit.code
    conditions: list[ColumnElement[bool]] = [here == wanted, unit.c.valid_to.is_(None)]
    if focus.unit.level in ("district", "town", "village"):
        conditions.append(unit.c.district_code == focus.unit.district_code)
    drawn = and_(
        boundary.c.district_code == unit.c.district_code, boundary.c.unit_code == unit.c.code
    )
    statement = (
        select(unit.c.code, unit.c.name, boundary.c.geometry)
        .select_from(unit.outerjoin(boundary, drawn))
        .where(*conditions)
        .order_by(unit.c.code)
    )
    with store.reading() as connection:
        return [
            Area(row.code, row.name, _parsed(row.geometry)) for row in connection.execute(statement)
        ]


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


@kept_frame
def villages(store: Store, viewer: Viewer | None, focus: Focus, settings: Settings) -> pd.DataFrame:
    """Every village under the focus unit (a district, a town or the village itself).

    Columns: those of villages.incomes (amounts in integer fen, NA where not reported; lon, lat in
    degrees, NA where unknown), then households (on the register, NA where none is told), weak
    (0 or 1, NA), exited (bool: the newest event up to the quarter's end is 退出) and
    first_secretary (bool: in post on the quarter's last day). Source: 武发〔2016〕68号 二(一),
    三(二), 四(四).
    """
    rows = village_rows(store, viewer, focus, settings)
    columns = (*village_queries.INCOME_COLUMNS, *village_queries.SUMS, *FACTS)
    frame = village_queries.as_frame(rows, columns, ("households", "weak"))
    return frame.astype({"exited": bool, "first_secretary": bool})


def village_rows(
    store: Store, viewer: Viewer | None, focus: Focus, settings: Settings
) -> list[dict[str, Any]]:
    """What `villages` tells, as plain rows: None where nothing is told. One statement."""
    statement = _with_facts(
        village_queries.selection(focus),
        focus,
        by_rule(settings.catalogue, "households", None),
        by_rule(settings.catalogue, "weak_villages", "weak_village"),
    )
    rows = village_queries.read(store, viewer, focus, statement)
    return village_queries.summed(rows, settings.policy)


def by_rule(catalogue: Catalogue, rule: str, threshold: str | None) -> str:
    """Code of the indicator that a register's rule fills; "" where the catalogue has none."""
    for entry in catalogue.indicators:
        given = entry.register_rule
        if given is not None and (given.rule, given.threshold) == (rule, threshold):
            return entry.code
    return ""


def _with_facts(statement: Select[Any], focus: Focus, households: str, weak: str) -> Select[Any]:
    """With FACTS of each village."""
    day, district = focus.period.last_day, focus.unit.district_code
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
        statement.outerjoin(counted, _of(counted, households, focus))
        .outerjoin(judged, _of(judged, weak, focus))
        .add_columns(*(fact.label(name) for name, fact in zip(FACTS, facts, strict=True)))
    )


def _of(table: Any, indicator: str, focus: Focus) -> ColumnElement[bool]:
    return and_(
        table.c.district_code == unit.c.district_code,
        table.c.unit_code == unit.c.code,
        table.c.indicator_code == indicator,
        table.c.period == str(focus.period),
    )
