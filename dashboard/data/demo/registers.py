"""Registers: pairing, measures, projects, funds, tasks and inspections.

Departments are those of the policy's text (四(一)); enterprises are made up and called so; persons
appear by post only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from dashboard.config_models import PolicyConfig
from dashboard.data.demo.calendar import FIRST, LAST, QUARTERS, YEARS, until_today
from dashboard.data.demo.draws import Dated, Row, stream
from dashboard.data.demo.households import Household, People
from dashboard.data.demo.incomes import Incomes
from dashboard.data.demo.places import Places, Town, Village
from dashboard.data.ingest.sheets import DECISION, FULFILMENTS
from dashboard.policy.aggregation import RATE_SCALE
from dashboard.policy.money import FEN_A_WAN, FEN_A_YUAN
from dashboard.policy.periods import Period

DEPARTMENTS = (
    "区委组织部",
    "区委农工办",
    "区级机关工委",
    "区教育局",
    "区民政局",
    "区财政局",
    "区人社局",
    "区卫计局",
    "区审计局",
    "区统计局",
    "区残联",
)
_ENTERPRISES = tuple(f"演示企业{number:02d}" for number in range(1, 25))
_TASKS = {
    "责任落实": ("签订目标责任状", "党政主要领导研究扶贫开发工作", "落实帮扶单位和责任人"),
    "方案落实": ("制定扶贫开发实施方案", "完成一村一套帮扶措施", "完成一户一套帮扶办法"),
    "政策落实": ("落实低保和医疗救助政策", "落实就业帮扶和用工激励政策", "落实教育资助政策"),
    "项目落实": ("推进标准厂房等增收项目", "推进村企共建项目", "完成参股项目收益分配"),
    "组织落实": ("开展挂钩部门联系走访", "组织技能培训", "选派第一书记到岗"),
}
_DECISIONS = (
    "研究经济一般村审核确认名单",
    "协调物业增收项目用地",
    "明确兜底资金区、镇分担办法",
    "部署建档立卡数据复核",
    "通报序时进度偏慢的镇(街道)",
)
_FINDINGS = {
    "责任落实": "责任人分工未细化到月",
    "方案落实": "部分农户帮扶办法内容雷同",
    "政策落实": "医疗救助资料归档不全",
    "项目落实": "项目进度慢于计划",
    "组织落实": "挂钩部门走访记录不全",
}
_PROJECTS = {
    "物业增收": "标准厂房",
    "村企共建": "村企共建加工点",
    "参股": "参股经营",
    "乡村旅游": "乡村旅游",
    "一村一品一店": "特色农产品网店",
}
_MEASURES = {
    "就业帮扶": "区人社局",
    "用工激励": "区委农工办",
    "教育扶智": "区教育局",
    "兜底保障": "区民政局",
    "医疗救助": "区卫计局",
}


@dataclass
class Registers:
    """Rows by table, each with the quarter in which it was reported."""

    pairing: list[Dated] = field(default_factory=list)
    measure: list[Dated] = field(default_factory=list)
    project: list[Dated] = field(default_factory=list)
    fund_flow: list[Dated] = field(default_factory=list)
    task: list[Dated] = field(default_factory=list)
    inspection: list[Dated] = field(default_factory=list)


def make(
    places: Places, policy: PolicyConfig, incomes: Incomes, people: People, seed: int
) -> Registers:
    """All registers; what happens is by the end of the newest quarter."""
    weak = incomes.weak(places.villages, 2015, policy.threshold("weak_village").fen)
    registers = Registers()
    _pair_villages(stream(seed, "village pairing"), places, weak, registers)
    _pair_households(stream(seed, "household pairing"), places, people, registers)
    _help_villages(stream(seed, "village measures"), places, weak, registers)
    _help_households(stream(seed, "household measures"), places, people, registers)
    _projects(stream(seed, "projects"), places, weak, registers)
    _funds(stream(seed, "funds"), places, policy, incomes, registers)
    _tasks(stream(seed, "tasks"), places, registers)
    _inspections(stream(seed, "inspections"), places, registers)
    return registers


def _start(draw: Random, drive: float) -> date | None:
    """When something begins: leaders early in 2016, laggards later, some not yet."""
    day = date(2016, 4, 1) + timedelta(max(0, round(draw.gauss(120 - 90 * drive, 90))))
    return until_today(day)


def _pair_villages(draw: Random, places: Places, weak: list[Village], registers: Registers) -> None:
    for at, village in enumerate(weak):
        department = DEPARTMENTS[at % len(DEPARTMENTS)]
        for kind, organisation, post in (
            ("部门挂钩", department, "主要负责人"),
            ("第一书记", DEPARTMENTS[(at * 3 + 1) % len(DEPARTMENTS)], "第一书记"),
            ("企业", draw.choice(_ENTERPRISES), "总经理"),
        ):
            day = _start(draw, village.town.drive)
            if day is not None and (kind != "企业" or draw.random() < 0.6):
                row = _pairing(places, kind, "village", village.code, organisation, day, post)
                registers.pairing.append(_located(row, village, day))


def _pair_households(draw: Random, places: Places, people: People, registers: Registers) -> None:
    for one in people.households:
        town = one.village.town
        if draw.random() > 0.97 + 0.09 * town.drive:
            continue
        day = one.helped + timedelta(draw.randint(0, 120 if town.drive < 0 else 30))
        from_district = draw.random() < 0.35
        organisation = draw.choice(DEPARTMENTS) if from_district else town.office
        post = draw.choice(("科长", "副科长", "科员") if from_district else ("镇村干部", "党员"))
        row = _pairing(places, "党员干部", "household", one.number, organisation, day, post)
        registers.pairing.append(_located(row, one.village, day))


def _pairing(
    places: Places,
    kind: str,
    subject_type: str,
    subject: str,
    organisation: str,
    day: date,
    post: str,
) -> Row:
    return places.row(
        kind=kind,
        subject_type=subject_type,
        subject=subject,
        organisation=organisation,
        started_on=day,
        post=post,
        ended_on=None,
    )


def _located(row: Row, village: Village, day: date) -> Dated:
    return Dated(_quarter(day), row | {"village_code": village.code})


def _help_villages(draw: Random, places: Places, weak: list[Village], registers: Registers) -> None:
    for village in weak:
        for category, department, most in (
            ("财政转移支付", "区财政局", 20),
            ("资源补偿", "区委农工办", 8),
            ("企业挂钩", "区委农工办", 10),
        ):
            day = _start(draw, village.town.drive)
            if day is None or draw.random() < 0.15:
                continue
            row = _measure(places, "village", village.code, category, department, day)
            row["amount_fen"] = draw.randint(2, most) * FEN_A_WAN
            registers.measure.append(_located(row, village, day))


def _help_households(draw: Random, places: Places, people: People, registers: Registers) -> None:
    for one in people.households:
        for category in _fitting(draw, one):
            day = one.helped + timedelta(draw.randint(0, 90))
            row = _measure(places, "household", one.number, category, _MEASURES[category], day)
            row["amount_fen"] = draw.randint(3, 60) * 100 * FEN_A_YUAN
            registers.measure.append(_located(row, one.village, day))


def _fitting(draw: Random, one: Household) -> list[str]:
    """Work for those who can, support for those who cannot (三(五), 三(六))."""
    found = [draw.choice(("就业帮扶", "用工激励"))] if one.is_able else ["兜底保障"]
    if one.cause == "因学":
        found.append("教育扶智")
    if one.cause == "因病" or draw.random() < 0.1:
        found.append("医疗救助")
    return found


def _measure(
    places: Places, subject_type: str, subject: str, category: str, department: str, day: date
) -> Row:
    done = day.year == YEARS[0]
    return places.row(
        subject_type=subject_type,
        subject=subject,
        category=category,
        department=department,
        started_on=day,
        status="已完成" if done else "实施中",
    )


def _projects(draw: Random, places: Places, weak: list[Village], registers: Registers) -> None:
    for at, village in enumerate(weak, start=1):
        begun = FIRST.first_day + timedelta(draw.randint(45, 640))
        due = begun + timedelta(draw.randint(200, 420))
        category = draw.choice(list(_PROJECTS))
        total = draw.randint(8, 90) * 5 * FEN_A_WAN
        elapsed = (LAST.last_day - begun).days / (due - begun).days
        pace = max(0.0, elapsed * draw.uniform(0.75, 1.2 + 0.2 * village.town.drive))
        percent = min(100, round(100 * pace))
        row = places.row(
            number=f"XM{begun.year}-{at:03d}",
            unit_code=village.code,
            name=f"{village.name}{_PROJECTS[category]}项目",
            category=category,
            invested_fen=total,
            completed_fen=total // 100 * percent,
            progress=percent * RATE_SCALE // 100,
            started_on=begun,
            due_on=due,
            status="已完工" if percent == 100 else "在建",
        )
        if begun <= LAST.last_day:
            registers.project.append(Dated(_quarter(begun), row))


def _funds(
    draw: Random, places: Places, policy: PolicyConfig, incomes: Incomes, registers: Registers
) -> None:
    """Floor support by halves (四(三)), and the towns' earmarked money twice a year."""
    flows: list[Row] = []
    percent = policy.floor_share_district_percent
    for village, gap in incomes.floor.items():
        district = gap * percent // 100
        day = date(2016, 12, 15) + timedelta(draw.randint(0, 10))
        for source, amount in (("区级财政", district), ("镇级财政", gap - district)):
            flows.append(_flow(places, village, source, "兜底保障", amount, 100, 100, day))
            # Set aside again for 2017, and paid out by half at midyear.
            later = date(2017, 6, day.day)
            flows.append(_flow(places, village, source, "兜底保障", amount, 50, 50, later))
    for town in places.towns:
        for year, month in ((2016, 5), (2016, 10), (2017, 5), (2017, 9)):
            day = date(year, month, draw.randint(3, 26))
            amount = draw.randint(10, 60) * 2 * FEN_A_WAN
            paid = min(100, round(draw.gauss(93 + 9 * town.drive, 6)))
            spent = max(0, paid - draw.randint(0, 25))
            purpose = draw.choice(("产业扶持", "低收入农户帮扶", "村级公共服务"))
            flows.append(_flow(places, town.code, "区级财政", purpose, amount, paid, spent, day))
    for at, flow in enumerate(sorted(flows, key=lambda f: (f["happened_on"], f["unit_code"])), 1):
        flow["number"] = f"ZJ{flow['year']}-{at:04d}"
        flow["audit_state"] = _audit(draw, flow)
        registers.fund_flow.append(Dated(_quarter(flow["happened_on"]), flow))


