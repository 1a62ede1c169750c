"""`?asof=2016-10-12`: every page as known at the end of that day, read only, and the way back."""

import io
from datetime import datetime, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.app import _PAGES
from dashboard.briefing import issues
from dashboard.briefing.script import marks
from dashboard.components import as_of
from dashboard.components.decomposition import export
from dashboard.components.decomposition.table import describe
from dashboard.components.downloads import file_name
from dashboard.components.scene import Scene
from dashboard.data import past, schema, units
from dashboard.data.queries import progress
from dashboard.data.store import Store
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import CHINA_TIME, Period
from dashboard.settings import Settings

from .conftest import ROOT, OpenPage, words

# Most towns' workbooks of the third quarter have come, the corrections of it have not.
DAY = "2016-10-12"
SAID = "截至2016年10月12日的数据"
TOWN = "320412104"
PATHS = [path for path, *_ in _PAGES if path != "help"]


def shown(app: AppTest) -> str:
    return words(app) + "".join(str(badge.value) for badge in app.get("badge"))


def told(app: AppTest, name: str) -> str:
    """A part of the address; "" where it is absent."""
    value = app.query_params.get(name, "")
    return value[-1] if isinstance(value, list) else str(value)


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


@pytest.mark.parametrize("path", PATHS)
def test_every_page_says_the_day_and_offers_the_way_back(
    demo_store: Store, open_page: OpenPage, path: str
) -> None:
    app = open_page(demo_store, path, Role.OFFICE, unit=ROOT, period="2016Q3", asof=DAY)
    assert not app.exception
    assert SAID in shown(app)
    assert app.button(key="asof_today").label == "回到今天"
    if path == "admin":
        assert "只能看,不能更改" in words(app)
        assert not app.get("file_uploader")


def test_the_figures_are_those_of_the_day(
    demo_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    """The tiles against the summary of a store that is put together by itself."""
    then = past.store_of(demo_store, settings, ROOT, datetime(2016, 10, 12).date())
    table = schema.summary
    asked = select(table.c.value, table.c.reported).where(
        table.c.unit_code == ROOT, table.c.indicator_code == "V04", table.c.period == "2016Q3"
    )
    with then.reading() as old, demo_store.reading() as new:
        was, now = old.execute(asked).one(), new.execute(asked).one()
        newest = old.scalar(select(func.max(table.c.period)).where(table.c.value.is_not(None)))
    assert tuple(was) != tuple(now), "a town has corrected its incomes since, one came late"
    assert newest == "2016Q3"
    app = open_page(demo_store, "", Role.LEADER, unit=ROOT, asof=DAY)
    assert told(app, "asof") == DAY
    labels = [box for box in app.selectbox if box.label == "季度"]
    assert labels[0].value == Period(2016, 3), "the newest quarter of that time"
    with_today = open_page(demo_store, "", Role.LEADER, unit=ROOT, period="2016Q3")
    assert [m.value for m in app.metric] != [m.value for m in with_today.metric]


def test_the_day_stays_over_a_step_and_ends_with_one_press(
    demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "", Role.OFFICE, unit=TOWN, period="2016Q3", asof=DAY)
    press(app, f"up_{ROOT}")
    assert told(app, "unit") == ROOT
    assert told(app, "asof") == DAY
    # The navigation's own links carry nothing: the session remembers.
    app.query_params.clear()
    app._page_hash = calc_hash("targets")
    app.run()
    assert told(app, "asof") == DAY
    assert SAID in shown(app)
    press(app, "asof_today")
    assert not told(app, "asof")
    assert told(app, "period") == "2016Q3"
    assert SAID not in shown(app)


def test_a_day_is_chosen_in_the_bar(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "", Role.OFFICE, unit=ROOT, period="2017Q2")
    app.date_input(key="asof_day_None").set_value(datetime(2016, 10, 12).date()).run()
    assert told(app, "asof") == DAY
    assert SAID in shown(app)
    assert "尚无填报数据" not in words(app), "a quarter that had not begun gives way"


def test_what_has_changed_since_is_listed(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "", Role.OFFICE, unit=ROOT, period="2016Q3", asof=DAY)
    press(app, "asof_changes")
    assert not app.exception
    [frame] = [d.value for d in app.dataframe if "当时" in d.value.columns]
    assert {"时间", "单位", "工作表", "数据", "当时", "现在", "文件", "由谁", "批次"} <= set(frame)
    corrected = frame[frame["文件"].str.contains("更正")]
    assert (corrected["当时"] != corrected["现在"]).all()
    quiet = open_page(demo_store, "", Role.OFFICE, unit=ROOT, asof=yesterday())
    press(quiet, "asof_changes")
    assert "没有变化" in words(quiet)


def yesterday() -> str:
    return str(datetime.now(CHINA_TIME).date() - timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("12/10/2016", "应写作2016-10-12的形式"),
        ("2016-13-40", "应写作2016-10-12的形式"),
        ("2999-01-01", "还没有到"),
        ("2010-01-01", "到那一天库中还没有数据"),  # before the first file of the demo
    ],
)
def test_a_bad_day_ends_in_a_sentence(
    demo_store: Store, open_page: OpenPage, text: str, sentence: str
) -> None:
    app = open_page(demo_store, "", Role.LEADER, unit=ROOT, asof=text)
    assert not app.exception
    assert sentence in app.error[0].value
    assert not app.metric


