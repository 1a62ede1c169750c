"""The very rows that figures are made of, found by the rules that counted them.

A figure of a unit is made of rows of its own (registers, its own report) and of its children's
figures; which of these, the rollup says. Source: 武发〔2016〕68号 四(五) (严禁弄虚作假).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select

from dashboard.config_models import IndicatorEntry, PolicyConfig
from dashboard.data import registers, rollup, schema
from dashboard.data.registers import (
    CHUNK,
    INCOME_RULES,
    OVERDUE_TASKS,
    PERSONAL_INCOME_RULES,
    rule_of,
)
from dashboard.policy.aggregation import Figure
from dashboard.policy.periods import Period
from dashboard.settings import Settings

_HOUSEHOLD_RULES = frozenset(
    ("households", "household_persons", "households_exited", "households_relapsed")
)
_EVENT_RULES = frozenset(("households_exited", "households_relapsed"))
PERSONAL_RULES = _HOUSEHOLD_RULES | PERSONAL_INCOME_RULES
"""Rules that count rows of households."""
Cell = tuple[str, str]
"""(unit code, indicator code)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A row of a fact table and what it adds to a figure of its unit: parts are combined as the
    figures of units are. `row` has all its columns. One that `is_basis` was only compared with.
    """

    table: str
    row: Mapping[str, Any]
    figure: Figure
    is_basis: bool = False

    @property
    def key(self) -> str:
        """As observation_revision.row_key has it."""
        names = [column.name for column in schema.metadata.tables[self.table].primary_key.columns]
        return "|".join(str(self.row[name]) for name in names if name != "district_code")

    @property
    def batch(self) -> str:
        return str(self.row["batch_id"])


Parts = Mapping[Cell, Sequence[Part]]


@dataclass(frozen=True)
class Trace:
    """Figures of one quarter (rows of summary) and the rows of the units' own behind them."""

    summaries: Mapping[Cell, Mapping[str, Any]]
    own: Parts
    below: Mapping[Cell, Sequence[str]]

    def children(self, unit: str, indicator: str) -> list[str]:
        """The units whose figures are in this one, by code."""
        row = self.summaries.get((unit, indicator))
        codes = self.below.get((unit, indicator), ())
        if row is None:
            return []
        sources = [self.summaries[code, indicator]["source"] for code in codes]
        return [codes[at] for at in rollup.made_of(row["source"], sources)]

    def leaves(self, unit: str, indicator: str) -> Iterator[Part]:
        """Every row that the figure is made of, down to the villages."""
        yield from self.own.get((unit, indicator), ())
        for child in self.children(unit, indicator):
            yield from self.leaves(child, indicator)


def trace(
    connection: Connection,
    settings: Settings,
    district: str,
    units: Collection[str],
    entries: Sequence[IndicatorEntry],
    period: Period,
) -> Trace:
    """The figures of units of one district with their rows: one statement, and one for each of the
    tables that the indicators are counted from."""
    summaries = _summaries(connection, district, units, entries, period)
    below: dict[Cell, list[str]] = defaultdict(list)
    for (code, indicator), row in sorted(summaries.items()):
        if row["value"] is not None or row["denominator"] is not None:
            below[row["parent_code"], indicator].append(code)

    def of(source: str) -> dict[str, list[IndicatorEntry]]:
        """The indicators that units of such a source have, by unit."""
        found: dict[str, list[IndicatorEntry]] = defaultdict(list)
        for entry in entries:
            for unit in units:
                if (row := summaries.get((unit, entry.code))) and row["source"] == source:
                    found[unit].append(entry)
        return found

    counted, told = of("register"), of("reported")
    own = _of_registers(connection, settings.policy, district, counted, period)
    return Trace(summaries, own | _of_reports(connection, district, told, period), below)


def _summaries(
    connection: Connection,
    district: str,
    units: Collection[str],
    entries: Sequence[IndicatorEntry],
    period: Period,
) -> dict[Cell, Mapping[str, Any]]:
    table = schema.summary
    found: dict[Cell, Mapping[str, Any]] = {}
    for codes in _chunks(units):
        statement = select(table).where(
            table.c.district_code == district,
            table.c.unit_code.in_(codes),
            table.c.indicator_code.in_([entry.code for entry in entries]),
            table.c.period == str(period),
        )
        for row in connection.execute(statement).mappings():
            found[row["unit_code"], row["indicator_code"]] = dict(row)
    return found


def _of_registers(
    connection: Connection,
    policy: PolicyConfig,
    district: str,
    wanted: Mapping[str, Sequence[IndicatorEntry]],
    period: Period,
) -> dict[Cell, list[Part]]:
    entries = {entry.code: entry for some in wanted.values() for entry in some}
    by_rule = {rule_of(entry): entry for entry in entries.values()}
    found: dict[Cell, list[Part]] = defaultdict(list)
    if incomes := [entry for entry in entries.values() if rule_of(entry) in INCOME_RULES]:
        _incomes(connection, policy, incomes, district, wanted, period, found)
    if by_rule.keys() & _HOUSEHOLD_RULES:
        _households(connection, by_rule, district, wanted, period, found)
    if by_rule.keys() & PERSONAL_INCOME_RULES:
        _household_incomes(connection, policy, by_rule, district, wanted, period, found)
    if OVERDUE_TASKS in by_rule:
        code = by_rule[OVERDUE_TASKS].code
        for row in registers.read_tasks(connection, district, wanted):
            if registers.is_overdue(row.due_month, row.done_on, period):
                found[row.unit_code, code].append(_part(schema.task, row, Figure(1)))
    asked = {(unit, entry.code) for unit, some in wanted.items() for entry in some}
    return {cell: parts for cell, parts in found.items() if cell in asked}


