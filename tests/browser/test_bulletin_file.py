"""The HTML bulletin on a computer without any network."""

from pathlib import Path

from playwright.sync_api import Browser

from dashboard.briefing import page_html
from tests.briefing import sample


def test_it_opens_with_its_charts_while_the_network_is_cut(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "通报.html"
    file.write_bytes(page_html.render(sample.bulletin()))
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    context.set_offline(True)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.as_uri())
    drawings = page.locator("figure svg")
    assert drawings.count() == 2
    for place in range(2):
        box = drawings.nth(place).bounding_box()
        assert box is not None
        assert box["width"] > 400
        assert box["height"] > 150
        assert drawings.nth(place).locator("text").count() > 3
    page.get_by_role("link", name="未达标村名单").click()
    assert page.locator("#a3").is_visible()
    assert [url.split("#")[0] for url in asked] == [file.as_uri()]
    assert said == []
    phone = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    phone.goto(file.as_uri())
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
