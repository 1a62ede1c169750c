"""The sheets that the office collects: their heads, and the table that each fills.

Heads are fixed (other systems write them too). A column may be required, optional, or a helper that
templates show and imports pass over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.config_models import LEVEL_LABELS, PolicyConfig
from dashboard.data.ingest import cells
from dashboard.data.ingest.cells import Cell, Parse
from dashboard.data.schema import INCOME_SOURCES
from dashboard.policy.lifecycle import EVENTS

SUBJECTS = {"村": "village", "农户": "household"}
OTHER_SOURCES = ("村账", "统计审核")
"""Who else says what a village earned: its accounts (农村三资平台), and the statistics' audit."""
PAIRINGS = ("部门挂钩", "党员干部", "企业", "第一书记")
FULFILMENTS = ("责任落实", "方案落实", "政策落实", "项目落实", "组织落实")
DECISION = "议定事项"
"""Kind of the tasks that a meeting of the leadership group has decided on."""
MEASURES = (
    "教育扶智",
    "就业帮扶",
    "用工激励",
    "兜底保障",
    "医疗救助",
    "财政转移支付",
    "资源补偿",
    "企业挂钩",
)
INCOME_HEADS = dict(
    zip(
        INCOME_SOURCES,
        (
            "经营收入",
            "发包租赁收入",
            "投资分红收入",
            "财政补助收入",
            "生态补偿收入",
            "捐赠收入",
            "其他收入",
        ),
        strict=True,
    )
)


