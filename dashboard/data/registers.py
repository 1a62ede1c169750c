"""Figures that are computed from registers, village by village, for the rollup.

Each function reads one district's rows of the villages asked for and returns
{(unit code, indicator code, period): Figure}. Decisions are those of dashboard.policy. What is read
and how it is counted are functions of their own: dashboard.data.contributions finds the rows of a
figure with the same ones.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, select

from dashboard.config_models import IndicatorEntry, PolicyConfig
from dashboard.data import schema
from dashboard.data.schema import INCOME_SOURCES
from dashboard.policy.aggregation import Aggregation, Figure, quotient
from dashboard.policy.lifecycle import EXIT, RELAPSE, Event, is_out
from dashboard.policy.periods import Period
from dashboard.policy.thresholds import is_weak

Key = tuple[str, str, Period]
Figures = dict[Key, Figure]
PERSONAL_INCOME_RULES = frozenset(("household_income_mean", "households_beyond_line"))
"""Rules that count what single households earn."""
CHUNK = 500
"""Codes in one IN list; databases limit the number of parameters."""


def village_income(
    connection: Connection,
    policy: PolicyConfig,
    indicators: Sequence[IndicatorEntry],
    district: str,
    villages: Collection[str],
    periods: Sequence[Period],
) -> Figures:
    """Villages beyond a line, weak villages and income, from village_income."""
    entries = [i for i in indicators if i.register_rule and i.register_rule.rule in _INCOME_RULES]
    if not entries or not periods:
        return {}
    rows = {
        (row.village_code, Period.parse(row.period)): amounts_of(row._mapping)
        for row in read_incomes(connection, district, villages, periods)
    }
    figures: Figures = {}
    wanted = set(periods)
    for (village, period), amounts in rows.items():
        if period not in wanted:
            continue
        last_year = rows.get((village, period.year_end(1)))
        for entry in entries:
            figure = income_figure(policy, entry, period, amounts, last_year)
            figures[village, entry.code, period] = figure
    return figures


def read_incomes(
    connection: Connection, district: str, villages: Collection[str], periods: Sequence[Period]
) -> Iterable[Any]:
    """Rows of the quarters asked for and all from the end of the year before the first."""
    table = schema.village_income
    first = min(periods).year_end(1)
    for where in _in_chunks(table.c.village_code, villages):
        statement = select(table).where(
            table.c.district_code == district,
            where,
            table.c.period.between(str(first), str(max(periods))),
        )
        yield from connection.execute(statement)


def amounts_of(row: Mapping[Any, Any]) -> dict[str, int]:
    """A row's income by source, fen."""
    return {source: int(row[f"{source}_fen"]) for source in INCOME_SOURCES}


def income_figure(
    policy: PolicyConfig,
    entry: IndicatorEntry,
    period: Period,
    amounts: dict[str, int],
    last_year: dict[str, int] | None,
) -> Figure:
    """What a village's row comes to; `last_year` is its row of the end of the year before."""
    return _INCOME_RULES[rule_of(entry)](policy, entry, period, amounts, last_year)


def _income_total(
    _policy: PolicyConfig,
    _entry: IndicatorEntry,
    _period: Period,
    amounts: dict[str, int],
    _last_year: dict[str, int] | None,
) -> Figure:
    return Figure(sum(amounts.values()), classes=dict(amounts), reported=1, expected=1)


def _beyond_line(
    policy: PolicyConfig,
    entry: IndicatorEntry,
    _period: Period,
    amounts: dict[str, int],
    _last_year: dict[str, int] | None,
) -> Figure:
    key = threshold_of(entry)
    total = sum(amounts[source] for source in policy.sources_of(key))
    return Figure(int(policy.threshold(key).holds(total)), reported=1, expected=1)


def _weak(
    policy: PolicyConfig,
    entry: IndicatorEntry,
    period: Period,
    amounts: dict[str, int],
    last_year: dict[str, int] | None,
) -> Figure:
    key = threshold_of(entry)
    sources = policy.sources_of(key)
    before = None if last_year is None else sum(last_year[source] for source in sources)
    weak = is_weak(
        sum(amounts[source] for source in sources),
        period.closes_year,
        before,
        policy.threshold(key),
    )
    return Figure(int(weak), reported=1, expected=1)


