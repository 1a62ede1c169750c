"""A small county and its workbooks, made with openpyxl as a clerk would."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from sqlalchemy import select

from dashboard.data import schema
from dashboard.data.ingest import importer
from dashboard.data.store import Store
from dashboard.settings import Settings

TOWN, OTHER_TOWN = "320412101", "320412102"
VILLAGES = (f"{TOWN}201", f"{TOWN}202")
OTHER_VILLAGE = f"{OTHER_TOWN}201"
UNITS = [
    ("代码", "名称", "层级", "上级代码", "类别", "经度", "纬度"),
    ("320412", "测试区", "区", None, "市辖区", 119.9, 31.7),
    (TOWN, "测试甲镇", "镇", "320412", "镇", 119.8, 31.6),
    (OTHER_TOWN, "测试乙镇", "镇", "320412", "镇", 119.9, 31.6),
    (VILLAGES[0], "测试一村", "村", TOWN, "行政村", 119.8, 31.61),
    (VILLAGES[1], "测试二村", "村", TOWN, "行政村", 119.81, 31.61),
    (OTHER_VILLAGE, "测试三村", "村", OTHER_TOWN, "行政村", 119.9, 31.61),
]
INCOME_HEADS = (
    "年度",
    "季度",
    "村代码",
    "经营收入",
    "发包租赁收入",
    "投资分红收入",
    "财政补助收入",
    "生态补偿收入",
    "捐赠收入",
    "其他收入",
)
INCOME = [
    INCOME_HEADS,
    (2016, 3, VILLAGES[0], 100, 20, 5, 10, 5, 0, 1.5),
    (2016, 3, VILLAGES[1], 60, 12.34, 0, 8, 2, 0, 0),
]

Rows = Sequence[Sequence[Any]]


def book(sheets: Mapping[str, Rows]) -> bytes:
    """A workbook's content: sheet name to rows, the head row first."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return content(made)


def content(made: Workbook) -> bytes:
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def changed(rows: Rows, row: int, head: str, value: Any) -> list[list[Any]]:
    """The rows with one cell changed; `row` counts as in the sheet, the head row being 1."""
    copy = [list(r) for r in rows]
    copy[row - 1][list(rows[0]).index(head)] = value
    return copy


def load_units(store: Store, settings: Settings) -> None:
    importer.import_files(store, settings, [("单位.xlsx", book({"单位": UNITS}))], "测试")


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables: what must not change when a file is refused."""
    with store.reading() as connection:
        return {
            name: sorted(tuple(map(str, row)) for row in connection.execute(select(table)))
            for name, table in schema.metadata.tables.items()
        }
