"""Low-income households: pseudonymous, with income, and their way through the procedure.

Identified by the end of April 2016 (三(一)) in four steps in order (二(一)); exits from the fourth
quarter of 2016 on, where the year's income per head has reached 10,000 yuan; a few relapses.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from dashboard.config_models import PolicyConfig
from dashboard.data.demo.calendar import QUARTERS, Reports
from dashboard.data.demo.draws import Dated, Row, share_out, stream
from dashboard.data.demo.incomes import BASE, Incomes
from dashboard.data.demo.places import Places, Village
from dashboard.policy.lifecycle import STEPS
from dashboard.policy.money import FEN_A_YUAN
from dashboard.policy.periods import Period

EVIDENCE = dict(
    zip(
        STEPS,
        ("村民代表会议记录", "村务公开栏公示", "镇抽检核查表", "建档立卡信息系统"),
        strict=True,
    )
)
_INABLE = {"低保户": 30, "五保户": 8, "重病户": 17, "残疾人户": 20}
_ABLE = {"一般低收入户": 60, "支出型困难户": 12, "单亲困难户": 5}
_CAUSES = {
    "低保户": {"因病": 45, "因残": 25, "缺劳力": 30},
    "五保户": {"缺劳力": 75, "因病": 25},
    "重病户": {"因病": 100},
    "残疾人户": {"因残": 100},
    "一般低收入户": {
        "缺技术": 38,
        "缺资金": 22,
        "缺劳力": 18,
        "因学": 14,
        "因灾": 3,
        "自身发展动力不足": 5,
    },
    "支出型困难户": {"因学": 55, "因病": 45},
    "单亲困难户": {"缺劳力": 70, "因学": 30},
}
_T = TypeVar("_T")
_FIRST_DAY = date(2016, 1, 11)
_EXITS_2016, _EXITS_2017 = 0.09, (0.015, 0.035, 0.05)
"""Share of a town's households that exits: at the end of 2016, in each quarter of 2017."""


@dataclass(frozen=True)
class Household:
    """`applied` … `identified` are the days of the four steps; `checked` is None where the spot
    check is missing from the record."""

    number: str
    village: Village
    persons: int
    labour: int
    category: str
    cause: str
    applied: date
    published: date
    checked: date | None
    identified: date
    helped: date
    incomes: dict[int, int]
    exited: date | None = None
    relapsed: date | None = None

    @property
    def is_able(self) -> bool:
        """Whether somebody in it can work: 就业 rather than 兜底 (三(五), 三(六))."""
        return self.labour > 0

    def on_register(self, day: date) -> bool:
        if self.identified > day:
            return False
        back = self.relapsed is not None and self.relapsed <= day
        return back or self.exited is None or self.exited > day


@dataclass
class People:
    households: list[Household] = field(default_factory=list)
    planted: dict[str, list[str]] = field(default_factory=dict)

    def by_town(self) -> dict[str, list[Household]]:
        towns: dict[str, list[Household]] = defaultdict(list)
        for one in self.households:
            towns[one.village.town.code].append(one)
        return towns


def make(
    places: Places, policy: PolicyConfig, incomes: Incomes, reports: Reports, seed: int, count: int
) -> People:
    """So many households, more in weak villages."""
    draw = stream(seed, "households")
    line = policy.threshold("household_target_2019").fen
    weak = {
        v.code for v in incomes.weak(places.villages, 2015, policy.threshold("weak_village").fen)
    }
    weights = [draw.uniform(0.5, 1.5) * (1.7 if v.code in weak else 1) for v in places.villages]
    numbers: Counter[str] = Counter()
    people = People()
    for village, share in zip(places.villages, share_out(count, weights), strict=True):
        for _ in range(share):
            numbers[village.town.code] += 1
            number = f"H{village.town.code}-{numbers[village.town.code]:05d}"
            people.households.append(_household(draw, number, village, line))
    _plant_incomes(people, line)
    _let_out(draw, people, reports, line)
    return people


