"""The meeting's agenda: from config, about the viewer's own unit, a point for each red town."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from streamlit.navigation.page import StreamlitPage

from dashboard.components import overview, presenter
from dashboard.components.scene import Scene
from dashboard.data import demo, units
from dashboard.data.queries import progress
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

ROOT, TOWN = "320412", "320412104"
NOW = Period(2017, 2)


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('presenter')}/demo.db")
    demo.fill(store, settings, villages=16, households=40)
    return store


def scene(
    store: Store, settings: Settings, viewer: Viewer, code: str, paths: tuple[str, ...], **more: Any
) -> Scene:
    district = settings.district.model_copy(update=more)
    pages = {path: cast(StreamlitPage, SimpleNamespace(title=f"页{path}")) for path in paths}
    focus = units.focus(store, viewer, code, NOW)
    changed = replace(settings, district=district)
    return Scene(store, changed, viewer, focus, (NOW,), True, pages)


ALL = ("", "targets", "ranking", "map", "unit", "supervision")
LEADER = Viewer("x", Role.LEADER, ROOT)


def test_the_points_are_those_of_config_in_its_order(filled: Store, settings: Settings) -> None:
    made = presenter.agenda(
        scene(filled, settings, LEADER, TOWN, ALL, agenda=["map", "decisions", "overview"])
    )
    assert [slide.path for slide in made] == ["map", "supervision", ""]
    assert {slide.unit for slide in made} == {ROOT}, "whatever page one has turned to"


def test_each_red_town_is_a_point_the_worst_first(filled: Store, settings: Settings) -> None:
    here = scene(filled, settings, LEADER, ROOT, ALL, agenda=["red_towns"], agenda_red_from=2)
    children = progress.of_children(filled, LEADER, here.focus)
    core = [entry.code for entry in settings.catalogue.core]
    reds = {s.code: s.red for s in overview.standings(children, core) if s.red >= 2}
    made = presenter.agenda(here)
    assert reds
    assert [slide.path for slide in made] == ["unit"] * len(reds)
    assert {slide.unit for slide in made} == set(reds)
    counts = [reds[slide.unit] for slide in made]
    assert counts == sorted(counts, reverse=True)


def test_a_point_without_a_page_is_left_out(filled: Store, settings: Settings) -> None:
    made = presenter.agenda(
        scene(filled, settings, LEADER, ROOT, ("", "map"), agenda=["bulletin", "map", "funds"])
    )
    assert [slide.path for slide in made] == ["map"]


def test_a_towns_meeting_is_about_the_town(filled: Store, settings: Settings) -> None:
    viewer = Viewer("t", Role.TOWN, TOWN)
    made = presenter.agenda(
        scene(filled, settings, viewer, TOWN, ALL, agenda=["overview", "red_towns"])
    )
    assert made[0].unit == TOWN
    assert all(slide.unit.startswith(TOWN) for slide in made)
