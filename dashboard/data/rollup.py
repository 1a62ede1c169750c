"""The rollup: `summary` from the facts, for what changed and the units above it, or for everything.

A figure of a unit at a quarter comes from the first of these that is there: the register behind the
indicator, the unit's own report, the figures of its children. Rows exist where there is a figure,
or a target for the year. Both roads (incremental and whole) run the same code: the same rows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select

from dashboard.config_models import IndicatorEntry
from dashboard.data import bulk, registers, schema
from dashboard.data.registers import CHUNK, INCOME_RULES, Figures, Key
from dashboard.data.store import Store, get_info, set_info
from dashboard.policy import progress
from dashboard.policy.aggregation import Aggregation, Figure, combine, quotient
from dashboard.policy.codes import district_of
from dashboard.policy.periods import QUARTERS_A_YEAR, Period
from dashboard.settings import Settings

Touched = set[tuple[str, int]]
"""(unit code, year) pairs whose facts changed."""
Report = Callable[[int, int], None]

_LEVELS_UPWARDS = ("village", "town", "district", "city", "province", "nation")
_ABOVE_DISTRICT = ("city", "province", "nation")
_OPEN_UNTIL = "open_until:"
_YEARLY = ("target", "target_month")
_QUARTERLY = ("observation", "village_income")


@dataclass(frozen=True)
class _Node:
    code: str
    parent: str | None
    level: str


@dataclass
class _Facts:
    """What was read of one district for the units and years at hand."""

    observations: dict[Key, int] = field(default_factory=dict)
    targets: dict[tuple[str, str, int], tuple[int, int]] = field(default_factory=dict)
    plans: dict[tuple[str, str, int], dict[int, int]] = field(default_factory=dict)
    registers: Figures = field(default_factory=dict)
    open_until: Period | None = None
    """The newest quarter that anyone in the district has reported on: nothing is said beyond it."""


def touched_by(settings: Settings, table: str, rows: Iterable[Mapping[str, Any]]) -> Touched:
    """Which figures the given rows of a fact table bear on.

    A register of households, events or tasks bears on every year of the programme: who was on it,
    or overdue, is asked for each quarter.
    """
    touched: Touched = set()
    for row in rows:
        if table in _QUARTERLY:
            unit = row.get("unit_code") or row["village_code"]
            touched.add((unit, Period.parse(row["period"]).year))
        elif table in _YEARLY:
            touched.add((row["unit_code"], row["year"]))
        elif table in ("household", "lifecycle_event"):
            touched |= {(row["village_code"], year) for year in _years(settings)}
        elif table == "task":
            touched |= {(row["unit_code"], year) for year in _years(settings)}
        elif table == "unit":
            # The unit above too: a unit that moves leaves the figures of the one it was under.
            units = {row["code"], row.get("parent_code")} - {None}
            touched |= {(unit, year) for unit in units for year in _years(settings)}
    return touched


def touched_by_household_income(
    connection: Connection, rows: Iterable[Mapping[str, Any]]
) -> Touched:
    """The villages of the households whose income changed, by year."""
    years: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in rows:
        years[row["district_code"], row["household"]].add(row["year"])
    touched: Touched = set()
    table = schema.household
    for district in sorted({district for district, _ in years}):
        numbers = sorted(number for d, number in years if d == district)
        for start in range(0, len(numbers), CHUNK):
            statement = select(table.c.number, table.c.village_code).where(
                table.c.district_code == district,
                table.c.number.in_(numbers[start : start + CHUNK]),
            )
            for found in connection.execute(statement):
                touched |= {(found.village_code, y) for y in years[district, found.number]}
    return touched


def refresh(connection: Connection, settings: Settings, touched: Iterable[tuple[str, int]]) -> int:
    """Bring `summary` up to date for the units touched and all above them; rows written.

    The year after is done too: last year's end is its baseline.
    """
    pairs = set(touched)
    if not pairs:
        return 0
    programme = set(_years(settings))
    years = {y for _, year in pairs for y in (year, year + 1)} & programme
    units = {unit for unit, _ in pairs}
    grown = [d for d in sorted({district_of(u) for u in units}) if _open_until_moved(connection, d)]
    for district in grown:
        # A new quarter: registers now speak for it in every unit, not only in those that reported.
        units |= _codes_of_district(connection, district)
        years |= programme
    return _compute(connection, settings, units, sorted(years)) if years else 0


def rebuild(store: Store, settings: Settings, on_progress: Report | None = None) -> int:
    """All of `summary` anew from the facts, in one transaction; rows written."""
    with store.writing() as connection:
        return _rebuild(connection, settings, on_progress)


def verify(store: Store, settings: Settings, on_progress: Report | None = None) -> int:
    """How many rows of `summary` a rebuild would add, change or take away. Changes nothing."""
    keys = list(schema.summary.primary_key.columns)
    with store.engine.connect() as connection, connection.begin() as transaction:
        statement = select(schema.summary).order_by(*keys)
        before = {tuple(row) for row in map(_comparable, connection.execute(statement))}
        _rebuild(connection, settings, on_progress)
        after = {tuple(row) for row in map(_comparable, connection.execute(statement))}
        transaction.rollback()
    return len({row[:4] for row in before ^ after})


def _comparable(row: Any) -> list[Any]:
    return [tuple(sorted(v.items())) if isinstance(v, dict) else v for v in row]


def _rebuild(connection: Connection, settings: Settings, on_progress: Report | None) -> int:
    connection.execute(delete(schema.summary))
    districts = _districts_upwards(connection)
    written = 0
    for done, district in enumerate(districts, start=1):
        _open_until_moved(connection, district)
        units = _codes_of_district(connection, district)
        written += _compute(connection, settings, units, _years(settings), climb=False)
        if on_progress:
            on_progress(done, len(districts))
    return written


def _districts_upwards(connection: Connection) -> list[str]:
    """Every district_code of the store; those of units above the districts after their children."""
    table = schema.unit
    above = {
        row.code: _ABOVE_DISTRICT.index(row.level)
        for row in connection.execute(
            select(table.c.code, table.c.level).where(table.c.level.in_(_ABOVE_DISTRICT))
        )
    }
    districts = connection.scalars(select(table.c.district_code).distinct())
    return sorted(districts, key=lambda code: (above.get(code, -1), code))


def _compute(
    connection: Connection,
    settings: Settings,
    units: set[str],
    years: Sequence[int],
    climb: bool = True,
) -> int:
    nodes = _nodes(connection, units, climb)
    periods = [Period(year, q) for year in years for q in range(1, QUARTERS_A_YEAR + 1)]
    written = 0
    for level in _LEVELS_UPWARDS:
        groups: dict[str, list[_Node]] = defaultdict(list)
        for node in nodes.values():
            if node.level == level:
                groups[district_of(node.code)].append(node)
        for district in sorted(groups):
            at_level = sorted(groups[district], key=lambda node: node.code)
            written += _compute_level(connection, settings, district, at_level, periods)
    return written


def _compute_level(
    connection: Connection,
    settings: Settings,
    district: str,
    nodes: Sequence[_Node],
    periods: Sequence[Period],
) -> int:
    codes = [node.code for node in nodes]
    facts = _read_facts(connection, settings, district, nodes, periods)
    children = _children_figures(connection, district, nodes, periods)
    expected = _expected(connection, district, nodes)
    known = _baselines(connection, district, codes, periods)
    rows: list[dict[str, Any]] = []
    for node in nodes:
        for entry in settings.catalogue.indicators:
            for period in periods:
                row = _row(settings, facts, children, expected, known, node, entry, period)
                if row is not None:
                    rows.append(row)
                    if period.closes_year and row["value"] is not None:
                        known[node.code, entry.code, period.year] = row["value"]
    _replace(connection, district, codes, periods, rows)
    return len(rows)


def _row(
    settings: Settings,
    facts: _Facts,
    children: Mapping[Key, list[tuple[Figure, str]]],
    expected: Mapping[str, tuple[int, int]],
    known: Mapping[tuple[str, str, int], int],
    node: _Node,
    entry: IndicatorEntry,
    period: Period,
) -> dict[str, Any] | None:
    figure, source = _figure(
        facts, children.get((node.code, entry.code, period), []), node, entry, period
    )
    target = facts.targets.get((node.code, entry.code, period.year))
    if figure.value is None and target is None and not figure.reported:
        return None
    # What must hold at every moment is not measured by the way from last year's end.
    has_baseline = not entry.cumulative and entry.schedule == "linear"
    baseline = known.get((node.code, entry.code, period.year - 1)) if has_baseline else None
    plan = facts.plans.get((node.code, entry.code, period.year))
    due = _scheduled(entry, period, target, plan, baseline)
    rate = (
        progress.completion(figure.value, target[0], entry.direction, baseline)
        if figure.value is not None and target is not None
        else None
    )
    light = progress.light(
        figure.value, due, entry.direction, settings.policy.lights.rule, baseline
    )
    towns, villages = expected[node.code]
    in_villages = entry.register_rule is not None and entry.register_rule.rule in INCOME_RULES
    return {
        "district_code": district_of(node.code),
        "unit_code": node.code,
        "indicator_code": entry.code,
        "period": str(period),
        "parent_code": node.parent,
        "level": node.level,
        "value": figure.value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "classes": figure.classes or None,
        "baseline": baseline,
        "target": target[0] if target else None,
        "scheduled": None if due is None else float(due),
        "rate": None if rate is None else float(rate),
        "light": light.value,
        "reported": figure.reported,
        "expected": villages if in_villages else towns,
        "source": source,
    }


def _figure(
    facts: _Facts,
    children: Sequence[tuple[Figure, str]],
    node: _Node,
    entry: IndicatorEntry,
    period: Period,
) -> tuple[Figure, str]:
    """The figure and where it comes from: register, reported, children, none."""
    own = facts.registers.get((node.code, entry.code, period))
    from_register = [children[at][0] for at in made_of("register", _sources(children))]
    if own or from_register:
        if own and node.level not in ("town", "village"):
            # Coverage counts towns: tasks of the district's own make it no town more.
            own = replace(own, reported=0)
        parts = [*([own] if own else []), *from_register]
        whole = combine(entry.aggregation, parts)
        return _counted(whole, node, entry, register=True), "register"
    told = _reported(facts, node.code, entry, period)
    if told is not None:
        return told, "reported"
    if children:
        below = made_of("children", _sources(children))
        whole = combine(entry.aggregation, (children[at][0] for at in below))
        if whole.value is not None:
            return _counted(whole, node, entry, register=False), "children"
    return Figure(), "none"


def _sources(children: Sequence[tuple[Figure, str]]) -> list[str]:
    return [source for _, source in children]


def made_of(source: str, children: Sequence[str]) -> list[int]:
    """Which of the children's figures (places in the list of their sources) are in a figure of
    that source: a register counts what registers tell, and a unit's own report nothing else."""
    if source == "register":
        return [at for at, child in enumerate(children) if child == "register"]
    return list(range(len(children))) if source == "children" else []