def _household(draw: Random, number: str, village: Village, line: int) -> Household:
    persons = _pick(draw, {1: 26, 2: 31, 3: 24, 4: 13, 5: 6})
    able = draw.random() < 0.55
    labour = draw.randint(1, max(1, (persons + 1) // 2)) if able else 0
    category = _pick(draw, _ABLE if able else _INABLE)
    applied = _FIRST_DAY + timedelta(draw.randint(0, 40))
    published = applied + timedelta(draw.randint(7, 15))
    checked = published + timedelta(draw.randint(5, 15))
    identified = min(checked + timedelta(draw.randint(3, 30)), date(2016, 4, 30))
    first = _yuan(min(line * 0.998, max(line * 0.32, draw.gauss(0.79, 0.13) * line)))
    rise = 1.13 + 0.06 * village.town.drive + draw.gauss(0, 0.07)
    return Household(
        number,
        village,
        persons,
        labour,
        category,
        _pick(draw, _CAUSES[category]),
        applied,
        published,
        checked if draw.random() > 0.015 else None,
        identified,
        identified + timedelta(draw.randint(5, 45)),
        {2015: first, 2016: _yuan(first * max(0.95, rise))},
    )


def _plant_incomes(people: People, line: int) -> None:
    """Exactly at the line (may leave), one fen below it (may not), beyond it from the start."""
    edges = (("exactly_on_line", 2016, line), ("just_below_line", 2016, line - 1))
    for at, (kind, year, fen) in enumerate((*edges, ("never_low", 2015, line * 104 // 100))):
        place = (at + 1) * 7
        if place < len(people.households):
            one = people.households[place]
            rise = {2016: fen * 105 // 100} if year == 2015 else {}
            people.households[place] = replace(one, incomes=one.incomes | {year: fen} | rise)
            people.planted[kind] = [one.number]


def _let_out(draw: Random, people: People, reports: Reports, line: int) -> None:
    """Exits, best off first, and relapses; what a late town has not reported has no row."""
    changed: dict[str, Household] = {}
    for town, members in people.by_town().items():
        fit = sorted(
            (one for one in members if one.incomes[2016] >= line),
            key=lambda one: (-one.incomes[2016], one.number),
        )
        drive = members[0].village.town.drive
        for period in QUARTERS[3:]:
            share = _EXITS_2016 if period.year == 2016 else _EXITS_2017[period.quarter - 1]
            leaving = round(len(members) * share * (1 + 0.35 * drive))
            for one in fit[:leaving]:
                day = period.last_day - timedelta(draw.randint(3, 24))
                if reports.came(town, period):
                    changed[one.number] = replace(one, exited=day)
            fit = fit[leaving:]
    _let_back(draw, changed, reports)
    _plant_early_exit(people, changed, line)
    people.households = [changed.get(one.number, one) for one in people.households]


def _let_back(draw: Random, changed: dict[str, Household], reports: Reports) -> None:
    """About one in seventy of those who left early enough is back in 2017."""
    for number, one in changed.items():
        if one.exited is not None and one.exited.year == 2016 and draw.random() < 0.015:
            period = draw.choice(QUARTERS[5:])
            day = period.first_day + timedelta(draw.randint(5, 80))
            if reports.came(one.village.town.code, period):
                changed[number] = replace(one, relapsed=day)


def _plant_early_exit(people: People, changed: dict[str, Household], line: int) -> None:
    """Let out on paper (数字脱贫): the year's income had not reached the line."""
    for one in people.households:
        if one.number not in changed and one.incomes[2016] < line * 9 // 10:
            changed[one.number] = replace(one, exited=date(2016, 12, 20))
            people.planted["exit_below_line"] = [one.number]
            return


def household_rows(places: Places, people: People) -> list[Dated]:
    return [
        Dated(
            str(BASE),
            places.row(
                number=one.number,
                village_code=one.village.code,
                persons=one.persons,
                labour=one.labour,
                category=one.category,
                cause=one.cause,
                identified_on=one.identified,
            ),
        )
        for one in people.households
    ]


def income_rows(places: Places, people: People) -> list[Dated]:
    """2015 with the registration, 2016 with the fourth quarter."""
    rows = []
    for one in people.households:
        for year, fen in one.incomes.items():
            period = f"{year}Q4" if year > 2015 else str(BASE)
            rows.append(Dated(period, places.row(household=one.number, year=year, income_fen=fen)))
    return rows


def event_rows(places: Places, people: People) -> list[Dated]:
    """Each household's way; the steps come with the registration, later events in their quarter."""
    rows = []
    for one in people.households:
        steps = zip(STEPS, (one.applied, one.published, one.checked, one.identified), strict=True)
        events = [(step, day, EVIDENCE[step]) for step, day in steps]
        events += [
            ("帮扶", one.helped, "一户一套帮扶办法"),
            ("退出", one.exited, "摘帽退出审批表"),
            ("返贫", one.relapsed, "返贫核查表"),
        ]
        for event, day, evidence in events:
            if day is not None:
                period = str(max(Period.of(day), QUARTERS[1 if event == "帮扶" else 0]))
                period = str(BASE) if event in STEPS else period
                row = event_row(places, "household", one.number, event, day, evidence, one.village)
                rows.append(Dated(period, row))
    return rows


def village_event_rows(
    places: Places, policy: PolicyConfig, incomes: Incomes, seed: int
) -> list[Dated]:
    """Weak villages are confirmed in the first half of 2016; those beyond the line at its end, on
    income of their own and not the floor, leave early in 2017."""
    draw = stream(seed, "village events")
    line = policy.threshold("weak_village")
    target = policy.threshold("village_target_2016")
    rows = []
    for village in incomes.weak(places.villages, 2015, line.fen):
        applied = date(2016, 3, 21) + timedelta(draw.randint(0, 20))
        events: list[tuple[str, date, str]] = []
        for gap, step in zip((0, 10, 25, 40), STEPS, strict=True):
            events.append((step, applied + timedelta(gap), "经济一般村审核确认材料"))
        events.append(("帮扶", applied + timedelta(50), "一村一套帮扶措施"))
        if target.holds(incomes.total(village.code, Period(2016, 4))):
            left = date(2017, 2, 6) + timedelta(draw.randint(0, 40))
            events.append(("退出", left, "经济一般村转化退出审批表"))
        for event, day, evidence in events:
            row = event_row(places, "village", village.code, event, day, evidence, village)
            rows.append(Dated(str(Period.of(day)), row))
    return rows


def event_row(
    places: Places,
    subject_type: str,
    subject: str,
    event: str,
    day: date,
    evidence: str,
    village: Village,
) -> Row:
    return places.row(
        subject_type=subject_type,
        subject=subject,
        event=event,
        happened_on=day,
        evidence=evidence,
        village_code=village.code,
    )


def count_on_register(members: Iterable[Household], day: date) -> int:
    return sum(one.on_register(day) for one in members)


def _pick(draw: Random, weights: dict[_T, int]) -> _T:
    return draw.choices(list(weights), list(weights.values()))[0]


def _yuan(fen: float) -> int:
    return round(fen / FEN_A_YUAN) * FEN_A_YUAN
