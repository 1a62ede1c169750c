"""公众查询 without a login: published figures only, and nothing but them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.briefing import issues
from dashboard.briefing.content import from_json
from dashboard.components import visits
from dashboard.data import demo, rollup, schema, units
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

from .conftest import ENTRY, ROOT, words

OFFICE = Viewer("office", Role.OFFICE, ROOT)
Look = Callable[[str], AppTest]


@pytest.fixture
def filled(tmp_path: Path, settings: Settings) -> Store:
    store = connect(f"sqlite:///{tmp_path / 'public.db'}")
    demo.fill(store, settings, seed=1, villages=32, households=64)
    return store


@pytest.fixture
def look(filled: Store, monkeypatch: pytest.MonkeyPatch) -> Look:
    """A page's run without a login."""
    monkeypatch.setenv("DASHBOARD_COOKIE_KEY", "0" * 64)
    monkeypatch.setenv("STORE_URL", filled.url.render_as_string(hide_password=False))
    monkeypatch.setattr(ContextProxy, "ip_address", None)
    monkeypatch.setattr(visits._LIMITER, "hit", lambda *_: True)

    def looked(path: str) -> AppTest:
        app = AppTest.from_file(str(ENTRY), default_timeout=60)
        app._page_hash = calc_hash(path)
        return app.run()

    return looked


def publish(store: Store, settings: Settings, quarter: str) -> str:
    focus = units.focus(store, OFFICE, ROOT, Period.parse(quarter))
    return issues.publish(store, OFFICE, focus, settings).content


def test_before_anything_is_published(look: Look) -> None:
    app = look("public")
    assert not app.exception
    assert "还没有公布情况通报" in words(app)
    assert not app.metric
    assert not app.text_input, "no login form"


def test_it_tells_what_was_published_and_not_what_moved_since(
    look: Look, filled: Store, settings: Settings
) -> None:
    content = from_json(publish(filled, settings, "2016Q3"))
    told = {
        used.indicator: used.text
        for used in content.figures
        if used.unit_code == ROOT and used.measure == "value"
    }
    with filled.writing() as connection:
        connection.execute(
            update(schema.village_income)
            .where(schema.village_income.c.period == "2016Q3")
            .values(leasing_fen=schema.village_income.c.leasing_fen + 9_000_000)
        )
    rollup.rebuild(filled, settings)
    app = look("public")
    assert not app.exception
    shown = dict(zip(app.dataframe[0].value["指标"], app.dataframe[0].value["实际"], strict=True))
    entries = settings.catalogue
    assert shown == {e.name: told[e.code] for e in entries.core if e.code in told}
    assert len(shown) >= 8
    assert content.document_number in words(app)


def test_a_correction_takes_the_place_of_what_it_corrects(
    look: Look, filled: Store, settings: Settings
) -> None:
    publish(filled, settings, "2016Q3")
    with filled.writing() as connection:
        connection.execute(
            update(schema.village_income)
            .where(schema.village_income.c.period == "2016Q3")
            .values(leasing_fen=schema.village_income.c.leasing_fen + 9_000_000)
        )
    rollup.rebuild(filled, settings)
    focus = units.focus(filled, OFFICE, ROOT, Period(2016, 3))
    corrected = from_json(
        issues.publish(filled, OFFICE, focus, settings, is_correction=True).content
    )
    app = look("public")
    assert app.selectbox[0].options == ["2016年第三季度"]
    shown = dict(zip(app.dataframe[0].value["指标"], app.dataframe[0].value["实际"], strict=True))
    told = {
        u.indicator: u.text
        for u in corrected.figures
        if u.unit_code == ROOT and u.measure == "value"
    }
    assert shown[settings.catalogue["V03"].name] == told["V03"]


@pytest.mark.parametrize("path", ["", "targets", "households", "admin", "bulletin", "help"])
def test_every_other_page_still_asks_for_the_login(path: str, look: Look) -> None:
    app = look(path)
    assert not app.exception
    assert [field.label for field in app.text_input] == ["用户名", "密码"]
    assert not app.dataframe
    assert not app.metric


def test_who_asks_too_often_waits(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits._LIMITER, "hit", lambda *_: False)
    app = look("public")
    assert visits.TOO_OFTEN in words(app)
    assert not app.dataframe


def test_the_limit_is_by_address() -> None:
    item = visits.DOCUMENTS
    answers = [visits.allowed(item, "192.0.2.1") for _ in range(item.amount + 1)]
    assert answers == [True] * item.amount + [False]
    assert visits.allowed(item, "192.0.2.2")
