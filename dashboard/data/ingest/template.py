"""The workbook that the office hands out: villages and indicators filled in, cells checked.

Its heads are those that the importer reads; a very hidden sheet says for which unit, quarter and
sheets it was made, so that another unit's rows and a missing sheet are noticed.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import Connection, select
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dashboard import whole_files
from dashboard.config_models import SCALES, IndicatorEntry, Part
from dashboard.data import schema
from dashboard.data.ingest.read import INSTRUCTIONS, MARKER
from dashboard.data.ingest.sheets import INCOME_HEADS, Column, Sheet, sheets
from dashboard.data.store import Store, get_info
from dashboard.data.units import Unit, lineage_of
from dashboard.policy.periods import Period
from dashboard.settings import Settings

TOWN_SHEETS = (
    "指标填报",
    "村集体收入",
    "低收入农户",
    "农户收入",
    "状态变更",
    "结对",
    "措施",
    "项目",
    "资金",
    "任务",
    "督查",
)
DISTRICT_SHEETS = ("单位", "目标", "月度计划", *TOWN_SHEETS, "村集体收入核对")
_BLANK_ROWS = 300
_WIDTH = 15
# Shows every decimal that is there, so that no amount is displayed rounded.
_MONEY_FORMAT = "#,##0.00####"


@dataclass(frozen=True)
class _Ask:
    """What a template is made for."""

    settings: Settings
    unit: Unit
    period: Period
    villages: Sequence[Unit]
    before: dict[str, dict[str, int]]
    """Income by source (fen) that each village reported a quarter earlier in the year."""
    is_demo: bool


def write_template(
    store: Store,
    settings: Settings,
    unit_code: str,
    period: Period,
    path: Path,
) -> None:
    """Write the workbook of one unit for one quarter. Raises LookupError for an unknown unit."""
    whole_files.write(path, template(store, settings, unit_code, period))


def template(store: Store, settings: Settings, unit_code: str, period: Period) -> bytes:
    """The workbook's content. Raises LookupError (Chinese sentence) for an unknown unit."""
    with store.reading() as connection:
        ask = _ask(connection, settings, unit_code, period)
    names = DISTRICT_SHEETS if ask.unit.level not in ("town", "village") else TOWN_SHEETS
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    formats = _formats(book)
    specs = sheets(settings.policy)
    _instructions(book, formats, ask, names)
    for name in names:
        _sheet(book, formats, ask, specs[name])
    _marker(book, ask, names)
    book.close()
    return out.getvalue()


def _ask(connection: Connection, settings: Settings, unit_code: str, period: Period) -> _Ask:
    lineage = lineage_of(connection, unit_code)
    if not lineage:
        raise LookupError(f"没有代码为“{unit_code[:20]}”的单位,请先导入“单位”表")
    unit = lineage[-1]
    villages = _villages(connection, unit)
    before: dict[str, dict[str, int]] = {}
    if period.quarter > 1:
        table = schema.village_income
        statement = select(table).where(
            table.c.district_code == unit.district_code,
            table.c.village_code.in_([village.code for village in villages]),
            table.c.period == str(period.previous()),
        )
        for row in connection.execute(statement).mappings():
            amounts = {source: int(row[f"{source}_fen"]) for source in INCOME_HEADS}
            before[row["village_code"]] = amounts
    is_demo = get_info(connection, "is_demo") == "yes"
    return _Ask(settings, unit, period, villages, before, is_demo)


