"""The sheet 数据来源 of an exported workbook: each figure by its cell, and where it came from."""

from dashboard.config_models import IndicatorEntry
from dashboard.data.origins import Span
from dashboard.data.queries.ledgers import Ledger
from dashboard.data.queries.lineage import Source
from dashboard.figures import moment

NAME = "数据来源"
HEADS = (
    "工作表",
    "单元格",
    "单位",
    "季度",
    "指标",
    "公式",
    "条款",
    "责任部门",
    "由下级数合成(个)",
    "工作簿行数",
    "来源文件",
    "最近报送",
    "经手",
)
WIDTHS = (10, 9, 14, 16, 26, 36, 20, 22, 12, 12, 44, 20, 12)
_PAPER = "武发〔2016〕68号"


def of_figure(
    place: tuple[str, str], unit: str, quarter: str, entry: IndicatorEntry, source: Source
) -> list[str | int]:
    """A row for an indicator's figure; `place`: the sheet and the cell that shows it."""
    meant = [f"{entry.code} {entry.name}", entry.formula, f"{_PAPER} {entry.clause}"]
    return [*place, unit, quarter, *meant, entry.department, source.children, *_from(source.span)]


def of_register(
    place: tuple[str, str], unit: str, quarter: str, name: str, ledger: Ledger, span: Span
) -> list[str | int]:
    """A row for figures that are counted from a register."""
    meant = [f"登记表“{name}”", ledger.formula, f"{_PAPER} {ledger.clause}", ledger.department]
    return [*place, unit, quarter, *meant, "", *_from(span)]


def _from(span: Span) -> list[str | int]:
    newest = span.newest
    return [
        "不列" if span.rows is None else span.rows,
        "、".join(span.files),
        "" if newest is None else moment(newest.imported_at),
        "" if newest is None else newest.imported_by,
    ]
