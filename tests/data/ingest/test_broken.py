"""Broken workbooks: each is refused with its sentence, and the store stays as it was."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from dashboard.data.ingest import importer, marked
from dashboard.data.ingest.problems import ImportRefused
from dashboard.data.store import Store
from dashboard.settings import Settings
from tests.data.ingest.books import (
    INCOME,
    INCOME_HEADS,
    OTHER_VILLAGE,
    TOWN,
    VILLAGES,
    book,
    changed,
    content,
    everything,
    load_units,
)

FILE = "甲镇.xlsx"


@dataclass(frozen=True)
class Broken:
    """A file, and the one sentence that it must be refused with."""

    kind: str
    file: str
    content: Callable[[], bytes]
    sentence: str


def income(row: int, head: str, value: object) -> Callable[[], bytes]:
    return lambda: book({"村集体收入": changed(INCOME, row, head, value)})


def shown_rounded() -> bytes:
    """149.9999 万元 in one cell that displays one decimal: the clerk sees 150.0."""
    made = load_workbook(
        BytesIO(book({"村集体收入": [INCOME_HEADS, (2016, 3, VILLAGES[0], 149.9999, *[0] * 6)]}))
    )
    made["村集体收入"]["D2"].number_format = "0.0"
    return content(made)


def template_without_a_sheet() -> bytes:
    """A template that asked for two sheets, returned with one."""
    made = load_workbook(BytesIO(book({"村集体收入": INCOME})))
    marker = made.create_sheet("_模板")
    marker.append(["单位代码", TOWN])
    marker.append(["工作表", "村集体收入、指标填报"])
    marker.sheet_state = "veryHidden"
    return content(made)


AT = f"文件“{FILE}”工作表“村集体收入”"
OBSERVED = ("年度", "季度", "指标代码", "单位代码", "数值")
BROKEN = [
    Broken(
        "a unit that does not exist",
        FILE,
        income(2, "村代码", "320412999201"),
        f"{AT}第2行C列“村代码”:值“320412999201”,没有这个代码的单位,请核对单位代码",
    ),
    Broken(
        "another town's unit",
        FILE,
        income(3, "村代码", OTHER_VILLAGE),
        f"{AT}第3行C列“村代码”:值“{OTHER_VILLAGE}”,“测试三村”不属于测试甲镇,不能在这个文件中填报",
    ),
    Broken(
        "text in a number",
        FILE,
        income(2, "经营收入", "约100"),
        f"{AT}第2行D列“经营收入”:值“约100”,应为数字,不带文字和单位",
    ),
    Broken(
        "a negative amount",
        FILE,
        income(2, "捐赠收入", -3),
        f"{AT}第2行I列“捐赠收入”:值“-3”,应为不小于0的金额(万元)",
    ),
    Broken(
        "yuan where 万元 is asked for",
        FILE,
        income(2, "经营收入", 1499999),
        f"{AT}第2行D列“经营收入”:值“1499999”,超过20,000万元,像是以元填写;"
        "本列单位为万元(若是元,折合149.9999万元)",
    ),
    Broken(
        "1,499,999 yuan that display as 150.0 万元",
        FILE,
        shown_rounded,
        f"{AT}第2行D列“经营收入”:值“149.9999”,单元格只显示到1位小数:显示的合计为150.0万元,"
        "实际为149.9999万元,与150万元标准线的关系不同;请填写准确数并显示全部小数",
    ),
    Broken(
        "a cumulative figure that falls",
        FILE,
        lambda: book(
            {"村集体收入": [*INCOME, (2016, 4, VILLAGES[1], 59.99, 12.34, 0, 8, 2, 0, 0)]}
        ),
        f"{AT}第4行D列“经营收入”:值“59.99”,本年累计数小于2016年第三季度的60.00万元,累计数不应下降",
    ),
    Broken(
        "a row twice",
        FILE,
        lambda: book({"村集体收入": [*INCOME, INCOME[2]]}),
        f"{AT}第4行:与第3行重复(年度、季度、村代码相同)",
    ),
    Broken(
        "a sheet gone",
        FILE,
        template_without_a_sheet,
        f"文件“{FILE}”工作表“指标填报”:缺少工作表“指标填报”;没有数据时请保留空表",
    ),
    Broken(
        "an unknown indicator",
        FILE,
        lambda: book({"指标填报": [OBSERVED, (2016, 3, "Z99", TOWN, 5)]}),
        f"文件“{FILE}”工作表“指标填报”第2行C列“指标代码”:值“Z99”,指标目录中没有这个代码",
    ),
    Broken(
        # The encoding is read; what is wrong inside is said in Chinese that arrived whole.
        "a GB18030 csv with a word in an amount",
        "村集体收入.csv",
        lambda: (
            ",".join(INCOME_HEADS) + f"\r\n2016,3,{VILLAGES[0]},一百万,0,0,0,0,0,0\r\n"
        ).encode("gb18030"),
        "文件“村集体收入.csv”工作表“村集体收入”第2行D列“经营收入”:值“一百万”,应为数字,不带文字和单位",
    ),
    Broken("an empty file", FILE, lambda: b"", f"文件“{FILE}”:文件是空的"),
    Broken(
        "a formula error",
        FILE,
        income(2, "其他收入", "#DIV/0!"),
        f"{AT}第2行J列“其他收入”:值“#DIV/0!”,单元格是公式错误,请改正公式或直接填数",
    ),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.kind)
def test_refused_with_its_sentence(store: Store, settings: Settings, broken: Broken) -> None:
    load_units(store, settings)
    before = everything(store)
    with pytest.raises(ImportRefused) as refused:
        importer.import_files(
            store, settings, [(broken.file, broken.content())], "测试", scope_unit=TOWN
        )
    assert [problem.sentence for problem in refused.value.problems] == [broken.sentence]
    assert everything(store) == before


def test_all_errors_are_said_at_once(sqlite_store: Store, settings: Settings) -> None:
    load_units(sqlite_store, settings)
    rows = changed(INCOME, 2, "经营收入", "约100")
    rows = changed(rows, 3, "其他收入", -1)
    files = [
        ("甲.xlsx", book({"村集体收入": rows})),
        ("乙.xlsx", book({"指标填报": [OBSERVED, (2016, 3, "Z99", TOWN, 5)]})),
    ]
    with pytest.raises(ImportRefused) as refused:
        importer.import_files(sqlite_store, settings, files, "测试")
    places = [(p.file, p.row, p.column) for p in refused.value.problems]
    assert places == [("乙.xlsx", 2, "C"), ("甲.xlsx", 2, "D"), ("甲.xlsx", 3, "J")]


def test_one_bad_file_stops_the_good_one_beside_it(sqlite_store: Store, settings: Settings) -> None:
    load_units(sqlite_store, settings)
    before = everything(sqlite_store)
    files = [("好.xlsx", book({"村集体收入": INCOME})), ("坏.xlsx", b"")]
    with pytest.raises(ImportRefused):
        importer.import_files(sqlite_store, settings, files, "测试")
    assert everything(sqlite_store) == before


def test_what_cannot_be_written_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spoiled = Workbook()
    sheet = spoiled.worksheets[0]
    sheet["A1"] = 1
    sheet._cells[1, 1] = None  # type: ignore[attr-defined] # no cell: fails in the middle
    with pytest.raises(AttributeError):
        marked.written(spoiled)
    assert not list(tmp_path.iterdir())
