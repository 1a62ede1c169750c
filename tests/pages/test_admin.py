"""The desk by role: what each may do there, from a file to the figures and back."""

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from dashboard.components import downloads
from dashboard.components.downloads import File
from dashboard.data import accounts, audit, schema, uploads
from dashboard.data.store import Store
from dashboard.policy.access import Role, Viewer
from dashboard.settings import Settings
from tests.data.ingest.books import INCOME, TOWN, UNITS, book, changed, load_units

from .conftest import ROOT, OpenPage, words

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GOOD = book({"村集体收入": INCOME})


@pytest.fixture
def filled(sqlite_store: Store, settings: Settings) -> Store:
    load_units(sqlite_store, settings)
    return sqlite_store


def count(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(schema.village_income)) or 0)


def part(app: AppTest, name: str) -> None:
    app.segmented_control(key="admin_part").set_value(name).run()
    assert not app.exception


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception


def give(app: AppTest, name: str, content: bytes) -> None:
    app.file_uploader[0].set_value([(name, content, XLSX)])
    app.run()
    assert not app.exception


@pytest.mark.parametrize("role", [Role.LEADER, Role.DEPARTMENT])
def test_others_have_no_desk(role: Role, filled: Store, open_page: OpenPage) -> None:
    app = open_page(filled, "admin", role, ROOT)
    assert not app.exception
    assert "只供扶贫办和镇(街道)使用" in words(app)
    assert not app.file_uploader


def test_the_office_looks_before_it_imports_and_takes_back(
    filled: Store, open_page: OpenPage
) -> None:
    app = open_page(filled, "admin", Role.OFFICE, ROOT)
    give(app, "收入.xlsx", GOOD)
    assert "检查通过" in words(app)
    assert count(filled) == 0, "looked at only"
    press(app, "导入1份文件")
    assert count(filled) == 2
    assert "新增2行" in words(app)
    give(app, "收入.xlsx", book({"村集体收入": changed(INCOME, 2, "经营收入", 101)}))
    assert "将被更改的数(1处)" in str(app)
    [change] = app.dataframe[-1].value.to_dict("records")
    assert change == {
        "工作表": "村集体收入",
        "哪一行": "测试一村 2016年第三季度",
        "列": "经营收入",
        "原数": "100.00万元",
        "新数": "101.00万元",
    }

    part(app, "导入记录")
    assert "收入.xlsx" in str(app.dataframe[0].value)


def test_a_broken_file_is_refused_whole_and_handed_back_marked(
    filled: Store, open_page: OpenPage
) -> None:
    app = open_page(filled, "admin", Role.OFFICE, ROOT)
    give(app, "收入.xlsx", book({"村集体收入": changed(INCOME, 2, "经营收入", "约12")}))
    assert "共1处错误" in words(app)
    assert "约12" in str(app.dataframe[0].value)
    assert [b for b in app.get("download_button") if "标出错误" in b.label]
    assert not [b for b in app.button if b.label.startswith("导入")]
    assert count(filled) == 0


def test_the_first_file_into_an_empty_store(sqlite_store: Store, open_page: OpenPage) -> None:
    app = open_page(sqlite_store, "admin", Role.OFFICE, ROOT)
    give(app, "单位.xlsx", book({"单位": UNITS}))
    press(app, "导入1份文件")
    assert "测试区" in words(app)


def test_a_towns_file_waits_and_is_approved(
    filled: Store, settings: Settings, open_page: OpenPage
) -> None:
    app = open_page(filled, "admin", Role.TOWN, TOWN)
    give(app, "甲镇.xlsx", GOOD)
    press(app, "上报")
    assert "等待扶贫办审核" in words(app)
    assert count(filled) == 0
    part(app, "我的上报")
    assert "甲镇.xlsx" in words(app)
    assert [b.label for b in app.button if b.label in ("撤回", "通过并导入")] == ["撤回"]

    app = open_page(filled, "admin", Role.OFFICE, ROOT)
    part(app, "待审文件")
    press(app, "退回")
    assert "写明原因" in words(app)
    press(app, "通过并导入")
    assert count(filled) == 2
    [one] = uploads.listing(filled, Viewer("office", Role.OFFICE, ROOT))
    assert one.status == uploads.APPROVED


def test_a_town_sees_what_was_sent_back_to_it(filled: Store, open_page: OpenPage) -> None:
    app = open_page(filled, "admin", Role.TOWN, TOWN, period="2016Q3")
    part(app, "填报进度")
    assert "逾期未报" in str(app.dataframe[0].value)
    assert "测试乙镇" not in str(app.dataframe[0].value)


def test_accounts_are_made_and_reset_by_the_office(filled: Store, open_page: OpenPage) -> None:
    app = open_page(filled, "admin", Role.OFFICE, ROOT)
    part(app, "账号")
    app.text_input[0].set_value("wang")
    press(app, "新增")
    assert "已新增账号 wang" in words(app)
    made = accounts.find(filled, ROOT, "wang")
    assert made is not None
    assert made.must_change
    app.text_input[0].set_value("Wang!")
    press(app, "新增")
    assert "用户名应为" in words(app)
    part(app, "操作日志")
    assert "新增账号" in list(app.dataframe[0].value["事项"])


def test_the_trail_leaves_as_a_file_and_that_is_noted(
    filled: Store, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[File] = []
    monkeypatch.setattr(downloads, "bar", lambda _store, _viewer, *files: offered.extend(files))
    app = open_page(filled, "admin", Role.OFFICE, ROOT)
    part(app, "操作日志")
    assert not app.exception
    [file] = [one for one in offered if "操作日志" in one.name]
    viewer = Viewer("office", Role.OFFICE, ROOT, origin="10.1.2.3")
    said = downloads.noted(filled, viewer, file).decode("utf-8-sig").splitlines()
    assert said[0] == "时间,用户名,来自,事项,详情"
    assert any("登录" in line and "test-office" in line for line in said[1:])
    with filled.reading() as connection:
        trail = connection.execute(
            select(schema.audit_event).where(schema.audit_event.c.action == audit.EXPORTED)
        ).all()
    assert [(row.username, row.origin, row.detail) for row in trail] == [
        ("office", "10.1.2.3", {"file": file.name})
    ]
