"""目标任务分解: for each role, on a filled and on an empty store."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import delete, event, func, insert, select, update
from streamlit.testing.v1 import AppTest

from dashboard.components.decomposition import export
from dashboard.components.decomposition.table import describe
from dashboard.components.scene import Scene
from dashboard.data import demo, schema, units
from dashboard.data.queries import progress
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

D, TOWN, OTHER_TOWN = "320412", "320412100", "320412102"
ROLES = [
    # role, its own unit: what each may read, and lands on
    (Role.LEADER, D),
    (Role.OFFICE, D),
    (Role.DEPARTMENT, D),
    (Role.TOWN, TOWN),
]


@pytest.fixture(scope="module")
def demo_url(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store of demo data, read by all tests of this file, written by none."""
    url = f"sqlite:///{tmp_path_factory.mktemp('targets')}/demo.db"
    demo.fill(connect(url), settings, seed=1, villages=32, households=64)
    return url


@pytest.fixture
def bare_url(tmp_path: Path) -> str:
    """A store that has its district and two towns, and no target or figure at all."""
    store = connect(f"sqlite:///{tmp_path}/bare.db")
    store.migrate()
    rows = [
        (D, None, "district", "某区"),
        (TOWN, D, "town", "甲镇"),
        (OTHER_TOWN, D, "town", "乙镇"),
    ]
    with store.writing() as connection:
        for code, parent, level, name in rows:
            unit = {"code": code, "parent_code": parent, "level": level, "name": name, "kind": ""}
            connection.execute(insert(schema.unit).values(district_code=D, batch_id="b", **unit))
    return str(store.url)


def script(url: str, role: str, own_unit: str, code: str, period: str) -> None:
    """What the app does for a viewer who is in: builds the scene and draws the page."""
    from dashboard import settings as config  # noqa: PLC0415 (AppTest runs this text elsewhere)
    from dashboard.components.scene import Scene  # noqa: PLC0415
    from dashboard.data import units  # noqa: PLC0415
    from dashboard.data.store import connect  # noqa: PLC0415
    from dashboard.pages import targets  # noqa: PLC0415
    from dashboard.policy.access import Role, Viewer  # noqa: PLC0415
    from dashboard.policy.periods import Period  # noqa: PLC0415

    store, viewer = connect(url), Viewer("someone", Role(role), own_unit)
    store.see(store.version, store.is_demo)
    focus = units.focus(store, viewer, code, Period.parse(period))
    targets.render(Scene(store, config.load(), viewer, focus, (focus.period,), store.is_demo_seen))


