"""数据来源: the window that an address opens, for every role, and what it costs the page."""

import re
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import event, func, select
from streamlit.testing.v1 import AppTest

from dashboard.components.households import export
from dashboard.components.scene import Scene
from dashboard.data import schema, units
from dashboard.data.queries import authenticity, households
from dashboard.data.queries.ledgers import LEDGERS
from dashboard.data.store import Store
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

from .conftest import ROOT, OpenPage, words

TOWN = "320412104"
QUARTER = "2016Q4"


def tables(app: AppTest, head: str) -> list[Any]:
    return [frame.value for frame in app.dataframe if head in frame.value]


@pytest.fixture
def village(demo_store: Store) -> str:
    """A village of the town with an income of the quarter and with incomes of households."""
    household, income = schema.household, schema.household_income
    with demo_store.reading() as connection:
        found = connection.scalar(
            select(household.c.village_code)
            .join(income, income.c.household == household.c.number)
            .where(household.c.village_code.startswith(TOWN), income.c.year == 2016)
            .order_by(household.c.village_code)
            .limit(1)
        )
    return str(found)


def test_of_a_district_its_towns(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "", Role.LEADER, period=QUARTER, figure="V03")
    assert not app.exception
    said = words(app)
    for must in ("**公式**", "武发〔2016〕68号 四(二)", "**来源部门**", "由登记表逐行计算"):
        assert must in said
    [pieces] = tables(app, "已报/应报")
    with demo_store.reading() as connection:
        income = schema.village_income
        count = connection.scalar(
            select(func.count()).select_from(income).where(income.c.period == QUARTER)
        )
    assert pieces["行数"].astype(int).sum() == count
    assert pieces["文件(最近)"].str.endswith(".xlsx").all()


def test_of_a_village_file_and_row(demo_store: Store, open_page: OpenPage, village: str) -> None:
    app = open_page(demo_store, "", Role.LEADER, period=QUARTER, figure="V01", of=village)
    assert not app.exception
    said = words(app)
    with demo_store.reading() as connection:
        income, batch = schema.village_income, schema.import_batch
        row = connection.execute(
            select(income.c.source_row, batch.c.file_name, batch.c.id, batch.c.imported_by)
            .join(batch, batch.c.id == income.c.batch_id)
            .where(income.c.village_code == village, income.c.period == QUARTER)
        ).one()
    assert f"文件“{row.file_name}” · 村集体收入 第{row.source_row}行" in said
    assert f"经手:{row.imported_by}" in said and row.id in said
    assert "村集体年收入超过150万元(二·首段)" in said, "concept, operator and line"


def test_households_are_for_the_office_and_their_town(
    demo_store: Store, open_page: OpenPage, village: str
) -> None:
    number = re.compile(r"H320412\d{3}-\d{5}")

    def shown(role: Role, own: str, figure: str) -> str:
        app = open_page(demo_store, "", role, own, period=QUARTER, figure=figure, of=village)
        assert not app.exception
        frames = " ".join(frame.value.to_string() for frame in app.dataframe)
        return words(app) + frames

    for figure in ("H04", "H06", "household"):
        assert number.search(shown(Role.OFFICE, ROOT, figure)), figure
        told = shown(Role.LEADER, ROOT, figure)
        assert not number.search(told), figure
        assert "只向扶贫办和本镇(街道)提供" in told
    assert number.search(shown(Role.TOWN, TOWN, "H04"))


def test_a_look_at_rows_of_households_is_noted(
    demo_store: Store, open_page: OpenPage, village: str
) -> None:
    open_page(demo_store, "", Role.OFFICE, period=QUARTER, figure="H04", of=village)
    with demo_store.reading() as connection:
        table = schema.audit_event
        details = connection.scalars(select(table.c.detail).where(table.c.action == "viewed"))
        assert [d for d in details if d["unit"] == village and d["page"] == ":H04"]


def test_a_town_is_told_of_itself_alone(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "", Role.TOWN, TOWN, period=QUARTER, figure="V03", of="320412001")
    said = words(app)
    assert "无权" in said or "没有代码" in said
    assert not tables(app, "已报/应报")
    own = open_page(demo_store, "", Role.TOWN, TOWN, period=QUARTER, figure="V03")
    assert len(tables(own, "已报/应报")) == 1
    assert "武进区 ›" not in [button.label for button in own.button if "figure" in str(button.key)]


