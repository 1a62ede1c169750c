"""What the origin of a figure is called, in the words of the workbook."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from dashboard.components import tables
from dashboard.config_models import Catalogue, IndicatorEntry, Part, PolicyConfig, Quantity
from dashboard.data.contributions import Part as Counted
from dashboard.data.few import WITHHELD
from dashboard.data.ingest.sheets import INCOME_HEADS, SUBJECTS, Sheet, sheets
from dashboard.data.origins import Span
from dashboard.data.registers import rule_of
from dashboard.figures import NOT_PUBLIC_NOTE, figure, moment, rounded
from dashboard.policy.aggregation import RATE_SCALE, Aggregation, Figure
from dashboard.policy.money import wan_text, yuan_text
from dashboard.policy.periods import Period
from dashboard.settings import Settings

AGGREGATIONS = {
    Aggregation.SUM: "各单位相加",
    Aggregation.RATIO: "分子之和÷分母之和",
    Aggregation.WEIGHTED_MEAN: "按人口加权平均",
    Aggregation.LAST: "年内最近一次填报数相加",
    Aggregation.DISTRIBUTION: "分类计数相加",
}
_PLACES = ("unit_code", "village_code", "code")
_SUBJECT_WORDS = {table: word for word, table in SUBJECTS.items()}
NOTHING_TOLD = "没有数据"
NOTHING = "(空)"
BASIS = "对照"
"""A row that was compared with and adds nothing."""


def of_tables(policy: PolicyConfig) -> dict[str, Sheet]:
    """The sheet that fills each table."""
    return {sheet.table: sheet for sheet in sheets(policy).values()}


def definition(settings: Settings, entry: IndicatorEntry) -> dict[str, str]:
    """What the figure means, by heads: name, formula, clause, line, department, how it adds up."""
    policy = settings.policy
    said = {
        "指标": f"{entry.code} {entry.name}({entry.unit})",
        "公式": entry.formula,
        "条款": f"武发〔2016〕68号 {entry.clause}" + (f"({entry.grade})" if entry.grade else ""),
    }
    rule = entry.register_rule
    if rule is not None and rule.threshold is not None:
        line, told = policy.threshold(rule.threshold), policy.thresholds[rule.threshold]
        amount = f"{told.wan}万元" if told.wan is not None else f"{told.yuan:,}元"
        said["标准线"] = f"{line.concept}{line.wording}{amount}({told.clause})"
        if told.wan is not None:
            heads = "、".join(INCOME_HEADS[source] for source in policy.sources_of(rule.threshold))
            said["收入口径"] = f"{line.concept}:{heads}"
    for head, part in (("分子", entry.numerator), ("分母", entry.denominator)):
        if part is not None:
            said[head] = f"{part.code} {part.name}({part.unit})"
    if entry.classes:
        said["分类"] = "、".join(f"{part.code} {part.name}" for part in entry.classes)
    return said | {
        "汇总": AGGREGATIONS[entry.aggregation],
        "来源部门": entry.department,
        "口径复核": tables.day(entry.reviewed),
    }


def made_of(entry: IndicatorEntry, source: str, pieces: int, places: str) -> str:
    """In one sentence, what the figure is made of."""
    if source == "none":
        return ""
    if source == WITHHELD:
        return NOT_PUBLIC_NOTE
    counted = {
        "register": "由登记表逐行计算,不是填报数",
        "reported": "由本单位填报",
        "children": "由下级填报数汇总",
    }[source]
    if not pieces:
        return counted + "。"
    how = AGGREGATIONS[entry.aggregation].replace("各单位", "")
    return f"{counted};由{pieces}个{places}的数合成({how})。"


def amount(value: int | None, quantity: Quantity) -> str:
    """An integer of the store as people write it, with its unit where it is money."""
    if value is None:
        return "—"
    if quantity == "money":
        return f"{wan_text(value)}万元"
    if quantity == "money_yuan":
        return f"{yuan_text(value)}元"
    return f"{value:,}"


def parts_of(entry: IndicatorEntry, told: Figure) -> str:
    """Numerator and denominator, where there are any: 17/20."""
    if entry.numerator is None or entry.denominator is None or told.denominator is None:
        return ""
    upper = _of_part(told.numerator, entry.numerator)
    return f"{upper} / {_of_part(told.denominator, entry.denominator)}"


def _of_part(value: int | None, part: Part) -> str:
    return amount(value, part.quantity) + (part.unit if part.quantity == "count" else "")


def adds(entry: IndicatorEntry, part: Counted) -> str:
    """What a row adds to the figure."""
    added = part.figure
    if part.is_basis:
        return BASIS
    if part.table == "observation" and entry.numerator and entry.denominator:
        is_upper = part.row["indicator_code"] == entry.numerator.code
        one = entry.numerator if is_upper else entry.denominator
        value = added.numerator if is_upper else added.denominator
        return f"{'分子' if is_upper else '分母'} {amount(value, one.quantity)}"
    if entry.aggregation is Aggregation.WEIGHTED_MEAN:
        return f"{yuan_text(added.value or 0)}元 × {added.denominator}人"
    if added.value == 0 and rule_of(entry) in ("villages_beyond_line", "weak_villages"):
        return "0(不计入)"
    return f"{figure(added.value, entry)}"


def where(part: Counted, known: Mapping[str, Sheet]) -> str:
    return known[part.table].name if part.table in known else part.table


def told(
    table: str,
    row: Mapping[str, Any],
    known: Mapping[str, Sheet],
    catalogue: Catalogue,
    lines: tuple[int, ...] = (),
) -> str:
    """A row in the heads of its sheet: what was told, not where."""
    if table in ("observation", "target"):
        return _reported(row, catalogue)
    if table == "village_income":
        return _income(row, lines)
    said = []
    for column in known[table].columns if table in known else ():
        value = row.get(column.field)
        if column.field not in _PLACES and value not in (None, ""):
            text = _cell(column.field, column.unit, value)
            # What speaks for itself needs no head: 就业帮扶, H00012.
            said.append(text if isinstance(value, str) else f"{column.head}{text}")
    return ";".join(said)


def _reported(row: Mapping[str, Any], catalogue: Catalogue) -> str:
    code = row["indicator_code"]
    if code in catalogue.by_code:
        entry = catalogue[code]
        said = f"{code} {entry.name} {figure(int(row['value']), entry)}{entry.unit}"
    elif code in catalogue.parts_by_code:
        part, _ = catalogue.parts_by_code[code]
        value = amount(int(row["value"]), part.quantity)
        unit = "" if part.quantity in ("money", "money_yuan") else part.unit
        said = f"{code} {part.name} {value}{unit}"
    else:
        said = f"{code} {row['value']:,}"
    if row.get("period"):
        return f"{said}({Period.parse(row['period']).label})"
    return f"{said}({row['year']}年目标)" if row.get("year") else said


def _income(row: Mapping[str, Any], lines: tuple[int, ...]) -> str:
    amounts = {head: int(row[f"{source}_fen"]) for source, head in INCOME_HEADS.items()}
    parts = "、".join(
        f"{head.removesuffix('收入')}{wan_text(fen, 2)}" for head, fen in amounts.items() if fen
    )
    period = Period.parse(row["period"]).label
    total = wan_text(sum(amounts.values()), 2, lines)
    return f"{period}累计{total}万元" + (f"({parts})" if parts else "")


def _cell(field: str, unit: str, value: Any) -> str:
    if field == "subject_type":
        return _SUBJECT_WORDS.get(value, str(value))
    if field == "progress":
        return f"{rounded(Decimal(value) * 100 / RATE_SCALE)}%"
    if field.endswith("_fen"):
        return f"{yuan_text(int(value))}元" if unit == "元" else f"{wan_text(int(value))}万元"
    if isinstance(value, date):
        return tables.day(value)
    return f"{value}{unit}"


def head(table: str, field: str, known: Mapping[str, Sheet]) -> str:
    """A column of the store as its sheet calls it."""
    columns = known[table].columns if table in known else ()
    return next((column.head for column in columns if column.field == field), field)


def value(
    table: str,
    field: str,
    stored: Any,
    key: Mapping[str, Any],
    known: Mapping[str, Sheet],
    catalogue: Catalogue,
) -> str:
    """A value of the store as its sheet has it, with its unit; `key` is that of its row."""
    if stored is None or stored == "":
        return NOTHING
    code = key.get("indicator_code", "")
    if field in ("value", "planned") and code in catalogue.by_code:
        entry = catalogue[code]
        return f"{figure(int(stored), entry)}{entry.unit}"
    if field in ("value", "planned") and code in catalogue.parts_by_code:
        return _of_part(int(stored), catalogue.parts_by_code[code][0])
    columns = known[table].columns if table in known else ()
    unit = next((column.unit for column in columns if column.field == field), "")
    return _cell(field, unit, stored)


def row_of(key: Mapping[str, Any], names: Mapping[str, str], catalogue: Catalogue) -> str:
    """Which row it is: 霁泰村 2016年第三季度. `names`: of units by code."""
    said = []
    for field, part in key.items():
        if field == "period":
            said.append(Period.parse(part).label)
        elif field in ("year", "month"):
            said.append(f"{part}{'年' if field == 'year' else '月'}")
        elif field == "indicator_code" and part in catalogue.by_code:
            said.append(f"{part} {catalogue[part].short}")
        elif field == "subject_type":
            said.append(_SUBJECT_WORDS.get(part, str(part)))
        elif isinstance(part, date):
            said.append(tables.day(part))
        else:
            said.append(names.get(part, str(part)))
    return " ".join(said)


FILE_HEADS = ("文件(最近)", "最近报送")


def of_span(span: Span) -> dict[str, str]:
    """Where rows came from, in short: how many, the newest file and how many more, and when."""
    newest, others = span.newest, len(span.files) - 1
    file = "—" if newest is None else newest.file + (f"等{others + 1}份" if others else "")
    at = "—" if newest is None else moment(newest.imported_at)
    rows = "不列" if span.rows is None else f"{span.rows:,}"
    return {"行数": rows} | dict(zip(FILE_HEADS, (file, at), strict=True))
