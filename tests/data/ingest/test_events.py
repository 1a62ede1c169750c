"""Impossible orders in 状态变更: against the file's own rows, another file, and the store."""

from typing import Any

import pytest

from dashboard.data.ingest import importer
from dashboard.data.ingest.importer import ImportRefused
from dashboard.data.store import Store
from dashboard.settings import Settings

from .books import UNITS, VILLAGES, book, everything

HEADS = ("对象类型", "对象编号", "事件", "日期", "依据")
HOUSEHOLDS = [
    ("农户编号", "村代码", "人口数", "劳动力数", "类别", "致贫原因", "识别日期"),
    ("H001", VILLAGES[0], 3, 1, "低保户", "因病", "2016-04-10"),
    ("H002", VILLAGES[1], 2, 0, "低保户", "因残", "2016-04-10"),
]
WAY = [
    ("申请评议", "2016-01-10"),
    ("公示公告", "2016-02-10"),
    ("抽检核查", "2016-03-10"),
    ("信息录入", "2016-04-10"),
    ("帮扶", "2016-05-10"),
    ("退出", "2016-12-20"),
]


def file(name: str, *events: tuple[str, str], of: str = "H001", more: Any = None) -> Any:
    kind = "农户" if of.startswith("H") else "村"
    rows = [HEADS, *((kind, of, event, day, "") for event, day in events)]
    return name, book({"状态变更": rows, **(more or {})})


@pytest.fixture
def known(sqlite_store: Store, settings: Settings) -> Store:
    files = [("a.xlsx", book({"单位": UNITS, "低收入农户": HOUSEHOLDS}))]
    importer.import_files(sqlite_store, settings, files, "测试")
    return sqlite_store


def refused(store: Store, settings: Settings, *files: Any) -> list[str]:
    before = everything(store)
    with pytest.raises(ImportRefused) as refusal:
        importer.import_files(store, settings, files, "测试")
    assert everything(store) == before
    return [problem.sentence for problem in refusal.value.problems]


def test_the_policys_order_goes_in_and_in_parts(known: Store, settings: Settings) -> None:
    for at, part in enumerate((WAY[:4], WAY[4:], WAY, [("返贫", "2017-05-01")])):
        importer.import_files(known, settings, [file(f"{at}.xlsx", *part)], "测试")
    for subject in ("H002", VILLAGES[0]):  # steps left out are no error
        importer.import_files(known, settings, [file("x.xlsx", WAY[0], WAY[5], of=subject)], "测试")


def test_an_impossible_order_within_a_file(known: Store, settings: Settings) -> None:
    assert refused(known, settings, file("b.xlsx", ("信息录入", "2016-02-01"), *WAY[:1],
                                         ("抽检核查", "2016-03-01"))) == [
        "文件“b.xlsx”工作表“状态变更”第4行D列“日期”:值“2016-03-01”,"
        "“抽检核查”应不晚于“信息录入”(2016年2月1日)",
    ]  # fmt: skip


def test_an_impossible_order_against_the_store(known: Store, settings: Settings) -> None:
    importer.import_files(known, settings, [file("b.xlsx", *WAY)], "测试")
    assert refused(known, settings, file("c.xlsx", ("退出", "2017-03-01"))) == [
        "文件“c.xlsx”工作表“状态变更”第2行D列“日期”:值“2017-03-01”,"
        "“退出”已于2016年12月20日退出,须先有“返贫”才能再次“退出”",
    ]
    # The row that is new lies before the stored one that it makes impossible.
    assert refused(known, settings, file("c.xlsx", ("帮扶", "2016-02-20"))) == [
        "文件“c.xlsx”工作表“状态变更”第2行D列“日期”:值“2016-02-20”,"
        "库中已有“抽检核查”(2016年3月10日),应不晚于“帮扶”(2016年2月20日),与本行矛盾",
    ]
    (sentence,) = refused(known, settings, file("c.xlsx", ("政策保留到期", "2018-12-19")))
    assert "应不早于2018年12月20日(政策保留24个月)" in sentence


def test_files_of_one_import_know_of_each_other(known: Store, settings: Settings) -> None:
    exit_first = [file("b.xlsx", ("返贫", "2017-05-01")), file("c.xlsx", *WAY)]
    importer.import_files(known, settings, exit_first, "测试")
    wrong = [file("d.xlsx", ("返贫", "2016-03-01"), of="H002"), file("e.xlsx", *WAY, of="H002")]
    (sentence,) = refused(known, settings, *wrong)
    assert "文件“d.xlsx”" in sentence
    assert "“返贫”之前应有“退出”" in sentence


def test_a_village_keeps_to_the_order_too(known: Store, settings: Settings) -> None:
    (sentence,) = refused(known, settings, file("b.xlsx", ("返贫", "2017-01-01"), of=VILLAGES[0]))
    assert "“返贫”之前应有“退出”" in sentence
