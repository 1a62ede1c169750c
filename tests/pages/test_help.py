"""使用帮助 and the shell round every page: each role, with and without data, and when all fails."""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy.exc import OperationalError
from streamlit.testing.v1 import AppTest

from dashboard.data import units
from dashboard.data.store import Store
from dashboard.policy.access import Role
from dashboard.settings import Settings

from .conftest import ENTRY, ROOT, OpenPage, words

TOWN, OTHER_TOWN = "320412104", "320412100"
ROLES = [(Role.LEADER, ROOT), (Role.OFFICE, ROOT), (Role.DEPARTMENT, ROOT), (Role.TOWN, TOWN)]


@pytest.mark.parametrize(("role", "own"), ROLES)
def test_help_names_every_indicator_and_light(
    role: Role, own: str, demo_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "help", role, own)
    assert not app.exception
    text = words(app)
    for mark in ("● **达到序时**", "▲ **略低于序时**", "■ **明显滞后**", "○ **无法判断**"):
        assert mark in text
    defined = next(t.value for t in app.table if "口径" in t.value and "代码" in t.value)
    assert list(defined["代码"]) == [entry.code for entry in settings.catalogue.indicators]
    assert "演示数据" in text


@pytest.mark.parametrize(("role", "own"), ROLES[:3])
def test_help_needs_no_data(role: Role, own: str, sqlite_store: Store, open_page: OpenPage) -> None:
    app = open_page(sqlite_store, "help", role, own)
    assert not app.exception
    assert "达到序时" in words(app)
    assert "演示数据" not in words(app)


@pytest.mark.parametrize("path", ["", "targets", "unit"])
@pytest.mark.parametrize(
    ("role", "says"), [(Role.OFFICE, "python -m dashboard import"), (Role.LEADER, "请联系扶贫办")]
)
def test_empty_store_says_how_data_get_in(
    path: str, role: Role, says: str, sqlite_store: Store, open_page: OpenPage
) -> None:
    app = open_page(sqlite_store, path, role)
    assert not app.exception
    assert "还没有任何数据" in words(app)
    assert says in words(app)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"unit": "999999999"}, "没有代码为“999999999”的单位"),
        ({"unit": OTHER_TOWN}, "您的账号无权查看"),  # another town's office asks
        ({"unit": ROOT}, "您的账号无权查看"),  # and the district above its own
        ({"period": "2016Q5"}, "季度应写作2016Q3的形式"),
    ],
)
def test_address_that_cannot_be_is_answered_in_a_sentence(
    query: dict[str, str], sentence: str, demo_store: Store, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "unit", Role.TOWN, TOWN, **query)
    assert not app.exception
    assert [error.value for error in app.error if sentence in error.value]
    back = next(button for button in app.button if button.label == "返回总览")
    back.click()
    app.run()
    assert not app.error
    assert "unit" not in app.query_params


def _raising(error: Exception) -> Callable[..., NoReturn]:
    def fail(*_: object, **__: object) -> NoReturn:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ZeroDivisionError("secret detail"), "页面出错"),
        (OperationalError("SELECT secret detail", None, Exception("gone")), "数据库暂时连不上"),
    ],
)
def test_failure_shows_a_number_and_logs_the_rest(
    error: Exception,
    says: str,
    demo_store: Store,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(units, "focus", _raising(error))
    with caplog.at_level(logging.ERROR):
        app = open_page(demo_store, "unit", Role.OFFICE)
    shown = next(e.value for e in app.error)
    assert says in shown
    number = re.search(r"编号 ([0-9A-F]{8})", shown)
    assert number is not None
    assert number[1] in caplog.text
    assert "secret detail" in caplog.text
    assert "secret detail" not in words(app)
    assert not app.exception


def test_store_without_schema_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setenv("STORE_URL", f"sqlite:///{tmp_path / 'bare.db'}")
    app = AppTest.from_file(str(ENTRY), default_timeout=60).run()
    assert "python -m dashboard init" in words(app)
    assert not app.exception
