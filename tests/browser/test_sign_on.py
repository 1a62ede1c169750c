"""The office's own single sign-on, with a provider on loopback and a real browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from dashboard import sign_on_server
from dashboard.data import accounts, demo, schema
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role
from dashboard.settings import Settings

from .conftest import ROOT as PROJECT
from .conftest import ServerFactory, free_port, let_in, login, settled
from .provider import CLIENT, SECRET, Provider, running

pytestmark = pytest.mark.browser

ROOT, TOWN = "320412", "320412104"
PASSWORD = "Bamboo-Grove-77"  # noqa: S105 (of a store that lives for one test)
INSIDE = "退出登录"
BUTTON = "用单位统一身份认证登录"
TOWN_CLERK = {"sub": "1", "preferred_username": "li", "groups": ["town"], "unit_code": TOWN}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as one:
        yield one


@pytest.fixture
def filled(tmp_path: Path, settings: Settings) -> Store:
    store = connect(f"sqlite:///{tmp_path / 'store.db'}")
    demo.fill(store, settings, villages=20, households=40)
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, PASSWORD, must_change=False)
    accounts.add(store, ROOT, "wang", Role.LEADER, ROOT, PASSWORD, must_change=False)
    return store


@pytest.fixture
def start(
    tmp_path: Path,
    filled: Store,
    provider: Provider,
    start_server: ServerFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], str]:
    """Starts a server that knows the provider; its address."""

    def started() -> str:
        port = free_port()
        folder = tmp_path / "config"
        shutil.copytree(PROJECT / "config", folder)
        said = {
            "enabled": True,
            "metadata_url": provider.metadata_url,
            "client_id": CLIENT,
            "address": f"http://127.0.0.1:{port}",
            "grants": [
                {"value": "office", "role": "office", "unit": ROOT},
                {"value": "town", "role": "town", "unit_claim": "unit_code"},
            ],
        }
        (folder / "sign_on.yaml").write_text(yaml.safe_dump(said))
        monkeypatch.setenv("DASHBOARD_CONFIG", str(folder))
        monkeypatch.setenv(sign_on_server.SECRET, SECRET)
        return start_server(filled, port).address

    return started


def sign_on(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name=BUTTON).click()


def arrive(page: Page) -> None:
    """Wait until the way over the provider has led inside."""
    expect(page.get_by_test_id("stTopNavLink").first).to_be_visible()
    let_in(page)


def trail(store: Store, action: str) -> list[str]:
    log = schema.audit_event
    with store.reading() as connection:
        found = connection.execute(select(log).where(log.c.action == action)).all()
    return [row.username for row in found]


def test_who_is_granted_a_role_comes_in_with_it_and_leaves_for_good(
    start: Callable[[], str],
    filled: Store,
    provider: Provider,
    page: Page,
    browser: Browser,
    asked_outside: list[str],
) -> None:
    address = start()
    provider.person = TOWN_CLERK
    sign_on(page, address)
    arrive(page)
    made = accounts.find(filled, ROOT, "li")
    assert made is not None
    assert (made.role, made.unit_code) == (Role.TOWN, TOWN)
    bar = page.locator(".st-key-focus_bar")
    expect(bar.get_by_text("遥观镇").first).to_be_visible()
    page.goto(f"{address}/unit?unit=320412106")
    expect(page.get_by_text("您的账号无权查看")).to_be_visible()
    page.goto(f"{address}/unit?unit={TOWN}")
    expect(bar.get_by_text("遥观镇").first).to_be_visible()
    let_in(page)
    assert trail(filled, "login")[-1] == "li"

    copied = page.context.cookies()
    assert {"dashboard_login", "_streamlit_user"} <= {c.get("name") for c in copied}
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("button", name=INSIDE).click()
    expect(page.get_by_role("button", name=BUTTON)).to_be_visible()
    assert trail(filled, "logout") == ["li"]
    # Whoever copied both cookies while they were good gets in no more than their owner.
    thief = browser.new_context()
    thief.add_cookies(copied)  # type: ignore[arg-type]
    elsewhere = thief.new_page()
    elsewhere.goto(address)
    expect(elsewhere.get_by_role("button", name=BUTTON)).to_be_visible()
    settled(elsewhere)
    expect(elsewhere.get_by_role("button", name=INSIDE)).to_have_count(0)
    thief.close()
    assert all(url.startswith(provider.address) for url in asked_outside)


def test_a_disabled_account_is_out_and_stays_out(
    start: Callable[[], str], filled: Store, provider: Provider, page: Page
) -> None:
    address = start()
    provider.person = TOWN_CLERK
    sign_on(page, address)
    arrive(page)
    accounts.disable(filled, ROOT, "li")
    page.get_by_test_id("stTopNavLink").first.click()
    expect(page.get_by_text("登录已失效")).to_be_visible()
    sign_on(page, address)
    expect(page.get_by_text("账号已停用")).to_be_visible()
    expect(page.get_by_role("button", name=INSIDE)).to_have_count(0)


def test_who_is_granted_nothing_is_told_so_and_only_the_office_has_passwords(
    start: Callable[[], str], filled: Store, provider: Provider, page: Page
) -> None:
    address = start()
    provider.person = {"sub": "2", "preferred_username": "zhao", "groups": ["finance"]}
    sign_on(page, address)
    expect(page.get_by_text("没有使用本系统的权限")).to_be_visible()
    assert accounts.find(filled, ROOT, "zhao") is None
    # Nor does anybody take over an account with a password by bearing its name.
    provider.person = {"sub": "3", "preferred_username": "zhang", "groups": ["office"]}
    sign_on(page, address)
    expect(page.get_by_text("已是别人的账号")).to_be_visible()
    assert trail(filled, "sign_on_refused") == ["", "zhang"]

    login(page, "wang", PASSWORD)
    expect(page.get_by_text("用户名或密码不对")).to_be_visible()
    login(page, "zhang", PASSWORD)
    let_in(page)
