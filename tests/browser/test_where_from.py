"""数据来源 in a browser: from a figure of the overview to the row in the file, click by click."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Position, expect

from dashboard.data import accounts, demo
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role
from dashboard.settings import Settings

from .conftest import ServerFactory, let_in, login, settled

pytestmark = pytest.mark.browser

ROOT = "320412"
PASSWORD = "Bamboo-Grove-77"  # noqa: S105 (of a store that lives for one test)
HEAD, ROW = 38, 34
"""Height of a table's head and of a row."""
FIRST: Position = {"x": 40, "y": HEAD + ROW / 2}
"""Where a table has the name in its first row."""


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('where')}/demo.db")
    demo.fill(store, settings, seed=3, villages=32, households=64)
    for name in ("boss", "vice"):
        accounts.add(store, ROOT, name, Role.LEADER, ROOT, PASSWORD, must_change=False)
    yield store
    store.engine.dispose()


def window(page: Page) -> Locator:
    found = page.get_by_role("dialog")
    expect(found).to_be_visible()
    settled(page)
    return found


def has_the_keys(page: Page) -> None:
    """Wait until the window has the keyboard: for a moment after a press nothing has it, while the
    button that was pressed goes and the window takes the keys back. A hand is slower than that."""
    expect(page.locator("[role=dialog]:focus-within")).to_have_count(1)


def first_unit(page: Page) -> None:
    """Press the name of the first unit that the figure is made of."""
    before = page.url
    frame = window(page).get_by_test_id("stDataFrame").first
    frame.scroll_into_view_if_needed()
    frame.click(position=FIRST)
    expect(page).not_to_have_url(before)
    settled(page)


def test_from_the_overview_to_file_and_row(
    filled: Store, start_server: ServerFactory, page: Page, asked_outside: list[str]
) -> None:
    server = start_server(filled)
    page.goto(server.at("/?period=2016Q4"))
    login(page, "boss", PASSWORD)
    let_in(page)
    # By the keyboard alone: the button below the third tile, 村集体年收入.
    tile = page.get_by_test_id("stColumn").filter(
        has=page.get_by_test_id("stMetric").filter(has_text="村集体年收入")
    )
    button = tile.get_by_role("button", name="来源")
    button.focus()
    page.keyboard.press("Enter")
    expect(window(page).get_by_text("由16个镇(街道)的数合成")).to_be_visible()
    expect(page).to_have_url(re.compile("figure=V03"))
    first_unit(page)
    town = page.url
    expect(window(page).get_by_text("个村的数合成")).to_be_visible()
    first_unit(page)
    told = window(page)
    row = told.get_by_text(re.compile(r"文件“.+\.xlsx” · 村集体收入 第\d+行 · "))
    expect(row).to_be_visible()
    # The address is the question: opened anew, it leads to the same row.
    said, here = row.inner_text(), page.url
    page.goto(here)
    expect(window(page).get_by_text(said.splitlines()[0][:20]).first).to_be_visible()
    # And one step up again, by the way at the head.
    window(page).get_by_role("button", name="›").last.click()
    expect(page).to_have_url(town)
    expect(window(page).get_by_text("个村的数合成")).to_be_visible()
    has_the_keys(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("figure="))
    assert asked_outside == []
    # A click in the window passes the gate as every other: not for an account that is no more.
    page.goto(town)
    expect(window(page).get_by_text("个村的数合成")).to_be_visible()
    frame = window(page).get_by_test_id("stDataFrame").first
    frame.scroll_into_view_if_needed()
    accounts.disable(filled, ROOT, "boss")
    frame.click(position=FIRST)
    expect(page.get_by_role("textbox", name="用户名")).to_be_visible()
    expect(page.get_by_text("· 村集体收入 第")).to_have_count(0)


def test_a_cell_of_the_decomposition_and_a_figure_of_a_table(
    filled: Store, start_server: ServerFactory, page: Page
) -> None:
    server = start_server(filled)
    page.goto(server.at("/targets?period=2016Q4"))
    login(page, "vice", PASSWORD)
    let_in(page)
    cell = page.locator("td[data-indicator=V01][data-unit='320412104'] a.origin")
    cell.click()
    expect(window(page).get_by_text("遥观镇").first).to_be_visible()
    expect(page).to_have_url(re.compile("figure=V01"))
    page.goto(server.at("/?period=2016Q4"))
    settled(page)
    frame = page.get_by_test_id("stDataFrame").first
    box = frame.bounding_box()
    assert box is not None
    # The figure of the first row: right of the tick and the name, before the target.
    frame.click(position={"x": 320 if box["width"] > 600 else 290, "y": HEAD + ROW / 2})
    expect(window(page).get_by_text("村集体年收入超150万元的村数").first).to_be_visible()
    # In a meeting the window has the keys: they neither turn the page nor end the meeting.
    page.goto(server.at("/?period=2016Q4&present=1&slide=1&figure=V01"))
    expect(window(page).get_by_text("由16个镇(街道)的数合成")).to_be_visible()
    has_the_keys(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("figure="))
    settled(page)
    expect(page).to_have_url(re.compile("present=1"))
    expect(page.get_by_text(re.compile("^1/"))).to_be_visible()
