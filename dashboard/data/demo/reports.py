"""指标填报: what each town reports for the indicators that no register computes.

The figures agree with the registers where there are any (pairing, households, tasks, funds).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from dashboard.config_models import Catalogue, PolicyConfig
from dashboard.data.demo.calendar import QUARTERS, Reports
from dashboard.data.demo.draws import Dated, Row
from dashboard.data.demo.households import Household, People, count_on_register
from dashboard.data.demo.incomes import Incomes
from dashboard.data.demo.places import Places, Town, Village
from dashboard.data.demo.registers import Registers
from dashboard.data.demo.targets import Targets
from dashboard.data.ingest.sheets import DECISION, FULFILMENTS
from dashboard.policy.periods import Period


@dataclass(frozen=True)
class _Town:
    """What is known of one town."""

    town: Town
    villages: list[Village]
    weak: list[Village]
    households: list[Household]
    pairing: list[Row]
    tasks: list[Row]
    projects: list[Row]
    funds: list[Row]


def observation_rows(
    places: Places,
    policy: PolicyConfig,
    catalogue: Catalogue,
    incomes: Incomes,
    people: People,
    registers: Registers,
    targets: Targets,
    reports: Reports,
) -> list[Dated]:
    """One row a figure, in the smallest unit; codes the catalogue does not have are left out."""
    known = {*catalogue.by_code, *catalogue.parts_by_code}
    rows = []
    for here in _by_town(places, policy, incomes, people, registers):
        for period in QUARTERS:
            figures = _stocks(here, incomes, period) | _running(here, incomes, targets, period)
            if not reports.came(here.town.code, period):
                continue
            for code in sorted(figures.keys() & known):
                row = places.row(
                    unit_code=here.town.code,
                    indicator_code=code,
                    period=str(period),
                    value=figures[code],
                )
                rows.append(Dated(str(period), row))
    return rows


def _by_town(
    places: Places, policy: PolicyConfig, incomes: Incomes, people: People, registers: Registers
) -> Iterable[_Town]:
    line = policy.threshold("weak_village").fen
    members = people.by_town()
    for town in places.towns:
        villages = places.villages_of(town)
        yield _Town(
            town,
            villages,
            incomes.weak(villages, 2015, line),
            members.get(town.code, []),
            [d.row for d in registers.pairing if d.row["village_code"][:9] == town.code],
            [d.row for d in registers.task if d.row["unit_code"] == town.code],
            [d.row for d in registers.project if d.row["unit_code"][:9] == town.code],
            [d.row for d in registers.fund_flow if d.row["unit_code"][:9] == town.code],
        )


def _stocks(here: _Town, incomes: Incomes, period: Period) -> dict[str, int]:
    """Coverage and other figures that stand at the quarter's end."""
    day = period.last_day
    figures: dict[str, int] = {}
    due_v, due_h = len(here.weak), count_on_register(here.households, day)
    if due_v:
        quarters = QUARTERS.index(period)
        figures |= {"V06A": due_v if quarters else due_v * 2 // 3, "V06B": due_v}
        figures |= {"V09A": _paired(here, "第一书记", day), "V09B": due_v}
        figures |= {"V10A": _paired(here, "部门挂钩", day), "V10B": due_v}
    if due_h:
        on_register = [one for one in here.households if one.on_register(day)]
        paired = _subjects(here, "党员干部", day)
        figures |= {"H08A": sum(o.number in paired for o in on_register), "H08B": due_h}
        figures |= {"H03A": sum(o.checked is not None for o in on_register), "H03B": due_h}
        unable = [one for one in on_register if not one.is_able]
        figures |= {"H14A": sum(o.helped <= day for o in unable), "H14B": len(unable)}
    if here.households:
        registered = sum(one.identified <= day for one in here.households)
        figures |= {"H02A": registered, "H02B": len(here.households)}
    plans = 1 + due_v + due_h
    helped = sum(one.helped <= day for one in here.households if one.on_register(day))
    figures |= {"V07A": 1 + due_v + helped, "V07B": plans, "H10": 0}
    return figures | _process(here, day)


def _process(here: _Town, day: date) -> dict[str, int]:
    """Letters of responsibility, tasks, and the five 落实."""
    tasks = [t for t in here.tasks if t["kind"] != DECISION and int(t["due_month"][:4]) <= day.year]
    letters = 1 + len(here.villages)
    figures = {"G01A": letters - int(here.town.drive < -0.8), "G01B": letters}
    figures |= {"G02A": sum(bool(task["post"]) for task in tasks), "G02B": len(tasks)}
    for letter, kind in zip("ABCDE", FULFILMENTS, strict=True):
        done = (t for t in tasks if t["kind"] == kind and t["done_on"] and t["done_on"] <= day)
        figures[f"G03{letter}"] = sum(1 for _ in done)
    return figures


def _running(here: _Town, incomes: Incomes, targets: Targets, period: Period) -> dict[str, int]:
    """Figures that are cumulative within the year: never falling from quarter to quarter."""
    day, year = period.last_day, period.year
    funds = [f for f in here.funds if f["year"] == year and f["happened_on"] <= day]
    floor = [f for f in funds if f["purpose"] == "兜底保障"]
    earmarked = [f for f in funds if f["purpose"] != "兜底保障"]
    figures = {
        "V12": sum(incomes.series[v.code][period]["donation"] for v in here.villages),
        "V08": sum(p["started_on"].year == year and p["started_on"] <= day for p in here.projects),
    }
    if floor:
        figures |= {"V05A": _sum(floor, "allocated_fen"), "V05B": _sum(floor, "arranged_fen")}
    if earmarked:
        figures |= {
            "G05A": _sum(earmarked, "allocated_fen"),
            "G05B": _sum(earmarked, "arranged_fen"),
        }
    problems = [f for f in earmarked if f["audit_state"] in ("已整改", "整改中")]
    figures["G06"] = len(problems)
    if problems:
        figures |= {
            "G08A": sum(f["audit_state"] == "已整改" for f in problems),
            "G08B": len(problems),
        }
    for code in ("H12", "H13"):
        target = targets.values.get((here.town.code, code, year), 0)
        figures[code] = _towards(here.town, target, period)
    return figures


def _towards(town: Town, target: int, period: Period) -> int:
    """Even progress, faster in towns that lead."""
    pace = 100 + round(14 * town.drive)
    return target * pace * period.quarter // 400


def _paired(here: _Town, kind: str, day: date) -> int:
    weak = {village.code for village in here.weak}
    return len(_subjects(here, kind, day) & weak)


def _subjects(here: _Town, kind: str, day: date) -> set[str]:
    return {p["subject"] for p in here.pairing if p["kind"] == kind and p["started_on"] <= day}


def _sum(rows: list[Mapping[str, int]] | list[Row], column: str) -> int:
    return sum(row[column] for row in rows)
