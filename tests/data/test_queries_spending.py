"""Funds, projects and returned figures against plain loops over the rows that were put in."""

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from dashboard.data import schema, units
from dashboard.data.queries import returns, spending
from dashboard.data.store import Store
from dashboard.data.submissions import send_back
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period

D, NEXT = "320412", "320411"
TOWN, OTHER, NEXT_TOWN = f"{D}101", f"{D}102", f"{NEXT}101"
VILLAGE = f"{TOWN}201"
OFFICE = Viewer("office", Role.OFFICE, D)
Q3 = Period(2016, 3)

UNITS = [
    # code, parent, level
    (D, None, "district"),
    (TOWN, D, "town"),
    (OTHER, D, "town"),
    (VILLAGE, TOWN, "village"),
    (NEXT, None, "district"),  # another district in the same store
    (NEXT_TOWN, NEXT, "town"),
]
FLOWS = [
    # unit, year, purpose, arranged, allocated, spent, day, audit
    (TOWN, 2016, "产业扶持", 1000, 900, 800, date(2016, 9, 30), "无问题"),  # the last day counts
    (TOWN, 2016, "产业扶持", 500, 0, 0, date(2016, 10, 1), "整改中"),  # after the quarter
    (VILLAGE, 2016, "产业扶持", 70, 60, 50, None, "整改中"),  # without a date; a village's
    (D, 2016, "兜底保障", 9, 8, 7, date(2016, 3, 1), ""),  # the district's own
    (OTHER, 2016, "兜底保障", 40, 30, 20, date(2016, 3, 1), "已整改"),
    (TOWN, 2015, "产业扶持", 5, 5, 5, date(2015, 12, 1), "整改中"),  # another year's
    (NEXT_TOWN, 2016, "产业扶持", 3, 3, 3, date(2016, 3, 1), "整改中"),  # another district's
]
PROJECTS = [
    # unit, category, invested, started, due, status
    (TOWN, "参股", 100, date(2016, 9, 30), date(2016, 9, 30), "在建"),  # due on the last day
    (VILLAGE, "参股", 200, date(2016, 1, 1), date(2016, 10, 1), "在建"),  # due a day later
    (OTHER, "物业增收", 300, date(2016, 1, 1), date(2016, 5, 1), "已完工"),  # finished
    (OTHER, "物业增收", 400, date(2016, 10, 1), None, "在建"),  # not begun yet
    (OTHER, "物业增收", 500, None, None, "在建"),  # no day of beginning
    (NEXT_TOWN, "参股", 600, date(2016, 1, 1), date(2016, 2, 1), "在建"),
]


@pytest.fixture
def filled(store: Store) -> Store:
    with store.writing() as connection:
        connection.execute(
            insert(schema.unit),
            [
                {
                    "district_code": code[:6],
                    "code": code,
                    "parent_code": parent,
                    "level": level,
                    "name": code,
                    "batch_id": "b",
                }
                for code, parent, level in UNITS
            ],
        )
        connection.execute(
            insert(schema.fund_flow),
            [
                {
                    "district_code": unit[:6],
                    "number": str(number),
                    "year": year,
                    "source": "区级财政",
                    "purpose": purpose,
                    "unit_code": unit,
                    "arranged_fen": arranged,
                    "allocated_fen": allocated,
                    "spent_fen": spent,
                    "happened_on": day,
                    "audit_state": audit,
                    "batch_id": "b",
                }
                for number, (unit, year, purpose, arranged, allocated, spent, day, audit) in (
                    enumerate(FLOWS)
                )
            ],
        )
        connection.execute(
            insert(schema.project),
            [
                {
                    "district_code": unit[:6],
                    "number": str(number),
                    "unit_code": unit,
                    "name": "项目",
                    "category": category,
                    "invested_fen": invested,
                    "completed_fen": 0,
                    "progress": 0,
                    "started_on": started,
                    "due_on": due,
                    "status": status,
                    "batch_id": "b",
                }
                for number, (unit, category, invested, started, due, status) in enumerate(PROJECTS)
            ],
        )
    return store


def beneath(code: str) -> set[str]:
    return {
        unit for unit, parent, _ in UNITS if code in (unit, parent) or (code == D and unit[:6] == D)
    }


@pytest.mark.parametrize("code", [D, TOWN, OTHER, VILLAGE])
def test_funds_are_those_of_the_subtree_up_to_the_quarters_end(filled: Store, code: str) -> None:
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for unit, year, purpose, *amounts, day, audit in FLOWS:
        if unit in beneath(code) and year == 2016 and (day is None or day <= Q3.last_day):
            for at, amount in enumerate([1, *amounts, int(audit == "整改中")]):
                expected[purpose][at] += int(amount)
    found = spending.funds(filled, OFFICE, units.focus(filled, OFFICE, code, Q3))
    told = {first: list(rest) for first, *rest in (row.values() for row in found)}
    assert told == dict(expected)
    arranged = [row["arranged_fen"] for row in found]
    assert arranged == sorted(arranged, reverse=True)


@pytest.mark.parametrize("code", [D, TOWN, OTHER, VILLAGE])
def test_projects_begun_and_overdue(filled: Store, code: str) -> None:
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for unit, category, invested, started, due, status in PROJECTS:
        if unit in beneath(code) and started is not None and started <= Q3.last_day:
            late = due is not None and due <= Q3.last_day and status != "已完工"
            for at, amount in enumerate([1, int(late), invested]):
                expected[category][at] += amount
    found = spending.projects(filled, OFFICE, units.focus(filled, OFFICE, code, Q3))
    assert {first: list(rest) for first, *rest in (row.values() for row in found)} == expected


def test_returned_figures_by_unit(filled: Store) -> None:
    at = datetime(2016, 10, 20, tzinfo=UTC)
    for unit, period in ((TOWN, Q3), (TOWN, Q3), (OTHER, Q3), (OTHER, Q3.previous())):
        send_back(filled, OFFICE, unit, period, "observation", "有误", at)
    with filled.writing() as connection:
        connection.execute(
            schema.returned.update()
            .where(schema.returned.c.unit_code == TOWN, schema.returned.c.number == 1)
            .values(answered_batch="b2")
        )
    found = returns.of_children(filled, OFFICE, units.focus(filled, OFFICE, D, Q3))
    assert [tuple(row.values()) for row in found] == [
        (TOWN, TOWN, 2, 1),
        (OTHER, OTHER, 1, 1),
    ]


@pytest.mark.parametrize("query", [spending.funds, spending.projects, returns.of_children])
def test_strangers_read_nothing(filled: Store, query: Any) -> None:
    focus = units.focus(filled, OFFICE, D, Q3)
    for viewer in (None, Viewer("p", Role.PUBLIC, D), Viewer("t", Role.TOWN, TOWN)):
        assert query(filled, viewer, focus) == []
