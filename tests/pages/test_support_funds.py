"""Support and funds by role: what each sees, and that nobody sees what is not its own."""

import pytest

from dashboard.data.store import Store
from dashboard.policy.access import Role

from .conftest import ROOT, OpenPage, words

TOWN = "320412104"
NOW = "2016Q4"
ROLES = [(Role.LEADER, ROOT), (Role.OFFICE, ROOT), (Role.TOWN, TOWN), (Role.DEPARTMENT, ROOT)]


@pytest.mark.parametrize("path", ["support", "funds"])
@pytest.mark.parametrize(("role", "own"), ROLES)
def test_each_role(path: str, role: Role, own: str, demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, path, role, own, period=NOW)
    assert not app.exception
    assert not app.error
    assert len(app.dataframe) >= 2
    if own == TOWN:
        shown = " ".join(str(frame.value.to_dict()) for frame in app.dataframe)
        assert "湖塘镇" not in shown


@pytest.mark.parametrize("path", ["support", "funds"])
def test_a_village(path: str, demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, path, Role.OFFICE, ROOT, unit="320412104201", period=NOW)
    assert not app.exception


@pytest.mark.parametrize("path", ["support", "funds"])
def test_a_year_without_anything(path: str, demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, path, Role.LEADER, ROOT, period="2019Q1")
    assert not app.exception


def test_nothing_is_said_of_villages_that_nothing_is_known_of(
    demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "support", Role.DEPARTMENT, ROOT, period="2019Q1")
    assert "没有登记在册的经济一般村" in words(app)
    assert "各经济一般村都有" not in words(app)
    (own,) = (f.value for f in app.dataframe if "经济一般村" in f.value)
    assert set(own["经济一般村"]) == {"—"}


@pytest.mark.parametrize("path", ["support", "funds"])
def test_an_empty_store(path: str, sqlite_store: Store, open_page: OpenPage) -> None:
    app = open_page(sqlite_store, path, Role.OFFICE, ROOT)
    assert not app.exception
    assert "还没有任何数据" in words(app)


def test_another_town_is_refused(demo_store: Store, open_page: OpenPage) -> None:
    for path in ("support", "funds"):
        app = open_page(demo_store, path, Role.TOWN, TOWN, unit="320412105", period=NOW)
        assert app.error
        assert not app.dataframe


def test_the_line_can_be_moved(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "funds", Role.LEADER, ROOT, period=NOW)
    assert "与现行" not in words(app)
    app.slider(key="floor_line").set_value(150).run()
    assert not app.exception
    assert "与现行120万元相比" in words(app)
    assert "假设" in words(app)
