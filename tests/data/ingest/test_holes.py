"""Files that look right and would be read wrong: each is refused with its sentence."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from dashboard.data.ingest import importer, marked, workbooks
from dashboard.data.ingest.problems import ImportRefused
from dashboard.data.store import Store, connect
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
from tests.data.ingest.test_clerks import incomes

SHEET = "村集体收入"
FILE = "甲镇.xlsx"
AT = f"文件“{FILE}”工作表“{SHEET}”"


@pytest.fixture(scope="module")
def county(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One store with units for all files that are refused: none of them may change it."""
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('county') / 'store.db'}")
    store.migrate()
    load_units(store, settings)
    return store


def refused(store: Store, settings: Settings, *files: tuple[str, bytes]) -> list[str]:
    """The sentences that these files are refused with; the store must not have changed."""
    before = everything(store)
    with pytest.raises(ImportRefused) as refusal:
        importer.import_files(store, settings, files, "测试")
    assert everything(store) == before
    return [problem.sentence for problem in refusal.value.problems]


def with_heads(change: Callable[[str], str]) -> bytes:
    return book({SHEET: [[change(head) for head in INCOME_HEADS], *INCOME[1:]]})


def with_format(form: str, value: object = 100, row: int = 2) -> bytes:
    made = load_workbook(BytesIO(book({SHEET: changed(INCOME, row, "经营收入", value)})))
    made[SHEET][f"D{row}"].number_format = form
    return content(made)


def with_cell(place: str, value: object) -> bytes:
    made = load_workbook(BytesIO(book({SHEET: INCOME})))
    made[SHEET][place] = value
    return content(made)


@pytest.mark.parametrize("note", ["元", "千元", "单位:元", "亿元", "万元/元", "%"])
def test_a_head_with_another_unit(county: Store, settings: Settings, note: str) -> None:
    """100 under 经营收入(元) is not 100 万元."""
    written = with_heads(lambda head: f"{head}({note})" if head == "经营收入" else head)
    assert refused(county, settings, (FILE, written)) == [
        f"{AT}第1行D列“经营收入”:表头注明“{note}”,本列的计量单位是万元;"
        "请按万元填写,并把表头改为“经营收入”"
    ]


@pytest.mark.parametrize("note", ["万元", "单位:万元", "万元,累计", "累计"])
def test_a_head_with_the_same_unit(sqlite_store: Store, settings: Settings, note: str) -> None:
    load_units(sqlite_store, settings)
    written = with_heads(lambda head: f"{head}({note})*" if head.endswith("收入") else head)
    importer.import_files(sqlite_store, settings, [(FILE, written)], "测试")
    assert incomes(sqlite_store)[VILLAGES[0]][0] == 100_000_000


def test_a_line_above_the_heads_gives_the_unit_of_the_table(
    sqlite_store: Store, settings: Settings
) -> None:
    load_units(sqlite_store, settings)
    for caption, is_refused in (("单位:元", True), ("单位:万元", False), ("填报单位:甲镇", False)):
        written = book({SHEET: [["2016年第三季度", None, caption], *INCOME]})
        if is_refused:
            assert refused(sqlite_store, settings, (FILE, written)) == [
                f"{AT}第1行:表头上方注明单位“元”,本表的金额单位为万元;请按本表的单位填写并改正说明"
            ]
        else:
            importer.import_files(sqlite_store, settings, [(FILE, written)], "测试")


def test_a_head_of_figures_in_many_units_names_none(county: Store, settings: Settings) -> None:
    rows = [("年度", "季度", "指标代码", "单位代码", "数值(元)"), (2016, 3, "V09B", TOWN, 12)]
    (sentence,) = refused(county, settings, (FILE, book({"指标填报": rows})))
    assert "第1行E列“数值”:表头注明“元”,本列的计量单位随指标或对象而定" in sentence


