"""督办督查: decisions of the meetings and the unit's own tasks, by role and empty."""

import pytest

from dashboard.data.store import Store
from dashboard.policy.access import Role

from .conftest import ROOT, OpenPage, words

TOWN = "320412104"


@pytest.mark.parametrize("role", [Role.LEADER, Role.OFFICE, Role.DEPARTMENT])
def test_the_decisions_of_the_meetings(role: Role, demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "supervision", role, ROOT, period="2017Q2")
    assert not app.exception
    assert "共7项" in words(app)
    table = app.dataframe[0].value
    assert set(table["状态"]) <= {"■ 逾期", "○ 未完成", "● 已完成"}
    assert all(month.endswith("月") for month in table["完成月份"])


def test_a_town_sees_its_own_tasks(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "supervision", Role.TOWN, TOWN, period="2017Q2")
    assert not app.exception
    assert "没有登记议定事项" in words(app)
    assert "共30项" in words(app)


def test_an_empty_store(sqlite_store: Store, open_page: OpenPage) -> None:
    app = open_page(sqlite_store, "supervision", Role.OFFICE, ROOT)
    assert not app.exception
    assert "还没有任何数据" in words(app)
