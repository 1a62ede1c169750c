"""数据质量 in a browser: the charts are drawn, and a finding can be dealt with by clicks."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard import settings as config
from dashboard.data import accounts, demo
from dashboard.data.store import connect
from dashboard.policy.access import Role

from .conftest import ServerFactory, let_in, login, settled

pytestmark = pytest.mark.browser

ROOT = "320412"
PASSWORD = "Bamboo-Grove-77"  # noqa: S105 (of a store that lives for one test)


def test_a_finding_is_read_and_dealt_with(
    tmp_path: Path,
    settings: config.Settings,
    start_server: ServerFactory,
    page: Page,
    asked_outside: list[str],
) -> None:
    store = connect(f"sqlite:///{tmp_path / 'store.db'}")
    demo.fill(store, settings, villages=32, households=64)
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, PASSWORD, must_change=False)
    page.goto(start_server(store).at("/quality?unit=320412&period=2016Q4"))
    login(page, "zhang", PASSWORD)
    let_in(page)
    expect(page.get_by_text("线索待核,先核")).to_be_visible()
    # Each chart's own drawing, not only its place.
    expect(page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg").first).to_be_visible()
    page.get_by_role("tab", name="村收入与标准线").click()
    settled(page)
    charts = page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg")
    expect(charts.locator("visible=true").first).to_be_visible()

    page.get_by_role("button", name="处理").first.click()
    page.get_by_role("textbox", name="原因或结果(镇里能看到)").first.fill("已核对档案")
    page.get_by_role("button", name="确定").first.click()
    expect(page.get_by_text("已处理(1条)")).to_be_visible()
    assert asked_outside == []
