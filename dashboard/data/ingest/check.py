"""Whether the rows of files can be true: against each other, the catalogue and the store."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboard.config_models import LEVELS, IndicatorEntry, Part, Quantity
from dashboard.data.ingest import cells, coordinates
from dashboard.data.ingest.cells import Cell, CellError, normal
from dashboard.data.ingest.known import Known, KnownUnit
from dashboard.data.ingest.problems import Problem
from dashboard.data.ingest.read import RawSheet
from dashboard.data.ingest.sheets import INCOME_HEADS, Column
from dashboard.policy.codes import district_of
from dashboard.policy.money import FEN_A_WAN, wan_text
from dashboard.policy.periods import Period
from dashboard.settings import Settings


@dataclass
class Record:
    """One row with its cells parsed: `values` by field."""

    sheet: RawSheet
    number: int
    values: dict[str, Any]
    cells: dict[str, Cell]

    @property
    def table(self) -> str:
        return self.sheet.spec.table

    def problem(self, message: str, head: str | None = None) -> Problem:
        cell = self.cells.get(head) if head else None
        value = cell.value if cell is not None and not cell.is_blank else None
        return self.sheet.problem(message, self.number, head, value)


def parse_rows(sheet: RawSheet) -> tuple[list[Record], list[Problem]]:
    """Read every cell by its column; rows with a problem yield no record."""
    records, problems = [], []
    for row in sheet.rows:
        values: dict[str, Any] = {}
        wrong = False
        for column in sheet.spec.columns:
            cell = row.cells.get(column.head)
            try:
                values[column.field] = _value(column, cell)
            except CellError as error:
                said = None if cell is None or cell.is_blank else cell.value
                problems.append(sheet.problem(str(error), row.number, column.head, said))
                wrong = True
        if not wrong:
            records.append(Record(sheet, row.number, values, row.cells))
    return records, problems


def _value(column: Column, cell: Cell | None) -> Any:
    if cell is None or cell.is_blank:
        if column.required:
            raise CellError("没有填写" + ("(没有收入请填0)" if column.unit == "万元" else ""))
        return None
    return column.parse(cell)


@dataclass
class Scene:
    """What the checks look at."""

    settings: Settings
    known: Known
    scope_unit: str | None
    records: Sequence[Record]

    def of(self, table: str) -> list[Record]:
        return [record for record in self.records if record.table == table]


Check = Callable[[Scene], Iterable[Problem]]


def check(scene: Scene) -> list[Problem]:
    """Every problem that needs more than one cell to see. Fills in indicator values on the way."""
    return [problem for one in _CHECKS for problem in one(scene)]


def learn(known: Known, records: Iterable[Record]) -> None:
    """Units and households that come with the files themselves are known to all of them."""
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
            elif not _in_scope(scene, code):
                yield record.problem(_out_of_scope(scene, unit), head)
    for record in scene.of("unit"):
        if not _in_scope(scene, record.values["code"]):
            unit = scene.known.units[record.values["code"]]
            yield record.problem(_out_of_scope(scene, unit), "代码")


def _in_scope(scene: Scene, code: str) -> bool:
    return scene.scope_unit is None or scene.scope_unit in scene.known.lineage(code)


def _out_of_scope(scene: Scene, unit: KnownUnit) -> str:
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


def duplicates(records: Iterable[Record]) -> Iterator[Problem]:
    """Rows with the same key, within a file and between files."""
    seen: dict[tuple[Any, ...], Record] = {}
    for record in records:
        keys = [column for column in record.sheet.spec.columns if column.is_key]
        key = (record.table, *(record.values[column.field] for column in keys))
        first = seen.setdefault(key, record)
        if first is not record:
            where = f"第{first.number}行"
            if first.sheet.file != record.sheet.file:
                where = f"文件“{first.sheet.file}”{where}"
            heads = "、".join(column.head for column in keys)
            yield record.problem(f"与{where}重复({heads}相同)")


def _indicators(scene: Scene) -> Iterator[Problem]:
    """Indicator codes are in the catalogue, and values are read in the indicator's unit."""
    for table, field, head in (
        ("target", "value", "目标值"),
        ("target_month", "planned", "计划累计值"),
        ("observation", "value", "数值"),
    ):
        for record in scene.of(table):
            record.values["indicator_code"] = normal(record.values["indicator_code"]).upper()
            yield from _indicator(scene, record, field, head)
    for record in scene.of("inspection"):
        yield from _scored(record, "score", "得分", "score")


