"""总览 for each role, its figures against counts over the rows themselves."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from sqlalchemy import event, select
from streamlit.testing.v1 import AppTest

from dashboard import app as app_module
from dashboard.components.scene import Scene
from dashboard.data import schema
from dashboard.data.ingest import importer
from dashboard.data.store import Store
from dashboard.pages import overview
from dashboard.policy.access import Role
from dashboard.settings import Settings
from tests.data.ingest.books import INCOME, UNITS, book
from tests.data.ingest.books import TOWN as BOOK_TOWN
from tests.kept import forget

from .conftest import ROOT, OpenPage, words

TOWN = "320412104"
ROLES = [(Role.LEADER, ROOT), (Role.OFFICE, ROOT), (Role.TOWN, TOWN), (Role.DEPARTMENT, ROOT)]
LINE = 150_000_000
FLOOR = 120_000_000


def rows_of(store: Store, table: Any) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(select(table)))


def incomes(store: Store, under: str, period: str) -> dict[str, int]:
    """Fen by village, all seven sources added up."""
    return {
        row.village_code: sum(getattr(row, f"{source}_fen") for source in schema.INCOME_SOURCES)
        for row in rows_of(store, schema.village_income)
        if row.period == period and row.village_code.startswith(under)
    }


def below(now: dict[str, int], last: dict[str, int], line: int) -> int:
    """Villages below a line within the year that last year did not leave it behind."""
    return sum(fen < line and last.get(code, 0) < line for code, fen in now.items())


def households(store: Store, under: str, day: date) -> tuple[int, int]:
    """On the register on a day, and exits of that year up to it."""
    turns: dict[str, list[tuple[date, bool]]] = defaultdict(list)
    for row in rows_of(store, schema.lifecycle_event):
        is_turn = row.subject_type == "household" and row.event in ("退出", "返贫")
        if is_turn and row.happened_on <= day:
            turns[row.subject].append((row.happened_on, row.event == "返贫"))
    known = [
        row.number
        for row in rows_of(store, schema.household)
        if row.village_code.startswith(under) and row.identified_on <= day
    ]
    here = sum(not turns[number] or max(turns[number])[1] for number in known)
    exits = sum(
        not is_relapse and on.year == day.year
        for number in known
        for on, is_relapse in turns[number]
    )
    return here, exits


def wan(fen: int) -> str:
    amount = Decimal(fen) / 1_000_000
    places = Decimal(1) if amount >= 1000 else Decimal("0.01")
    return f"{amount.quantize(places, ROUND_HALF_UP):,}"


def core_rows(app: AppTest) -> dict[str, Any]:
    table = next(t.value for t in app.dataframe if "全年目标" in t.value)
    return {str(row.iloc[0]): row for _, row in table.iterrows()}


def cell(rows: dict[str, Any], short: str) -> str:
    return next(str(row["实际"]) for name, row in rows.items() if name.startswith(short))


@pytest.mark.parametrize(("role", "own"), ROLES)
@pytest.mark.parametrize("period", ["2017Q2", "2016Q3"])
def test_figures_are_those_of_the_rows(
    role: Role, own: str, period: str, demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "", role, own, period=period)
    assert not app.exception
    now = incomes(demo_store, own, period)
    last = incomes(demo_store, own, f"{int(period[:4]) - 1}Q4")
    day = date(2017, 6, 30) if period == "2017Q2" else date(2016, 9, 30)
    here, exits = households(demo_store, own, day)
    assert now and last and here, "else nothing is compared"
    tiles = [str(metric.value) for metric in app.metric]
    assert tiles[:5] == [
        f"{below(now, last, LINE):,} 村",
        f"{sum(fen > LINE for fen in now.values()):,} 村",
        f"{wan(sum(now.values()))} 万元",
        f"{here:,} 户",
        f"{exits:,} 户",
    ]
    rows = core_rows(app)
    assert cell(rows, "低于120万元村") == str(below(now, last, FLOOR))
    assert cell(rows, "村集体收入") == wan(sum(now.values()))


@pytest.mark.parametrize(("role", "own"), ROLES)
def test_targets_are_those_of_the_rows(
    role: Role, own: str, demo_store: Store, open_page: OpenPage, settings: Settings
) -> None:
    rows = core_rows(open_page(demo_store, "", role, own, period="2017Q2"))
    assert len(rows) == len(settings.catalogue.core)
    targets = {
        row.indicator_code: row.value
        for row in rows_of(demo_store, schema.target)
        if row.unit_code == own and row.year == 2017
    }
    compared = 0
    for entry in settings.catalogue.core:
        if entry.quantity == "count" and entry.code in targets:
            said = next(r for name, r in rows.items() if name.startswith(f"{entry.short}("))
            assert said["全年目标"] == f"{targets[entry.code]:,}", entry.code
            compared += 1
    assert compared


@pytest.mark.parametrize(("role", "own"), [row for row in ROLES if row[1] == ROOT])
def test_an_empty_store(role: Role, own: str, sqlite_store: Store, open_page: OpenPage) -> None:
    app = open_page(sqlite_store, "", role, own)
    assert not app.exception
    assert "还没有任何数据" in words(app)
    # Only the office can do something about it; all others are told whom to ask.
    assert ("python -m dashboard import" in words(app)) == (role is Role.OFFICE)
    assert "演示数据" not in words(app)
    assert not app.metric


@pytest.mark.parametrize(("role", "own"), [(Role.TOWN, BOOK_TOWN), (Role.OFFICE, ROOT)])
def test_units_and_no_figures(
    role: Role, own: str, sqlite_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    """The emptiest store that a town can log in to: its account names a unit."""
    importer.import_files(sqlite_store, settings, [("a.xlsx", book({"单位": UNITS}))], "测试")
    app = open_page(sqlite_store, "", role, own)
    assert not app.exception
    assert "尚无填报数据" in words(app)
    assert not app.error
    assert not app.metric


@pytest.mark.parametrize(("role", "own"), ROLES)
def test_a_quarter_without_figures(
    role: Role, own: str, demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "", role, own, period="2019Q2")
    assert not app.exception
    said = words(app)
    names = [row.name for row in rows_of(demo_store, schema.unit) if row.parent_code == own]
    assert "2019年第二季度尚无填报数据" in said
    assert f"尚未填报({len(names)}个)" in said
    assert all(name in said for name in names)
    assert not app.metric, "no figure is made of no report"


def everything(app: AppTest) -> str:
    """All that reaches the browser, charts and tables too."""
    frames = "".join(str(table.value.to_csv()) for table in app.dataframe)
    charts = "".join(str(chart.proto) for chart in app.get("vega_lite_chart"))
    links = "".join(str(link.proto) for link in app.get("page_link"))
    boxes = "".join(str(option) for box in app.selectbox for option in box.options)
    return words(app) + frames + charts + links + boxes


def test_a_town_sees_nothing_of_another(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "", Role.TOWN, TOWN, period="2017Q2")
    shown = everything(app)
    towns = {row.code: row.name for row in rows_of(demo_store, schema.unit) if row.level == "town"}
    assert len(towns) == 16
    assert towns.pop(TOWN) in shown
    assert [name for code, name in towns.items() if name in shown or code in shown] == []


@pytest.mark.parametrize("unit", [ROOT, "320412103"])
def test_a_town_is_refused_what_is_not_its_own(
    unit: str, demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "", Role.TOWN, TOWN, unit=unit, period="2017Q2")
    assert not app.exception
    assert any("您的账号无权查看" in error.value for error in app.error)
    assert not app.metric
    assert not app.dataframe


@pytest.mark.parametrize(("role", "own"), ROLES)
def test_overdue_tasks_are_counted(
    role: Role, own: str, demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "", role, own, period="2017Q2")
    late = sum(
        row.unit_code.startswith(own)
        and row.kind != "议定事项"
        and row.due_month <= "2017-06"
        and (row.done_on is None or row.done_on > date(2017, 6, 30))
        for row in rows_of(demo_store, schema.task)
    )
    notices = [link.proto.label for link in app.get("page_link")]
    told = [label for label in notices if "逾期任务" in label]
    assert told == ([f"逾期任务{late:,}项"] if late else [])


def test_the_demo_mark_is_for_demo_data(
    demo_store: Store, sqlite_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    files = [("a.xlsx", book({"单位": UNITS})), ("b.xlsx", book({"村集体收入": INCOME}))]
    importer.import_files(sqlite_store, settings, files, "测试")
    for role, own in ROLES:
        assert "演示数据" in words(open_page(demo_store, "", role, own, period="2017Q2"))
    app = open_page(sqlite_store, "", Role.LEADER, period="2016Q3")
    assert app.metric
    assert "演示数据" not in words(app)


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def test_statements_of_the_page(
    demo_store: Store, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the page itself: the gate, the focus and its bar have their own. Findings of the
    checks are worked out at the first look after a write, and kept for everybody."""
    open_page(demo_store, "", *ROLES[0], period="2017Q2")
    runs: list[list[str]] = []

    def render(scene: Scene) -> None:
        with counted(scene.store) as seen:
            overview.render(scene)
        runs.append(seen)

    pages = [
        (path, title, icon, render if drawn is overview.render else drawn)
        for path, title, icon, drawn in app_module._PAGES
    ]
    monkeypatch.setattr(app_module, "_PAGES", tuple(pages))
    for role, own in ROLES:
        forget()  # else a role would be told what another has asked
        open_page(demo_store, "", role, own, period="2017Q2")
        assert 3 < len(runs[-1]) <= 6, "\n\n".join(runs[-1])
        open_page(demo_store, "", role, own, period="2017Q2")
        assert not runs[-1], "a second look asks nothing"
