"""Figures that are computed from registers, village by village, for the rollup.

Each function reads one district's rows of the villages asked for and returns
{(unit code, indicator code, period): Figure}. Decisions are those of dashboard.policy.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from dashboard.config_models import IndicatorEntry, PolicyConfig
from dashboard.data import schema
from dashboard.data.schema import INCOME_SOURCES
from dashboard.policy.aggregation import Aggregation, Figure, quotient
from dashboard.policy.lifecycle import EXIT, RELAPSE, Event, is_out
from dashboard.policy.periods import Period
from dashboard.policy.thresholds import is_weak

Key = tuple[str, str, Period]
Figures = dict[Key, Figure]
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
    table = schema.village_income
    first = min(periods).year_end(1)
    rows: dict[tuple[str, Period], dict[str, int]] = {}
    for where in _in_chunks(table.c.village_code, villages):
        statement = select(table).where(
            table.c.district_code == district,
            where,
            table.c.period.between(str(first), str(max(periods))),
        )
        for row in connection.execute(statement):
            amounts = {s: int(row._mapping[f"{s}_fen"]) for s in INCOME_SOURCES}
            rows[row.village_code, Period.parse(row.period)] = amounts
    figures: Figures = {}
    wanted = set(periods)
    for (village, period), amounts in rows.items():
        if period not in wanted:
            continue
        last_year = rows.get((village, period.year_end(1)))
        for entry in entries:
            figure = _INCOME_RULES[_rule(entry)](policy, entry, period, amounts, last_year)
            figures[village, entry.code, period] = figure
    return figures


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
    key = _threshold(entry)
    total = sum(amounts[source] for source in policy.sources_of(key))
    return Figure(int(policy.threshold(key).holds(total)), reported=1, expected=1)


def _weak(
    policy: PolicyConfig,
    entry: IndicatorEntry,
    period: Period,
    amounts: dict[str, int],
    last_year: dict[str, int] | None,
) -> Figure:
    key = _threshold(entry)
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
    by_rule = {_rule(i): i for i in indicators if i.register_rule}
    if not periods or not villages:
        return {}
    members = _members(connection, district, villages)
    turns = _turns(connection, district, villages)
    figures: Figures = {}
    for village, rows in members.items():
        for period in periods:
            day = period.last_day
            known = [row for row in rows if row.identified_on <= day]
            if not known:
                continue
            on_register = [r for r in known if not is_out(turns.get(r.number, ()), day)]
            events = [e for r in known for e in turns.get(r.number, ()) if _in_year(e.day, period)]
            counts = {
                "households": len(on_register),
                "household_persons": sum(r.persons for r in on_register),
                "households_exited": sum(event.name == EXIT for event in events),
                "households_relapsed": sum(event.name == RELAPSE for event in events),
            }
            for rule, count in counts.items():
                if rule in by_rule:
                    key = village, by_rule[rule].code, period
                    figures[key] = Figure(count, reported=1, expected=1)
    figures |= _household_income(connection, policy, by_rule, district, villages, periods)
    return figures


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
    entry = next((i for i in indicators if i.register_rule and _rule(i) == "overdue_tasks"), None)
    if entry is None or not periods:
        return {}
    table = schema.task
    tasks: dict[str, list[tuple[str, date | None]]] = defaultdict(list)
    for where in _in_chunks(table.c.unit_code, units):
        statement = select(table.c.unit_code, table.c.due_month, table.c.done_on).where(
            table.c.district_code == district, where, table.c.kind != "议定事项"
        )
        for row in connection.execute(statement):
            tasks[row.unit_code].append((row.due_month, row.done_on))
    return {
        (unit, entry.code, period): Figure(
            sum(_overdue(due, done, period) for due, done in rows), reported=1, expected=1
        )
        for unit, rows in tasks.items()
        for period in periods
    }


def _overdue(due_month: str, done_on: date | None, period: Period) -> bool:
    due_has_passed = due_month <= f"{period.year}-{period.last_month:02d}"
    return due_has_passed and (done_on is None or done_on > period.last_day)


def _members(
    connection: Connection, district: str, villages: Collection[str]
) -> dict[str, list[Any]]:
    table = schema.household
    found: dict[str, list[Any]] = defaultdict(list)
    for where in _in_chunks(table.c.village_code, villages):
        statement = select(
            table.c.number, table.c.village_code, table.c.persons, table.c.identified_on
        ).where(table.c.district_code == district, where)
        for row in connection.execute(statement):
            found[row.village_code].append(row)
    return found


def _turns(
    connection: Connection, district: str, villages: Collection[str]
) -> dict[str, list[Event]]:
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
    found: dict[str, list[Event]] = defaultdict(list)
    for where in _in_chunks(household.c.village_code, villages):
        statement = (
            select(table.c.subject, table.c.happened_on, table.c.event)
            .select_from(joined)
            .where(
                table.c.district_code == district,
                where,
                table.c.subject_type == "household",
                table.c.event.in_((EXIT, RELAPSE)),
            )
        )
        for row in connection.execute(statement):
            found[row.subject].append(Event(row.happened_on, row.event))
    return found


def _in_year(day: date, period: Period) -> bool:
    return day.year == period.year and day <= period.last_day


def _household_income(
    connection: Connection,
    policy: PolicyConfig,
    by_rule: dict[str, IndicatorEntry],
    district: str,
    villages: Collection[str],
    periods: Sequence[Period],
) -> Figures:
    """Mean income per head weighted by persons, and households beyond a line, at the year's end."""
    years = {period.year for period in periods if period.closes_year}
    household, income = schema.household, schema.household_income
    joined = income.join(
        household,
        and_(
            household.c.district_code == income.c.district_code,
            household.c.number == income.c.household,
        ),
    )
    sums: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for where in _in_chunks(household.c.village_code, villages) if years else ():
        statement = (
            select(
                household.c.village_code, income.c.year, income.c.income_fen, household.c.persons
            )
            .select_from(joined)
            .where(income.c.district_code == district, income.c.year.in_(sorted(years)), where)
        )
        for row in connection.execute(statement):
            sums[row.village_code, row.year].append((int(row.income_fen), row.persons))
    figures: Figures = {}
    for (village, year), rows in sums.items():
        period = Period(year, 4)
        if mean := by_rule.get("household_income_mean"):
            total = sum(fen * persons for fen, persons in rows)
            heads = sum(persons for _, persons in rows)
            value = quotient(Aggregation.WEIGHTED_MEAN, total, heads)
            figures[village, mean.code, period] = Figure(
                value, total, heads, reported=1, expected=1
            )
        if beyond := by_rule.get("households_beyond_line"):
            line = policy.threshold(_threshold(beyond))
            count = sum(line.holds(fen) for fen, _ in rows)
            figures[village, beyond.code, period] = Figure(count, reported=1, expected=1)
    return figures


def _rule(entry: IndicatorEntry) -> str:
    return entry.register_rule.rule if entry.register_rule else ""


def _threshold(entry: IndicatorEntry) -> str:
    if entry.register_rule is None or entry.register_rule.threshold is None:
        raise ValueError(f"指标{entry.code}的 register 缺少 threshold")
    return entry.register_rule.threshold


def _in_chunks(column: ColumnElement[str], codes: Collection[str]) -> Iterable[ColumnElement[bool]]:
    ordered = sorted(codes)
    for start in range(0, len(ordered), CHUNK):
        yield column.in_(ordered[start : start + CHUNK])
