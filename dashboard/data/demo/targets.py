"""Targets of 2016 and 2017 for the district, its towns and villages, with the plan by month.

The attachment 目标任务分解表 is not in the policy's text: every figure here is made up. Additive
indicators add up, villages to towns to the district, but for three mistakes (`Targets.planted`).
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.config_models import Catalogue, IndicatorEntry, PolicyConfig
from dashboard.data.demo.calendar import YEARS
from dashboard.data.demo.draws import Dated
from dashboard.data.demo.incomes import Incomes
from dashboard.data.demo.places import Places, Town, Village
from dashboard.policy.aggregation import RATE_SCALE, Aggregation
from dashboard.policy.money import FEN_A_WAN
from dashboard.policy.periods import Period

FORECAST = (0.06, 0.13, 0.20, 0.27, 0.35, 0.43, 0.51, 0.59, 0.67, 0.76, 0.85, 1.0)
"""Share of a year's village income that is expected by the end of each month."""
_GROWTH_PERCENT = 107
_LAST_MONTHS = (3, 6, 9, 12)
_FULL = RATE_SCALE
_LOADED, _ENDS_SHORT = 6, 9
_ADDITIVE = (Aggregation.SUM, Aggregation.LAST, Aggregation.DISTRIBUTION)

Cell = tuple[str, str, int]
"""Unit, indicator, year."""


@dataclass
class Targets:
    """`planted`: kind of mistake to the cell that holds it."""

    values: dict[Cell, int] = field(default_factory=dict)
    plans: dict[Cell, dict[int, int]] = field(default_factory=dict)
    planted: dict[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True)
class TownSize:
    """What a town's targets are set by, besides its villages' incomes."""

    households: int
    tasks: Mapping[int, int]
    """Tasks of the five 落实 that fall due by the end of a year."""


def make(
    places: Places,
    policy: PolicyConfig,
    incomes: Incomes,
    sizes: Mapping[str, TownSize],
    catalogue: Catalogue,
) -> Targets:
    """All targets and plans, in the smallest unit of each indicator."""
    targets = Targets()
    for year in YEARS:
        _village_targets(targets, places, policy, incomes, year)
        for town in places.towns:
            _town_income(targets, places, policy, incomes, town, year)
            _town_households(targets, town, sizes[town.code], year)
            _town_ratios(targets, catalogue, town.code, year)
    _plant_in_towns(targets, places)
    for year in YEARS:
        _add_up_towns(targets, places, catalogue, year)
        _town_ratios(targets, catalogue, places.root, year)
    _plant_in_district(targets, places)
    _drop_unknown(targets, catalogue)
    return targets


