"""Workbooks as clerks make them: what is certain reads exactly like the clean one."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from dashboard.data import schema
from dashboard.data.ingest import importer
from dashboard.data.ingest.problems import ImportRefused
from dashboard.data.store import Store
from dashboard.settings import Settings
from tests.data.ingest.books import (
    INCOME,
    INCOME_HEADS,
    TOWN,
    VILLAGES,
    book,
    changed,
    content,
    everything,
    load_units,
)

SHEET = "村集体收入"


def open_clean() -> Workbook:
    return load_workbook(BytesIO(book({SHEET: INCOME})))


def title_above() -> bytes:
    made = open_clean()
    sheet = made[SHEET]
    sheet.insert_rows(1, 2)
    sheet["A1"] = "2016年第三季度村集体收入统计表"
    sheet.merge_cells("A1:J1")
    return content(made)


def columns_in_another_order() -> bytes:
    rows = [list(reversed(row)) for row in INCOME]
    return book({SHEET: rows})


def merged_period() -> bytes:
    """年度 and 季度 merged down over both rows."""
    made = open_clean()
    made[SHEET].merge_cells("A2:A3")
    made[SHEET].merge_cells("B2:B3")
    return content(made)


def full_width_and_separators() -> bytes:
    rows = changed(INCOME, 2, "经营收入", "100")
    rows = changed(rows, 2, "年度", "2016年")
    rows = changed(rows, 2, "季度", "第三季度")
    return book({SHEET: changed(rows, 3, "发包租赁收入", " 12.340 ")})


def blank_and_total_rows() -> bytes:
    total = ("合计", None, None, 160, 32.34, 5, 18, 7, 0, 1.5)
    return book({SHEET: [INCOME[0], [], INCOME[1], [None] * 10, INCOME[2], total]})


def units_in_the_heads() -> bytes:
    heads = [f"{head}(万元)" if head.endswith("收入") else f"{head}*" for head in INCOME_HEADS]
    return book({SHEET: [heads, *INCOME[1:]]})


def csv_in(encoding: str) -> Callable[[], bytes]:
    def write() -> bytes:
        return "\r\n".join(",".join(str(v) for v in row) for row in INCOME).encode(encoding)

    return write


VARIANTS = {
    "title above the heads": (f"{SHEET}.xlsx", title_above),
    "columns in another order": (f"{SHEET}.xlsx", columns_in_another_order),
    "merged cells": (f"{SHEET}.xlsx", merged_period),
    "full-width digits and separators": (f"{SHEET}.xlsx", full_width_and_separators),
    "blank and total rows": (f"{SHEET}.xlsx", blank_and_total_rows),
    "units in the heads": (f"{SHEET}.xlsx", units_in_the_heads),
    "csv UTF-8": (f"{SHEET}.csv", csv_in("utf-8")),
    "csv UTF-8 with mark": (f"{SHEET}.csv", csv_in("utf-8-sig")),
    "csv GB18030": (f"{SHEET}_甲镇.csv", csv_in("gb18030")),
    "csv downloaded a second time": (f"{SHEET} (1).csv", csv_in("utf-8")),
    "csv downloaded a third time": (f"{SHEET}(2).csv", csv_in("utf-8")),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_reads_like_the_clean_workbook(
    sqlite_store: Store, settings: Settings, variant: str
) -> None:
    load_units(sqlite_store, settings)
    name, write = VARIANTS[variant]
    importer.import_files(sqlite_store, settings, [(name, write())], "测试")
    assert incomes(sqlite_store) == {
        # Fen, written out from the clean workbook's 万元.
        VILLAGES[0]: [100_000_000, 20_000_000, 5_000_000, 10_000_000, 5_000_000, 0, 1_500_000],
        VILLAGES[1]: [60_000_000, 12_340_000, 0, 8_000_000, 2_000_000, 0, 0],
    }


def incomes(store: Store) -> dict[str, list[int]]:
    columns = [schema.village_income.c[f"{source}_fen"] for source in schema.INCOME_SOURCES]
    with store.reading() as connection:
        rows = connection.execute(select(schema.village_income.c.village_code, *columns))
        return {row[0]: list(row[1:]) for row in rows}


def test_the_same_file_twice_changes_nothing(store: Store, settings: Settings) -> None:
    load_units(store, settings)
    file = (f"{SHEET}.xlsx", book({SHEET: INCOME}))
    importer.import_files(store, settings, [file], "测试")
    before = everything(store)
    again = importer.import_files(store, settings, [file], "测试")
    after = everything(store)
    # The store's version counts transactions; nothing else may differ.
    assert before.pop("store_info") and after.pop("store_info")
    assert after == before
    assert again.applied[0][1].batch_id is None
    assert "没有改动" in again.report[0]


def test_an_overwritten_value_is_kept(store: Store, settings: Settings) -> None:
    load_units(store, settings)
    for amount in (100, 110, 120):
        rows = changed(INCOME, 2, "经营收入", amount)
        importer.import_files(store, settings, [("a.xlsx", book({SHEET: rows}))], "测试")
    table = schema.observation_revision
    with store.reading() as connection:
        statement = (
            select(table).where(table.c.table_name == "village_income").order_by(table.c.revision)
        )
        revisions = connection.execute(statement).all()
        batches = connection.execute(
            select(schema.import_batch.c.id).order_by(schema.import_batch.c.imported_at)
        ).scalars()
        first, second, third = list(batches)[1:]
    assert [r.old_row["operating_fen"] for r in revisions] == [100_000_000, 110_000_000]
    assert [(r.batch_id, r.replaced_by) for r in revisions] == [(first, second), (second, third)]
    assert revisions[0].row_key == f"{VILLAGES[0]}|2016Q3"
    assert incomes(store)[VILLAGES[0]][0] == 120_000_000


def test_a_blank_amount_is_not_taken_for_zero(sqlite_store: Store, settings: Settings) -> None:
    load_units(sqlite_store, settings)
    rows = changed(INCOME, 2, "捐赠收入", None)
    with pytest.raises(ImportRefused, match="没有填写"):
        importer.import_files(sqlite_store, settings, [("a.xlsx", book({SHEET: rows}))], "测试")


def test_a_merge_over_amounts_is_refused(sqlite_store: Store, settings: Settings) -> None:
    load_units(sqlite_store, settings)
    made = open_clean()
    made[SHEET].merge_cells("D2:D3")
    with pytest.raises(ImportRefused, match="合并单元格下无法判断各行的值"):
        importer.import_files(sqlite_store, settings, [("a.xlsx", content(made))], "测试")


def test_a_formula_without_its_result_is_refused(sqlite_store: Store, settings: Settings) -> None:
    load_units(sqlite_store, settings)
    rows = changed(INCOME, 2, "经营收入", "=60+40")
    with pytest.raises(ImportRefused, match="没有计算结果"):
        importer.import_files(sqlite_store, settings, [("a.xlsx", book({SHEET: rows}))], "测试")


def test_an_unknown_column_is_named(sqlite_store: Store, settings: Settings) -> None:
    load_units(sqlite_store, settings)
    rows = [[*row, extra] for row, extra in zip(INCOME, ("旅游收入", 1, 2), strict=True)]
    with pytest.raises(ImportRefused, match="第1行K列“旅游收入”:不认识的列"):
        importer.import_files(sqlite_store, settings, [("a.xlsx", book({SHEET: rows}))], "测试")


@pytest.mark.parametrize(
    ("value", "percent"),
    [(95, None), ("95%", None), (0.95, "0%")],
    ids=["a number of percent", "text with a sign", "a cell formatted as percent"],
)
def test_a_certain_percentage_is_read(
    sqlite_store: Store, settings: Settings, value: object, percent: str | None
) -> None:
    load_units(sqlite_store, settings)
    file = ("a.xlsx", target_book(value, percent))
    importer.import_files(sqlite_store, settings, [file], "测试")
    with sqlite_store.reading() as connection:
        assert connection.scalar(select(schema.target.c.value)) == 950_000


def test_an_ambiguous_percentage_is_refused(sqlite_store: Store, settings: Settings) -> None:
    load_units(sqlite_store, settings)
    with pytest.raises(ImportRefused, match="无法判断是百分数还是小数"):
        importer.import_files(sqlite_store, settings, [("a.xlsx", target_book(0.95, None))], "测试")


def target_book(value: object, number_format: str | None) -> bytes:
    heads = ("年度", "指标代码", "单位代码", "目标值", "责任单位", "责任人", "完成月份")
    made = load_workbook(
        BytesIO(book({"目标": [heads, (2016, "V09", TOWN, value, "区委组织部", "镇长", 12)]}))
    )
    if number_format:
        made["目标"]["D2"].number_format = number_format
    return content(made)


def test_a_ratio_is_reported_by_its_parts(sqlite_store: Store, settings: Settings) -> None:
    load_units(sqlite_store, settings)
    rows = [("年度", "季度", "指标代码", "单位代码", "数值"), (2016, 3, "V09", TOWN, 95)]
    with pytest.raises(ImportRefused, match=r"请填报:V09A .*V09B "):
        importer.import_files(
            sqlite_store, settings, [("a.xlsx", book({"指标填报": rows}))], "测试"
        )


def test_the_marked_copy_shows_every_bad_cell(
    sqlite_store: Store, settings: Settings, tmp_path: Path
) -> None:
    load_units(sqlite_store, settings)
    path = tmp_path / "甲镇.xlsx"
    path.write_bytes(book({SHEET: changed(INCOME, 2, "经营收入", "约100")}))
    with pytest.raises(ImportRefused) as refused:
        importer.import_files(sqlite_store, settings, [path], "测试")
    assert refused.value.marked_copies == [str(tmp_path / "甲镇_有误.xlsx")]
    made = load_workbook(refused.value.marked_copies[0])
    cell = made[SHEET]["D2"]
    assert cell.comment is not None and "应为数字" in cell.comment.text
    assert cell.fill.start_color.rgb == "FFFFC7CE"
    listed = list(made["错误清单"].iter_rows(min_row=3, values_only=True))
    assert listed == [(SHEET, 2, "D", "经营收入", "约100", "应为数字,不带文字和单位")]
