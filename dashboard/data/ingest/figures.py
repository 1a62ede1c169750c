"""Reported figures: read in the indicator's unit, and true to each other and to earlier ones."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from dashboard.config_models import IndicatorEntry, Part, Quantity
from dashboard.data.ingest import cells
from dashboard.data.ingest.cells import Cell, CellError, normal
from dashboard.data.ingest.problems import Problem
from dashboard.data.ingest.records import Record, Scene
from dashboard.data.ingest.sheets import INCOME_HEADS
from dashboard.policy.money import FEN_A_WAN, wan_text
from dashboard.policy.periods import Period


def indicators(scene: Scene) -> Iterator[Problem]:
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
        yield from scored(record, "score", "得分", "score")


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
    yield from scored(record, field, head, quantity)


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


def scored(record: Record, field: str, head: str, quantity: Quantity) -> Iterator[Problem]:
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


def incomes_never_fall(scene: Scene) -> Iterator[Problem]:
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


def observations_never_fall(scene: Scene) -> Iterator[Problem]:
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


def ratios_of_a_whole(scene: Scene) -> Iterator[Problem]:
    """A ratio's numerator is a part of its denominator: 15 of 12 villages is a mistake.

    Compared as the rollup does: in the same quarter, or with the latest one told in that year.
    """
    series = dict(scene.known.observations)
    here: dict[tuple[str, str, Period], Record] = {}
    for record in scene.of("observation"):
        if record.values["value"] is not None:
            key = record.values["unit_code"], record.values["indicator_code"], _period(record)
            here[key], series[key] = record, record.values["value"]
    ratios = [
        (entry.numerator, entry.denominator)
        for entry in scene.settings.catalogue.indicators
        if entry.quantity == "ratio" and entry.numerator and entry.denominator
    ]
    for unit, year in sorted({(unit, period.year) for unit, _, period in here}):
        for period in _quarters(Period(year, 1)):
            for upper, lower in ratios:
                part = _told(series, unit, upper, period)
                whole = _told(series, unit, lower, period)
                if part is None or whole is None or series[part] <= series[whole]:
                    continue
                if part in here:
                    other = f"{whole[2].label}的{lower.name}"
                    other += f"({_shown(scene, lower.code, series[whole])})"
                    yield here[part].problem(f"{upper.name}不应大于{other}", "数值")
                elif whole in here:
                    other = f"{part[2].label}的{upper.name}"
                    other += f"({_shown(scene, upper.code, series[part])})"
                    yield here[whole].problem(f"{lower.name}不应小于{other}", "数值")


def _told(
    series: Mapping[tuple[str, str, Period], int], unit: str, part: Part, period: Period
) -> tuple[str, str, Period] | None:
    """Where the part's figure for this quarter stands."""
    earliest = 1 if part.keep_last else period.quarter
    for quarter in range(period.quarter, earliest - 1, -1):
        key = unit, part.code, Period(period.year, quarter)
        if key in series:
            return key
    return None


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


def shown_beyond_a_line(scene: Scene) -> Iterator[Problem]:
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
    return max(record.cells[head].look.places or 0, 0)


def _sides(line: int, wan: Decimal) -> int:
    limit = Decimal(line) / FEN_A_WAN
    return (wan > limit) - (wan < limit)


def _period(record: Record) -> Period:
    return Period(record.values["year"], record.values["quarter"])


def _quarters(period: Period) -> list[Period]:
    return [Period(period.year, quarter) for quarter in (1, 2, 3, 4)]
