"""From a figure of the overview down to the rows it is made of, by nothing but clicks."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.data import accounts, demo
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role
from dashboard.settings import Settings

from .conftest import Server, ServerFactory, let_in, login, settled

pytestmark = pytest.mark.browser

PASSWORD = "Bamboo-Grove-77"  # noqa: S105 (of a store that lives for one test)
UNSAID = "该村尚未填报收入"
HEAD, ROW = 38, 34
"""Height of a table's head and of a row; the box to choose a row with stands first in it."""
RESTING = """element => new Promise(done => {
    element.scrollIntoView({block: "center"});
    requestAnimationFrame(() => requestAnimationFrame(done));
})"""
"""A list closes when the page below it scrolls, and the browser tells of a scroll a frame later: of
Playwright's own, which ends at the press, when the list is open already."""


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('follow')}/demo.db")
    demo.fill(store, settings, seed=3, villages=32, households=300)
    accounts.add(store, "320412", "clerk", Role.OFFICE, "320412", PASSWORD, must_change=False)
    return store


@pytest.fixture
def server(filled: Store, start_server: ServerFactory, page: Page) -> Server:
    running = start_server(filled)
    page.goto(running.at("/?period=2017Q2"))
    login(page, "clerk", PASSWORD)
    let_in(page)
    page.goto(running.at("/?period=2017Q2"))
    settled(page)
    return running


def tile(page: Page, name: str) -> tuple[int, Locator]:
    """A tile's figure, and the link below it."""
    metric = page.get_by_test_id("stMetric").filter(has_text=name)
    expect(metric).to_have_count(1)
    said = metric.get_by_test_id("stMetricValue").inner_text()
    block = page.get_by_test_id("stColumn").filter(has=metric)
    # With a tooltip Streamlit draws a link twice, once for narrow screens.
    link = block.get_by_test_id("stPageLink-NavLink").filter(visible=True)
    expect(link).to_have_count(1)
    return number(said), link


def number(said: str) -> int:
    found = re.match(r"[\d,]+", said)
    assert found, said
    return int(found[0].replace(",", ""))


def table(page: Page, head: str) -> tuple[Locator, list[list[str]]]:
    """The table with such a head, and its cells row by row, as a screen reader hears them."""
    frame = page.get_by_test_id("stDataFrame").filter(
        has=page.locator("canvas [role=columnheader]", has_text=head)
    )
    expect(frame).to_have_count(1)
    # Not Playwright's own: it gives up where the table is drawn anew at that moment.
    frame.evaluate("element => element.scrollIntoView({block: 'center'})")
    rows = frame.locator("canvas [role=row]").all()
    cells = [row.locator("[role=columnheader],[role=gridcell]").all_inner_texts() for row in rows]
    return frame, [[text.strip() for text in row] for row in cells]


def column(rows: list[list[str]], head: str) -> dict[str, str]:
    """A column's cells by the unit in the first one that has words."""
    at, names = rows[0].index(head), rows[0].index("单位")
    return {row[names]: row[at] for row in rows[1:]}


def choose(page: Page, frame: Locator, at: int) -> None:
    """Tick a row, counted from 0 below the head."""
    before = page.url
    frame.click(position={"x": 16, "y": HEAD + ROW * at + ROW / 2})
    expect(page).not_to_have_url(before)
    settled(page)


def way_down(page: Page) -> Locator:
    return page.get_by_role("combobox", name="下级单位")


def opened(page: Page) -> Locator:
    """The list of units below; pressed again, as a person would, where a page that was still on its
    way has closed it."""
    options = page.get_by_role("option")
    for _ in range(5):
        settled(page)
        way_down(page).evaluate(RESTING)
        way_down(page).click()
        try:
            expect(options.first).to_be_visible(timeout=5000)
        except AssertionError:
            continue
        break
    expect(options.first).to_be_visible()
    return options


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words, exact=True)).to_be_visible()


def test_exits_down_to_the_households(server: Server, page: Page) -> None:
    shown, link = tile(page, "当年脱贫退出户数")
    link.click()
    expect(page).to_have_url(re.compile(r"/households\?.*period=2017Q2"))
    settled(page)
    exits = "本年退出(户)"
    for _level in ("town", "village"):
        frame, rows = table(page, exits)
        by_unit = column(rows, exits)
        names = list(by_unit)
        whole, parts = number(by_unit[names[0]]), [number(by_unit[name]) for name in names[1:]]
        assert whole == shown, "the page above said so"
        assert sum(parts) == whole
        at = max(range(len(parts)), key=lambda at: parts[at])
        shown = parts[at]
        choose(page, frame, at + 1)
        # The address changes before the page does.
        title = re.compile(f"^{re.escape(names[at + 1])}")
        expect(page.get_by_role("heading", name=title).first).to_be_visible()
        settled(page)
    assert shown > 0
    heading(page, "各户情况")
    _, rows = table(page, "状态")
    left = [row for row in rows[1:] if "政策保留" in row[rows[0].index("状态")]]
    assert len(left) >= shown, "every exit of the year is a row"


def test_villages_beyond_the_line_down_to_their_incomes(server: Server, page: Page) -> None:
    shown, link = tile(page, "超150万元村")
    link.click()
    expect(page).to_have_url(re.compile(r"/unit\?.*period=2017Q2"))
    settled(page)
    head = "超150万元村(村)"
    frame, rows = table(page, head)
    by_town = column(rows, head)
    told = {town: number(text) for town, text in by_town.items() if text[0].isdigit()}
    assert sum(told.values()) == shown
    town = max(told, key=lambda name: told[name])
    choose(page, frame, list(by_town).index(town))
    expect(page.get_by_role("heading", name=f"{town} 2017年第二季度")).to_be_visible()
    beyond = 0
    options = opened(page)
    villages = options.all_inner_texts()
    page.keyboard.press("Escape")
    of_town = page.url
    for village in villages:
        page.goto(of_town)
        settled(page)
        opened(page)
        page.get_by_role("option", name=village, exact=True).click()
        expect(page.get_by_role("heading", name=re.compile(f"^{village} "))).to_be_visible()
        settled(page)
        income = page.get_by_test_id("stMetric").filter(has_text="本年累计(万元)")
        unsaid = page.get_by_text(UNSAID)
        expect(income.or_(unsaid).first).to_be_visible()
        if income.count():
            said = income.get_by_test_id("stMetricValue").inner_text()
            beyond += float(said.replace(",", "")) > 150
    assert beyond == told[town]


def test_a_chosen_row_of_the_core_table_leads_to_its_page(server: Server, page: Page) -> None:
    frame, rows = table(page, "核心指标")
    names = [row[rows[0].index("核心指标")] for row in rows[1:]]
    at = next(at for at, name in enumerate(names) if name.startswith("逾期任务"))
    choose(page, frame, at)
    expect(page).to_have_url(re.compile(r"/supervision\?.*period=2017Q2"))
