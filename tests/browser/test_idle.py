"""A login that rests: the screen is cleared by itself, and a meeting's is not."""

import pytest
from playwright.sync_api import Page, expect

from dashboard.data import accounts, demo
from dashboard.data.store import Store
from dashboard.policy.access import Role
from dashboard.settings import Settings

from .conftest import ServerFactory, let_in, login, settled

ROOT, PASSWORD = "320412", "Bamboo-Grove-77"
SECONDS = 12
pytestmark = pytest.mark.browser


def test_the_screen_is_cleared_but_for_a_meeting(
    sqlite_store: Store,
    settings: Settings,
    start_server: ServerFactory,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DASHBOARD_IDLE_MINUTES", str(SECONDS / 60))
    demo.fill(sqlite_store, settings, seed=1, villages=20, households=20)
    accounts.add(sqlite_store, ROOT, "sun", Role.LEADER, ROOT, PASSWORD, must_change=False)
    server = start_server(sqlite_store)
    # Straight to the meeting: on a slow machine a page before it would rest for too long.
    page.goto(server.at("/?period=2017Q2&present=1&slide=1"))
    login(page, "sun", PASSWORD)
    let_in(page)
    figures = page.get_by_test_id("stMetric")
    expect(figures.first).to_be_visible()
    page.wait_for_timeout(2 * SECONDS * 1000)
    expect(figures.first).to_be_visible()
    page.goto(server.at("/?period=2017Q2"))
    settled(page)
    expect(figures.first).to_be_visible()
    # Nobody touches anything from here on.
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()
    expect(figures).to_have_count(0)
    expect(page.get_by_text("登录已失效")).to_be_visible()
