"""Whether the rows of files can be true: against each other, the catalogue and the store."""

from collections.abc import Callable, Iterable, Iterator

from dashboard.config_models import LEVELS
from dashboard.data.ingest import coordinates, events, figures
from dashboard.data.ingest.known import Known, KnownUnit
from dashboard.data.ingest.problems import Problem
from dashboard.data.ingest.records import Record, Scene
from dashboard.policy.codes import district_of
from dashboard.policy.lifecycle import Event

Check = Callable[[Scene], Iterable[Problem]]


def check(scene: Scene) -> list[Problem]:
    """Every problem that needs more than one cell to see. Fills in indicator values on the way."""
    return [problem for one in _CHECKS for problem in one(scene)]


def learn(known: Known, records: Iterable[Record]) -> None:
    """Units, households and events that come with the files are known to all of them."""
    for record in records:
        values = record.values
        if record.table == "unit":
            code = values["code"]
            known.units[code] = KnownUnit(
                code, values["name"], values["level"], values["parent_code"]
            )
        elif record.table == "household":
            village = values["village_code"]
            known.villages[values["number"]] = district_of(village), village
        elif record.table == "lifecycle_event":
            event = Event(record.values["happened_on"], record.values["event"])
            known.events[record.values["subject_type"], record.values["subject"]].add(event)


def _unit_tree(scene: Scene) -> Iterator[Problem]:
    """A unit hangs under a known unit of a higher level; only the topmost has none above it."""
    for record in scene.of("unit"):
        yield from _point(record)
        code, parent = record.values["code"], record.values["parent_code"]
        if parent is None:
            if record.values["level"] in ("town", "village"):
                yield record.problem("镇和村应有上级代码", "上级代码")
            continue
        above = scene.known.units.get(parent)
        if above is None:
            yield record.problem("没有这个上级单位", "上级代码")
        elif LEVELS.index(above.level) >= LEVELS.index(record.values["level"]):
            yield record.problem(f"上级单位“{above.name}”的层级不高于本单位", "上级代码")
        elif record.values["level"] in ("town", "village") and district_of(parent) != district_of(
            code
        ):
            yield record.problem("与上级单位不在同一区县(代码前6位不同)", "上级代码")


def _point(record: Record) -> Iterator[Problem]:
    """A point has both its figures; GCJ-02 can be turned back in China only."""
    lon, lat = record.values["lon"], record.values["lat"]
    if (lon is None) != (lat is None):
        yield record.problem("经度和纬度应同时填写或同时留空", "经度" if lon is None else "纬度")
    elif lon is not None and record.values["coordinates"] == coordinates.SHIFTED:
        try:
            coordinates.to_wgs84(lon, lat)
        except ValueError as error:
            yield record.problem(str(error), "坐标系")


_UNIT_HEADS = {"unit_code": "单位代码", "village_code": "村代码"}


def _units_known(scene: Scene) -> Iterator[Problem]:
    """Codes are in the tree, of the level that the sheet speaks of, and within the scope."""
    for record in scene.records:
        for name, head in _UNIT_HEADS.items():
            code = record.values.get(name)
            if code is None:
                continue
            unit = scene.known.units.get(code)
            if unit is None:
                yield record.problem("没有这个代码的单位,请核对单位代码", head)
            elif name == "village_code" and unit.level != "village":
                yield record.problem(f"“{unit.name}”不是村,应填村代码", head)
            elif not in_scope(scene, code):
                yield record.problem(out_of_scope(scene, unit), head)
    for record in scene.of("unit"):
        if not in_scope(scene, record.values["code"]):
            unit = scene.known.units[record.values["code"]]
            yield record.problem(out_of_scope(scene, unit), "代码")


def in_scope(scene: Scene, code: str) -> bool:
    return scene.scope_unit is None or scene.scope_unit in scene.known.lineage(code)


def out_of_scope(scene: Scene, unit: KnownUnit) -> str:
    scope = scene.known.units.get(scene.scope_unit or "")
    return f"“{unit.name}”不属于{scope.name if scope else scene.scope_unit},不能在这个文件中填报"


