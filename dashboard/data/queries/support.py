"""Who helps whom, and who is left without help: coverage computed from what is absent.

Source: 武发〔2016〕68号 三(二) (挂钩结对制度化, 一镇一套方案、一村一套措施、一户一套办法).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select

from dashboard.data.queries.places import by_rule
from dashboard.data.queries.subtree import read
from dashboard.data.schema import household, measure, pairing, summary, task, unit
from dashboard.data.scoped import kept_frame
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import kept
from dashboard.policy.access import Role, Viewer, may_see
from dashboard.policy.suppression import LEAST, Cell, hidden, summed
from dashboard.settings import Settings

KINDS = {"secretary": "第一书记", "department": "部门挂钩", "company": "企业"}
"""Kinds of pairing of a village, by column."""
CADRE = "党员干部"
PLAN = "方案落实"
MEASURES = ["subject", "category", "department", "subjects", "persons", "amount_fen", "unpriced"]
HOUSEHOLDS = ["unit", "households", "unpaired", "unplanned"]


@kept_frame
def villages(store: Store, viewer: Viewer | None, focus: Focus, settings: Settings) -> pd.DataFrame:
    """Every village under the focus unit and whether it has who should help it, on the last day.

    Columns: village (code), name, town (code), town_name, weak (0, 1 or NA), secretary, department,
    company (bool), measures (how many of the village itself), organisations (department names,
    joined), mine (bool: the viewer's own organisation is paired with it).
    """
    rows: list[_Village] = []
    if may_see(viewer, focus.lineage):
        weak = by_rule(settings.catalogue, "weak_villages", "weak_village")
        known = _villages(store, (focus.unit.district_code, focus.period, weak))
        rows = [row for row in known if focus.holds(row.village, row.town)]
    frame = pd.DataFrame([row.plain for row in rows], columns=_PLAIN, dtype=object)
    for column, kind in KINDS.items():
        frame[column] = pd.Series([kind in row.helpers for row in rows], dtype=bool)
    frame["organisations"] = ["、".join(row.helpers.get(KINDS["department"], ())) for row in rows]
    own = viewer.organisation if viewer else None
    mine = {own} if own else set()
    are_mine = [not mine.isdisjoint(chain(*row.helpers.values())) for row in rows]
    frame["mine"] = pd.Series(are_mine, dtype=bool)
    return frame


_PLAIN = ["village", "name", "town", "town_name", "weak", "measures"]


class _Village(NamedTuple):
    """`helpers`: who is paired with it, by kind."""

    plain: tuple[Any, ...]
    helpers: Mapping[str, Sequence[str]]

    @property
    def village(self) -> str:
        return str(self.plain[0])

    @property
    def town(self) -> str:
        return str(self.plain[2])


@kept(size=64)
def _villages(connection: Connection, key: Any) -> Sequence[_Village]:
    """Those of a whole district in a quarter, by code: a meeting goes from town to town."""
    district, period, weak = key
    day = period.last_day
    town = unit.alias("town")
    judged = and_(
        summary.c.district_code == unit.c.district_code,
        summary.c.unit_code == unit.c.code,
        summary.c.indicator_code == weak,
        summary.c.period == str(period),
    )
    above = and_(town.c.district_code == unit.c.district_code, town.c.code == unit.c.parent_code)
    of_village = and_(
        measure.c.district_code == unit.c.district_code,
        measure.c.subject_type == "village",
        measure.c.subject == unit.c.code,
        measure.c.started_on <= day,
    )
    known = (unit.c.code, unit.c.name, unit.c.parent_code, town.c.name, summary.c.value)
    statement = (
        select(*known, func.count(measure.c.category))
        .select_from(
            unit.outerjoin(town, above).outerjoin(summary, judged).outerjoin(measure, of_village)
        )
        .where(
            unit.c.district_code == district,
            unit.c.level == "village",
            unit.c.valid_to.is_(None),
        )
        .group_by(*known)
        .order_by(unit.c.code)
    )
    paired = (
        select(pairing.c.subject, pairing.c.kind, pairing.c.organisation)
        .select_from(pairing.join(unit, _located(pairing)))
        .where(
            pairing.c.district_code == district,
            pairing.c.subject_type == "village",
            pairing.c.started_on <= day,
            or_(pairing.c.ended_on.is_(None), pairing.c.ended_on >= day),
        )
        .order_by(pairing.c.subject, pairing.c.organisation)
    )
    helpers: dict[str, dict[str, list[str]]] = {}
    for village, kind, organisation in connection.execute(paired):
        helpers.setdefault(village, {}).setdefault(kind, []).append(organisation)
    found = [tuple(row) for row in connection.execute(statement)]
    return [_Village(plain, helpers.get(plain[0], {})) for plain in found]


@kept_frame
def households(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Households identified by the quarter's end, and those without a cadre or without a measure.

    First the focus unit, then a row a unit directly under it that has any.
    Those that have left are among them: support is kept for two years. Columns: unit (code),
    households, unpaired (no 党员干部 on the last day), unplanned (no measure begun: 一户一套办法
    is missing); NA where the viewer may not see so small a count, nor what would give it away.
    """
    rows: Sequence[Mapping[str, Any]] = ()
    if may_see(viewer, focus.lineage):
        rows = _lacking(store, (focus.unit.district_code, focus.period.last_day))
    sees = viewer is not None and viewer.sees_households
    parents = {str(row["village"]): str(row["town"]) for row in rows}
    below = {_shown(focus, row) for row in rows if focus.holds(row["village"], row["town"])}
    shown = [focus.unit.code, *sorted(below - {focus.unit.code})] if below else []
    parents |= dict.fromkeys(set(parents.values()), focus.unit.district_code)
    found: dict[str, dict[str, Any]] = {code: {"unit": code} for code in shown}
    for name in HOUSEHOLDS[2:]:
        counts: dict[Cell, int] = {}
        for row in rows:
            counts[str(row["village"]), "lacking"] = int(row[name])
            counts[str(row["village"]), "rest"] = int(row["households"]) - int(row[name])
        kept = frozenset() if sees else hidden(counts, parents)
        whole = summed(counts, parents)
        for code in shown:
            cell = (code, "lacking")
            found[code][name] = pd.NA if cell in kept else whole[cell]
            found[code]["households"] = whole[cell] + whole[code, "rest"]
    frame = pd.DataFrame(list(found.values()), columns=HOUSEHOLDS, dtype=object)
    return frame.astype(dict.fromkeys(HOUSEHOLDS[1:], "Int64"))


@kept(size=64)
def _lacking(connection: Connection, key: Any) -> list[Mapping[str, Any]]:
    """By village, of a whole district on a day, whatever is looked at and by whom: cells are hidden
    in one table of all."""
    district, day = key
    statement = (
        select(
            unit.c.code.label("village"),
            unit.c.parent_code.label("town"),
            func.count().label("households"),
            func.sum(case((_has_cadre(day), 0), else_=1)).label("unpaired"),
            func.sum(case((_has_measure(day), 0), else_=1)).label("unplanned"),
        )
        .select_from(household.join(unit, _located(household)))
        .where(household.c.district_code == district, household.c.identified_on <= day)
        .group_by(unit.c.code, unit.c.parent_code)
        .order_by(unit.c.code)
    )
    return [dict(row) for row in connection.execute(statement).mappings()]


def _shown(focus: Focus, row: Mapping[str, Any]) -> str:
    return str(row["town"] if focus.unit.level == "district" else row["village"])


def _has_cadre(day: date) -> ColumnElement[bool]:
    return exists().where(
        pairing.c.district_code == household.c.district_code,
        pairing.c.kind == CADRE,
        pairing.c.subject_type == "household",
        pairing.c.subject == household.c.number,
        pairing.c.started_on <= day,
        or_(pairing.c.ended_on.is_(None), pairing.c.ended_on >= day),
    )


def _has_measure(day: date) -> ColumnElement[bool]:
    return exists().where(
        measure.c.district_code == household.c.district_code,
        measure.c.subject_type == "household",
        measure.c.subject == household.c.number,
        measure.c.started_on <= day,
    )


@kept_frame
def measures(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Measures begun by the quarter's end, by class and department.

    Columns: subject (village or household), category, department, subjects (villages or
    households), persons (of the households, NA for villages), amount_fen (integer fen, of those
    with an amount), unpriced (measures without an amount). Most subjects first.
    """
    sums: dict[tuple[str, str, str], _Measured] = {}
    if may_see(viewer, focus.lineage):
        known = _measured(store, (focus.unit.district_code, focus.period.last_day))
        for (village, town, *by), own in known:
            if focus.holds(village, town):
                key = (by[0], by[1], by[2])
                sums[key] = own if key not in sums else _together(sums[key], own)
    rows = [(*by, *own) for by, own in sums.items()]
    rows.sort(key=lambda row: (row[0], -row[3], row[1], row[2]))
    frame = pd.DataFrame(rows, columns=MEASURES, dtype=object)
    for name in MEASURES[3:]:
        frame[name] = frame[name].astype("Int64")
    small = (frame["subject"] == "household") & (frame["subjects"] < LEAST)
    if viewer is not None and not viewer.sees_households:
        frame.loc[small, MEASURES[3:]] = pd.NA
    return frame


_Measured = tuple[int, int | None, int | None, int]
"""Subjects, persons, fen, how many without an amount."""


def _together(one: _Measured, other: _Measured) -> _Measured:
    """A subject lies in one village, and is counted once. None for nothing known of any."""

    def added(a: int | None, b: int | None) -> int | None:
        return b if a is None else a if b is None else a + b

    return one[0] + other[0], added(one[1], other[1]), added(one[2], other[2]), one[3] + other[3]


@kept(size=64)
def _measured(connection: Connection, key: Any) -> Sequence[tuple[tuple[str, ...], _Measured]]:
    """Of a whole district on a day, by (village, town, kind of subject, category, department)."""
    district, day = key
    of_household = and_(
        household.c.district_code == measure.c.district_code,
        household.c.number == measure.c.subject,
        measure.c.subject_type == "household",
    )
    place = (unit.c.code, unit.c.parent_code)
    by = (*place, measure.c.subject_type, measure.c.category, measure.c.department)
    statement = (
        select(
            *by,
            func.count(measure.c.subject.distinct()),
            func.sum(household.c.persons),
            func.sum(measure.c.amount_fen),
            func.sum(case((measure.c.amount_fen.is_(None), 1), else_=0)),
        )
        .select_from(measure.join(unit, _located(measure)).outerjoin(household, of_household))
        .where(measure.c.district_code == district, measure.c.started_on <= day)
        .group_by(*by)
    )

    def whole(number: Any) -> int | None:
        return None if number is None else int(number)

    return [
        ((village, town, subject, category, department), (count, whole(a), whole(b), int(unpriced)))
        for village, town, subject, category, department, count, a, b, unpriced in (
            connection.execute(statement)
        )
    ]


@kept_frame
def plans(store: Store, viewer: Viewer | None, focus: Focus) -> pd.DataFrame:
    """Towns at or under the focus unit, and whether their plan (一镇一套方案) is made.

    Columns: unit (code), name, tasks (of 方案落实, due or done by the quarter's end), done (of
    them). A town without such a task has no plan on record.
    """
    day = focus.period.last_day
    own = unit.c.code == focus.unit.code
    of_town = and_(
        task.c.district_code == unit.c.district_code,
        task.c.unit_code == unit.c.code,
        task.c.kind == PLAN,
        task.c.due_month <= f"{day:%Y-%m}",
    )
    done = case((task.c.done_on <= day, 1), else_=0)
    statement = (
        select(
            unit.c.code.label("unit"),
            unit.c.name,
            func.count(task.c.number).label("tasks"),
            func.coalesce(func.sum(done), 0).label("done"),
        )
        .select_from(unit.outerjoin(task, of_town))
        .where(
            unit.c.district_code == focus.unit.district_code,
            unit.c.level == "town",
            or_(own, unit.c.parent_code == focus.unit.code),
            unit.c.valid_to.is_(None),
        )
        .group_by(unit.c.code, unit.c.name)
        .order_by(unit.c.code)
    )
    return read(store, viewer, focus, statement)


def answered_for(viewer: Viewer | None) -> bool:
    """Whether the viewer is an organisation that answers for villages of its own."""
    return viewer is not None and viewer.role is Role.DEPARTMENT and bool(viewer.organisation)


def _located(table: Any) -> Any:
    return and_(unit.c.district_code == table.c.district_code, unit.c.code == table.c.village_code)