def _villages(connection: Connection, unit: Unit) -> list[Unit]:
    """The villages under a town or a district, or the village itself, by code."""
    if unit.is_village:
        return [unit]
    table = schema.unit
    statement = (
        select(table.c.code, table.c.name, table.c.parent_code)
        .where(
            table.c.district_code == unit.district_code,
            table.c.level == "village",
            table.c.valid_to.is_(None),
        )
        .order_by(table.c.code)
    )
    return [
        Unit(row.code, row.name, "village", "", row.parent_code, unit.district_code)
        for row in connection.execute(statement)
        if unit.level != "town" or row.parent_code == unit.code
    ]


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    font = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    edge = {"border": 1, "border_color": "#BFBFBF"}
    head = {"bold": True, "bg_color": "#DCE6F1", "align": "center", "text_wrap": True}
    return {
        "title": book.add_format({**font, "bold": True, "font_size": 16}),
        "optional": book.add_format({**font, **edge, **head, "italic": True, "bold": False}),
        "text": book.add_format({**font, "text_wrap": True, "valign": "top"}),
        "head": book.add_format({**font, **edge, **head}),
        "given": book.add_format({**font, **edge, "bg_color": "#F2F2F2", "num_format": "@"}),
        "year": book.add_format({**font, **edge, "bg_color": "#F2F2F2"}),
        "money": book.add_format({**font, **edge, "num_format": _MONEY_FORMAT}),
        "code": book.add_format({**font, **edge, "num_format": "@"}),
        "date": book.add_format({**font, **edge, "num_format": "yyyy-mm-dd"}),
        "cell": book.add_format({**font, **edge}),
    }


def _instructions(
    book: xlsxwriter.Workbook, formats: dict[str, Format], ask: _Ask, names: Sequence[str]
) -> None:
    sheet = book.add_worksheet(INSTRUCTIONS)
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 44)
    sheet.set_column(2, 4, 40)
    sheet.hide_gridlines(2)
    demo = "(演示数据)" if ask.is_demo else ""
    sheet.write(0, 0, f"{ask.unit.name}{ask.period.label}填报工作簿{demo}", formats["title"])
    lines = [
        f"请填写工作表:{'、'.join(names)}。没有数据的工作表留空,不要删除工作表和表头。",
        "灰色格子是已经填好的代码,请不要修改;白色格子由你单位填写。斜体表头的列可以不填。",
        "村集体收入以万元为单位,是本年1月1日起的累计数;没有收入的来源填0,不要留空。",
        "整行不填表示本季度未填报,页面会列为“未填报”。",
        "农户只填脱敏编号。不得填写姓名、身份证号、电话;含有这些内容的文件整个拒收。",
        "责任人、帮扶人填职务,不填姓名。日期写作2016-09-30。",
        "填好后保存,由扶贫办导入;有误时会退回标出错误的副本,改正后重新报送。",
    ]
    for number, line in enumerate(lines, start=2):
        sheet.merge_range(number, 0, number, 4, line, formats["text"])
    start = len(lines) + 3
    for column, head in enumerate(("指标代码", "名称", "口径", "政策条款", "责任部门")):
        sheet.write(start, column, head, formats["head"])
    for row, (code, name, entry) in enumerate(_reportable(ask), start=start + 1):
        details = (code, name, entry.formula, entry.clause, entry.department)
        for column, detail in enumerate(details):
            sheet.write_string(row, column, detail, formats["text"])


def _reportable(ask: _Ask) -> Iterable[tuple[str, str, IndicatorEntry]]:
    """(code, name, indicator) of everything that the unit reports under 指标填报."""
    for entry in ask.settings.catalogue.indicators:
        if ask.unit.level not in entry.levels or entry.register_rule:
            continue
        if entry.parts:
            for part in entry.parts:
                yield part.code, part.name, entry
        else:
            yield entry.code, entry.name, entry


def _sheet(book: xlsxwriter.Workbook, formats: dict[str, Format], ask: _Ask, spec: Sheet) -> None:
    sheet = book.add_worksheet(spec.name)
    rows = _given(ask, spec)
    helpers = [name for name in spec.helpers if any(name in row for row in rows)]
    columns: list[Column | str] = [*(c for c in spec.columns if c.is_key), *helpers]
    columns += [column for column in spec.columns if not column.is_key]
    last = max(len(rows), _BLANK_ROWS)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&C{ask.unit.name}{ask.period.label} {spec.name}")
    for number, column in enumerate(columns):
        head = column if isinstance(column, str) else column.head
        form = "optional" if isinstance(column, Column) and not column.required else "head"
        sheet.write_string(0, number, head, formats[form])
        sheet.set_column(number, number, 24 if isinstance(column, str) else _WIDTH)
        if isinstance(column, Column):
            _rules(sheet, column, number, last)
            for row in range(len(rows) + 1, 0 if spec.prefilled else last + 1):
                sheet.write_blank(row, number, None, formats[_form(column)])
    for position, given in enumerate(rows, start=1):
        _write_given(sheet, formats, columns, position, given)
        _say_before(sheet, ask, spec, columns, position, given)