def _years(scene: Scene) -> Iterator[Problem]:
    """Within the programme; the fourth quarter of the year before it is the baseline."""
    district = scene.settings.district
    first, last = district.first_year, district.last_year
    for record in scene.records:
        year = record.values.get("year")
        if year is None or first <= year <= last:
            continue
        is_baseline = year == first - 1 and record.values.get("quarter", 4) == 4
        if not is_baseline:
            expected = f"应为{first}至{last}年(或{first - 1}年第四季度,作为基期)"
            yield record.problem(expected, "年度")


def _subjects(scene: Scene) -> Iterator[Problem]:
    """Villages and households that registers speak of exist, and are within the scope."""
    for table in ("lifecycle_event", "pairing", "measure"):
        for record in scene.of(table):
            kind, subject = record.values["subject_type"], record.values["subject"]
            if kind == "village":
                unit = scene.known.units.get(subject)
                if unit is None or unit.level != "village":
                    yield record.problem("没有这个代码的村", "对象编号")
                    continue
                village = subject
            else:
                found = scene.known.villages.get(subject)
                if found is None:
                    yield record.problem("没有这个编号的农户,请先导入“低收入农户”表", "对象编号")
                    continue
                village = found[1]
            record.values["village_code"] = village
            if not in_scope(scene, village):
                unit = scene.known.units[village]
                yield record.problem(out_of_scope(scene, unit), "对象编号")
    for record in scene.of("household_income"):
        found = scene.known.villages.get(record.values["household"])
        if found is None:
            yield record.problem("没有这个编号的农户,请先导入“低收入农户”表", "农户编号")
            continue
        record.values["district_code"] = found[0]
        if not in_scope(scene, found[1]):
            yield record.problem("农户不属于本单位,不能在这个文件中填报", "农户编号")


def _measures(scene: Scene) -> Iterator[Problem]:
    """Support is reported in 万元 for villages and in yuan for households."""
    for record in scene.of("measure"):
        is_village = record.values["subject_type"] == "village"
        yield from figures.scored(
            record, "amount_fen", "金额", "money" if is_village else "money_yuan"
        )


def _within_rows(scene: Scene) -> Iterator[Problem]:
    """Amounts and dates of one row that contradict each other."""
    for record in scene.of("household"):
        if record.values["labour"] > record.values["persons"]:
            yield record.problem("劳动力数不应大于人口数", "劳动力数")
    for table, lower, upper, head, message in _NOT_ABOVE:
        for record in scene.of(table):
            low, high = record.values[lower], record.values[upper]
            if low is not None and high is not None and low > high:
                yield record.problem(message, head)
    for record in scene.of("project"):
        if record.values["progress"] > 1_000_000:
            yield record.problem("进度不应超过100%", "进度")


_NOT_ABOVE = (
    ("project", "completed_fen", "invested_fen", "已完成投资", "已完成投资不应大于总投资"),
    ("project", "started_on", "due_on", "开工日期", "开工日期不应晚于计划完成日期"),
    ("fund_flow", "allocated_fen", "arranged_fen", "拨付金额", "拨付金额不应大于安排金额"),
    ("fund_flow", "spent_fen", "allocated_fen", "支出金额", "支出金额不应大于拨付金额"),
    ("pairing", "started_on", "ended_on", "结束日期", "结束日期不应早于开始日期"),
)


def _alike(scene: Scene) -> Iterator[Problem]:
    """A number that differs from one of the store in its writing alone would be counted twice."""
    for table in ("household", "project", "fund_flow", "task"):
        for record in scene.of(table):
            stored = scene.known.alike.get((table, record.values["number"]))
            if stored is not None:
                head = next(c.head for c in record.sheet.spec.columns if c.field == "number")
                yield record.problem(
                    f"库中已有“{stored}”,只差大小写;是同一个,请照库中的写法填写",
                    head,
                )


_CHECKS: tuple[Check, ...] = (
    _alike,
    _unit_tree,
    _units_known,
    _years,
    figures.indicators,
    figures.incomes_never_fall,
    figures.observations_never_fall,
    figures.ratios_of_a_whole,
    figures.shown_beyond_a_line,
    _subjects,
    _measures,
    _within_rows,
    events.in_order,
)