_IncomeRule = Callable[
    [PolicyConfig, IndicatorEntry, Period, dict[str, int], dict[str, int] | None], Figure
]
_INCOME_RULES: dict[str, _IncomeRule] = {
    "village_income_total": _income_total,
    "villages_beyond_line": _beyond_line,
    "weak_villages": _weak,
}
OVERDUE_TASKS = "overdue_tasks"
INCOME_RULES = frozenset(_INCOME_RULES)
"""Rules whose coverage is counted in villages; all others are counted in towns."""


def households(
    connection: Connection,
    policy: PolicyConfig,
    indicators: Sequence[IndicatorEntry],
    district: str,
    villages: Collection[str],
    periods: Sequence[Period],
) -> Figures:
    """Households and persons on the register, exits, relapses and income, by village.

    A village has figures from the quarter in which its first household was identified.
    """
    by_rule = {rule_of(i): i for i in indicators if i.register_rule}
    if not periods or not villages:
        return {}
    members = read_members(connection, district, villages)
    turns = read_turns(connection, district, villages)
    figures: Figures = {}
    for village, rows in members.items():
        for period in periods:
            day = period.last_day
            known = [row for row in rows if row.identified_on <= day]
            if not known:
                continue
            counted = household_parts(known, turns, period)
            counts = {rule: sum(n for _, n in parts) for rule, parts in counted.items()}
            for rule, count in counts.items():
                if rule in by_rule:
                    key = village, by_rule[rule].code, period
                    figures[key] = Figure(count, reported=1, expected=1)
    figures |= _household_income(connection, policy, by_rule, district, villages, periods)
    return figures


class Turn(NamedTuple):
    """An exit or a relapse, and the row that told it."""

    event: Event
    row: Any


Turns = Mapping[str, Sequence[Turn]]
"""By the household's number."""


def household_parts(
    known: Sequence[Any], turns: Turns, period: Period
) -> dict[str, list[tuple[Any, int]]]:
    """By rule, the rows behind a village's figures at a quarter's end and what each adds.

    `known`: the village's households identified by then.
    """
    day = period.last_day
    on_register = [
        row for row in known if not is_out((t.event for t in turns.get(row.number, ())), day)
    ]
    of_year = [t for row in known for t in turns.get(row.number, ()) if _in_year(t.event, period)]
    return {
        "households": [(row, 1) for row in on_register],
        "household_persons": [(row, row.persons) for row in on_register],
        "households_exited": [(t.row, 1) for t in of_year if t.event.name == EXIT],
        "households_relapsed": [(t.row, 1) for t in of_year if t.event.name == RELAPSE],
    }


def overdue_tasks(
    connection: Connection,
    indicators: Sequence[IndicatorEntry],
    district: str,
    units: Collection[str],
    periods: Sequence[Period],
) -> Figures:
    """Tasks of the units themselves whose due month has passed by the quarter's end undone.

    Computed from the due month, never typed: 四(五). Decisions of meetings are no tasks of 落实.
    """
    entry = next((i for i in indicators if rule_of(i) == OVERDUE_TASKS), None)
    if entry is None or not periods:
        return {}
    tasks: dict[str, list[tuple[str, date | None]]] = defaultdict(list)
    for row in read_tasks(connection, district, units, ("unit_code", "due_month", "done_on")):
        tasks[row.unit_code].append((row.due_month, row.done_on))
    return {
        (unit, entry.code, period): Figure(
            sum(is_overdue(due, done, period) for due, done in rows), reported=1, expected=1
        )
        for unit, rows in tasks.items()
        for period in periods
    }


def read_tasks(
    connection: Connection, district: str, units: Collection[str], columns: Sequence[str] = ()
) -> Iterable[Any]:
    """Tasks of 落实 of the units themselves; all columns unless told which."""
    table = schema.task
    for where in _in_chunks(table.c.unit_code, units):
        yield from connection.execute(
            select(*_columns(table, columns)).where(
                table.c.district_code == district, where, table.c.kind != "议定事项"
            )
        )


def is_overdue(due_month: str, done_on: date | None, period: Period) -> bool:
    """Whether a task was due by the quarter's end, and not done by then."""
    due_has_passed = due_month <= f"{period.year}-{period.last_month:02d}"
    return due_has_passed and (done_on is None or done_on > period.last_day)


