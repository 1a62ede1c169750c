"""What the store already knows, as far as a file's rows refer to it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from dashboard.config_models import Level
from dashboard.data import schema
from dashboard.data.ingest.cells import folded
from dashboard.data.registers import CHUNK
from dashboard.policy.codes import district_of
from dashboard.policy.lifecycle import Event
from dashboard.policy.periods import Period


@dataclass(frozen=True)
class KnownUnit:
    code: str
    name: str
    level: Level
    parent: str | None


@dataclass
class Known:
    """Units, households and cumulative figures, of the store and of the files being imported."""

    units: dict[str, KnownUnit] = field(default_factory=dict)
    villages: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Household number to (district, village)."""
    incomes: dict[tuple[str, Period], dict[str, int]] = field(default_factory=dict)
    """Year-to-date fen by source, by (village, period)."""
    observations: dict[tuple[str, str, Period], int] = field(default_factory=dict)
    events: dict[tuple[str, str], set[Event]] = field(default_factory=lambda: defaultdict(set))
    """Lifecycle events by (subject_type, subject)."""
    alike: dict[tuple[str, str], str] = field(default_factory=dict)
    """(table, number as a file has it) to the number of the store that is read as the same."""

    def lineage(self, code: str) -> list[str]:
        """The unit and those above it, as far as known; ends where parents run in a circle."""
        path: list[str] = []
        here: str | None = code
        while here is not None and here in self.units and here not in path:
            path.append(here)
            here = self.units[here].parent
        return path


def load(
    connection: Connection, rows: Mapping[str, Sequence[Mapping[str, Any]]], near: str
) -> Known:
    """Read what the given rows (by table) refer to. Rows hold fields as the sheets name them.

    `near` is a unit code: households are looked for in its district where no row names a unit.
    """
    known = Known()
    _units(connection, known, rows)
    _households(connection, known, rows, near)
    _cumulative(connection, known, rows)
    _events(connection, known, rows, near)
    _alike(connection, known, rows, near)
    return known


def _units(
    connection: Connection, known: Known, rows: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    there = {
        row.get(name)
        for table_rows in rows.values()
        for name in ("code", "unit_code", "village_code", "parent_code", "subject")
        if any(name in row for row in table_rows[:1])  # all of a table have the same
        for row in table_rows
    }
    codes = {code for code in there if isinstance(code, str)}
    table = schema.unit
    wanted = codes
    while wanted:
        by_district: dict[str, list[str]] = defaultdict(list)
        for code in sorted(wanted):
            by_district[district_of(code)].append(code)
        found = []
        for district, some in by_district.items():
            for start in range(0, len(some), CHUNK):
                statement = select(
                    table.c.code, table.c.name, table.c.level, table.c.parent_code
                ).where(
                    table.c.district_code == district,
                    table.c.code.in_(some[start : start + CHUNK]),
                )
                found += [KnownUnit(*row) for row in connection.execute(statement)]
        known.units |= {unit.code: unit for unit in found}
        wanted = {unit.parent for unit in found if unit.parent} - known.units.keys()


def _households(
    connection: Connection,
    known: Known,
    rows: Mapping[str, Iterable[Mapping[str, Any]]],
    near: str,
) -> None:
    numbers: set[str] = {row["household"] for row in rows.get("household_income", ())}
    for table in ("lifecycle_event", "pairing", "measure"):
        numbers |= {r["subject"] for r in rows.get(table, ()) if r["subject_type"] == "household"}
    household = schema.household
    districts = sorted({district_of(near), *(district_of(unit) for unit in known.units)})
    ordered = sorted(numbers)
    for start in range(0, len(ordered), CHUNK):
        statement = select(
            household.c.number, household.c.district_code, household.c.village_code
        ).where(
            household.c.district_code.in_(districts),
            household.c.number.in_(ordered[start : start + CHUNK]),
        )
        for number, district, village in connection.execute(statement):
            known.villages[number] = district, village
    _villages_of_households(connection, known)


def _events(
    connection: Connection,
    known: Known,
    rows: Mapping[str, Iterable[Mapping[str, Any]]],
    near: str,
) -> None:
    """Everything that has happened to the subjects that the rows tell something of."""
    subjects: dict[str, set[str]] = defaultdict(set)
    for row in rows.get("lifecycle_event", ()):
        subjects[row["subject_type"]].add(row["subject"])
    table = schema.lifecycle_event
    districts = sorted({district_of(near), *(district_of(unit) for unit in known.units)})
    for kind, numbers in subjects.items():
        ordered = sorted(numbers)
        for start in range(0, len(ordered), CHUNK):
            statement = select(table.c.subject, table.c.happened_on, table.c.event).where(
                table.c.district_code.in_(districts),
                table.c.subject_type == kind,
                table.c.subject.in_(ordered[start : start + CHUNK]),
            )
            for subject, day, event in connection.execute(statement):
                known.events[kind, subject].add(Event(day, event))


def _alike(
    connection: Connection,
    known: Known,
    rows: Mapping[str, Iterable[Mapping[str, Any]]],
    near: str,
) -> None:
    """Numbers of the store that differ from a file's in case alone."""
    districts = sorted({district_of(near), *(district_of(unit) for unit in known.units)})
    for table in (schema.household, schema.project, schema.fund_flow, schema.task):
        told = {row["number"] for row in rows.get(table.name, ())}
        by_fold = {folded(number): number for number in told}
        ordered = sorted(by_fold)
        for start in range(0, len(ordered), CHUNK):
            plain = func.lower(table.c.number)
            statement = select(table.c.number).where(
                table.c.district_code.in_(districts), plain.in_(ordered[start : start + CHUNK])
            )
            for stored in connection.scalars(statement):
                if stored not in told:
                    known.alike[table.name, by_fold[folded(stored)]] = stored


def _villages_of_households(connection: Connection, known: Known) -> None:
    missing = {village for _, village in known.villages.values()} - known.units.keys()
    if missing:
        extra = Known()
        _units(connection, extra, {"unit": [{"code": code} for code in missing]})
        known.units |= extra.units


def _cumulative(
    connection: Connection, known: Known, rows: Mapping[str, Iterable[Mapping[str, Any]]]
) -> None:
    incomes = list(rows.get("village_income", ()))
    if incomes:
        table = schema.village_income
        for row in _of_years(connection, table, table.c.village_code, incomes, "village_code"):
            amounts = {f"{s}_fen": int(row[f"{s}_fen"]) for s in schema.INCOME_SOURCES}
            known.incomes[row["village_code"], Period.parse(row["period"])] = amounts
    told = list(rows.get("observation", ()))
    if told:
        table = schema.observation
        for row in _of_years(connection, table, table.c.unit_code, told, "unit_code"):
            key = row["unit_code"], row["indicator_code"], Period.parse(row["period"])
            known.observations[key] = int(row["value"])


def _of_years(
    connection: Connection,
    table: Any,
    column: Any,
    rows: list[Mapping[str, Any]],
    name: str,
) -> Iterable[Mapping[str, Any]]:
    codes = sorted({row[name] for row in rows})
    years = [row["year"] for row in rows]
    for start in range(0, len(codes), CHUNK):
        some = codes[start : start + CHUNK]
        statement = select(table).where(
            table.c.district_code.in_(sorted({district_of(code) for code in some})),
            column.in_(some),
            table.c.period.between(f"{min(years)}Q1", f"{max(years)}Q4"),
        )
        yield from (dict(row) for row in connection.execute(statement).mappings())
