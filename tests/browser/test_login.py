"""The gate, from outside: a fresh server for every address, asked first without a login."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard import app
from dashboard import settings as config
from dashboard.data import accounts, demo
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role

from .conftest import Server, ServerFactory, let_in, login, settled

pytestmark = pytest.mark.browser

ROOT = "320412"
PASSWORD = "Bamboo-Grove-77"  # noqa: S105 (of a store that lives for one test)
INSIDE = "退出登录"
PAGES = 13
"""Links of the navigation, once inside; a leader has no desk."""
# Figures, names and marks that stand on pages behind the gate and nowhere before it.
BEHIND = ("万元", "超150万元村", "经济一般村", "遥观镇", INSIDE)


@pytest.fixture
def filled(tmp_path: Path, settings: config.Settings) -> Store:
    """A small demo district with an account of a known password for each kind of look."""
    store = connect(f"sqlite:///{tmp_path / 'store.db'}")
    demo.fill(store, settings, villages=20, households=40)
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, PASSWORD, must_change=False)
    return store


@pytest.mark.parametrize("path", [f"/{path}" for path, *_ in app._PAGES])
def test_first_address_asked_without_login_shows_the_form_and_no_data(
    path: str, filled: Store, start_server: ServerFactory, page: Page, asked_outside: list[str]
) -> None:
    page.goto(start_server(filled).at(f"{path}?unit=320412104&period=2016Q3"))
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()
    settled(page)
    text = page.locator("body").inner_text()
    assert not [word for word in BEHIND if word in text]
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(0)
    assert asked_outside == []


def test_deep_link_and_login_survive(
    filled: Store, start_server: ServerFactory, page: Page, asked_outside: list[str]
) -> None:
    page.goto(start_server(filled).at("/unit?unit=320412104&period=2016Q3"))
    login(page, "zhang", PASSWORD)
    let_in(page)
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(PAGES)
    assert page.url.endswith("/unit?unit=320412104&period=2016Q3")
    bar = page.locator(".st-key-focus_bar")
    expect(bar.get_by_text("遥观镇")).to_be_visible()

    page.reload()
    expect(bar.get_by_text("遥观镇")).to_be_visible()
    expect(page.get_by_role("textbox", name="密码")).to_have_count(0)
    expect(page.get_by_text("演示账号")).to_have_count(0)

    copied = page.context.cookies()
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("button", name=INSIDE).click()
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()
    page.reload()
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()
    # Whoever copied the cookie while it was good gets in no more than its owner.
    page.context.add_cookies(copied)  # type: ignore[arg-type]
    page.reload()
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()
    assert asked_outside == []


def test_nothing_runs_but_what_was_pressed_and_no_script_reads_the_cookie(
    filled: Store, start_server: ServerFactory, page: Page
) -> None:
    ended: list[int] = []

    def heard(frame: bytes | str) -> None:
        message = ForwardMsg()
        message.ParseFromString(frame if isinstance(frame, bytes) else frame.encode())
        if message.WhichOneof("type") == "script_finished":
            ended.append(message.script_finished)

    page.on("websocket", lambda socket: socket.on("framereceived", heard))
    server = start_server(filled)
    page.goto(server.at("/help"))
    login(page, "zhang", PASSWORD)
    let_in(page)
    page.wait_for_timeout(1000)
    assert len(ended) == 2, "one run for the form, one for the press"
    cookie = next(c for c in page.context.cookies() if c.get("name") == "dashboard_login")
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Strict")
    assert "dashboard_login" not in page.evaluate("() => document.cookie")

    del ended[:]
    page.reload()
    expect(page.get_by_test_id("stTopNavLink").first).to_be_visible()
    settled(page)
    page.wait_for_timeout(1000)
    assert len(ended) == 1, "the opened page"
    assert page.locator("iframe").count() == 0

    # A component that answers would run its page once more, and a press then would be lost.
    for path in ("/", "/map", "/ranking", "/unit", "/households"):
        del ended[:]
        page.goto(server.at(path))
        expect(page.get_by_test_id("stTopNavLink").first).to_be_visible()
        settled(page)
        page.wait_for_timeout(2000)
        assert len(ended) == 1, path

    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("button", name=INSIDE).click()
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()
    settled(page)
    page.wait_for_timeout(1000)
    assert not [c for c in page.context.cookies() if c.get("name") == "dashboard_login"]


def test_wrong_login_does_not_tell_which_part_was_wrong(
    filled: Store, start_server: ServerFactory, page: Page
) -> None:
    address = start_server(filled).at("/")
    said = []
    for name, password in (("zhang", "Wrong-Password-1"), ("nobody", PASSWORD)):
        page.goto(address)
        login(page, name, password)
        alert = page.get_by_test_id("stAlertContentError")
        expect(alert).to_be_visible()
        said.append(alert.inner_text())
    assert said[0] == said[1]
    assert "用户名或密码不对" in said[0]
    expect(page.get_by_role("button", name=INSIDE)).to_have_count(0)


def test_disabling_an_account_ends_its_open_session_and_its_cookie(
    filled: Store, start_server: ServerFactory, page: Page
) -> None:
    page.goto(start_server(filled).at("/help"))
    login(page, "zhang", PASSWORD)
    let_in(page)
    expect(page.get_by_test_id("stTopNavLink").first).to_be_visible()
    accounts.disable(filled, ROOT, "zhang")

    # The open session: its next step, whatever it is, leads out.
    page.get_by_test_id("stTopNavLink").first.click()
    expect(page.get_by_text("登录已失效")).to_be_visible()
    expect(page.get_by_role("button", name=INSIDE)).to_have_count(0)

    # The cookie, which the browser still holds, opens nothing any more.
    page.reload()
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()
    settled(page)
    expect(page.get_by_role("button", name=INSIDE)).to_have_count(0)


def test_a_new_password_ends_the_open_session_and_every_copied_cookie(
    filled: Store, start_server: ServerFactory, page: Page, browser: Browser
) -> None:
    address = start_server(filled).at("/help")
    page.goto(address)
    login(page, "zhang", PASSWORD)
    let_in(page)
    copied = page.context.cookies()
    accounts.reset_password(filled, ROOT, "zhang")

    page.get_by_test_id("stTopNavLink").first.click()
    expect(page.get_by_text("登录已失效")).to_be_visible()
    thief = browser.new_context()
    thief.add_cookies(copied)  # type: ignore[arg-type]
    elsewhere = thief.new_page()
    elsewhere.goto(address)
    expect(elsewhere.get_by_role("textbox", name="密码")).to_be_visible()
    settled(elsewhere)
    expect(elsewhere.get_by_role("button", name=INSIDE)).to_have_count(0)
    thief.close()


def test_first_login_must_change_the_password(
    filled: Store, start_server: ServerFactory, page: Page
) -> None:
    first = accounts.add(filled, ROOT, "wang", Role.LEADER, ROOT)
    page.goto(start_server(filled).at("/targets"))
    login(page, "wang", first)
    let_in(page)
    expect(page.get_by_text("请修改密码")).to_be_visible()
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(0)
    page.get_by_role("textbox", name="原密码", exact=True).fill(first)
    page.get_by_role("textbox", name="新密码(至少10位)").fill(PASSWORD)
    page.get_by_role("textbox", name="再输一次新密码").fill(PASSWORD)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(PAGES - 1)
    let_in(page)
    page.reload()  # the cookie goes on with the new password
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(PAGES - 1)
    expect(page.get_by_role("textbox", name="密码")).to_have_count(0)
    assert accounts.verify(filled, ROOT, "wang", PASSWORD)
    assert not accounts.verify(filled, ROOT, "wang", first)


def test_demo_button_lets_a_newcomer_in(
    filled: Store, settings: config.Settings, start_server: ServerFactory, page: Page
) -> None:
    accounts.create_demo_accounts(filled, settings)
    page.goto(start_server(filled).at("/"))
    expect(page.get_by_role("button", name="领导小组")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="领导小组").click()
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(PAGES - 1)
    expect(page.get_by_text("演示数据").first).to_be_visible()


def _ask(server: Server, path: str) -> Any:
    return urllib.request.urlopen(server.at(path))  # noqa: S310 (our own address)


def test_health_readiness_and_headers(filled: Store, start_server: ServerFactory) -> None:
    server = start_server(filled)
    for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
        with _ask(server, path) as answer:
            assert json.load(answer) == {"status": status}
    with _ask(server, "/") as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_not_ready_without_a_schema(tmp_path: Path, start_server: ServerFactory) -> None:
    server = start_server(connect(f"sqlite:///{tmp_path / 'bare.db'}"))
    with pytest.raises(urllib.error.HTTPError) as refused:
        _ask(server, "/readyz")
    assert refused.value.code == 503