def _indicator(scene: Scene, record: Record, field: str, head: str) -> Iterator[Problem]:
    catalogue = scene.settings.catalogue
    code = record.values["indicator_code"]
    entry = catalogue.by_code.get(code)
    part = catalogue.parts_by_code.get(code)
    if entry is None and part is None:
        yield record.problem("指标目录中没有这个代码", "指标代码")
        return
    if record.table == "observation":
        refusal = _not_reported(scene, record, entry, part)
        if refusal:
            yield record.problem(*refusal)
            return
    elif entry is None:
        yield record.problem("这是指标的组成部分,目标应按指标下达", "指标代码")
        return
    quantity = entry.quantity if entry is not None else part[0].quantity if part else "count"
    yield from _scored(record, field, head, quantity)


def _not_reported(
    scene: Scene,
    record: Record,
    entry: IndicatorEntry | None,
    part: tuple[Part, IndicatorEntry] | None,
) -> tuple[str, str] | None:
    if entry is not None and entry.parts:
        parts = "、".join(f"{p.code} {p.name}" for p in entry.parts)
        return f"本指标由组成部分计算,不直接填报;请填报:{parts}", "指标代码"
    owner = entry or (part[1] if part else None)
    unit = scene.known.units.get(record.values["unit_code"])
    if owner is not None and unit is not None and unit.level not in owner.levels:
        labels = {"district": "区", "town": "镇(街道)", "village": "村"}
        levels = "、".join(labels[level] for level in owner.levels)
        return f"本指标由{levels}填报,“{unit.name}”不能填报", "单位代码"
    return None


def _scored(record: Record, field: str, head: str, quantity: Quantity) -> Iterator[Problem]:
    cell = record.values[field]
    if cell is None:
        return
    try:
        record.values[field] = read_value(cell, quantity)
    except CellError as error:
        yield record.problem(str(error), head)
        record.values[field] = None


def read_value(cell: Cell, quantity: Quantity) -> int:
    """A figure in the indicator's smallest unit. Raises CellError."""
    if quantity == "money":
        return int(cells.wan()(cell))
    if quantity == "money_yuan":
        return int(cells.yuan()(cell))
    if quantity == "ratio":
        return cells.percent(cell)
    if quantity == "score":
        value = cells.number(cell) * 100
        if not 0 <= value <= 10_000 or value != value.to_integral_value():
            raise CellError("应为0至100分,最多2位小数")
        return int(value)
    count = cells.whole(cell)
    if count < 0:
        raise CellError("应为不小于0的整数")
    return count


def _incomes_never_fall(scene: Scene) -> Iterator[Problem]:
    """Income is cumulative within the year: no source may fall from one quarter to a later one."""
    series = dict(scene.known.incomes)
    here: dict[tuple[str, Period], Record] = {}
    for record in scene.of("village_income"):
        key = record.values["village_code"], _period(record)
        here[key] = record
        series[key] = {f"{source}_fen": record.values[f"{source}_fen"] for source in INCOME_HEADS}
    for (village, period), record in here.items():
        for source, head in INCOME_HEADS.items():
            own = {
                p: amounts[f"{source}_fen"]
                for p in _quarters(period)
                if (amounts := series.get((village, p))) is not None
            }
            fallen = _fallen(own, period, {p for v, p in here if v == village})
            if fallen:
                other, amount = fallen
                yield record.problem(_falls(other, period, f"{wan_text(amount)}万元"), head)


def _observations_never_fall(scene: Scene) -> Iterator[Problem]:
    catalogue = scene.settings.catalogue
    series = dict(scene.known.observations)
    here: dict[tuple[str, str, Period], Record] = {}
    for record in scene.of("observation"):
        code = record.values["indicator_code"]
        entry = catalogue.by_code.get(code) or catalogue.parts_by_code.get(code, (None, None))[1]
        if entry is None or not entry.cumulative or record.values["value"] is None:
            continue
        key = record.values["unit_code"], code, _period(record)
        here[key], series[key] = record, record.values["value"]
    for (unit, code, period), record in here.items():
        own = {p: v for p in _quarters(period) if (v := series.get((unit, code, p))) is not None}
        fallen = _fallen(own, period, {p for u, c, p in here if (u, c) == (unit, code)})
        if fallen:
            other, value = fallen
            yield record.problem(_falls(other, period, _shown(scene, code, value)), "数值")


def _fallen(
    series: Mapping[Period, int], period: Period, in_files: set[Period]
) -> tuple[Period, int] | None:
    """The quarter that this one contradicts. A pair within the files is told at its later row."""
    earlier = [p for p in series if p < period]
    if earlier and series[max(earlier)] > series[period]:
        return max(earlier), series[max(earlier)]
    later = [p for p in series if p > period and p not in in_files]
    if later and series[min(later)] < series[period]:
        return min(later), series[min(later)]
    return None


