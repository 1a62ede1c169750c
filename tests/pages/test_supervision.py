"""督办督查: decisions of the meetings and the unit's own tasks, by role and empty."""

from datetime import date

import pytest
from sqlalchemy import select

from dashboard.data import schema
from dashboard.data.ingest.sheets import DECISION
from dashboard.data.store import Store
from dashboard.policy.access import Role

from .conftest import ROOT, OpenPage, words

TOWN = "320412104"
END = date(2017, 6, 30)


def near(store: Store, unit: str, *, is_decision: bool) -> int:
    """Tasks of the unit itself that 2017Q2 is about: due in 2017, or overdue from before."""
    with store.reading() as connection:
        rows = connection.execute(select(schema.task)).all()
    return sum(
        row.unit_code == unit
        and (row.kind == DECISION) == is_decision
        and (
            row.due_month.startswith("2017")
            or (row.due_month < "2017" and (row.done_on is None or row.done_on > END))
        )
        for row in rows
    )


@pytest.mark.parametrize("role", [Role.LEADER, Role.OFFICE, Role.DEPARTMENT])
def test_the_decisions_of_the_meetings(role: Role, demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "supervision", role, ROOT, period="2017Q2")
    assert not app.exception
    wanted = near(demo_store, ROOT, is_decision=True)
    assert wanted and f"共{wanted}项" in words(app)
    table = app.dataframe[0].value
    assert len(table) == wanted
    assert set(table["状态"]) <= {"■ 逾期", "○ 未完成", "● 已完成"}
    assert all(month.endswith("月") for month in table["完成月份"])


def test_a_town_sees_its_own_tasks(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "supervision", Role.TOWN, TOWN, period="2017Q2")
    assert not app.exception
    assert "没有登记议定事项" in words(app)
    wanted = near(demo_store, TOWN, is_decision=False)
    assert wanted and f"共{wanted}项" in words(app)


def test_an_empty_store(sqlite_store: Store, open_page: OpenPage) -> None:
    app = open_page(sqlite_store, "supervision", Role.OFFICE, ROOT)
    assert not app.exception
    assert "还没有任何数据" in words(app)
