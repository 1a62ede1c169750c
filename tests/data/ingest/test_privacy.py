"""Personal data: the whole file is refused, and what was in it is nowhere to be found."""

import logging
from pathlib import Path

import pytest

from dashboard.data.ingest import importer
from dashboard.data.ingest.problems import ImportRefused
from dashboard.data.store import Store
from dashboard.settings import Settings
from tests.data.ingest.books import TOWN, VILLAGES, book, everything, load_units

HEADS = ("农户编号", "村代码", "人口数", "劳动力数", "类别", "致贫原因", "识别日期")
# Nobody's: a made-up number whose last digit is the check digit that the standard asks for.
IDENTITY = "320412190001010019"
MOBILE = "13800000000"


def household(number: str = "H001", **more: object) -> tuple[object, ...]:
    return (number, VILLAGES[0], 3, 1, "一般户", "因病", "2016-03-01", *more.values())


FILES = {
    "a column of names by its head": ([(*HEADS, "户主姓名"), household(name="某甲")], "某甲"),
    "a column of phones by its head": ([(*HEADS, "联系电话"), household(phone="x")], "联系电话x"),
    "an identity number for a household's number": ([HEADS, household(IDENTITY)], IDENTITY),
    "a phone number in a column that says nothing": (
        [(*HEADS, "备注"), household(note=MOBILE)],
        MOBILE,
    ),
    "a phone number typed as a number": (
        [(*HEADS, "备注"), household(note=int(MOBILE))],
        MOBILE,
    ),
    "names for numbers": (
        # Made-up words that have the shape of names: a common surname and one or two characters.
        [HEADS, household("张测甲"), household("李测乙"), household("王测丙")],
        "李测乙",
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_refused_outright_and_kept_nowhere(
    sqlite_store: Store,
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    load_units(sqlite_store, settings)
    before = everything(sqlite_store)
    rows, secret = FILES[kind]
    path = tmp_path / "农户.xlsx"
    path.write_bytes(book({"低收入农户": rows}))
    files_before = set(tmp_path.iterdir())
    with caplog.at_level(logging.DEBUG), pytest.raises(ImportRefused) as refused:
        importer.import_files(sqlite_store, settings, [path], "测试")
    assert "拒收" in str(refused.value)
    assert secret not in str(refused.value)
    assert secret not in caplog.text
    assert refused.value.marked_copies == []
    assert {p for p in tmp_path.iterdir() if p.suffix == ".xlsx"} == {
        p for p in files_before if p.suffix == ".xlsx"
    }
    assert everything(sqlite_store) == before


def test_posts_and_pseudonymous_numbers_are_no_names(
    sqlite_store: Store, settings: Settings
) -> None:
    """Words of offices begin with surnames too (常务, 文书): they must get through."""
    load_units(sqlite_store, settings)
    pairs = [
        ("结对类型", "帮扶单位", "帮扶人职务", "对象类型", "对象编号", "开始日期", "结束日期"),
        ("部门挂钩", "区教育局", "副局长", "村", VILLAGES[0], "2016-04-01", None),
        ("第一书记", "区财政局", "第一书记", "村", VILLAGES[0], "2016-04-01", None),
        ("企业", "某某公司", "常务委员", "村", VILLAGES[1], "2016-04-01", None),
    ]
    files = [
        ("a.xlsx", book({"低收入农户": [HEADS, household("H320412101-00001")]})),
        ("b.xlsx", book({"结对": pairs})),
    ]
    result = importer.import_files(sqlite_store, settings, files, "测试", scope_unit=TOWN)
    assert [applied.batch_id is None for _, applied in result.applied] == [False, False]
