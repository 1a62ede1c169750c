"""What is done ahead of the first look after an import."""

import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert

from benchmarks import stores
from dashboard import settings as config
from dashboard import warm
from dashboard.components import drawing, turns, unseen
from dashboard.components.quality import spread
from dashboard.data import demo, schema, units
from dashboard.data.queries import glance, households, places, support
from dashboard.data.store import Store, connect
from dashboard.policy import suppression
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.city import CITY, HERE, THERE, of_two_districts

from .conftest import ROOT, OpenPage
from .test_statements import FEW


@pytest.fixture
def filled(settings: Settings, tmp_path: Path) -> Store:
    store = connect(f"sqlite:///{tmp_path / 'demo.db'}")
    demo.fill(store, settings, seed=1, villages=32, households=64)
    return store


@pytest.mark.parametrize("path", ["", "unit", "bulletin"])
def test_the_first_look_finds_it_done(path: str, filled: Store, open_page: OpenPage) -> None:
    app = open_page(filled, path, Role.LEADER, period="2016Q4")
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, sql: str, _p: Any, _x: Any, _many: bool) -> None:
        if sql.startswith(("SELECT", "WITH")):
            asked.append(sql)

    def first_look(ahead: bool) -> int:
        with filled.writing():
            pass  # a version that nobody has looked at
        if ahead:
            warm.once(filled, _settings_of_pages())
        asked.clear()
        app.query_params["period"] = "2017Q1"
        app.run()
        assert not app.exception
        return len(asked)

    event.listen(filled.engine, "before_cursor_execute", note)
    cold, warmed = first_look(ahead=False), first_look(ahead=True)
    assert warmed <= FEW
    assert warmed < cold