def _counted(figure: Figure, node: _Node, entry: IndicatorEntry, register: bool) -> Figure:
    """Coverage is counted in villages for incomes, else in towns: a town with a figure is one."""
    rule = entry.register_rule.rule if entry.register_rule else ""
    in_villages = register and rule in INCOME_RULES
    if node.level != "town" or in_villages:
        return figure
    return replace(figure, reported=1)


def _reported(facts: _Facts, unit: str, entry: IndicatorEntry, period: Period) -> Figure | None:
    """The unit's own report; a ratio needs both of its parts."""
    if facts.open_until is None or period > facts.open_until:
        return None

    def told(code: str, keep_last: bool) -> int | None:
        for quarter in quarters_told(period, keep_last=keep_last):
            value = facts.observations.get((unit, code, quarter))
            if value is not None:
                return value
        return None

    return report(entry, told)


def quarters_told(period: Period, *, keep_last: bool) -> list[Period]:
    """Where a figure of the quarter may have been reported, first the quarter itself: what is told
    once a year holds until it is told anew."""
    first = 1 if keep_last else period.quarter
    return [Period(period.year, quarter) for quarter in range(period.quarter, first - 1, -1)]


def report(entry: IndicatorEntry, told: Callable[[str, bool], int | None]) -> Figure | None:
    """The figure that a unit's own report comes to; None where it is not complete.

    `told` gives the value reported under a code, where `keep_last` in an earlier quarter too.
    """
    if entry.numerator and entry.denominator:
        upper = told(entry.numerator.code, entry.numerator.keep_last)
        lower = told(entry.denominator.code, entry.denominator.keep_last)
        if upper is None or lower is None:
            return None
        value = quotient(entry.aggregation, upper, lower)
        return Figure(value, upper, lower, reported=1, expected=1)
    if entry.classes:
        classes = {
            part.code: value
            for part in entry.classes
            if (value := told(part.code, part.keep_last)) is not None
        }
        if not classes:
            return None
        return Figure(sum(classes.values()), classes=classes, reported=1, expected=1)
    value = told(entry.code, entry.aggregation is Aggregation.LAST)
    return None if value is None else Figure(value, reported=1, expected=1)