MEND = "看到的不是所填的数;请改为普通数字格式并核对"
SMALLER = f"单元格格式把数字缩小后显示(以千、万等为单位),{MEND}"
ADDED = f"单元格格式在显示的数字中加了小数点或数字,{MEND}"
FORMATS = {
    "0!.0,": SMALLER,  # The habit for yuan shown as 万元.
    "#,##0,": SMALLER,
    "0.0,": SMALLER,
    "0.00,,": SMALLER,
    "[>=10]0.0,;0": SMALLER,
    r"0\.0000": ADDED,
    '0"0000"': ADDED,
    ";;;": f"单元格格式不显示数字,{MEND}",
    "# ?/?": f"单元格格式把数字显示成分数,{MEND}",
    "0%": "单元格是百分比格式,本列不是百分数;请改为数字格式并核对数值",
    '0"元"': "单元格格式显示“元”,本列单位为万元;请核对后改为数字格式",
}


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_that_shows_another_number(county: Store, settings: Settings, form: str) -> None:
    assert refused(county, settings, (FILE, with_format(form))) == [
        f"{AT}第2行D列“经营收入”:值“100”,{FORMATS[form]}"
    ]


@pytest.mark.parametrize(
    "form",
    ["#,##0.00", "0.0_ ", '0.00"万元"', "[>=1000]0.0,;0.00", '_ * #,##0.00_ ;_ * "-"??_ ', "¥0"],
)
def test_a_format_that_shows_the_number(sqlite_store: Store, settings: Settings, form: str) -> None:
    load_units(sqlite_store, settings)
    importer.import_files(sqlite_store, settings, [(FILE, with_format(form))], "测试")
    assert incomes(sqlite_store)[VILLAGES[0]][0] == 100_000_000


def test_a_percentage_sign_that_is_only_text(sqlite_store: Store, settings: Settings) -> None:
    """95 shown as 95% by a format that adds the sign is 95%, not 9500%."""
    load_units(sqlite_store, settings)
    heads = ("项目编号", "名称", "类别", "单位代码", "总投资", "已完成投资", "进度", "状态")
    row = ("X1", "测试项目", "产业", TOWN, 10, 5, 95, "在建")
    made = load_workbook(BytesIO(book({"项目": [heads, row]})))
    made["项目"]["G2"].number_format = '0"%"'
    importer.import_files(sqlite_store, settings, [(FILE, content(made))], "测试")
    assert everything(sqlite_store)["project"][0].count("950000") == 1


def test_data_under_no_head(county: Store, settings: Settings) -> None:
    made = load_workbook(BytesIO(book({SHEET: INCOME})))
    made[SHEET]["L3"] = 12.5
    made[SHEET]["N2"] = "核对"
    message = "这一列没有表头,却有内容;请补上列名,或清空这一列"
    assert refused(county, settings, (FILE, content(made))) == [
        f"{AT}第2行N列:{message}",
        f"{AT}第3行L列:{message}",
    ]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("XFD1048576", "第1048576行XFD列:这一列没有表头"),
        ("D1048576", "第1048576行C列“村代码”:没有填写"),
    ],
)
def test_a_stray_cell_in_the_last_corner(
    sqlite_store: Store, settings: Settings, tmp_path: Path, place: str, said: str
) -> None:
    """17 thousand million cells lie before it: only those that are there are looked at."""
    load_units(sqlite_store, settings)
    path = tmp_path / FILE
    path.write_bytes(with_cell(place, 2016))
    tracemalloc.start()
    with pytest.raises(ImportRefused) as refusal:
        importer.import_files(sqlite_store, settings, [path], "测试")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert said in str(refusal.value)
    assert peak < 50_000_000
    assert load_workbook(refusal.value.marked_copies[0])[SHEET][place].value == 2016


def test_a_merge_over_a_whole_sheet(county: Store, settings: Settings) -> None:
    """The library would make a cell for each of its places."""
    (sentence,) = refused(county, settings, (FILE, merged("A4:XFD1048576")))
    assert sentence == f"文件“{FILE}”:工作表中合并的单元格或链接的范围过大,请取消后再导入"


def merged(span: str) -> bytes:
    """A workbook with this merge, written into the XML: openpyxl would not end making it."""
    made = load_workbook(BytesIO(book({SHEET: INCOME})))
    made[SHEET].merge_cells("A20:B20")
    return repacked(content(made), b'"A20:B20"', f'"{span}"'.encode())