def test_older_quarters_have_their_small_cells_found(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is searched for at the first look, and what viewers have looked at stays kept."""
    settings = _settings_of_pages()
    store = filled.for_a_look()
    store.see(store.version, is_demo=True)
    suppression._hidden.cache_clear()
    warm.once(store, settings)
    kept = households.look.answers.cache_info()  # type: ignore[attr-defined]
    done = list(warm.older(store, settings))
    assert done == sorted(done, reverse=True)
    assert len(done) >= 4
    assert kept == households.look.answers.cache_info()  # type: ignore[attr-defined]
    gone_through = households._viewed.cache_info().misses

    def searched(*_: Any) -> None:
        raise AssertionError("found before")

    monkeypatch.setattr(suppression._Network, "protect", searched)
    leader = Viewer("leader", Role.LEADER, ROOT)
    for period in done:
        focus = units.focus(store, leader, ROOT, period)
        assert households.look(store, leader, focus, settings)
        households.breakdown(store, leader, focus)
    assert households._viewed.cache_info().misses == gone_through


def test_while_a_page_is_drawn_nobody_is_held_up() -> None:
    assert turns.is_quiet()
    with turns.turn():
        assert not turns.is_quiet()
    assert turns.is_quiet()


def _settings_of_pages() -> Settings:
    return config.load()  # the very ones that pages load


def test_a_chart_is_there_before_anybody_looks() -> None:
    drawing.make_ready()
    build = spread._chart.kept
    made = build.cache_info()
    build(False, False)
    assert build.cache_info().misses == made.misses, "light, outside a meeting"
    assert not unseen.is_unseen()


def test_a_broken_wording_keeps_nothing_else_from_being_done(
    filled: Store, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "config"
    shutil.copytree(settings.folder, folder)
    (folder / "bulletin" / "bulletin.j2").write_text("[每]", encoding="utf-8")
    filled.see(filled.version, is_demo=True)
    before = households.look.answers.cache_info().misses  # type: ignore[attr-defined]
    warm.once(filled, config.load(folder))
    assert households.look.answers.cache_info().misses == before + 1  # type: ignore[attr-defined]


_LOADED = """
import sys
from dashboard import warm
from dashboard.components import drawing
warm.load()
drawing.make_ready()
assert drawing._templates, "charts are loaded with the pages"
assert "extra_streamlit_components" not in sys.modules, "the login's component"
"""


def test_the_login_is_left_to_the_first_page() -> None:
    """Its library declares a component, which Streamlit wants to see in the run of a page."""
    made = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    assert "ScriptRunContext" not in made.stderr, "nothing is drawn as if on a page"


def test_an_empty_store_is_no_trouble(settings: Settings, tmp_path: Path) -> None:
    asked: list[str] = []
    empty = connect(f"sqlite:///{tmp_path / 'empty.db'}")
    empty.migrate()
    with empty.writing() as connection:
        row = {"district_code": ROOT, "code": ROOT, "level": "district", "name": "区"}
        connection.execute(insert(schema.unit).values(**row, batch_id="b"))
    event.listen(empty.engine, "before_cursor_execute", lambda _c, _u, sql, *_: asked.append(sql))
    warm.once(empty, settings)
    assert not [sql for sql in asked if "village_income" in sql], "no quarter, no check"


@pytest.fixture
def city(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A city of two districts, the store and the configuration of this process; nobody has looked
    at anything yet."""
    folder = stores.config_for(CITY, tmp_path / "config")
    store = of_two_districts(f"sqlite:///{tmp_path / 'city.db'}", settings)
    monkeypatch.setenv("DASHBOARD_CONFIG", str(folder))
    monkeypatch.setenv("STORE_URL", store.url.render_as_string(hide_password=False))
    monkeypatch.setattr(warm, "_looked_at", deque(maxlen=8))
    return store


def test_in_a_city_the_district_that_somebody_looks_at_is_made_ready(
    city: Store, open_page: OpenPage
) -> None:
    rounds = warm._Rounds()
    rounds.go_on()  # nobody has looked yet: nothing above a district
    app = open_page(city, "unit", Role.LEADER, CITY, CITY, unit=THERE, period="2017Q1")
    assert not app.exception
    for _ in range(30):
        rounds.go_on()
    settings, store = config.load(), city.for_a_look()
    store.see(store.version, is_demo=True)
    leader = Viewer("another", Role.LEADER, CITY)
    focus = units.focus(store, leader, THERE, Period(2016, 2))  # nobody has looked at it
    asked: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda _c, _u, sql, *_: asked.append(sql))
    assert places.villages(store, leader, focus, settings)
    assert glance.glance(store, leader, focus, settings)
    assert len(support.households(store, leader, focus))
    assert not asked


def test_who_goes_to_and_fro_has_each_district_made_ready_once(
    city: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    gone_through: list[str] = []

    def noted(store: Store, given: Settings, district: str) -> None:
        made.append(district)

    def quarters(store: Store, given: Settings, district: str) -> Any:
        for period in (Period(2017, 2), Period(2017, 1)):
            gone_through.append(district)
            yield period

    monkeypatch.setattr(warm, "once", noted)
    monkeypatch.setattr(warm, "older", quarters)
    rounds, leader = warm._Rounds(), Viewer("leader", Role.LEADER, CITY)
    for _ in range(6):
        for district in (HERE, THERE):
            warm.looked_at(units.focus(city, leader, district, Period(2017, 2)))
            rounds.go_on()
    assert sorted(made) == sorted([CITY, HERE, THERE])
    assert sorted(gone_through) == sorted(2 * [CITY, HERE, THERE])
    with city.writing():
        pass  # another version
    rounds.go_on()
    assert made[3:] == [THERE]


def test_a_district_that_is_gone_keeps_nothing_else_from_being_done(
    city: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    whole: Callable[..., None] = warm.once

    def noted(store: Store, given: Settings, district: str) -> None:
        made.append(district)
        whole(store, given, district)

    monkeypatch.setattr(warm, "once", noted)
    warm._looked_at.extend([HERE, "320499"])
    rounds = warm._Rounds()
    for _ in range(4):
        rounds.go_on()
    assert made == ["320499", HERE, CITY]
