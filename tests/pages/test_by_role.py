"""Overview and unit pages: each role, with figures, without, and where it has no business."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from dashboard.data import schema
from dashboard.data.ingest import importer
from dashboard.data.store import Store
from dashboard.policy.access import Role
from dashboard.settings import Settings
from tests.data.ingest.books import INCOME_HEADS, TOWN, UNITS, VILLAGES, book

from .conftest import ROOT, OpenPage, words

DEMO_TOWN = "320412104"
ROLES = [(Role.LEADER, ROOT), (Role.OFFICE, ROOT), (Role.TOWN, DEMO_TOWN), (Role.DEPARTMENT, ROOT)]
PAGES = ["", "unit"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("role", "own"), ROLES)
def test_each_role_sees_its_own_unit(
    path: str, role: Role, own: str, demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, path, role, own, period="2017Q2")
    assert not app.exception
    assert not app.error
    name = "遥观镇" if own == DEMO_TOWN else "武进区"
    assert name in words(app)
    assert len(app.dataframe) >= 1


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("role", "own"), ROLES)
def test_a_quarter_without_figures_says_so_and_who_is_late(
    path: str, role: Role, own: str, demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, path, role, own, period="2019Q2")
    assert not app.exception
    said = words(app)
    assert "2019年第二季度尚无填报数据" in said
    if path == "" and own == ROOT:
        assert "尚未填报(16个)" in said


@pytest.mark.parametrize("path", PAGES)
def test_a_town_is_refused_another_town(path: str, demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, path, Role.TOWN, DEMO_TOWN, unit="320412103", period="2017Q2")
    assert not app.exception
    assert "无权查看" in words(app)
    assert not app.metric
    assert not app.dataframe


def test_the_overview_counts_as_the_rows_do(demo_store: Store, open_page: OpenPage) -> None:
    """The tiles against a count over the villages' own rows, amount by amount."""
    over, weak, income = 0, 0, 0
    table = schema.village_income
    columns = [table.c[f"{source}_fen"] for source in schema.INCOME_SOURCES]
    with demo_store.reading() as connection:
        last_year = {
            row[0]: sum(row[1:])
            for row in connection.execute(
                select(table.c.village_code, *columns).where(table.c.period == "2016Q4")
            )
        }
        for row in connection.execute(
            select(table.c.village_code, *columns).where(table.c.period == "2017Q2")
        ):
            total = sum(row[1:])
            income += total
            over += total > 150_000_000
            weak += total < 150_000_000 and last_year.get(row[0], total) < 150_000_000
    app = open_page(demo_store, "", Role.LEADER, period="2017Q2")
    tiles = {metric.label: metric.value for metric in app.metric}
    assert tiles["超150万元村"] == f"{over} 村"
    assert tiles["经济一般村剩余数"] == f"{weak} 村"
    wan = Decimal(income) / 1_000_000
    places = Decimal(1) if wan >= 1000 else Decimal("0.01")
    assert tiles["村集体年收入"] == f"{wan.quantize(places):,} 万元"


def test_demo_data_says_so_on_every_page(demo_store: Store, open_page: OpenPage) -> None:
    for path in ("", "targets", "unit", "help"):
        app = open_page(demo_store, path, Role.LEADER, period="2017Q2")
        assert "演示数据" in words(app), path


CASES = {
    # Exactly on the line: neither weak nor at target.
    "150": ("150.00", "不在一般村之列", "尚未超过150万元"),
    # 1,499,999 yuan: below the line, and never shown as 150.00.
    "149.9999": ("149.9999", "经济一般村", "尚未超过150万元"),
    # One fen above.
    "150.000001": ("150.000001", "不在一般村之列", "超过150万元"),
}


@pytest.mark.parametrize("amount", CASES)
def test_a_village_on_the_line(
    amount: str, sqlite_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    rows = [INCOME_HEADS, (2016, 3, VILLAGES[0], amount, 0, 0, 0, 0, 0, 0)]
    files = [("a.xlsx", book({"单位": UNITS})), ("b.xlsx", book({"村集体收入": rows}))]
    importer.import_files(sqlite_store, settings, files, "测试")
    app = open_page(sqlite_store, "unit", Role.OFFICE, unit=VILLAGES[0], period="2016Q3")
    shown, status, line = CASES[amount]
    assert app.metric[0].value == shown
    assert f"**{status}** · 本年累计{line}" in words(app)


def test_a_village_that_did_not_report_is_named(
    sqlite_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    rows = [INCOME_HEADS, (2016, 3, VILLAGES[0], 10, 0, 0, 0, 0, 0, 0)]
    files = [("a.xlsx", book({"单位": UNITS})), ("b.xlsx", book({"村集体收入": rows}))]
    importer.import_files(sqlite_store, settings, files, "测试")
    app = open_page(sqlite_store, "unit", Role.OFFICE, unit=TOWN, period="2016Q3")
    assert "未填报(1个村):测试二村" in words(app)
    app = open_page(sqlite_store, "unit", Role.OFFICE, unit=VILLAGES[1], period="2016Q3")
    assert "该村尚未填报收入" in words(app)


def test_small_cells_of_households_are_for_the_office_and_the_town(
    demo_store: Store, open_page: OpenPage
) -> None:
    with demo_store.reading() as connection:
        village, count = connection.execute(
            select(schema.household.c.village_code, func.count())
            .group_by(schema.household.c.village_code)
            .order_by(func.count())
        ).first()  # type: ignore[misc]
    assert count < 5, "the smallest village has a small cell to hide"
    for role, is_open in ((Role.LEADER, False), (Role.DEPARTMENT, False), (Role.OFFICE, True)):
        app = open_page(demo_store, "unit", role, unit=village, period="2017Q2")
        cells = [str(v) for frame in app.dataframe for v in frame.value.to_numpy().ravel()]
        assert ("*" not in cells) == is_open, role