def _form(column: Column) -> str:
    if column.unit == "万元":
        return "money"
    if column.field.endswith("_on"):
        return "date"
    return "code" if column.is_key or column.field.endswith("_code") else "cell"


def _given(ask: _Ask, spec: Sheet) -> list[dict[str, Any]]:
    """Rows that a template fills in, by head."""
    period = {"年度": ask.period.year, "季度": ask.period.quarter}
    if spec.name == "村集体收入":
        return [
            {**period, "村代码": village.code, "村名称": village.name} for village in ask.villages
        ]
    if spec.name == "指标填报":
        return [
            {
                **period,
                "指标代码": code,
                "单位代码": ask.unit.code,
                "指标名称": name,
                "计量单位": _unit_of(code, entry),
            }
            for code, name, entry in _reportable(ask)
        ]
    return []


def _unit_of(code: str, entry: IndicatorEntry) -> str:
    part: Part | None = next((part for part in entry.parts if part.code == code), None)
    return part.unit if part else entry.unit


def _write_given(
    sheet: Worksheet,
    formats: dict[str, Format],
    columns: Sequence[Column | str],
    row: int,
    given: dict[str, Any],
) -> None:
    for number, column in enumerate(columns):
        head = column if isinstance(column, str) else column.head
        if head not in given:
            form = "cell" if isinstance(column, str) else _form(column)
            sheet.write_blank(row, number, None, formats[form])
        elif isinstance(given[head], int):
            sheet.write_number(row, number, given[head], formats["year"])
        else:
            sheet.write_string(row, number, given[head], formats["given"])


def _say_before(
    sheet: Worksheet,
    ask: _Ask,
    spec: Sheet,
    columns: Sequence[Column | str],
    row: int,
    given: dict[str, Any],
) -> None:
    """The quarter before as a comment: a cumulative figure must not fall below it."""
    before = ask.before.get(given.get("村代码", "")) if spec.name == "村集体收入" else None
    if before is None:
        return
    sources = {head: source for source, head in INCOME_HEADS.items()}
    for number, column in enumerate(columns):
        if isinstance(column, Column) and column.head in sources:
            wan = before[sources[column.head]] / SCALES["money"]
            quarter = ask.period.previous().label
            sheet.write_comment(
                row, number, f"{quarter}累计 {wan:,.6f} 万元".replace(".000000", "")
            )


def _rules(sheet: Worksheet, column: Column, number: int, last: int) -> None:
    """Drop-downs and number checks, as far as a spreadsheet can hold them."""
    notes = [f"单位:{column.unit}"] if column.unit else []
    notes += [column.note] if column.note else []
    notes += [] if column.required else ["可以不填"]
    if notes:
        sheet.write_comment(0, number, ";".join(notes))
    if column.options:
        rule: dict[str, Any] = {"validate": "list", "source": list(column.options)}
        rule |= {"error_title": "请从列表中选择", "error_message": "、".join(column.options)[:255]}
    elif column.unit in ("万元", "元"):
        rule = {"validate": "decimal", "criteria": ">=", "value": 0}
        rule |= {"error_title": column.head, "error_message": f"应为不小于0的数,单位{column.unit}"}
    elif column.field == "value":
        rule = {"validate": "decimal", "criteria": ">=", "value": 0}
        rule |= {"error_title": column.head, "error_message": "应为不小于0的数"}
    elif column.field.endswith("_on"):
        rule = {"validate": "custom", "value": "=TRUE", "ignore_blank": True}
        rule |= {"input_title": column.head, "input_message": "写作2016-09-30"}
    else:
        return
    sheet.data_validation(1, number, last, number, rule)


def _marker(book: xlsxwriter.Workbook, ask: _Ask, names: Sequence[str]) -> None:
    sheet = book.add_worksheet(MARKER)
    marks = {
        "单位代码": ask.unit.code,
        "季度": str(ask.period),
        "工作表": "、".join(names),
    }
    for row, (key, value) in enumerate(marks.items()):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    sheet.very_hidden()