def _flow(
    places: Places,
    unit: str,
    source: str,
    purpose: str,
    amount: int,
    paid: int,
    spent: int,
    day: date,
) -> Row:
    return places.row(
        year=day.year,
        source=source,
        purpose=purpose,
        unit_code=unit,
        project_number=None,
        arranged_fen=amount,
        allocated_fen=amount * paid // 100,
        spent_fen=amount * spent // 100,
        happened_on=day,
    )


def _audit(draw: Random, flow: Row) -> str:
    if flow["year"] > YEARS[0]:
        return "未审计"
    return draw.choices(("无问题", "已整改", "整改中"), (88, 8, 4))[0]


def _tasks(draw: Random, places: Places, registers: Registers) -> None:
    number = 0
    for town in places.towns:
        for year in YEARS:
            for kind in FULFILMENTS:
                for content in _TASKS[kind]:
                    number += 1
                    due = draw.choice((4, 6, 9, 11) if year == 2016 else (3, 6, 8, 9, 12))
                    row = _task(draw, places, town, kind, year, due)
                    row |= {"number": f"RW{year}-{number:04d}", "content": content}
                    registers.task.append(Dated(f"{year}Q1", row))
    for at, period in enumerate(QUARTERS):
        number += 1
        due_month = min(12, period.last_month + 2)
        done = until_today(period.last_day + timedelta(draw.randint(10, 70)))
        row = places.row(
            number=f"YD{period.year}-{number:04d}",
            unit_code=places.root,
            kind=DECISION,
            content=_DECISIONS[at % len(_DECISIONS)],
            department=DEPARTMENTS[at % len(DEPARTMENTS)],
            post="主要负责人",
            due_month=f"{period.year}-{due_month:02d}",
            done_on=done,
            status="已完成" if done else "进行中",
        )
        registers.task.append(Dated(f"{period.year}Q1", row))


