"""The ranking page by role: what it shows, what it keeps from whom, and what it says when empty."""

import json

import pytest

from dashboard.data.store import Store
from dashboard.policy.access import Role

from .conftest import ROOT, OpenPage, words

TOWN = "320412104"


@pytest.mark.parametrize("role", [Role.LEADER, Role.OFFICE, Role.DEPARTMENT])
def test_the_district_is_ranked_with_reasons(
    role: Role, demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "ranking", role, ROOT, period="2017Q2")
    assert not app.exception
    table = app.dataframe[0].value
    assert len(table) == 16
    assert list(table["得分"]) == sorted(table["得分"], reverse=True)
    assert table["名次"].iloc[0] in ("1", "并列1")
    said = words(app)
    assert "没有单位排在前面" in said
    assert "最能提高名次的一项" in said
    assert "演示数据" in said or app.get("badge")


def test_late_towns_are_named_apart(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "ranking", Role.LEADER, ROOT, period="2017Q3")
    assert len(app.dataframe[0].value) == 14
    assert "未参加排名(2个)" in words(app)
    assert "本季度未填报" in words(app)


def test_one_indicator_by_itself(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "ranking", Role.LEADER, ROOT, period="2017Q2")
    picker = next(box for box in app.selectbox if box.key == "ranking_which")
    picker.set_value("V03").run()
    assert not app.exception
    specs = [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]
    assert "单项:村集体年收入" in json.dumps(specs, ensure_ascii=False)


def test_a_town_sees_its_place_and_only_its_own_reasons(
    demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "ranking", Role.TOWN, TOWN, period="2017Q2")
    assert not app.exception
    assert len(app.dataframe[0].value) == 16
    assert "为什么:遥观镇" in words(app)
    assert "扶村" not in app.dataframe[0].value
    assert "主要是" not in words(app), "the next one's figures are not its own"


def test_a_town_is_ranked_below_too(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "ranking", Role.LEADER, ROOT, unit=TOWN, period="2017Q2")
    assert not app.exception
    assert "遥观镇所辖单位排名" in words(app)
    assert len(app.dataframe[0].value) >= 2


@pytest.mark.parametrize("role", [Role.LEADER, Role.TOWN])
def test_an_empty_quarter_says_so(role: Role, demo_store: Store, open_page: OpenPage) -> None:
    own = TOWN if role is Role.TOWN else ROOT
    app = open_page(demo_store, "ranking", role, own, period="2019Q2")
    assert not app.exception
    assert "2019年第二季度尚无填报数据" in words(app)
    assert not app.dataframe


def test_an_empty_store(sqlite_store: Store, open_page: OpenPage) -> None:
    app = open_page(sqlite_store, "ranking", Role.OFFICE, ROOT)
    assert not app.exception
    assert "还没有任何数据" in words(app)
