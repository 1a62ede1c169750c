"""Rows of households, as the queries about them read them. Each function is one statement.

`scope` is the unit whose households are read: a district, a town or a village. Who may not see
households looks at the counts of a whole district, whichever unit is on the screen: what was read
is kept until the store is written to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, exists, func, select

from dashboard.data import versioned
from dashboard.data.schema import household, household_income, lifecycle_event, target, unit
from dashboard.data.store import Store
from dashboard.data.units import Unit
from dashboard.policy.households import ABLE, UNABLE, Count, Household
from dashboard.policy.lifecycle import EXIT, RELAPSE, Event
from dashboard.policy.periods import Period

Traits = tuple[str, str, str, str, str]
"""(village, unit above it, category, cause, track)."""


def names(connection: Connection, scope: Unit) -> dict[str, tuple[str, str | None]]:
    """(name, code of the unit above) of the unit and of those under it, by code."""
    conditions = [unit.c.district_code == scope.district_code]
    if scope.level != "district":
        conditions.append((unit.c.code == scope.code) | (unit.c.parent_code == scope.code))
    statement = select(unit.c.code, unit.c.name, unit.c.parent_code).where(*conditions)
    return {row.code: (row.name, row.parent_code) for row in connection.execute(statement)}


def traits(connection: Connection, scope: Unit, day: date) -> dict[Traits, Count]:
    """Households on the register on a day, by village and traits.

    Counted by the database, by the rule of lifecycle.is_out.
    """
    left, back = lifecycle_event.alias("left"), lifecycle_event.alias("back")
    is_out = exists().where(
        *_of(left, EXIT),
        left.c.happened_on <= day,
        ~exists().where(
            # Of the exit, not of the household: two levels up nothing is correlated.
            back.c.district_code == left.c.district_code,
            back.c.subject_type == left.c.subject_type,
            back.c.subject == left.c.subject,
            back.c.event == RELAPSE,
            back.c.happened_on.between(left.c.happened_on, day),
        ),
    )
    track = case((household.c.labour > 0, ABLE), else_=UNABLE)
    kinds = (household.c.category, household.c.cause, track)
    lies_in = and_(
        unit.c.district_code == household.c.district_code, unit.c.code == household.c.village_code
    )
    places = (household.c.village_code, unit.c.parent_code)
    statement = (
        select(*places, *kinds, func.count(), func.sum(household.c.persons))
        .select_from(household.join(unit, lies_in))
        .where(*_within(scope), household.c.identified_on <= day, ~is_out)
        .group_by(*places, *kinds)
    )
    found: dict[Traits, Count] = {}
    for village, above, category, cause, way, households, persons in connection.execute(statement):
        found[village, above, category, cause, way] = Count(households, int(persons))
    return found


def members(connection: Connection, scope: Unit) -> Iterator[Household]:
    """Every household there is, those that have left included; without incomes and events."""
    columns = ("number", "village_code", "persons", "labour", "category", "cause", "identified_on")
    statement = select(*[household.c[name] for name in columns]).where(*_within(scope))
    for number, village, persons, labour, category, cause, on in connection.execute(statement):
        yield Household(number, village, persons, labour, category, cause, on)


def incomes(connection: Connection, scope: Unit) -> dict[str, dict[int, int]]:
    """Income in fen a head by household and year."""
    table = household_income.c
    statement = select(table.household, table.year, table.income_fen)
    if scope.level == "district":
        statement = statement.where(table.district_code == scope.district_code)
    else:
        statement = statement.where(
            *_within(scope),
            table.district_code == household.c.district_code,
            table.household == household.c.number,
        )
    found: dict[str, dict[int, int]] = {}
    for number, year, fen in connection.execute(statement):
        found.setdefault(number, {})[year] = int(fen)
    return found


def histories(connection: Connection, scope: Unit, *, of_all: bool) -> dict[str, tuple[Event, ...]]:
    """What has happened to the households that have ever left; `of_all`: to all."""
    happened, left = lifecycle_event.alias("happened"), lifecycle_event.alias("left")
    conditions = [*_within(scope), *_of(happened)]
    if not of_all:
        # Who left twice comes twice.
        conditions += _of(left, EXIT)
    statement = select(household.c.number, happened.c.happened_on, happened.c.event).where(
        *conditions
    )
    found: dict[str, set[tuple[date, str]]] = {}
    for number, on, event in connection.execute(statement):
        found.setdefault(number, set()).add((on, event))
    # Sorted as tuples: comparing events themselves takes ten times as long.
    return {
        number: tuple(Event(on, event) for on, event in sorted(events))
        for number, events in found.items()
    }


def quotas(connection: Connection, scope: Unit, indicator: str) -> dict[int, dict[str, int]]:
    """Targets of an indicator by year and unit: of the scope and the units directly under it."""
    below = and_(unit.c.district_code == target.c.district_code, unit.c.code == target.c.unit_code)
    statement = (
        select(target.c.year, target.c.unit_code, target.c.value)
        .select_from(target.join(unit, below))
        .where(
            target.c.district_code == scope.district_code,
            (unit.c.parent_code == scope.code) | (unit.c.code == scope.code),
            target.c.indicator_code == indicator,
        )
    )
    found: dict[int, dict[str, int]] = {}
    for year, code, value in connection.execute(statement):
        found.setdefault(year, {})[code] = int(value)
    return found


@dataclass(frozen=True)
class Census:
    """Every household identified by a quarter's end under a unit, with all that is known of it by
    today: rules look at the quarter.

    `names`: (name, code of the unit above) by code.
    """

    names: Mapping[str, tuple[str, str | None]]
    households: tuple[Household, ...]


def read(store: Store, scope: Unit, period: Period) -> Census:
    """Read anew after every write to the store, once for all quarters, in four statements."""
    whole = _read(versioned.source(store), scope)
    day = period.last_day
    return Census(whole.names, tuple(o for o in whole.households if o.identified_on <= day))


@lru_cache(maxsize=12)
def _read(source: versioned.Source, scope: Unit) -> Census:
    with source.store.reading(of_district=True) as connection:
        known = names(connection, scope)
        everyone = list(members(connection, scope))
        earned = incomes(connection, scope)
        events = histories(connection, scope, of_all=scope.is_village)
    households = tuple(
        replace(one, incomes=earned.get(one.number, {}), events=events.get(one.number, ()))
        for one in everyone
    )
    return Census(known, households)


def _of(table: FromClause, event: str | None = None) -> list[ColumnElement[bool]]:
    """Events of the household at hand, wherever they happened: by the key, not by the village."""
    conditions = [
        table.c.district_code == household.c.district_code,
        table.c.subject_type == "household",
        table.c.subject == household.c.number,
    ]
    return conditions if event is None else [*conditions, table.c.event == event]


def _within(scope: Unit) -> list[ColumnElement[bool]]:
    conditions = [household.c.district_code == scope.district_code]
    if scope.is_village:
        conditions.append(household.c.village_code == scope.code)
    elif scope.level == "town":
        villages = select(unit.c.code).where(
            unit.c.district_code == scope.district_code, unit.c.parent_code == scope.code
        )
        conditions.append(household.c.village_code.in_(villages))
    return conditions
