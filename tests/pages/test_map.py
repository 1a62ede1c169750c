"""The map page by role, with filters, empty, and without anything to draw."""

import json

import pytest
from sqlalchemy import select

from dashboard.data.ingest import importer
from dashboard.data.schema import INCOME_SOURCES, unit, village_income
from dashboard.data.store import Store
from dashboard.policy.access import Role
from dashboard.settings import Settings
from tests.data.ingest.books import INCOME_HEADS, UNITS, VILLAGES, book

from .conftest import ROOT, OpenPage, words

TOWN = "320412104"


@pytest.mark.parametrize(
    ("role", "own", "villages"),
    [
        (Role.LEADER, ROOT, 32),
        (Role.OFFICE, ROOT, 32),
        (Role.DEPARTMENT, ROOT, 32),
        (Role.TOWN, TOWN, 2),
    ],
)
def test_each_role_sees_its_own_villages(
    role: Role, own: str, villages: int, demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "map", role, own, period="2017Q2")
    assert not app.exception
    assert f"共{villages}个村" in words(app)
    assert len(app.dataframe[0].value) == villages
    assert "示意图" in words(app)
    assert app.get("deck_gl_json_chart")


@pytest.mark.parametrize("level", ["district", "town", "village"])
def test_an_area_has_its_own_figure(
    level: str, demo_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    """Whatever is looked at: a town is drawn around its villages, and around one of them."""
    of_town = select(sum(village_income.c[f"{source}_fen"] for source in INCOME_SOURCES)).where(
        village_income.c.village_code.startswith(TOWN), village_income.c.period == "2017Q2"
    )
    with demo_store.reading() as connection:
        value = sum(fen >= 150 * 10_000 * 100 for fen in connection.scalars(of_town))
        village = connection.scalar(select(unit.c.code).where(unit.c.parent_code == TOWN).limit(1))
    here = {"district": ROOT, "town": TOWN, "village": village}[level]
    app = open_page(demo_store, "map", Role.LEADER, ROOT, unit=here, period="2017Q2")
    layers = json.loads(app.get("deck_gl_json_chart")[0].proto.json)["layers"]
    drawn = next(layer for layer in layers if layer["id"] == "areas")["data"]["features"]
    said = {area["properties"]["code"]: area["said"] for area in drawn}
    entry = settings.catalogue["V01"]
    assert said[TOWN].startswith(f"{entry.name}:{value}{entry.unit},")


def test_filters_and_the_plain_map(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "map", Role.LEADER, ROOT, period="2017Q3")
    pills = next(group for group in app.get("button_group") if group.key == "map_filters")
    pills.set_value(["未填报"]).run()
    assert not app.exception
    assert set(app.dataframe[0].value["本年累计(万元)"]) == {"未填报"}
    face = next(group for group in app.get("button_group") if group.key.startswith("map_face"))
    face.set_value("静态图").run()
    assert not app.exception
    assert not app.get("deck_gl_json_chart")


def test_the_village_of_the_address_is_marked_and_leads_on(
    demo_store: Store, open_page: OpenPage
) -> None:
    with demo_store.reading() as connection:
        code = connection.scalar(select(unit.c.code).where(unit.c.parent_code == TOWN).limit(1))
    app = open_page(demo_store, "map", Role.LEADER, ROOT, period="2017Q2", village=code)
    assert not app.exception
    marked = [name for name in app.dataframe[0].value["村"] if name.startswith("▶")]
    assert len(marked) == 1
    assert any(marked[0].removeprefix("▶ ") in link.label for link in app.get("page_link"))


def test_an_unknown_village_in_the_address_is_no_error(
    demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "map", Role.LEADER, ROOT, period="2017Q2", village="<b>x</b>")
    assert not app.exception
    assert "点击地图上的村" in words(app)


def test_nothing_to_draw_says_how_it_gets_in(
    sqlite_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    heads, *rows = UNITS
    at = [heads.index(name) for name in ("经度", "纬度")] if "经度" in heads else []
    bare = [[None if place in at else value for place, value in enumerate(row)] for row in rows]
    incomes = [INCOME_HEADS, (2016, 3, VILLAGES[0], 10, 0, 0, 0, 0, 0, 0)]
    files = [("a.xlsx", book({"单位": [heads, *bare]})), ("b.xlsx", book({"村集体收入": incomes}))]
    importer.import_files(sqlite_store, settings, files, "测试")
    app = open_page(sqlite_store, "map", Role.OFFICE, ROOT, period="2016Q3")
    assert not app.exception
    assert "坐标" in words(app)
    assert not app.get("deck_gl_json_chart")
