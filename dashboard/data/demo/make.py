"""The demo data as the files it would have come in, and the filling of an empty store with them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection, select

from dashboard.data import rollup, schema, submissions
from dashboard.data.demo import calendar, households, incomes, places, registers, reports, targets
from dashboard.data.demo.calendar import FIRST, QUARTERS, YEARS, Reports
from dashboard.data.demo.draws import Dated, Row
from dashboard.data.demo.households import People
from dashboard.data.demo.incomes import BASE, Incomes
from dashboard.data.demo.places import DemoRefused, Places, Town
from dashboard.data.demo.registers import Registers
from dashboard.data.demo.targets import Targets, TownSize
from dashboard.data.ingest.apply import FileInfo, apply_rows
from dashboard.data.store import Store, set_info
from dashboard.policy.periods import Period
from dashboard.settings import Settings

ACTOR = "演示数据"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class World:
    """Everything that was drawn, before it is put into rows."""

    seed: int
    places: Places
    reports: Reports
    incomes: Incomes
    people: People
    registers: Registers
    targets: Targets


@dataclass(frozen=True)
class Returned:
    """What the office had sent back before this file came: it answers that."""

    unit_code: str
    period: Period
    table: str
    reason: str


@dataclass
class DemoFile:
    """One file as an office would have imported it: its rows by table."""

    name: str
    received_at: datetime
    tables: dict[str, list[Row]] = field(default_factory=dict)
    returned: Returned | None = None

    @property
    def info(self) -> FileInfo:
        text = json.dumps(self.tables, ensure_ascii=False, default=str)
        return FileInfo(self.name, hashlib.sha256(text.encode()).hexdigest())


def draw_world(settings: Settings, seed: int, villages: int, people: int) -> World:
    """The same for the same arguments and config/, on every machine.

    Raises DemoRefused for a config/ that the demo data does not fit.
    """
    policy, district = settings.policy, settings.district
    _refuse_other_programmes(settings)
    here = places.make(district.root_unit, district.name, seed, villages)
    sent = calendar.reports(here)
    earned = incomes.make(here, policy, sent, seed)
    members = households.make(here, policy, earned, sent, seed, people)
    lists = registers.make(here, policy, earned, members, seed)
    tasks, by_town = registers.tasks_by_town(lists), members.by_town()
    sizes = {
        town.code: TownSize(len(by_town.get(town.code, [])), tasks.get(town.code, {}))
        for town in here.towns
    }
    goals = targets.make(here, policy, earned, sizes, settings.catalogue)
    return World(seed, here, sent, earned, members, lists, goals)


_LINES = (
    "weak_village",
    "floor_support",
    "village_target_2016",
    "village_target_2020",
    "household_target_2019",
)


def _refuse_other_programmes(settings: Settings) -> None:
    first, last = settings.district.first_year, settings.district.last_year
    if first != YEARS[0] or last < YEARS[-1]:
        raise DemoRefused(
            f"演示数据为{YEARS[0]}至{YEARS[-1]}年,而 district.yaml 的规划期为{first}至{last}年"
        )
    missing = [key for key in _LINES if key not in settings.policy.thresholds]
    if missing:
        raise DemoRefused(f"policy.yaml 的 thresholds 缺少{'、'.join(missing)},无法生成演示数据")


def files(settings: Settings, world: World) -> list[DemoFile]:
    """All files in the order in which they came in; a later row of the same key corrects."""
    here = world.places
    found = [
        DemoFile(
            f"{here.name}_单位和边界.xlsx",
            calendar.at(date(FIRST.year, 1, 15)),
            {"unit": places.unit_rows(here), "boundary": places.boundary_rows(here)},
        )
    ]
    dated = _dated(settings, world)
    by_town = _by_town_and_period(here, world.reports, dated)
    for year in YEARS:
        found += _district_files(here, dated, year)
        for period in (p for p in QUARTERS if p.year == year):
            for town in here.towns:
                found += _town_files(settings, world, by_town, town, period)
    return [file for file in found if any(file.tables.values())]


_OF_TOWNS = (
    "observation",
    "village_income",
    "household",
    "household_income",
    "lifecycle_event",
    "pairing",
    "measure",
)
_OF_DISTRICT = {
    "目标任务分解表": ("target", "target_month"),
    "督办任务和督查": ("task", "inspection"),
    "项目和资金": ("project", "fund_flow"),
    "村账和统计审核": ("village_income_check",),
}


def _dated(settings: Settings, world: World) -> dict[str, list[Dated]]:
    """Rows by table, each with the quarter that it was reported for."""
    here, policy, catalogue = world.places, settings.policy, settings.catalogue
    lists = world.registers
    return {
        "target": targets.target_rows(here, world.targets, catalogue),
        "target_month": targets.month_rows(here, world.targets),
        "observation": reports.observation_rows(
            here,
            policy,
            catalogue,
            world.incomes,
            world.people,
            lists,
            world.targets,
            world.reports,
        ),
        "village_income": incomes.income_rows(here, world.incomes, world.reports),
        "village_income_check": incomes.check_rows(here, world.incomes),
        "household": households.household_rows(here, world.people),
        "household_income": households.income_rows(here, world.people),
        "lifecycle_event": [
            *households.event_rows(here, world.people),
            *households.village_event_rows(here, policy, world.incomes, world.seed),
        ],
        "pairing": lists.pairing,
        "measure": lists.measure,
        "project": lists.project,
        "fund_flow": lists.fund_flow,
        "task": lists.task,
        "inspection": lists.inspection,
    }


_ByTown = dict[tuple[str, str], dict[str, list[Row]]]


def _by_town_and_period(here: Places, sent: Reports, dated: dict[str, list[Dated]]) -> _ByTown:
    """Rows by town and the quarter whose workbook brought them."""
    found: _ByTown = defaultdict(lambda: defaultdict(list))
    towns = {village.code: village.town.code for village in here.villages}
    towns |= {town.code: town.code for town in here.towns}
    for table in _OF_TOWNS:
        for one in dated[table]:
            row = one.row
            town = row["household"][1:10] if table == "household_income" else None
            town = town or towns[row.get("village_code") or row["unit_code"]]
            period = sent.came_with(town, Period.parse(one.period))
            if period is not None:
                found[town, str(period)][table].append(row)
    return found


def _district_files(here: Places, dated: dict[str, list[Dated]], year: int) -> list[DemoFile]:
    """What the office itself keeps, a file a year."""
    return [
        DemoFile(
            f"{here.name}_{year}年{title}.xlsx",
            calendar.of_district(year, is_plan="target" in tables),
            {
                table: [one.row for one in dated[table] if one.period.startswith(str(year))]
                for table in tables
            },
        )
        for title, tables in _OF_DISTRICT.items()
    ]


def _town_files(
    settings: Settings, world: World, by_town: _ByTown, town: Town, period: Period
) -> list[DemoFile]:
    """A town's workbook of a quarter, before it the register it starts from, after it what was
    corrected or came late."""
    found = []
    if period == FIRST:
        base = by_town.get((town.code, str(BASE)), {})
        day = calendar.at(settings.policy.registration_due)
        found.append(DemoFile(f"{town.name}_2015年末建档立卡.xlsx", day, dict(base)))
    on = calendar.received(world.places.towns.index(town), period)
    late_town, late_period = world.reports.returned_late
    here = by_town.get((town.code, str(period)), {})
    if (town.code, period) != (late_town, late_period):
        found.append(DemoFile(f"{town.name}_{period.label}.xlsx", on, dict(here)))
    if town.code == late_town and period == late_period.next().next():
        late = by_town.get((late_town, str(late_period)), {})
        found.insert(0, DemoFile(f"{town.name}_{late_period.label}(补报).xlsx", on, dict(late)))
    if (town.code, period) in world.reports.corrected:
        rows = incomes.correction_rows(world.places, world.incomes, town.code, period)
        reason = "发包租赁收入少于村账,请核对后重报"
        back = Returned(town.code, period, "village_income", reason)
        file = f"{town.name}_{period.label}(更正).xlsx"
        later = on + calendar.TO_CORRECT
        found.append(DemoFile(file, later, {"village_income": rows}, back))
    return found


def rows(
    settings: Settings, seed: int = 1, villages: int = 190, people: int = 5000
) -> dict[str, list[Row]]:
    """The rows of every table as they stand after the last file, all columns but the provenance."""
    world = draw_world(settings, seed, villages, people)
    keys = {t.name: [c.name for c in t.primary_key.columns] for t in schema.FACTS}
    found: dict[str, dict[tuple[object, ...], Row]] = {name: {} for name in keys}
    for file in files(settings, world):
        for table, given in file.tables.items():
            found[table] |= {tuple(row[name] for name in keys[table]): row for row in given}
    return {table: list(by_key.values()) for table, by_key in found.items()}


def is_empty(store: Store) -> bool:
    """Whether a store that has its schema holds no units yet."""
    with store.reading() as connection:
        return _has_no_units(connection)


def _has_no_units(connection: Connection) -> bool:
    return connection.execute(select(schema.unit.c.code).limit(1)).first() is None


def fill(
    store: Store,
    settings: Settings,
    seed: int = 1,
    villages: int = 190,
    households: int = 5000,
    on_progress: Progress | None = None,
) -> None:
    """Fill an empty store with demo data and mark it as such, in one transaction.

    Raises DemoRefused where the store holds units already: real data is never mixed with made-up
    figures.
    """
    store.migrate()
    given = files(settings, draw_world(settings, seed, villages, households))
    with store.writing() as connection:
        if not _has_no_units(connection):
            raise DemoRefused("数据库中已有单位,演示数据只能填入空数据库")
        set_info(connection, "is_demo", "yes")
        _apply(connection, settings, given, on_progress)


def _apply(
    connection: Connection,
    settings: Settings,
    given: list[DemoFile],
    on_progress: Progress | None,
) -> None:
    """File by file, each a batch of its own; the rollup once, at the end."""
    steps = len(given) * 5 // 4
    for done, file in enumerate(given, start=1):
        tables = {
            table: [row | {"source_row": at} for at, row in enumerate(rows, start=2)]
            for table, rows in file.tables.items()
        }
        at, back = file.received_at, file.returned
        if back is not None:
            here = (back.unit_code, back.period, back.table)
            sent_back = at - calendar.TO_CORRECT / 2
            submissions.record_return(connection, *here, back.reason, ACTOR, sent_back)
        apply_rows(connection, settings, tables, file.info, ACTOR, roll_up=False, received_at=at)
        if on_progress:
            on_progress(done, steps)
    district = settings.district
    units = [row["code"] for file in given for row in file.tables.get("unit", [])]
    years = range(district.first_year - 1, district.last_year + 1)
    rollup.refresh(connection, settings, [(unit, year) for unit in units for year in years])
    if on_progress:
        on_progress(steps, steps)