@dataclass(frozen=True)
class Column:
    """One column: its head, the field that it fills, and how a cell is read."""

    head: str
    field: str
    parse: Parse
    required: bool = True
    is_key: bool = False
    note: str = ""
    options: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: the table it fills, its columns, and helper heads that are passed over.

    `prefilled`: a template fills the key columns in; a row whose other cells are all blank was not
    answered and is passed over.
    """

    name: str
    table: str
    columns: tuple[Column, ...]
    helpers: tuple[str, ...] = ()
    prefilled: bool = False
    is_personal: bool = False

    @property
    def heads(self) -> list[str]:
        return [column.head for column in self.columns]


def _same(words: Sequence[str]) -> dict[str, str]:
    return {word: word for word in words}


def _raw(cell: Cell) -> Cell:
    """Read later, when the indicator says in which unit."""
    return cell


def _pick(head: str, field: str, words: Sequence[str], what: str, **more: Any) -> Column:
    parse = cells.choice(_same(words), what)
    return Column(head, field, parse, options=tuple(words), **more)


def _key(head: str, field: str, parse: Parse, **more: Any) -> Column:
    return Column(head, field, parse, is_key=True, **more)


_YEAR = _key("年度", "year", cells.year)
_QUARTER = _key("季度", "quarter", cells.quarter)
_UNIT = _key("单位代码", "unit_code", cells.unit_code)
_INDICATOR = _key("指标代码", "indicator_code", cells.short_text(20))
_SUBJECT_TYPE = _key(
    "对象类型",
    "subject_type",
    cells.choice(SUBJECTS, "对象类型"),
    options=tuple(SUBJECTS),
)
_SUBJECT = _key("对象编号", "subject", cells.identifier)
_NAME = cells.short_text(200)


def _incomes(most_wan: int) -> list[Column]:
    return [
        Column(head, f"{source}_fen", cells.wan(most_wan), unit="万元")
        for source, head in INCOME_HEADS.items()
    ]


def sheets(policy: PolicyConfig) -> dict[str, Sheet]:
    """Every sheet by its name."""
    village_most = policy.plausibility.village_income_wan
    household_most = policy.plausibility.household_income_yuan
    all_sheets = (
        Sheet(
            "单位",
            "unit",
            (
                _key("代码", "code", cells.unit_code),
                Column("名称", "name", _NAME),
                Column(
                    "层级",
                    "level",
                    cells.choice({label: level for level, label in LEVEL_LABELS.items()}, "层级"),
                    options=tuple(LEVEL_LABELS.values()),
                ),
                Column("上级代码", "parent_code", cells.unit_code, required=False),
                Column("类别", "kind", cells.short_text(40), required=False),
                Column("经度", "lon", cells.degrees(-180, 180, "经度"), required=False),
                Column("纬度", "lat", cells.degrees(-90, 90, "纬度"), required=False),
                Column(
                    "坐标系",
                    "coordinates",
                    cells.choice(_same(("WGS84", "CGCS2000", "GCJ-02")), "坐标系"),
                    required=False,
                    options=("WGS84", "CGCS2000", "GCJ-02"),
                ),
            ),
        ),
        Sheet(
            "目标",
            "target",
            (
                _YEAR,
                _INDICATOR,
                _UNIT,
                Column("目标值", "value", _raw),
                Column("责任单位", "department", _NAME, required=False),
                Column("责任人", "post", _NAME, required=False, note="填职务,不填姓名"),
                Column("完成月份", "due_month", cells.month, required=False),
            ),
            helpers=("指标名称", "单位名称", "计量单位"),
        ),
        Sheet(
            "月度计划",
            "target_month",
            (
                _YEAR,
                _key("月份", "month", cells.month),
                _INDICATOR,
                _UNIT,
                Column("计划累计值", "planned", _raw),
            ),
            helpers=("指标名称", "单位名称", "计量单位"),
        ),
        Sheet(
            "指标填报",
            "observation",
            (_YEAR, _QUARTER, _INDICATOR, _UNIT, Column("数值", "value", _raw)),
            helpers=("指标名称", "单位名称", "计量单位"),
            prefilled=True,
        ),
        Sheet(
            "村集体收入",
            "village_income",
            (
                _YEAR,
                _QUARTER,
                _key("村代码", "village_code", cells.unit_code),
                *_incomes(village_most),
            ),
            helpers=("村名称",),
            prefilled=True,
        ),
        Sheet(
            "村集体收入核对",
            "village_income_check",
            (
                _YEAR,
                _QUARTER,
                _key("村代码", "village_code", cells.unit_code),
                _pick("数据来源", "source", OTHER_SOURCES, "数据来源", is_key=True),
                *_incomes(village_most),
            ),
            helpers=("村名称",),
        ),
        Sheet(
            "低收入农户",
            "household",
            (
                _key("农户编号", "number", cells.identifier, note="脱敏编号,不得填写身份证号"),
                Column("村代码", "village_code", cells.unit_code),
                Column("人口数", "persons", cells.between(1, 30, "人口数"), unit="人"),
                Column("劳动力数", "labour", cells.between(0, 30, "劳动力数"), unit="人"),
                Column("类别", "category", cells.short_text(40)),
                Column("致贫原因", "cause", cells.short_text(40)),
                Column("识别日期", "identified_on", cells.day),
            ),
            is_personal=True,
        ),
        Sheet(
            "农户收入",
            "household_income",
            (
                _YEAR,
                _key("农户编号", "household", cells.identifier),
                Column("人均可支配收入", "income_fen", cells.yuan(household_most), unit="元"),
            ),
            is_personal=True,
        ),
        Sheet(
            "状态变更",
            "lifecycle_event",
            (
                _SUBJECT_TYPE,
                _SUBJECT,
                _pick("事件", "event", EVENTS, "事件", is_key=True),
                _key("日期", "happened_on", cells.day),
                Column("依据", "evidence", cells.text, required=False),
            ),
            is_personal=True,
        ),
        Sheet(
            "结对",
            "pairing",
            (
                _pick("结对类型", "kind", PAIRINGS, "结对类型", is_key=True),
                _key("帮扶单位", "organisation", _NAME),
                Column("帮扶人职务", "post", _NAME, required=False, note="填职务,不填姓名"),
                _SUBJECT_TYPE,
                _SUBJECT,
                _key("开始日期", "started_on", cells.day),
                Column("结束日期", "ended_on", cells.day, required=False),
            ),
            is_personal=True,
        ),
        Sheet(
            "措施",
            "measure",
            (
                _SUBJECT_TYPE,
                _SUBJECT,
                _pick("措施类别", "category", MEASURES, "措施类别", is_key=True),
                _key("责任部门", "department", _NAME),
                _key("开始日期", "started_on", cells.day),
                Column("状态", "status", cells.short_text(20)),
                Column(
                    "金额",
                    "amount_fen",
                    _raw,
                    required=False,
                    note="对象为村的填万元,对象为农户的填元",
                ),
            ),
            is_personal=True,
        ),
        Sheet(
            "项目",
            "project",
            (
                _key("项目编号", "number", cells.identifier),
                Column("名称", "name", _NAME),
                Column("类别", "category", cells.short_text(40)),
                Column("单位代码", "unit_code", cells.unit_code),
                Column("总投资", "invested_fen", cells.wan(), unit="万元"),
                Column("已完成投资", "completed_fen", cells.wan(), unit="万元"),
                Column("进度", "progress", cells.percent, unit="%"),
                Column("开工日期", "started_on", cells.day, required=False),
                Column("计划完成日期", "due_on", cells.day, required=False),
                Column("状态", "status", cells.short_text(20)),
            ),
        ),
        Sheet(
            "资金",
            "fund_flow",
            (
                _key("流水号", "number", cells.identifier),
                Column("年度", "year", cells.year),
                Column("资金来源", "source", cells.short_text(40)),
                Column("用途类别", "purpose", cells.short_text(40)),
                Column("单位代码", "unit_code", cells.unit_code),
                Column("项目编号", "project_number", cells.identifier, required=False),
                Column("安排金额", "arranged_fen", cells.wan(), unit="万元"),
                Column("拨付金额", "allocated_fen", cells.wan(), unit="万元"),
                Column("支出金额", "spent_fen", cells.wan(), unit="万元"),
                Column("日期", "happened_on", cells.day, required=False),
                _pick(
                    "审计状态",
                    "audit_state",
                    policy.funds.audit_states,
                    "审计状态",
                    required=False,
                ),
            ),
        ),
        Sheet(
            "任务",
            "task",
            (
                _key("任务编号", "number", cells.identifier),
                Column("单位代码", "unit_code", cells.unit_code),
                _pick("落实类别", "kind", (*FULFILMENTS, DECISION), "落实类别"),
                Column("内容", "content", cells.text),
                Column("责任单位", "department", _NAME, required=False),
                Column("责任人", "post", _NAME, required=False, note="填职务,不填姓名"),
                Column("完成月份", "due_month", cells.month_of_year, note="年月,如2016-09"),
                Column("完成日期", "done_on", cells.day, required=False),
                Column("状态", "status", cells.short_text(20), required=False),
            ),
        ),
        Sheet(
            "督查",
            "inspection",
            (
                _YEAR,
                _QUARTER,
                _UNIT,
                _pick("落实类别", "kind", FULFILMENTS, "落实类别", is_key=True),
                Column("得分", "score", _raw, required=False, unit="分"),
                Column("发现问题", "finding", cells.text, required=False),
                Column("整改期限", "fix_due_on", cells.day, required=False),
                Column("整改完成日期", "fixed_on", cells.day, required=False),
            ),
        ),
    )
    return {sheet.name: sheet for sheet in all_sheets}
