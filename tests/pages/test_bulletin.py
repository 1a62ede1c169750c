"""The bulletin's page by role: drafts, publishing by the office alone, what differs since."""

import time

import pytest
from sqlalchemy import select, text, update
from streamlit.testing.v1 import AppTest

from dashboard.briefing import issues
from dashboard.briefing.content import Kind
from dashboard.briefing.render import FORMATS
from dashboard.data import bulletins, demo, rollup, units
from dashboard.data.schema import unit, village_income
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

from .conftest import ROOT, OpenPage, words

TOWN = "320412104"
NOW = "2017Q2"


@pytest.fixture
def own_store(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store of its own: publishing cannot be undone."""
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('bulletin')}/demo.db")
    demo.fill(store, settings, villages=16, households=40)
    return store


def laid_out(app: AppTest) -> None:
    """Wait for the pictures, which are set beside the page, as a browser waits."""
    for _ in range(PATIENCE):
        if app.get("image"):
            return
        time.sleep(0.1)
        app.run()


PATIENCE = 300


@pytest.mark.parametrize(
    ("role", "own"), [(Role.LEADER, ROOT), (Role.DEPARTMENT, ROOT), (Role.TOWN, TOWN)]
)
def test_others_see_the_draft_and_cannot_publish(
    role: Role, own: str, demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "bulletin", role, own, period=NOW)
    assert not app.exception
    laid_out(app)
    assert app.get("image"), "the pages as pictures"
    assert "正在排版" not in words(app)
    assert len(app.get("download_button")) == len(FORMATS)
    assert not [button for button in app.button if "通报" in button.label]


def press(app: AppTest, word: str) -> None:
    next(button for button in app.button if button.label == f"{word}本季度通报").click()
    app.run()


def test_the_office_publishes_and_what_moves_is_listed(
    own_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    app = open_page(own_store, "bulletin", Role.OFFICE, ROOT, period=NOW)
    press(app, "发布")
    assert "请先核对" in words(app), "not without having looked"
    office = Viewer("office", Role.OFFICE, ROOT)
    assert bulletins.of(own_store, office, ROOT, Period.parse(NOW)) == []

    app.checkbox[0].check()
    press(app, "发布")
    assert not app.exception
    (issue,) = bulletins.of(own_store, office, ROOT, Period.parse(NOW))
    assert issue.published_by.startswith("test-office")
    assert "没有变动" in words(app)
    assert "内容与发布时一致" in words(app)
    assert not app.checkbox, "nothing to correct"
    assert f"〕{issue.number}号" in str(app.selectbox(key=f"issue_{ROOT}_{NOW}_BULLETIN_2").value)

    with own_store.writing() as connection:
        connection.execute(
            update(village_income)
            .where(village_income.c.period == NOW)
            .values(operating_fen=village_income.c.operating_fen + 100_000_000)
        )
    rollup.rebuild(own_store, settings)
    app.run()
    assert "个数已经变动" in words(app)
    app.checkbox[0].check()
    press(app, "更正")
    assert not app.exception
    first, second = bulletins.of(own_store, office, ROOT, Period.parse(NOW))
    assert (first.edition, second.corrects) == (1, 1)
    assert bulletins.verify(own_store, ROOT) == []


def test_an_empty_quarter_says_so(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "bulletin", Role.LEADER, ROOT, period="2015Q1")
    assert not app.exception
    assert "尚无填报数据" in words(app)


def test_an_empty_store(sqlite_store: Store, open_page: OpenPage) -> None:
    app = open_page(sqlite_store, "bulletin", Role.OFFICE, ROOT)
    assert not app.exception
    assert "还没有任何数据" in words(app)


def test_a_town_reads_the_districts_and_a_village_has_none(
    own_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    office = Viewer("office", Role.OFFICE, ROOT)
    focus = units.focus(own_store, office, ROOT, Period.parse(NOW))
    issues.publish(own_store, office, focus, settings, Kind.CASES)
    app = open_page(own_store, "bulletin", Role.TOWN, TOWN, period=NOW)
    assert not app.exception
    names = app.selectbox(key=f"issue_{TOWN}_{NOW}_BULLETIN_2").options
    assert [name for name in names if name.endswith("(武进区)")]
    with own_store.reading() as connection:
        village = connection.scalar(
            select(unit.c.code).where(unit.c.parent_code == TOWN).order_by(unit.c.code)
        )
    app = open_page(own_store, "bulletin", Role.TOWN, TOWN, unit=str(village), period=NOW)
    assert not app.exception
    assert "没有通报" in words(app)


def test_both_kinds_of_a_quarter_are_published(own_store: Store, open_page: OpenPage) -> None:
    app = open_page(own_store, "bulletin", Role.OFFICE, ROOT, period=NOW)
    app.checkbox[0].check()
    press(app, "发布")
    app.segmented_control(key="bulletin_kind").set_value(Kind.CASES).run()
    assert not app.exception
    app.checkbox[0].check()
    next(button for button in app.button if button.label == "发布本季度讲评").click()
    app.run()
    assert not app.exception
    office = Viewer("office", Role.OFFICE, ROOT)
    kept = bulletins.of(own_store, office, ROOT, Period.parse(NOW))
    assert [(issue.kind, issue.number) for issue in kept] == [("情况通报", 1), ("实例讲评", 2)]


def test_what_was_tampered_with_is_said(own_store: Store, open_page: OpenPage) -> None:
    app = open_page(own_store, "bulletin", Role.OFFICE, ROOT, period=NOW)
    app.checkbox[0].check()
    press(app, "发布")
    with own_store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER bulletin_no_update"))
        connection.execute(text("UPDATE bulletin SET content = replace(content, '综合', '总合')"))
    app.run()
    assert not app.exception
    assert "可能被改动" in words(app)
