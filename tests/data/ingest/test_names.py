"""Names and personal numbers under harmless heads. All of them are made up."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.data.ingest import importer
from dashboard.data.ingest.personal import any_personal_number, is_name, is_personal_number
from dashboard.data.ingest.problems import ImportRefused, Problem
from dashboard.data.store import Store
from dashboard.settings import Settings
from tests.data.ingest.books import INCOME, TOWN, VILLAGES, book, changed, everything, load_units
from tests.data.ingest.test_privacy import HEADS, IDENTITY, MOBILE, household

TASK = ("任务编号", "单位代码", "落实类别", "内容", "责任人", "完成月份")
TARGET = ("年度", "指标代码", "单位代码", "目标值", "责任人")
NAMES = ("张测甲", "李测乙", "欧阳测丙")


def tasks(*posts: str) -> list[Sequence[object]]:
    rows = [(f"R{i}", TOWN, "责任落实", "测试", post, "2016-09") for i, post in enumerate(posts)]
    return [TASK, *rows]


def noted(*notes: object) -> list[Sequence[object]]:
    return [(*HEADS, "备注"), *(household(f"H{i}", note=note) for i, note in enumerate(notes))]


FILES: dict[str, tuple[str, list[Sequence[object]], str]] = {
    "names under 备注": ("低收入农户", noted(*NAMES), "李测乙"),
    "one name under 备注": ("低收入农户", noted("张测甲"), "张测甲"),
    "a name of two characters, set apart": ("低收入农户", noted("张 测"), "张 测"),
    "several names in a cell": ("低收入农户", noted("张测甲、李测乙"), "李测乙"),
    "a name and what he is": ("低收入农户", noted("张测甲(已脱贫)"), "张测甲"),
    "names under no head": (
        "低收入农户",
        [HEADS, *((*household(f"H{i}"), None, name) for i, name in enumerate(NAMES))],
        "李测乙",
    ),
    "names under 类别": (
        "低收入农户",
        [
            HEADS,
            *((f"H{i}", VILLAGES[0], 3, 1, n, "因病", "2016-03-01") for i, n in enumerate(NAMES)),
        ],
        "李测乙",
    ),
    "a head that asks for a person": (
        "低收入农户",
        [(*HEADS, "经办人"), household("H1", by="测某某")],
        "测某某",
    ),
    "one name for a post in 任务": ("任务", tasks("镇长", "张测甲", "副镇长"), "张测甲"),
    "one name for a post in 目标": (
        "目标",
        [TARGET, (2016, "V08", TOWN, 3, "李测乙")],
        "李测乙",
    ),
    "one name for a household": ("低收入农户", [HEADS, household("李测乙")], "李测乙"),
    "names on a sheet that is not ours": ("花名册", [("序号", "甲"), *enumerate(NAMES)], "李测乙"),
    "an identity number as a number": ("低收入农户", noted(int(IDENTITY)), IDENTITY[:12]),
    "an identity number that the sheet rounded": (
        "低收入农户",
        noted(float(IDENTITY[:15] + "000")),
        IDENTITY[:12],
    ),
    "an identity number of 15 digits": ("低收入农户", noted(320412_010101_001), "32041201"),
    "an identity number set apart": ("低收入农户", noted("320412 19000101 0019"), "19000101"),
    "a phone as a float": ("低收入农户", noted(float(MOBILE)), MOBILE),
    "a phone set apart": ("低收入农户", noted("138-0000-0000"), "138-0000"),
    "a phone of a house": ("低收入农户", noted("0519-80000000"), "80000000"),
    "a name in the title": (
        "低收入农户",
        [("联系人:张测甲",), HEADS, household("H1")],
        "张测甲",
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_refused_and_said_nowhere(
    sqlite_store: Store, settings: Settings, tmp_path: Path, kind: str
) -> None:
    load_units(sqlite_store, settings)
    before = everything(sqlite_store)
    sheet, rows, secret = FILES[kind]
    path = tmp_path / "a.xlsx"
    path.write_bytes(book({sheet: rows, "村集体收入": INCOME}))
    with pytest.raises(ImportRefused) as refused:
        importer.import_files(sqlite_store, settings, [path], "测试")
    assert all("整个文件拒收,未保存任何内容" in p.message for p in refused.value.problems)
    assert secret not in str(refused.value)
    assert refused.value.marked_copies == []
    assert [p.name for p in tmp_path.glob("*.xlsx")] == ["a.xlsx"]
    assert everything(sqlite_store) == before


def test_a_csv_file_that_a_sheet_wrote(sqlite_store: Store, settings: Settings) -> None:
    """Saved as CSV, a long number has become 3.20412E+17."""
    load_units(sqlite_store, settings)
    line = f"3.20412E+17,{VILLAGES[0]},3,1,一般户,因病,2016-03-01"
    file = ("低收入农户.csv", "\n".join([",".join(HEADS), line]).encode())
    with pytest.raises(ImportRefused, match="像身份证号") as refused:
        importer.import_files(sqlite_store, settings, [file], "测试")
    assert "3.20412E" not in str(refused.value)


def test_posts_get_through(sqlite_store: Store, settings: Settings) -> None:
    load_units(sqlite_store, settings)
    posts = (
        "镇长",
        "常务副镇长",
        "党委书记",
        "文书",
        "常委",
        "农办主任",
        "会计",
        "安监员",
        "武装部长",
    )
    posts += ("高级农艺师", "包村干部", "第一书记", "宣传委员", "人大主席", "金融办主任", "常务")
    files = [("a.xlsx", book({"任务": tasks(*posts)}))]
    importer.import_files(sqlite_store, settings, files, "测试")
    assert len(everything(sqlite_store)["task"]) == len(posts)


def test_a_bad_cell_that_may_be_a_name_is_not_repeated(
    sqlite_store: Store, settings: Settings, tmp_path: Path
) -> None:
    """One name where a number belongs is no column of names: the sentence leaves it out."""
    load_units(sqlite_store, settings)
    path = tmp_path / "a.xlsx"
    path.write_bytes(book({"村集体收入": changed(INCOME, 2, "经营收入", "张测甲")}))
    with pytest.raises(ImportRefused) as refused:
        importer.import_files(sqlite_store, settings, [path], "测试")
    assert str(refused.value).endswith("第2行D列“经营收入”:值“(从略)”,应为数字,不带文字和单位")


@given(st.integers(0, 10**13), st.integers(0, 6))
def test_amounts_are_no_personal_numbers(whole: int, places: int) -> None:
    """Only a mobile's 11 digits look like a phone; amounts have at most 12 digits."""
    value = whole / 10**places
    is_mobile = places == 0 and len(str(whole)) == 11 and str(whole)[0] == "1"
    assert is_mobile or not is_personal_number(value) or str(value)[1] in "3456789"