def expected_income(incomes: Incomes, village: Village, year: int, policy: PolicyConfig) -> int:
    """A village's target: 7 % more than last year and beyond the line, in whole 万元."""
    last_year = incomes.total(village.code, Period(year - 1, 4))
    grown = -(-last_year * _GROWTH_PERCENT // 100 // FEN_A_WAN) * FEN_A_WAN
    return max(grown, policy.threshold("village_target_2016").fen + FEN_A_WAN)


def _village_targets(
    targets: Targets, places: Places, policy: PolicyConfig, incomes: Incomes, year: int
) -> None:
    line = policy.threshold("village_target_2016")
    for village in places.villages:
        total = expected_income(incomes, village, year, policy)
        targets.values[village.code, "V03", year] = total
        targets.values[village.code, "V01", year] = 1
        by_month = {month: _by_month(total, month) for month in _LAST_MONTHS}
        targets.plans[village.code, "V03", year] = by_month
        targets.plans[village.code, "V01", year] = {
            month: int(line.holds(amount)) for month, amount in by_month.items()
        }


def _by_month(total: int, month: int) -> int:
    """What of a year's income is planned by a month's end, in whole 万元."""
    return int(total * FORECAST[month - 1]) // FEN_A_WAN * FEN_A_WAN


def _town_income(
    targets: Targets,
    places: Places,
    policy: PolicyConfig,
    incomes: Incomes,
    town: Town,
    year: int,
) -> None:
    """Villages beyond the lines, villages left below them, and income: from the villages'."""
    villages = places.villages_of(town)
    totals = {v.code: expected_income(incomes, v, year, policy) for v in villages}
    months = range(1, 13)
    planned = {m: {v: _by_month(total, m) for v, total in totals.items()} for m in months}
    plans: dict[str, dict[int, int]] = {"V03": {m: sum(planned[m].values()) for m in months}}
    for code, key in (("V01", "village_target_2016"), ("V11", "village_target_2020")):
        line = policy.threshold(key)
        plans[code] = {m: sum(map(line.holds, planned[m].values())) for m in months}
    for code, key in (("V02", "weak_village"), ("V04", "floor_support")):
        line = policy.threshold(key)
        weak = [v.code for v in incomes.weak(villages, year - 1, line.fen)]
        plans[code] = {m: sum(line.holds(planned[m][v]) for v in weak) for m in months}
    for code, plan in plans.items():
        targets.plans[town.code, code, year] = plan
        targets.values[town.code, code, year] = plan[12]


def _town_households(targets: Targets, town: Town, size: TownSize, year: int) -> None:
    """Targets that follow a town's households and tasks; the plan by month where one is usual."""
    exits = size.households * (8 if year == 2016 else 18) // 100
    left = size.households - exits - (0 if year == 2016 else size.households * 8 // 100)
    late = [0] * 11 + [100]
    evenly = [round(100 * m / 12) for m in range(1, 13)]
    towards_end = [2, 5, 10, 15, 20, 28, 36, 45, 55, 68, 82, 100]
    counts = {
        "H05": (exits, late if year == 2016 else towards_end),
        "H12": (20 + size.households // 6, evenly),
        "H13": (6 + size.households // 14, evenly),
        "V08": (2 + size.households // 300, towards_end),
        "V12": ((20 + size.households // 10) * FEN_A_WAN, towards_end),
    }
    for code, (value, shares) in counts.items():
        targets.values[town.code, code, year] = value
        plan = {m: value * share // 100 for m, share in enumerate(shares, start=1)}
        targets.plans[town.code, code, year] = plan
    before = size.households - (0 if year == 2016 else size.households * 8 // 100)
    targets.values[town.code, "H01", year] = left
    shares = late if year == 2016 else towards_end
    targets.plans[town.code, "H01", year] = {
        m: before - (before - left) * share // 100 for m, share in enumerate(shares, start=1)
    }
    targets.values[town.code, "H09", year] = size.households * (80 if year == 2016 else 60) // 100
    targets.values[town.code, "H07", year] = int(year > 2016 and size.households >= 300)
    for code in ("H10", "G06", "G07"):
        targets.values[town.code, code, year] = 0
    targets.values[town.code, "G03", year] = size.tasks.get(year, 0)


def _town_ratios(targets: Targets, catalogue: Catalogue, unit: str, year: int) -> None:
    """Coverage is to be complete; income per head of the households is to rise."""
    for entry in catalogue.indicators:
        if entry.aggregation is Aggregation.RATIO:
            full = _FULL if entry.code != "G05" else _FULL * 95 // 100
            targets.values[unit, entry.code, year] = full
        elif entry.code == "H04":
            targets.values[unit, entry.code, year] = {2016: 9_200, 2017: 9_800}[year] * entry.scale


def _plant_in_towns(targets: Targets, places: Places) -> None:
    """层层加码: a town's villages get 1.1 times its own target. And a plan that ends short."""
    year = YEARS[-1]
    order = [*places.towns[_LOADED:], *places.towns[:_LOADED]]
    loaded = next((t for t in order if len(places.villages_of(t)) >= 3), None)
    if loaded is not None:
        villages = [v.code for v in places.villages_of(loaded)]
        total = sum(targets.values[v, "V03", year] for v in villages)
        short = -total % (11 * FEN_A_WAN)
        _raise(targets, (villages[-1], "V03", year), short)
        own = (total + short) // 11 * 10
        cell = (loaded.code, "V03", year)
        targets.values[cell] = own
        targets.plans[cell] = {m: _by_month(own, m) for m in range(1, 13)}
        targets.planted["villages_overloaded"] = cell
    cell = (places.towns[_ENDS_SHORT].code, "V03", year)
    if targets.values[cell] > 0:
        # More than the year's last month brings, so no month of the plan falls.
        last = targets.plans[cell][12] - targets.plans[cell][11]
        targets.plans[cell][12] -= last // 4 // FEN_A_WAN * FEN_A_WAN
        targets.planted["plan_ends_short"] = cell


def _raise(targets: Targets, cell: Cell, by: int) -> None:
    targets.values[cell] += by
    targets.plans[cell] = {m: _by_month(targets.values[cell], m) for m in _LAST_MONTHS}


def _add_up_towns(targets: Targets, places: Places, catalogue: Catalogue, year: int) -> None:
    for entry in catalogue.indicators:
        cells = [(town.code, entry.code, year) for town in places.towns]
        given = [cell for cell in cells if cell in targets.values]
        if entry.aggregation not in _ADDITIVE or not given:
            continue
        own = (places.root, entry.code, year)
        targets.values[own] = sum(targets.values[cell] for cell in given)
        plan: dict[int, int] = defaultdict(int)
        for cell in given:
            for month, planned in targets.plans.get(cell, {}).items():
                plan[month] += planned
        if plan:
            # The one town whose plan ends short does not make the district's plan short too.
            targets.plans[own] = dict(plan) | {12: targets.values[own]}


def _plant_in_district(targets: Targets, places: Places) -> None:
    """A target that is not handed down in full: the towns' come to less than the district's."""
    cell = (places.root, "H05", YEARS[-1])
    targets.values[cell] += 60
    targets.plans[cell][12] += 60
    targets.planted["not_handed_down"] = cell


def _drop_unknown(targets: Targets, catalogue: Catalogue) -> None:
    """An office may have taken indicators out of the catalogue."""
    known = catalogue.by_code
    targets.values = {cell: v for cell, v in targets.values.items() if cell[1] in known}
    targets.plans = {cell: p for cell, p in targets.plans.items() if cell[1] in known}
    targets.planted = {kind: c for kind, c in targets.planted.items() if c[1] in known}


def target_rows(places: Places, targets: Targets, catalogue: Catalogue) -> list[Dated]:
    """Rows of `target`, dated by the first quarter of their year."""
    owners = _owners(places)
    rows = []
    for (unit, code, year), value in targets.values.items():
        office, post = owners[unit]
        row = places.row(
            unit_code=unit,
            indicator_code=code,
            year=year,
            value=value,
            department=office or _first_department(catalogue.by_code[code]),
            post=post,
            due_month=_due_month(code, year),
        )
        rows.append(Dated(f"{year}Q1", row))
    return rows


def month_rows(places: Places, targets: Targets) -> list[Dated]:
    """Rows of `target_month`."""
    return [
        Dated(
            f"{year}Q1",
            places.row(unit_code=unit, indicator_code=code, year=year, month=m, planned=planned),
        )
        for (unit, code, year), plan in targets.plans.items()
        for m, planned in plan.items()
    ]


def _owners(places: Places) -> dict[str, tuple[str, str]]:
    """Responsible office and post by unit; the district's office depends on the indicator."""
    owners = {places.root: ("", "分管副区长")}
    owners |= {town.code: (town.office, town.post) for town in places.towns}
    owners |= {v.code: (f"{v.name}村民委员会", "村党总支书记") for v in places.villages}
    return owners


def _first_department(entry: IndicatorEntry) -> str:
    return re.split("[;、]", entry.department)[0].replace("(推定)", "")


def _due_month(code: str, year: int) -> int:
    """Registration was due by the end of April 2016 (三(一)), responsibility letters by March."""
    due = {("H02", 2016): 4, ("V06", 2016): 6, ("G01", 2016): 4, ("G01", 2017): 3, ("G02", 2017): 3}
    return due.get((code, year), 12)
