"""The three things a meeting looks at, in a real browser: agenda by keyboard, map, no outside."""

import math
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Playwright, expect
from sqlalchemy import select

from dashboard import settings as config
from dashboard.components.maps import deck, picture
from dashboard.components.maps.picture import Picture
from dashboard.data import accounts, demo, units
from dashboard.data.queries import places
from dashboard.data.schema import unit
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period

from .conftest import ARGUMENTS, PATIENCE, ServerFactory, let_in, login, settled

pytestmark = pytest.mark.browser

ROOT, TOWN = "320412", "320412104"
PASSWORD = "Bamboo-Grove-77"  # noqa: S105 (of a store that lives for one test)


@pytest.fixture
def filled(tmp_path: Path, settings: config.Settings) -> Store:
    """One village a town: each dot of the map stands alone."""
    store = connect(f"sqlite:///{tmp_path / 'store.db'}")
    demo.fill(store, settings, villages=16, households=40)
    accounts.add(store, ROOT, "zhang", Role.LEADER, ROOT, PASSWORD, must_change=False)
    return store


def enter(page: Page, address: str) -> None:
    page.goto(address)
    login(page, "zhang", PASSWORD)
    let_in(page)


def shown(page: Page) -> tuple[str, dict[str, str]]:
    """Path and query of the address."""
    parts = urlsplit(page.url)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


def test_the_agenda_runs_by_keyboard_and_ends_where_one_was(
    filled: Store, start_server: ServerFactory, page: Page, asked_outside: list[str]
) -> None:
    server = start_server(filled)
    enter(page, server.at(f"/ranking?unit={TOWN}&period=2017Q2"))
    page.get_by_role("button", name="会议模式").click()
    bar = page.locator(".st-key-presenter")
    expect(bar.get_by_text("督办督查")).to_be_visible()
    settled(page)
    expect(page.get_by_text("上次议定事项")).to_be_visible()
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    points = ["/", "/targets", "/ranking", "/map"]
    for number, path in enumerate(points, start=2):
        page.keyboard.press("ArrowRight")
        expect(bar.get_by_text(f"{number}/", exact=False)).to_be_visible()
        settled(page)
        assert shown(page)[0] == path
        assert shown(page)[1]["unit"] == ROOT
    page.keyboard.press("ArrowLeft")
    expect(bar.get_by_text("4/", exact=False)).to_be_visible()
    settled(page)
    assert shown(page)[0] == "/ranking"

    # Another focus on the way: the meeting goes on.
    page.goto(page.url.replace(f"unit={ROOT}", f"unit={TOWN}"))
    settled(page)
    expect(bar.get_by_text("4/", exact=False)).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(bar.get_by_text("5/", exact=False)).to_be_visible()
    settled(page)
    assert shown(page)[1]["unit"] == ROOT

    page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    settled(page)
    expect(page).to_have_url(re.compile("/ranking\\?"))
    assert shown(page) == ("/ranking", {"unit": TOWN, "period": "2017Q2"})
    expect(page.get_by_test_id("stTopNavLink").first).to_be_visible()
    assert asked_outside == []


def test_a_village_clicked_on_the_map_leads_to_its_page(
    filled: Store, settings: config.Settings, start_server: ServerFactory, page: Page
) -> None:
    with filled.reading() as connection:
        village = connection.execute(select(unit).where(unit.c.parent_code == TOWN)).one()
    server = start_server(filled)
    # Only one village's point is on the map: it lies in the middle of the town's outline.
    enter(page, server.at(f"/map?unit={TOWN}&period=2017Q2"))
    frame = page.get_by_test_id("stDeckGlJsonChart")
    expect(frame.locator("canvas").first).to_be_visible()
    settled(page)
    x, y = _pixel(filled, settings, village.lon, village.lat)
    box = frame.bounding_box()
    assert box is not None
    # The picture comes up a moment after its canvas: asked again until it answers.
    for _ in range(20):
        page.mouse.click(box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 + y)
        page.wait_for_timeout(1000)
        if "village=" in page.url:
            break
    link = page.get_by_role("link", name=f"查看{village.name}")
    expect(link).to_be_visible()
    link.click()
    expect(page.get_by_role("heading", name=f"{village.name} 2017年第二季度")).to_be_visible()
    assert shown(page) == ("/unit", {"unit": village.code, "period": "2017Q2"})


def _pixel(store: Store, settings: config.Settings, lon: float, lat: float) -> tuple[float, float]:
    """Where a point lies from the map's middle, by the view that the map starts with."""
    viewer = Viewer("zhang", Role.LEADER, ROOT)
    focus = units.focus(store, viewer, TOWN, Period(2017, 2))
    villages = places.villages(store, viewer, focus, settings)
    drawn = Picture(
        picture.shapes(places.outlines(store, viewer, focus), {}, None),
        picture.dots(villages, {}, settings.policy, "total_fen"),
        None,
        picture.bands(settings.policy.village_lines),
    )
    view = deck.draw(drawn).initial_view_state
    scale = 512 * 2**view.zoom

    def upward(latitude: float) -> float:
        return math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2)) / (2 * math.pi)

    return (
        (lon - view.longitude) / 360 * scale,
        (upward(view.latitude) - upward(lat)) * scale,
    )


def test_no_page_asks_anybody_outside(
    filled: Store, start_server: ServerFactory, page: Page, asked_outside: list[str]
) -> None:
    server = start_server(filled)
    enter(page, server.at("/"))
    links = page.get_by_test_id("stTopNavLink")
    expect(links.first).to_be_visible()
    addresses = [link.get_attribute("href") for link in links.all()]
    assert len(addresses) >= 7
    for address in addresses:
        page.goto(server.at(f"{urlsplit(address or '/').path}?unit={ROOT}&period=2017Q2"))
        settled(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.get_by_text("错误编号")).to_have_count(0)
    page.goto(server.at(f"/map?unit={ROOT}&period=2017Q2"))
    settled(page)
    page.get_by_text("静态图", exact=True).click()
    settled(page)
    page.wait_for_timeout(500)
    assert asked_outside == []


def test_without_a_graphics_card_the_map_is_drawn_plainly(
    filled: Store, start_server: ServerFactory, playwright: Playwright
) -> None:
    """An old meeting-room computer: no WebGL, and nobody has to know what that is."""
    server = start_server(filled)
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    arguments = [each for each in ARGUMENTS if "angle" not in each and "swiftshader" not in each]
    browser = playwright.chromium.launch(
        executable_path=found, args=[*arguments, "--disable-3d-apis"]
    )
    try:
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.set_default_timeout(PATIENCE * 1000)
        enter(page, server.at(f"/map?unit={ROOT}&period=2017Q2"))
        expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)
        expect(page.get_by_test_id("stDeckGlJsonChart")).to_have_count(0)
    finally:
        browser.close()