def _task(draw: Random, places: Places, town: Town, kind: str, year: int, due: int) -> Row:
    """Done in the due month or before; in towns that lag, some are late or not done at all."""
    late = draw.random() < 0.07 - 0.08 * town.drive
    last_day = Period(year, (due + 2) // 3).last_day.replace(day=28, month=due)
    done: date | None = last_day - timedelta(draw.randint(0, 50))
    if late:
        done = last_day + timedelta(draw.randint(20, 160)) if draw.random() < 0.7 else None
    done = until_today(done)
    return places.row(
        unit_code=town.code,
        kind=kind,
        department=town.office,
        post=town.post if draw.random() < 0.94 + 0.06 * town.drive else "",
        due_month=f"{year}-{due:02d}",
        done_on=done,
        status="已完成" if done else "进行中",
    )


def _inspections(draw: Random, places: Places, registers: Registers) -> None:
    """Every quarter, every town, each of the five."""
    for period in QUARTERS:
        for town in places.towns:
            for kind in FULFILMENTS:
                score = min(100.0, max(60.0, draw.gauss(88 + 5 * town.drive, 4)))
                row = places.row(
                    unit_code=town.code,
                    period=str(period),
                    kind=kind,
                    score=round(score * 10) * 10,
                    **_finding(draw, kind, period, score),
                )
                registers.inspection.append(Dated(str(period), row))


def _finding(draw: Random, kind: str, period: Period, score: float) -> Row:
    if score >= 84:
        return {"finding": "", "fix_due_on": None, "fixed_on": None}
    due = period.last_day + timedelta(30)
    fixed = due + timedelta(draw.randint(-25, 20)) if draw.random() < 0.85 else None
    return {"finding": _FINDINGS[kind], "fix_due_on": due, "fixed_on": until_today(fixed)}


def _quarter(day: date) -> str:
    return str(max(FIRST, Period.of(day)))


def tasks_by_town(registers: Registers) -> Mapping[str, Mapping[int, int]]:
    """Tasks of the five 落实 that fall due by the end of each year, from the programme's start."""
    counts: dict[str, dict[int, int]] = {}
    for dated in registers.task:
        row = dated.row
        if row["kind"] != DECISION:
            by_year = counts.setdefault(row["unit_code"], dict.fromkeys(YEARS, 0))
            for year in YEARS:
                by_year[year] += int(row["due_month"][:4] <= str(year))
    return counts