def repacked(workbook: bytes, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(BytesIO(workbook)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(old, new))
    return out.getvalue()


OBSERVED = ("年度", "季度", "指标代码", "单位代码", "数值")
HOUSEHOLD = ("农户编号", "村代码", "人口数", "劳动力数", "类别", "致贫原因", "识别日期")
DIFFER = "相同,只差大小写、全半角或空格"


def household(number: str) -> tuple[object, ...]:
    return (number, VILLAGES[0], 3, 1, "一般户", "因病", "2016-03-01")


@pytest.mark.parametrize(
    ("second", "how"),
    [("h-001", DIFFER), ("h-001", DIFFER), ("H-001", "相同"), (" H-001 ", "相同")],
)
def test_keys_that_a_person_reads_as_one(
    county: Store, settings: Settings, second: str, how: str
) -> None:
    """Full-width letters and blanks are read as the plain number, other letters are not."""
    rows = [HOUSEHOLD, household("H-001"), household(second)]
    assert refused(county, settings, (FILE, book({"低收入农户": rows}))) == [
        f"文件“{FILE}”工作表“低收入农户”第3行:与第2行重复(农户编号{how})"
    ]


@pytest.mark.parametrize("second", ["v09b", "V09B", "V09B "])
def test_an_indicator_twice_in_other_letters(
    county: Store, settings: Settings, second: str
) -> None:
    rows = [OBSERVED, (2016, 3, "V09B", TOWN, 12), (2016, 3, second, TOWN, 13)]
    (sentence,) = refused(county, settings, (FILE, book({"指标填报": rows})))
    assert "第3行:与第2行重复(年度、季度、指标代码、单位代码相同" in sentence


def bomb() -> bytes:
    """Small as a file, enormous when unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 30_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (bomb, "文件展开后过大,请拆分后分别导入"),
        (lambda: b"\0" * (50 * 1024 * 1024 + 1), "文件超过50兆字节,请拆分后分别导入"),
        (lambda: merged("A4:XFD1048576"), "范围过大"),
    ],
    ids=["a bomb", "too many bytes", "a merge over everything"],
)
def test_what_was_not_opened_is_not_opened_for_the_marked_copy(
    sqlite_store: Store,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    written: Callable[[], bytes],
    said: str,
) -> None:
    load_units(sqlite_store, settings)
    path = tmp_path / FILE
    path.write_bytes(written())

    def must_not(*_: object, **__: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(marked, "load_workbook", must_not)
    monkeypatch.setattr(workbooks, "load_workbook", must_not)
    with pytest.raises(ImportRefused, match=said) as refusal:
        importer.import_files(sqlite_store, settings, [path], "测试")
    assert refusal.value.marked_copies == []


def observed(*rows: Sequence[object]) -> bytes:
    return book({"指标填报": [OBSERVED, *rows]})


def test_a_part_above_its_whole(store: Store, settings: Settings) -> None:
    load_units(store, settings)
    both = observed((2016, 3, "V09A", TOWN, 13), (2016, 3, "V09B", TOWN, 12))
    assert refused(store, settings, (FILE, both)) == [
        f"文件“{FILE}”工作表“指标填报”第2行E列“数值”:值“13”,"
        "已到位第一书记的经济一般村数不应大于2016年第三季度的应选派第一书记的经济一般村数(12)"
    ]
    whole = observed((2016, 3, "V09A", TOWN, 12), (2016, 3, "V09B", TOWN, 12))
    importer.import_files(store, settings, [(FILE, whole)], "测试")
    # The other part is in the store already.
    assert refused(store, settings, (FILE, observed((2016, 3, "V09B", TOWN, 11)))) == [
        f"文件“{FILE}”工作表“指标填报”第2行E列“数值”:值“11”,"
        "应选派第一书记的经济一般村数不应小于2016年第三季度的已到位第一书记的经济一般村数(12)"
    ]


def test_a_whole_told_in_an_earlier_quarter_bounds_its_part(
    sqlite_store: Store, settings: Settings
) -> None:
    """H02B holds until it is told anew (keep_last); V09B is told every quarter."""
    load_units(sqlite_store, settings)
    first = observed((2016, 1, "H02B", TOWN, 100), (2016, 1, "V09B", TOWN, 5))
    importer.import_files(sqlite_store, settings, [(FILE, first)], "测试")
    importer.import_files(
        sqlite_store, settings, [(FILE, observed((2016, 2, "V09A", TOWN, 6)))], "测试"
    )
    (sentence,) = refused(sqlite_store, settings, (FILE, observed((2016, 2, "H02A", TOWN, 101))))
    assert sentence.endswith("已建档立卡户数不应大于2016年第一季度的应建档立卡户数(100)")