def _incomes(
    connection: Connection,
    policy: PolicyConfig,
    entries: Sequence[IndicatorEntry],
    district: str,
    villages: Collection[str],
    period: Period,
    found: dict[Cell, list[Part]],
) -> None:
    rows = {
        (row.village_code, row.period): row
        for row in registers.read_incomes(connection, district, villages, [period])
    }
    for village in villages:
        now = rows.get((village, str(period)))
        if now is None:
            continue
        before = rows.get((village, str(period.year_end(1))))
        last_year = None if before is None else registers.amounts_of(before._mapping)
        amounts = registers.amounts_of(now._mapping)
        for entry in entries:
            figure = registers.income_figure(policy, entry, period, amounts, last_year)
            found[village, entry.code].append(_part(schema.village_income, now, figure))
            if before is not None and rule_of(entry) == "weak_villages" and not period.closes_year:
                basis = _part(schema.village_income, before, Figure(), is_basis=True)
                found[village, entry.code].append(basis)


def _households(
    connection: Connection,
    by_rule: Mapping[str, IndicatorEntry],
    district: str,
    villages: Collection[str],
    period: Period,
    found: dict[Cell, list[Part]],
) -> None:
    members = registers.read_members(connection, district, villages, whole=True)
    turns = registers.read_turns(connection, district, villages, whole=True)
    for village, rows in members.items():
        known = [row for row in rows if row.identified_on <= period.last_day]
        for rule, parts in registers.household_parts(known, turns, period).items():
            table = schema.lifecycle_event if rule in _EVENT_RULES else schema.household
            if rule in by_rule:
                found[village, by_rule[rule].code] += [
                    _part(table, row, Figure(count)) for row, count in parts
                ]


def _household_incomes(
    connection: Connection,
    policy: PolicyConfig,
    by_rule: Mapping[str, IndicatorEntry],
    district: str,
    villages: Collection[str],
    period: Period,
    found: dict[Cell, list[Part]],
) -> None:
    years = [period.year] if period.closes_year else []
    mean, beyond = by_rule.get("household_income_mean"), by_rule.get("households_beyond_line")
    for row in registers.read_household_incomes(connection, district, villages, years, whole=True):
        if mean:
            figure = Figure(int(row.income_fen), *registers.weighed(row))
            found[row.village_code, mean.code].append(_part(schema.household_income, row, figure))
        if beyond:
            line = policy.threshold(registers.threshold_of(beyond))
            if line.holds(row.income_fen):
                one = _part(schema.household_income, row, Figure(1))
                found[row.village_code, beyond.code].append(one)


def _of_reports(
    connection: Connection,
    district: str,
    wanted: Mapping[str, Sequence[IndicatorEntry]],
    period: Period,
) -> dict[Cell, list[Part]]:
    entries = {entry.code: entry for some in wanted.values() for entry in some}
    codes = {part.code for entry in entries.values() for part in entry.parts} | entries.keys()
    table = schema.observation
    rows: dict[tuple[str, str, str], Any] = {}
    for units in _chunks(wanted):
        statement = select(table).where(
            table.c.district_code == district,
            table.c.unit_code.in_(units),
            table.c.indicator_code.in_(sorted(codes)),
            table.c.period.between(str(Period(period.year, 1)), str(period)),
        )
        for row in connection.execute(statement):
            rows[row.unit_code, row.indicator_code, row.period] = row
    found: dict[Cell, list[Part]] = {}
    for unit, some in wanted.items():
        for entry in some:
            used: list[Any] = []

            def told(code: str, keep_last: bool, unit: str = unit, used: list[Any] = used) -> Any:
                for quarter in rollup.quarters_told(period, keep_last=keep_last):
                    row = rows.get((unit, code, str(quarter)))
                    if row is not None:
                        used.append(row)
                        return int(row.value)
                return None

            rollup.report(entry, told)
            found[unit, entry.code] = [_part(table, row, _added(entry, row)) for row in used]
    return found


def _added(entry: IndicatorEntry, row: Any) -> Figure:
    """What a reported value adds: a ratio's two parts come in rows of their own."""
    value = int(row.value)
    if entry.numerator and entry.denominator:
        is_upper = row.indicator_code == entry.numerator.code
        return Figure(None, value, 0) if is_upper else Figure(None, 0, value)
    classes = {row.indicator_code: value} if entry.classes else {}
    return Figure(value, classes=classes)


def _part(table: Table, row: Any, figure: Figure, *, is_basis: bool = False) -> Part:
    return Part(table.name, row._mapping, figure, is_basis)


def _chunks(codes: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(codes)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