def _scheduled(
    entry: IndicatorEntry,
    period: Period,
    target: tuple[int, int] | None,
    plan: Mapping[int, int] | None,
    baseline: int | None,
) -> Any:
    """What should have been reached by the quarter's end; None where that cannot be said."""
    if target is None:
        return None
    value, due_month = target
    start = _start(entry, value, baseline)
    if start is None and not (plan and min(plan) <= period.last_month):
        return None
    return progress.scheduled(value, period, plan, due_month, start or 0)


def _start(entry: IndicatorEntry, target: int, baseline: int | None) -> int | None:
    """Where the way to the target begins; None where a reduction has no known beginning.

    What must hold at every moment begins at its target.
    """
    if entry.schedule == "always" or (entry.direction == "down" and entry.cumulative):
        return target
    if entry.direction == "down":
        return None if baseline is None else max(baseline, target)
    return min(baseline or 0, target)


def _read_facts(
    connection: Connection,
    settings: Settings,
    district: str,
    nodes: Sequence[_Node],
    periods: Sequence[Period],
) -> _Facts:
    facts = _Facts()
    codes = [node.code for node in nodes]
    years = sorted({period.year for period in periods})
    for start in range(0, len(codes), CHUNK):
        _read_reports(connection, district, codes[start : start + CHUNK], years, facts)
    facts.open_until = until = _open_until(connection, district, nodes[0])
    # Registers speak from the baseline on: the quarters before it are no quarters of the programme.
    since = Period(settings.district.first_year, 1).previous()
    spoken_for = [period for period in periods if until and since <= period <= until]
    catalogue, policy = settings.catalogue.indicators, settings.policy
    villages = [node.code for node in nodes if node.level == "village"]
    if villages:
        facts.registers |= registers.village_income(
            connection, policy, catalogue, district, villages, periods
        )
        facts.registers |= registers.households(
            connection, policy, catalogue, district, villages, spoken_for
        )
    facts.registers |= registers.overdue_tasks(connection, catalogue, district, codes, spoken_for)
    return facts


