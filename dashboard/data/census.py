"""Rows of households, as the queries about them read them. Each function is one statement.

`scope` is the unit whose households are read: a district, a town or a village. Who may not see
households looks at the counts of a whole district, whichever unit is on the screen: what was read
is kept until the store is written to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, exists, func, select

from dashboard.data import versioned
from dashboard.data.schema import household, household_income, lifecycle_event, target, unit
from dashboard.data.store import Store
from dashboard.data.units import Unit
from dashboard.policy.households import ABLE, UNABLE, Count, Household
from dashboard.policy.lifecycle import EXIT, RELAPSE, Event, closed_year
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
    groups = (household.c.village_code, unit.c.parent_code, *kinds)
    lies_in = and_(
        unit.c.district_code == household.c.district_code, unit.c.code == household.c.village_code
    )
    statement = (
        select(*groups, func.count(), func.sum(household.c.persons))
        .select_from(household.join(unit, lies_in))
        .where(*_within(scope), household.c.identified_on <= day, ~is_out)
        .group_by(*groups)
    )
    return {
        (row[0], row[1], row[2], row[3], row[4]): Count(row[5], int(row[6]))
        for row in connection.execute(statement)
    }


def members(
    connection: Connection, scope: Unit, day: date, years: Sequence[int]
) -> dict[str, Household]:
    """Every household identified by a day, those that have left included, with the incomes of
    those years; without events."""
    incomes = [household_income.alias(f"income_{year}") for year in years]
    joined = household
    for year, table in zip(years, incomes, strict=True):
        joined = joined.outerjoin(  # type: ignore[assignment]
            table,
            and_(
                table.c.district_code == household.c.district_code,
                table.c.household == household.c.number,
                table.c.year == year,
            ),
        )
    columns = ("number", "village_code", "persons", "labour", "category", "cause", "identified_on")
    statement = (
        select(*[household.c[name] for name in columns], *[t.c.income_fen for t in incomes])
        .select_from(joined)
        .where(*_within(scope), household.c.identified_on <= day)
    )
    found = {}
    for number, village, persons, labour, category, cause, on, *told in connection.execute(
        statement
    ):
        known = {year: int(fen) for year, fen in zip(years, told, strict=True) if fen is not None}
        found[number] = Household(number, village, persons, labour, category, cause, on, known)
    return found


def histories(
    connection: Connection, scope: Unit, day: date, *, of_all: bool
) -> dict[str, tuple[Event, ...]]:
    """What has happened up to a day to the households that have ever left; `of_all`: to all."""
    happened, left = lifecycle_event.alias("happened"), lifecycle_event.alias("left")
    conditions = [*_within(scope), *_of(happened), happened.c.happened_on <= day]
    if not of_all:
        # Who left twice comes twice.
        conditions += [*_of(left, EXIT), left.c.happened_on <= day]
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


def incomes_of_leavers(
    connection: Connection, scope: Unit, until: int
) -> dict[str, dict[int, int]]:
    """Income in fen a head by year, up to a year, of the households that have ever left."""
    left = lifecycle_event.alias("left")
    statement = select(
        household.c.number, household_income.c.year, household_income.c.income_fen
    ).where(
        *_within(scope),
        household_income.c.district_code == household.c.district_code,
        household_income.c.household == household.c.number,
        household_income.c.year <= until,
        *_of(left, EXIT),
    )
    found: dict[str, dict[int, int]] = {}
    for number, year, fen in connection.execute(statement):
        found.setdefault(number, {})[year] = int(fen)
    return found


def quotas(connection: Connection, scope: Unit, indicator: str, year: int) -> dict[str, int]:
    """The year's target of an indicator, of the scope and the units directly under it, by code."""
    below = and_(unit.c.district_code == target.c.district_code, unit.c.code == target.c.unit_code)
    statement = (
        select(target.c.unit_code, target.c.value)
        .select_from(target.join(unit, below))
        .where(
            target.c.district_code == scope.district_code,
            (unit.c.parent_code == scope.code) | (unit.c.code == scope.code),
            target.c.indicator_code == indicator,
            target.c.year == year,
        )
    )
    return {row.unit_code: int(row.value) for row in connection.execute(statement)}


@dataclass(frozen=True)
class Census:
    """Every household identified by a quarter's end under a unit, with all that is needed of it.

    `names`: (name, code of the unit above) by code.
    """

    names: Mapping[str, tuple[str, str | None]]
    households: tuple[Household, ...]


def read(store: Store, scope: Unit, period: Period) -> Census:
    """Read anew after every write to the store; one statement asks whether there was one, four
    read."""
    return _read(versioned.source(store), scope, period)


@lru_cache(maxsize=8)
def _read(source: versioned.Source, scope: Unit, period: Period) -> Census:
    day, year = period.last_day, closed_year(period)
    with source.store.reading(of_district=True) as connection:
        known = names(connection, scope)
        everyone = members(connection, scope, day, (year - 1, year))
        events = histories(connection, scope, day, of_all=scope.is_village)
        incomes = incomes_of_leavers(connection, scope, year)
    households = tuple(
        replace(
            one, events=events.get(number, ()), incomes={**one.incomes, **incomes.get(number, {})}
        )
        if number in events or number in incomes
        else one
        for number, one in everyone.items()
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
