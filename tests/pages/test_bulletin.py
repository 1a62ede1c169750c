"""The bulletin's page by role: drafts, publishing by the office alone, what differs since."""

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from dashboard.briefing import render
from dashboard.data import bulletins, demo, rollup
from dashboard.data.schema import village_income
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


@pytest.mark.parametrize(
    ("role", "own"), [(Role.LEADER, ROOT), (Role.DEPARTMENT, ROOT), (Role.TOWN, TOWN)]
)
def test_others_see_the_draft_and_cannot_publish(
    role: Role, own: str, demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "bulletin", role, own, period=NOW)
    assert not app.exception
    assert app.get("image"), "the pages as pictures"
    assert len(app.get("download_button")) == len(render.FORMATS)
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
    assert f"〕{issue.number}号" in str(app.selectbox(key=f"issue_{ROOT}_{NOW}_2").value)

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