SHAPES = [
    st.from_regex(shape, fullmatch=True)
    for shape in (
        r"(\+?86[ -]?)?1[3-9]\d{9}",
        r"\(0\d{2,3}\)\d{7,8}|0\d{2,3}-\d{7}",
        r"3\.[2-7]\d{1,3}[Ee]\+1[47]",
        r"[1-9]\d{5}(19|20)?\d{2}(0[1-9]|1[0-2])[0-2]\d{4}[\dX]?",
        r"[0-9+().Ee½①㏠-]{0,12}",
    )
]


@given(st.lists(st.one_of(SHAPES), max_size=3))
def test_a_column_holds_a_personal_number_where_one_of_its_texts_is_one(texts: list[str]) -> None:
    """What is left out beforehand, for speed, would never be one."""
    assert any_personal_number(texts) == any(map(is_personal_number, texts))


@pytest.mark.parametrize(
    "code",
    [
        "320412101201",
        "H320412101-00001",
        "2016-0301-1234567",
        "320412-101-0001",
        "武发〔2016〕68号",
    ],
)
def test_codes_are_no_personal_numbers(code: str) -> None:
    assert not is_personal_number(code)


@pytest.mark.parametrize(
    "word",
    [
        "成章村",
        "周桥村",
        "江苏银行",
        "施工中",
        "因病",
        "一般户",
        "常州市",
        "高效农业项目",
        "",
        None,
        3,
    ],
)
def test_places_and_kinds_are_no_names(word: object) -> None:
    assert not is_name(word)


def test_a_sentence_never_quotes_a_person() -> None:
    for value in ("张测甲", IDENTITY, int(IDENTITY), MOBILE, float(MOBILE)):
        sentence = Problem("a.xlsx", "应为数字", "表", 2, "D", "列", value).sentence
        assert sentence == "文件“a.xlsx”工作表“表”第2行D列“列”:值“(从略)”,应为数字"
