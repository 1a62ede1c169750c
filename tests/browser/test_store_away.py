"""The database goes away under an open page, and comes back: nobody presses anything."""

import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.data import accounts, demo
from dashboard.data.store import Store
from dashboard.policy.access import Role
from dashboard.settings import Settings

from .conftest import ServerFactory, let_in, login, settled

ROOT, PASSWORD, WRONG = "320412", "Bamboo-Grove-77", "Pine-Grove-13"
pytestmark = pytest.mark.browser


@pytest.fixture
def filled(sqlite_store: Store, settings: Settings) -> Store:
    demo.fill(sqlite_store, settings, seed=1, villages=20, households=20)
    accounts.add(sqlite_store, ROOT, "zhou", Role.LEADER, ROOT, PASSWORD, must_change=False)
    return sqlite_store


def test_the_last_figures_stay_until_it_is_back(
    filled: Store, start_server: ServerFactory, page: Page, tmp_path: Path
) -> None:
    server = start_server(filled)
    page.goto(server.at("/?period=2016Q3"))
    login(page, "zhou", WRONG)
    expect(page.get_by_text("用户名或密码不对")).to_be_visible()
    login(page, "zhou", PASSWORD)
    let_in(page)
    page.goto(server.at("/?period=2016Q3"))
    settled(page)
    figures = page.get_by_test_id("stMetricValue")
    expect(figures.first).to_be_visible()
    before = figures.all_inner_texts()
    notice = page.get_by_text("数据库暂时连不上")

    path = Path(str(filled.url.database))
    aside = [(one, tmp_path / f"aside-{one.name}") for one in tmp_path.glob(f"{path.name}*")]
    for one, other in aside:
        shutil.move(one, other)
    page.reload()
    expect(notice).to_contain_text("以下是")
    settled(page)
    assert figures.all_inner_texts() == before
    assert page.request.get(server.at("/readyz")).status == 503
    assert page.request.get(server.at("/healthz")).ok
    page.screenshot(path=str(tmp_path / "away.png"))
    page.goto(server.at("/targets?period=2016Q3"))
    expect(notice).to_contain_text("没有可以先看的数据")
    said = notice.inner_text()

    for one, other in aside:
        shutil.move(other, one)
    expect(notice).to_have_count(0)
    expect(page.get_by_text("目标任务分解").last).to_be_visible()
    assert page.request.get(server.at("/readyz")).ok
    tokens = [str(cookie.get("value")) for cookie in page.context.cookies()]
    assert tokens, "still logged in"
    _well_kept(server.log.read_text(encoding="utf-8"), said, tokens)


def _well_kept(log: str, screen: str, tokens: list[str]) -> None:
    """A line of JSON an event, with the number that the screen showed, and nobody's secrets."""
    lines = [line for line in log.splitlines() if not line.startswith("请在浏览器打开")]
    events = [json.loads(line) for line in lines]
    number = re.search(r"编号 ([0-9A-F]{8})", screen)
    assert number is not None
    assert number[1] in {event.get("reference") for event in events}
    for secret in (PASSWORD, WRONG, "zhou", *tokens):
        assert secret not in log