def _read_reports(
    connection: Connection, district: str, codes: list[str], years: list[int], facts: _Facts
) -> None:
    table = schema.observation
    statement = select(table).where(
        table.c.district_code == district,
        table.c.unit_code.in_(codes),
        table.c.period.between(f"{years[0]}Q1", f"{years[-1]}Q4"),
    )
    for row in connection.execute(statement):
        key = row.unit_code, row.indicator_code, Period.parse(row.period)
        facts.observations[key] = int(row.value)
    table = schema.target
    statement = select(table).where(
        table.c.district_code == district, table.c.unit_code.in_(codes), table.c.year.in_(years)
    )
    for row in connection.execute(statement):
        facts.targets[row.unit_code, row.indicator_code, row.year] = int(row.value), row.due_month
    table = schema.target_month
    statement = select(table).where(
        table.c.district_code == district, table.c.unit_code.in_(codes), table.c.year.in_(years)
    )
    for row in connection.execute(statement):
        plan = facts.plans.setdefault((row.unit_code, row.indicator_code, row.year), {})
        plan[row.month] = int(row.planned)


def _children_figures(
    connection: Connection, district: str, nodes: Sequence[_Node], periods: Sequence[Period]
) -> dict[Key, list[tuple[Figure, str]]]:
    """The summary rows under the given units of one level, by (parent, indicator, period)."""
    table = schema.summary
    found: dict[Key, list[tuple[Figure, str]]] = defaultdict(list)
    if nodes[0].level == "village":
        return found
    for start in range(0, len(nodes), CHUNK):
        where = [
            table.c.parent_code.in_([node.code for node in nodes[start : start + CHUNK]]),
            table.c.period.in_([str(period) for period in periods]),
            or_(table.c.value.is_not(None), table.c.denominator.is_not(None)),
        ]
        if nodes[0].level not in _ABOVE_DISTRICT:
            where.append(table.c.district_code == district)
        for row in connection.execute(select(table).where(*where).order_by(table.c.unit_code)):
            figure = Figure(
                row.value,
                row.numerator,
                row.denominator,
                dict(row.classes or {}),
                row.reported,
                row.expected,
            )
            key = row.parent_code, row.indicator_code, Period.parse(row.period)
            found[key].append((figure, row.source))
    return found