def page(
    url: str,
    role: Role = Role.OFFICE,
    own_unit: str = D,
    code: str | None = None,
    period: str = "2016Q3",
    **address: str,
) -> AppTest:
    kwargs = {
        "url": url,
        "role": role.value,
        "own_unit": own_unit,
        "code": code or own_unit,
        "period": period,
    }
    app = AppTest.from_function(script, kwargs=kwargs, default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def table_of(app: AppTest) -> str:
    """The markup of the 分解表."""
    (html,) = app.get("html")
    return str(html.proto.body)


@pytest.mark.parametrize(("role", "own_unit"), ROLES)
def test_each_role_sees_its_own_table(demo_url: str, role: Role, own_unit: str) -> None:
    app = page(demo_url, role, own_unit)
    store = connect(demo_url)
    with store.reading() as connection:
        below = connection.scalars(
            select(schema.unit.c.name).where(schema.unit.c.parent_code == own_unit)
        ).all()
    markup = table_of(app)
    assert len(below) > 1
    assert all(name in markup for name in below)
    assert [heading.value for heading in app.subheader][1:] == ["分解校核"]


@pytest.mark.parametrize(("role", "own_unit"), ROLES)
def test_each_role_on_an_empty_store(bare_url: str, role: Role, own_unit: str) -> None:
    app = page(bare_url, role, own_unit)
    assert [info.value for info in app.info] == [
        f"{'某区' if own_unit == D else '甲镇'}2016年第三季度尚无填报数据。"
    ]
    assert not app.get("html")


def test_the_screen_shows_the_summary(demo_url: str, settings: Settings) -> None:
    """Each town's large figure, in the view of figures, against the summary row itself."""
    app = page(demo_url)
    app.segmented_control(key="targets_face").set_value("实际/目标").run()
    markup = table_of(app)
    with connect(demo_url).reading() as connection:
        rows = connection.execute(
            select(schema.summary).where(
                schema.summary.c.parent_code == D,
                schema.summary.c.period == "2016Q3",
                schema.summary.c.indicator_code == "H05",
                schema.summary.c.value.is_not(None),
            )
        ).all()
    assert len(rows) > 10
    for row in rows:
        start = markup.index(f'data-unit="{row.unit_code}" data-indicator="H05"')
        cell = markup[start : markup.index("</td>", start)]
        assert f"<b>{row.value:,}" in cell
        assert f"<small>目标{row.target:,}</small>" in cell


def test_all_indicators_on_request(demo_url: str, settings: Settings) -> None:
    app = page(demo_url)
    assert table_of(app).count('scope="col" class="name') == len(settings.catalogue.core)
    app.segmented_control(key="targets_which").set_value("全部指标").run()
    assert table_of(app).count('scope="col" class="name') == len(settings.catalogue.indicators)


def test_a_head_of_the_table_opens_its_indicator(demo_url: str, settings: Settings) -> None:
    app = page(demo_url, indicator="H08")
    assert app.subheader[0].value == f"{settings.catalogue['H08'].name}:进度与责任"


def test_an_unknown_indicator_in_the_address_is_the_first(
    demo_url: str, settings: Settings
) -> None:
    app = page(demo_url, indicator="X99")
    assert app.subheader[0].value.startswith(settings.catalogue.core[0].name)


def test_choosing_an_indicator_keeps_it_in_the_address(demo_url: str) -> None:
    app = page(demo_url)
    app.selectbox(key="targets_indicator").set_value("H05").run()
    assert app.query_params["indicator"] == "H05"
    assert app.subheader[0].value == "当年脱贫退出户数:进度与责任"


def test_who_answers_is_shown_by_unit(demo_url: str) -> None:
    duties = page(demo_url, indicator="H05").dataframe[0].value
    with connect(demo_url).reading() as connection:
        row = connection.execute(
            select(schema.target).where(
                schema.target.c.unit_code == TOWN,
                schema.target.c.indicator_code == "H05",
                schema.target.c.year == 2016,
            )
        ).one()
    shown = duties.set_index("单位").loc["湖塘镇"]
    assert shown["年度目标(户)"] == f"{row.value:,}"
    assert (shown["责任单位"], shown["完成月份"]) == (row.department, f"{row.due_month}月")


def test_an_agreeing_decomposition_and_a_broken_one(
    demo_url: str, settings: Settings, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/agreeing.db"
    store = connect(url)
    demo.fill(store, settings, seed=1, villages=32, households=64)
    total = _make_h05_agree(store)
    app = page(url)
    assert [one.value for one in app.success] == [
        "全部一致:逐级目标合计与上级目标相等,月度计划与年度目标相等。"
    ]
    with store.writing() as connection:
        connection.execute(
            update(schema.target).where(*_h05(D)).values(value=total - 10)  # the district asks less
        )
    app = page(url)
    assert not app.success
    assert any("层层加码1处" in one.value for one in app.warning)
    found = app.dataframe[1].value.iloc[0]
    assert (found["应为"], found["现为"]) == (f"{total - 10:,}户", f"{total:,}户")


def _h05(unit: str) -> list[Any]:
    table = schema.target
    return [table.c.unit_code == unit, table.c.indicator_code == "H05", table.c.year == 2016]


def _make_h05_agree(store: Store) -> int:
    """Leave only H05 of the towns and the district, the one being the sum of the others."""
    target, town = schema.target, schema.unit.c
    with store.writing() as connection:
        towns = connection.scalars(select(town.code).where(town.parent_code == D)).all()
        connection.execute(delete(schema.target_month))
        connection.execute(delete(target).where(target.c.indicator_code != "H05"))
        connection.execute(delete(target).where(target.c.unit_code.not_in([D, *towns])))
        total = connection.scalar(
            select(func.sum(target.c.value)).where(
                target.c.unit_code.in_(towns), target.c.year == 2016
            )
        )
        connection.execute(update(target).where(*_h05(D)).values(value=total))
    return int(total or 0)


def test_a_village_is_a_table_of_one_row(demo_url: str) -> None:
    with connect(demo_url).reading() as connection:
        village = connection.scalar(
            select(func.min(schema.unit.c.code)).where(schema.unit.c.parent_code == TOWN)
        )
    markup = table_of(page(demo_url, code=str(village)))
    assert markup.count('scope="row"') == 1


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


def test_statements_of_the_page(demo_url: str) -> None:
    store = connect(demo_url)
    # The checks' findings are worked out at the first look after a write, and kept for everybody.
    page(demo_url)
    with counted(store) as statements:
        page(demo_url)
    # The script's own: the version, and whether the store is a demo. The focus is kept.
    assert len(statements) - 2 <= 5
    facts = ("observation", "village_income", "household")
    assert not any(f" {table}" in text for text in statements for table in facts)


@pytest.mark.parametrize(("role", "own_unit"), ROLES)
def test_the_download_is_the_table(
    demo_url: str, settings: Settings, role: Role, own_unit: str
) -> None:
    app = page(demo_url, role, own_unit)
    (button,) = app.get("download_button")
    name = "武进区" if own_unit == D else "湖塘镇"
    store, viewer = connect(demo_url), Viewer("someone", role, own_unit)
    focus = units.focus(store, viewer, own_unit, Period(2016, 3))
    scene = Scene(store, settings, viewer, focus, (), is_demo=True)
    own = progress.of_unit(store, viewer, focus)
    children = progress.of_children(store, viewer, focus)
    table = describe(focus, settings.catalogue, own, children, is_demo=True).core()
    file = export.offer(scene, table, is_core=True)
    assert button.proto.label == file.label
    assert file.name == f"{name}_2016年第三季度_目标任务分解完成情况表_演示数据.xlsx"
    book = openpyxl.load_workbook(BytesIO(file.build()))
    assert book.sheetnames[:4] == ["分解表", "月度计划", "责任分工", "分解校核"]
    assert book.sheetnames[4:] == ["指标口径", "数据来源"]
    origins_are_told(book)
    assert book["分解表"].cell(6, 1).value == f"{name}合计"
    if role is Role.TOWN:
        cells = "".join(str(c.value) for w in book for r in w.iter_rows() for c in r if c.value)
        assert "牛塘镇" not in cells  # nothing of another town, not even its files


def origins_are_told(book: openpyxl.Workbook) -> None:
    """Every figure of the 分解表, by its cell: of which unit and indicator, from which file."""
    sheet = book["分解表"]
    actual = [c for c in range(2, sheet.max_column + 1) if sheet.cell(5, c).value == "实际"]
    units = [r for r in range(6, sheet.max_row + 1) if sheet.cell(r, 2).value is not None]
    cells = {
        sheet.cell(row, column).coordinate: (row, column)
        for row in units
        for column in actual
        if isinstance(sheet.cell(row, column).value, int | float)
    }
    heads, *rows = list(book["数据来源"].iter_rows(min_row=2, values_only=True))
    told = [dict(zip(heads, row, strict=True)) for row in rows]
    assert {one["单元格"] for one in told} == set(cells)
    for one in told:
        row, column = cells[one["单元格"]]
        assert one["单位"] == sheet.cell(row, 1).value
        named = str(sheet.cell(4, column - 1).value)
        assert one["指标"].partition(" ")[2] == named.rpartition("(")[0]
        if sheet.cell(row, column).value:
            assert one["工作簿行数"] and ".xlsx" in one["来源文件"]
        assert one["公式"] and one["条款"].startswith("武发〔2016〕68号") and one["责任部门"]