def _falls(other: Period, period: Period, amount: str) -> str:
    if other < period:
        return f"本年累计数小于{other.label}的{amount},累计数不应下降"
    return f"本年累计数大于已有的{other.label}的{amount},累计数不应下降"


def _shown(scene: Scene, code: str, value: int) -> str:
    catalogue = scene.settings.catalogue
    entry = catalogue.by_code.get(code)
    part = catalogue.parts_by_code.get(code)
    quantity = entry.quantity if entry else part[0].quantity if part else "count"
    if quantity in ("money", "money_yuan"):
        return f"{wan_text(value)}万元"
    return f"{value:,}"


def _shown_beyond_a_line(scene: Scene) -> Iterator[Problem]:
    """A cell that displays another amount than it holds, where a line of the policy lies between.

    149.9999 万元 displayed as 150.0: the clerk saw one figure and would report another.
    """
    lines = scene.settings.policy.village_lines
    for record in scene.of("village_income"):
        shown_total = exact_total = Decimal(0)
        differing: list[str] = []
        for source, head in INCOME_HEADS.items():
            exact = Decimal(record.values[f"{source}_fen"]) / FEN_A_WAN
            shown = record.cells[head].shown
            shown = exact if shown is None else shown
            exact_total, shown_total = exact_total + exact, shown_total + shown
            if shown != exact:
                differing.append(head)
        line = next((w for w in lines if _sides(w, exact_total) != _sides(w, shown_total)), None)
        if line is None or not differing:
            continue
        message = (
            f"单元格只显示到{_places(record, differing[0])}位小数:显示的合计为{shown_total:f}万元,"
            f"实际为{exact_total.normalize():f}万元,与{line // FEN_A_WAN}万元标准线的关系不同;"
            "请填写准确数并显示全部小数"
        )
        yield record.problem(message, differing[0])


def _places(record: Record, head: str) -> int:
    return record.cells[head].places or 0


def _sides(line: int, wan: Decimal) -> int:
    limit = Decimal(line) / FEN_A_WAN
    return (wan > limit) - (wan < limit)


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
            if not _in_scope(scene, village):
                unit = scene.known.units[village]
                yield record.problem(_out_of_scope(scene, unit), "对象编号")
    for record in scene.of("household_income"):
        found = scene.known.villages.get(record.values["household"])
        if found is None:
            yield record.problem("没有这个编号的农户,请先导入“低收入农户”表", "农户编号")
            continue
        record.values["district_code"] = found[0]
        if not _in_scope(scene, found[1]):
            yield record.problem("农户不属于本单位,不能在这个文件中填报", "农户编号")


def _measures(scene: Scene) -> Iterator[Problem]:
    """Support is reported in 万元 for villages and in yuan for households."""
    for record in scene.of("measure"):
        is_village = record.values["subject_type"] == "village"
        yield from _scored(record, "amount_fen", "金额", "money" if is_village else "money_yuan")


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


def _period(record: Record) -> Period:
    return Period(record.values["year"], record.values["quarter"])


def _quarters(period: Period) -> list[Period]:
    return [Period(period.year, quarter) for quarter in (1, 2, 3, 4)]


_CHECKS: tuple[Check, ...] = (
    _unit_tree,
    _units_known,
    _years,
    _indicators,
    _incomes_never_fall,
    _observations_never_fall,
    _shown_beyond_a_line,
    _subjects,
    _measures,
    _within_rows,
)


def table_rows(records: Iterable[Record]) -> dict[str, list[dict[str, Any]]]:
    """Records as rows of the store's tables, without batch."""
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        row = dict(record.values)
        if "quarter" in row:
            row["period"] = str(Period(row.pop("year"), row.pop("quarter")))
        place = row.get("code") or row.get("unit_code") or row.get("village_code")
        if place is not None:
            row["district_code"] = district_of(place)
        if row.pop("coordinates", None) == coordinates.SHIFTED and row["lon"] is not None:
            row["lon"], row["lat"] = coordinates.to_wgs84(row["lon"], row["lat"])
        row["source_row"] = record.number
        tables[record.table].append(_without_blanks(row))
    return tables


def _without_blanks(row: dict[str, Any]) -> dict[str, Any]:
    """Blank texts are kept as empty text, and a blank due month is the year's end."""
    for name in ("department", "post", "evidence", "finding", "kind", "audit_state", "status"):
        if name in row and row[name] is None:
            row[name] = ""
    if "due_month" in row and row["due_month"] is None:
        row["due_month"] = 12
    return row