def _expected(
    connection: Connection, district: str, nodes: Sequence[_Node]
) -> dict[str, tuple[int, int]]:
    """(towns, villages) under each unit, itself included: whom a figure is expected from."""
    if nodes[0].level == "village":
        return {node.code: (1, 1) for node in nodes}
    if nodes[0].level != "town":
        return {node.code: _leaves(connection, node) for node in nodes}
    table = schema.unit
    villages: dict[str, int] = {}
    for start in range(0, len(nodes), CHUNK):
        statement = (
            select(table.c.parent_code, func.count())
            .where(
                table.c.district_code == district,
                table.c.parent_code.in_([node.code for node in nodes[start : start + CHUNK]]),
                table.c.level == "village",
                table.c.valid_to.is_(None),
            )
            .group_by(table.c.parent_code)
        )
        villages |= {town: int(count) for town, count in connection.execute(statement)}
    return {node.code: (1, villages.get(node.code, 0)) for node in nodes}


def _leaves(connection: Connection, node: _Node) -> tuple[int, int]:
    table = schema.unit
    districts = _districts_under(connection, node)
    rows = connection.execute(
        select(table.c.level, func.count())
        .where(
            table.c.district_code.in_(districts),
            table.c.level.in_(("town", "village")),
            table.c.valid_to.is_(None),
        )
        .group_by(table.c.level)
    )
    counts = {level: int(count) for level, count in rows}
    return counts.get("town", 0), counts.get("village", 0)


def _districts_under(connection: Connection, node: _Node) -> list[str]:
    if node.level == "district":
        return [node.code]
    table = schema.unit
    found, here = [], [node.code]
    while here:
        rows = connection.execute(
            select(table.c.code, table.c.level).where(table.c.parent_code.in_(here))
        ).all()
        found += [row.code for row in rows if row.level == "district"]
        here = [row.code for row in rows if row.level in ("province", "city")]
    return found


