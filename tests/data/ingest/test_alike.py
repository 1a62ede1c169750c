"""A number that is in the store already, written in another way, is no second one."""

import pytest
from sqlalchemy import select

from dashboard.data import schema
from dashboard.data.ingest import importer
from dashboard.data.ingest.problems import ImportRefused
from dashboard.data.store import Store
from dashboard.settings import Settings
from tests.data.ingest.books import VILLAGES, book, load_units

HEADS = ["农户编号", "村代码", "人口数", "劳动力数", "类别", "致贫原因", "识别日期"]


def households(*numbers: str) -> bytes:
    village = next(iter(VILLAGES))
    rows = [[one, village, 3, 1, "一般农户", "因病", "2016-03-21"] for one in numbers]
    return book({"低收入农户": [HEADS, *rows]})


def numbers(store: Store) -> list[str]:
    with store.reading() as connection:
        return sorted(connection.scalars(select(schema.household.c.number)))


@pytest.fixture
def filled(store: Store, settings: Settings) -> Store:
    load_units(store, settings)
    importer.import_files(store, settings, [("一.xlsx", households("H001", "H002"))], "测试")
    return store


@pytest.mark.parametrize(
    ("number", "stored"),
    [("h001", "H001"), ("Ｈ００１", "H001"), ("h002", "H002")],
)
def test_it_is_refused_and_named(
    number: str, stored: str, filled: Store, settings: Settings
) -> None:
    if number == "Ｈ００１":  # read as H001: the same household, not another
        importer.import_files(filled, settings, [("二.xlsx", households(number))], "测试")
    else:
        with pytest.raises(ImportRefused) as refusal:
            importer.import_files(filled, settings, [("二.xlsx", households(number))], "测试")
        [problem] = refusal.value.problems
        assert problem.sentence == (
            f"文件“二.xlsx”工作表“低收入农户”第2行A列“农户编号”:值“{number}”,"
            f"库中已有“{stored}”,只差大小写;是同一个,请照库中的写法填写"
        )
    assert numbers(filled) == ["H001", "H002"]


def test_the_same_and_others_are_taken(filled: Store, settings: Settings) -> None:
    importer.import_files(filled, settings, [("二.xlsx", households("H001", "H003"))], "测试")
    assert numbers(filled) == ["H001", "H002", "H003"]