def read_members(
    connection: Connection, district: str, villages: Collection[str], *, whole: bool = False
) -> dict[str, list[Any]]:
    """Households by village: what the rules ask of them, or `whole` rows."""
    table = schema.household
    columns = () if whole else ("number", "village_code", "persons", "identified_on")
    found: dict[str, list[Any]] = defaultdict(list)
    for where in _in_chunks(table.c.village_code, villages):
        statement = select(*_columns(table, columns)).where(
            table.c.district_code == district, where
        )
        for row in connection.execute(statement):
            found[row.village_code].append(row)
    return found


def read_turns(
    connection: Connection, district: str, villages: Collection[str], *, whole: bool = False
) -> dict[str, list[Turn]]:
    """Exits and relapses of each household.

    Looked up by where the household is now: an event keeps the village in which it happened.
    """
    table, household = schema.lifecycle_event, schema.household
    joined = table.join(
        household,
        and_(
            household.c.district_code == table.c.district_code,
            household.c.number == table.c.subject,
        ),
    )
    columns = _columns(table, () if whole else ("subject", "happened_on", "event"))
    found: dict[str, list[Turn]] = defaultdict(list)
    for where in _in_chunks(household.c.village_code, villages):
        statement = (
            select(*columns)
            .select_from(joined)
            .where(
                table.c.district_code == district,
                where,
                table.c.subject_type == "household",
                table.c.event.in_((EXIT, RELAPSE)),
            )
        )
        for row in connection.execute(statement):
            found[row.subject].append(Turn(Event(row.happened_on, row.event), row))
    return found


def _in_year(event: Event, period: Period) -> bool:
    return event.day.year == period.year and event.day <= period.last_day


def _household_income(
    connection: Connection,
    policy: PolicyConfig,
    by_rule: dict[str, IndicatorEntry],
    district: str,
    villages: Collection[str],
    periods: Sequence[Period],
) -> Figures:
    """Mean income per head weighted by persons, and households beyond a line, at the year's end."""
    years = sorted({period.year for period in periods if period.closes_year})
    told: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for row in read_household_incomes(connection, district, villages, years):
        told[row.village_code, row.year].append(row)
    figures: Figures = {}
    for (village, year), rows in told.items():
        period = Period(year, 4)
        if mean := by_rule.get("household_income_mean"):
            total, heads = (sum(column) for column in zip(*map(weighed, rows), strict=True))
            value = quotient(Aggregation.WEIGHTED_MEAN, total, heads)
            figures[village, mean.code, period] = Figure(
                value, total, heads, reported=1, expected=1
            )
        if beyond := by_rule.get("households_beyond_line"):
            line = policy.threshold(threshold_of(beyond))
            count = sum(line.holds(row.income_fen) for row in rows)
            figures[village, beyond.code, period] = Figure(count, reported=1, expected=1)
    return figures


def weighed(row: Any) -> tuple[int, int]:
    """What a household's income adds to the mean: (income of all its persons, persons)."""
    return int(row.income_fen) * row.persons, row.persons


def read_household_incomes(
    connection: Connection,
    district: str,
    villages: Collection[str],
    years: Sequence[int],
    *,
    whole: bool = False,
) -> Iterable[Any]:
    """Incomes of the households that are in the villages now, with village_code and persons."""
    household, income = schema.household, schema.household_income
    joined = income.join(
        household,
        and_(
            household.c.district_code == income.c.district_code,
            household.c.number == income.c.household,
        ),
    )
    columns = _columns(income, () if whole else ("year", "income_fen"))
    for where in _in_chunks(household.c.village_code, villages) if years else ():
        yield from connection.execute(
            select(household.c.village_code, household.c.persons, *columns)
            .select_from(joined)
            .where(income.c.district_code == district, income.c.year.in_(years), where)
        )


def rule_of(entry: IndicatorEntry) -> str:
    """How the figure is counted; "" where units report it."""
    return entry.register_rule.rule if entry.register_rule else ""


def threshold_of(entry: IndicatorEntry) -> str:
    """The line that a rule compares with."""
    if entry.register_rule is None or entry.register_rule.threshold is None:
        raise ValueError(f"指标{entry.code}的 register 缺少 threshold")
    return entry.register_rule.threshold


def _columns(table: Table, names: Sequence[str]) -> list[Any]:
    return [table.c[name] for name in names] if names else [*table.c]


def _in_chunks(column: ColumnElement[str], codes: Collection[str]) -> Iterable[ColumnElement[bool]]:
    ordered = sorted(codes)
    for start in range(0, len(ordered), CHUNK):
        yield column.in_(ordered[start : start + CHUNK])