def _baselines(
    connection: Connection, district: str, codes: Sequence[str], periods: Sequence[Period]
) -> dict[tuple[str, str, int], int]:
    """Values at the ends of the years before those computed, by (unit, indicator, year).

    Only of years that are not computed themselves: a batch may bear on years far apart.
    """
    table = schema.summary
    years = {period.year for period in periods}
    ends = [str(Period(year - 1, QUARTERS_A_YEAR)) for year in years if year - 1 not in years]
    found = {}
    for start in range(0, len(codes), CHUNK):
        statement = select(
            table.c.unit_code, table.c.indicator_code, table.c.period, table.c.value
        ).where(
            table.c.district_code == district,
            table.c.unit_code.in_(codes[start : start + CHUNK]),
            table.c.period.in_(sorted(ends)),
            table.c.value.is_not(None),
        )
        for row in connection.execute(statement):
            key = row.unit_code, row.indicator_code, Period.parse(row.period).year
            found[key] = int(row.value)
    return found


def _replace(
    connection: Connection,
    district: str,
    codes: Sequence[str],
    periods: Sequence[Period],
    rows: list[dict[str, Any]],
) -> None:
    table = schema.summary
    for start in range(0, len(codes), CHUNK):
        connection.execute(
            delete(table).where(
                table.c.district_code == district,
                table.c.unit_code.in_(codes[start : start + CHUNK]),
                table.c.period.in_([str(period) for period in periods]),
            )
        )
    bulk.insert_rows(connection, table, rows)


def _nodes(connection: Connection, units: set[str], climb: bool) -> dict[str, _Node]:
    """The units and, when climbing, all above them."""
    table = schema.unit
    nodes: dict[str, _Node] = {}
    wanted = set(units)
    while wanted:
        by_district: dict[str, list[str]] = defaultdict(list)
        for code in sorted(wanted):
            by_district[district_of(code)].append(code)
        fresh: dict[str, _Node] = {}
        for district, codes in by_district.items():
            for start in range(0, len(codes), CHUNK):
                statement = select(table.c.code, table.c.parent_code, table.c.level).where(
                    table.c.district_code == district,
                    table.c.code.in_(codes[start : start + CHUNK]),
                )
                for row in connection.execute(statement):
                    fresh[row.code] = _Node(row.code, row.parent_code, row.level)
        nodes |= fresh
        above = {node.parent for node in fresh.values() if node.parent} if climb else set()
        wanted = above - nodes.keys()
    return nodes


def _codes_of_district(connection: Connection, district: str) -> set[str]:
    table = schema.unit
    return set(connection.scalars(select(table.c.code).where(table.c.district_code == district)))


def _open_until(connection: Connection, district: str, node: _Node) -> Period | None:
    """The newest quarter that anyone in the district has reported on, as the last rollup saw it.

    Above the districts, the newest of those underneath: what such a unit has itself is little.
    """
    codes = [district]
    if node.level in _ABOVE_DISTRICT:
        codes += _districts_under(connection, node)
    texts = [get_info(connection, _OPEN_UNTIL + code) for code in codes]
    newest = max((text for text in texts if text), default=None)
    return Period.parse(newest) if newest else None


def _open_until_moved(connection: Connection, district: str) -> bool:
    """Whether the newest quarter is another than at the last rollup; remembers it."""
    newest = [
        connection.scalar(select(func.max(table.c.period)).where(table.c.district_code == district))
        for table in (schema.observation, schema.village_income)
    ]
    now = max((text for text in newest if text), default="")
    moved = (get_info(connection, _OPEN_UNTIL + district) or "") != now
    if moved:
        set_info(connection, _OPEN_UNTIL + district, now)
    return moved


def _years(settings: Settings) -> list[int]:
    """The year of the baseline and those of the programme."""
    return list(range(settings.district.first_year - 1, settings.district.last_year + 1))