@pytest.mark.parametrize("figure", sorted(LEDGERS))
def test_of_each_register(figure: str, demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "", Role.OFFICE, period=QUARTER, figure=figure)
    assert not app.exception
    [shares] = tables(app, "最近报送")
    counts = shares["行数"].str.replace(",", "").astype(int)
    whole = next(metric.value for metric in app.metric if metric.value.endswith(" 行"))
    own = sum("本身的" in element.value for element in app.markdown)
    total = int(whole.removesuffix(" 行").replace(",", ""))
    assert counts.sum() == total if not own else counts.sum() < total


def test_without_data_and_for_what_there_is_not(demo_store: Store, open_page: OpenPage) -> None:
    empty = open_page(demo_store, "", Role.LEADER, period="2020Q4", figure="V01")
    assert not empty.exception
    assert "没有这项指标的数据" in words(empty)
    unknown = open_page(demo_store, "", Role.LEADER, period=QUARTER, figure="<b>X</b>")
    assert not unknown.exception
    assert "没有这个指标" in words(unknown)


def test_a_page_pays_nothing_before_it_is_asked(demo_store: Store, open_page: OpenPage) -> None:
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, sql: str, _p: Any, _x: Any, _many: bool) -> None:
        asked.append(sql)

    app = open_page(demo_store, "", Role.LEADER, period=QUARTER)
    event.listen(demo_store.engine, "before_cursor_execute", note)
    app.run()
    quiet = len(asked)
    assert not [sql for sql in asked if "observation_revision" in sql]
    asked.clear()
    app.query_params["figure"] = "G01"
    app.run()
    event.remove(demo_store.engine, "before_cursor_execute", note)
    assert [sql for sql in asked if "observation_revision" in sql]
    assert "由下级填报数汇总" in words(app)
    own = [sql for sql in asked if "finding_review" not in sql]
    # The checks of authenticity are read once a version of the store, and not counted here.
    assert quiet < len(own)


@pytest.mark.parametrize("role", [Role.OFFICE, Role.LEADER])
def test_the_workbook_of_households_says_where_its_figures_come_from(
    role: Role, demo_store: Store, settings: Settings
) -> None:
    viewer = Viewer("someone", role, ROOT)
    focus = units.focus(demo_store, viewer, ROOT, Period.parse(QUARTER))
    look = households.look(demo_store, viewer, focus, settings)
    assert look is not None
    scene = Scene(demo_store, settings, viewer, focus, (), is_demo=True)
    book = openpyxl.load_workbook(BytesIO(export.workbook(scene, look)))
    heads, *rows = [
        row for row in book["数据来源"].iter_rows(min_row=2, values_only=True) if row[1] is not None
    ]
    told = [dict(zip(heads, row, strict=True)) for row in rows]
    by_cell = [one for one in told if one["单元格"] != "全部"]
    assert len(by_cell) == 1 + len(look.lists)
    known = {look.names[row.unit]: row.exits for row in (look.whole, *look.lists)}
    for one in by_cell:
        cell = str(book[one["工作表"]][one["单元格"]].value)
        assert int(cell.replace(",", "")) == known[one["单位"]]
        assert one["指标"].startswith("H05 ") and one["公式"] and one["责任部门"]
        assert one["工作簿行数"] == ("不列" if role is Role.LEADER else known[one["单位"]])
    of_registers = [one for one in told if one["单元格"] == "全部"]
    assert {"分类", "核实和跟进"} <= {one["工作表"] for one in of_registers}
    assert all(".xlsx" in one["来源文件"] for one in of_registers)
    assert all((one["工作簿行数"] == "不列") == (role is Role.LEADER) for one in of_registers)


def test_open_findings_in_its_rows_are_named(
    demo_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    viewer = Viewer("someone", Role.OFFICE, ROOT)
    focus = units.focus(demo_store, viewer, ROOT, Period.parse(QUARTER))
    look = authenticity.look(demo_store, viewer, focus, settings)
    assert look is not None
    found = [
        lead.finding.title
        for lead in look.leads
        if any(row.table == "village_income" for row in lead.finding.rows)
    ]
    assert found, "the demo district has some"
    said = words(open_page(demo_store, "", Role.OFFICE, period=QUARTER, figure="V03"))
    assert f"有{len(found)}条核查线索涉及这个数" in said
    assert all(f"**{title}**" in said for title in found[:3])
    # Findings are not for departments; and what towns report has findings of its own.
    others = open_page(demo_store, "", Role.DEPARTMENT, period=QUARTER, figure="V03")
    assert "核查线索" not in words(others)
    reported = words(open_page(demo_store, "", Role.OFFICE, period=QUARTER, figure="G01"))
    told = {
        lead.finding.title: "observation" in {row.table for row in lead.finding.rows}
        for lead in look.leads
    }
    assert any(told.values())
    assert {title: f"**{title}**" in reported for title in told} == told
