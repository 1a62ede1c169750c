"""数据质量: findings for who may see them, the calendar of reports, quarters without anything."""

from pathlib import Path

import pytest
from sqlalchemy import select

from dashboard.components.quality.wording import HOW
from dashboard.data import demo, schema
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role
from dashboard.policy.authenticity.rules import CHECK_KEYS
from dashboard.settings import Settings

from .conftest import ROOT, OpenPage, words

TOWN = "320412104"


@pytest.mark.parametrize("role", [Role.LEADER, Role.OFFICE])
def test_what_to_check_first(role: Role, demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "quality", role, ROOT, period="2016Q4")
    assert not app.exception
    said = words(app)
    assert "线索只说明先看哪里,不是结论" in said
    assert "**1. " in said and "怎么核:" in said
    tiles = {metric.label: metric.value for metric in app.metric}
    number = said.count("怎么核:")
    assert number > 0
    assert tiles["待核线索/全部(条)"] == f"{number}/{number}"
    # 16 towns send two sheets each; all had come by the time the demo ends.
    assert tiles["已报(份)"] == "32/32"
    checks, beside = app.dataframe[-2].value, app.dataframe[-1].value
    assert list(beside.columns[:3]) == ["镇(街道)", "村", "镇(街道)填报"]
    assert "个村有另一来源的数字" in words(app)
    assert len(checks) == len(CHECK_KEYS)
    assert set(checks["结果"]) <= {"■ 有线索", "● 未见异常", "○ 数据不足或不适用"}


def test_a_leader_sees_no_number_of_a_household(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "quality", Role.LEADER, ROOT, period="2016Q4")
    numbers = {
        str(value)
        for frame in app.dataframe
        if "对象" in frame.value
        for value in frame.value["对象"]
    }
    with demo_store.reading() as connection:
        assert not numbers & set(connection.scalars(select(schema.household.c.number)))


def test_a_town_sees_itself(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "quality", Role.TOWN, TOWN, period="2016Q4")
    assert not app.exception
    assert "数据质量" in words(app)
    for frame in app.dataframe:
        if "镇(街道)" in frame.value:
            assert set(frame.value["镇(街道)"]) <= {"遥观镇", ""}


def test_a_department_sees_the_calendar_alone(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "quality", Role.DEPARTMENT, ROOT, period="2016Q4")
    assert not app.exception
    assert "核查线索只向领导小组、扶贫办和本镇" in words(app)
    assert not app.dataframe
    assert "填报是否齐全、按时" in words(app)


def test_a_village_and_a_quarter_to_come(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "quality", Role.OFFICE, ROOT, unit="320412104201", period="2016Q4")
    assert not app.exception
    app = open_page(demo_store, "quality", Role.OFFICE, ROOT, period="2019Q2")
    assert not app.exception
    assert "本季度没有导入村账" in words(app)
    assert "没有提示不等于没有问题" in words(app)


def test_an_empty_store(sqlite_store: Store, open_page: OpenPage) -> None:
    app = open_page(sqlite_store, "quality", Role.OFFICE, ROOT)
    assert not app.exception
    assert "还没有任何数据" in words(app)


def test_every_check_says_why_and_how() -> None:
    assert set(HOW) == set(CHECK_KEYS)
    assert all(text.endswith("。") for texts in HOW.values() for text in texts)


def test_the_office_deals_with_a_finding(
    settings: Settings, tmp_path: Path, open_page: OpenPage
) -> None:
    store = connect(f"sqlite:///{tmp_path / 'own.db'}")
    demo.fill(store, settings, seed=1, villages=32, households=64)
    app = open_page(store, "quality", Role.OFFICE, ROOT, period="2016Q4")
    before = words(app).count("怎么核:")
    app.text_area[0].set_value("已核对档案,步骤齐全")
    next(button for button in app.button if button.label == "确定").click()
    app.run()
    assert not app.exception
    said = words(app)
    assert said.count("怎么核:") == before - 1
    assert "已说明" in said and "已核对档案,步骤齐全" in said
    leader = open_page(store, "quality", Role.LEADER, ROOT, period="2016Q4")
    assert "已核对档案" in words(leader)
    assert not [button for button in leader.button if button.label == "确定"]