def test_the_past_is_no_way_round_the_scope(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "", Role.TOWN, TOWN, unit=ROOT, asof=DAY)
    assert "无权查看" in app.error[0].value
    assert not app.metric
    own = open_page(demo_store, "households", Role.TOWN, TOWN, unit=TOWN, period="2016Q3", asof=DAY)
    assert SAID in shown(own)


def test_nothing_is_dealt_with_in_the_past(demo_store: Store, open_page: OpenPage) -> None:
    """Neither findings nor bulletins, though the office may do both today."""
    for path in ("quality", "bulletin"):
        labels = {}
        for day in ({}, {"asof": DAY}):
            app = open_page(demo_store, path, Role.OFFICE, unit=ROOT, period="2016Q3", **day)
            assert not app.exception
            labels[bool(day)] = {button.label for button in app.button}
        writes = labels[False] - labels[True]
        assert writes or path == "quality", "what publishes is gone"
        assert not {label for label in labels[True] if "发布" in label or "退回" in label}


def test_a_look_at_households_is_noted_today(demo_store: Store, open_page: OpenPage) -> None:
    def notes() -> int:
        table = schema.audit_event
        with demo_store.reading() as connection:
            counted = select(func.count()).where(table.c.action == "viewed")
            return int(connection.scalar(counted) or 0)

    before = notes()
    open_page(demo_store, "households", Role.OFFICE, unit=ROOT, period="2016Q3", asof=DAY)
    assert notes() > before


def test_files_say_the_day(demo_store: Store, settings: Settings) -> None:
    day = datetime(2016, 10, 12).date()
    viewer = Viewer("office", Role.OFFICE, ROOT, only_reads=True)
    store = past.store_of(demo_store, settings, ROOT, day)
    focus = units.focus(store, viewer, ROOT, Period(2016, 3))
    assert SAID in file_name(focus, "表", "csv", is_demo=True)
    scene = Scene(store, settings, viewer, focus, (focus.period,), is_demo=True)
    trend = progress.trend(store, viewer, focus, Period(2016, 1))
    children = progress.of_children(store, viewer, focus)
    table = describe(focus, settings.catalogue, trend, children, is_demo=True)
    book = load_workbook(io.BytesIO(export.workbook_of(scene, table)))
    head = [str(cell.value) for row in book.worksheets[0].iter_rows(max_row=3) for cell in row]
    assert any(SAID in text for text in head)
    draft = issues.standing(store, viewer, focus, settings).today
    assert SAID in marks(draft)
    assert draft.cut_off == past.history.end_of(day).replace(microsecond=0)


def test_today_is_the_default_and_is_said_by_nothing(
    demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "", Role.LEADER, unit=ROOT, period="2016Q3")
    assert SAID not in shown(app)
    assert as_of.said(None) == {}
