"""Every page works under the content policy, and what is not ours does not run."""

from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from dashboard.data import accounts, demo
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role
from dashboard.settings import Settings

from .conftest import ServerFactory, let_in, login, settled

ROOT, PASSWORD = "320412", "Bamboo-Grove-77"
PATHS = ("", "targets", "ranking", "map", "unit", "households", "support", "funds", "bulletin")
PATHS += ("supervision", "quality", "admin", "help", "public")
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def store(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder: Path = tmp_path_factory.mktemp("policy")
    made = connect(f"sqlite:///{folder / 'store.db'}")
    demo.fill(made, settings, seed=1, villages=20, households=20)
    accounts.add(made, ROOT, "qian", Role.OFFICE, ROOT, PASSWORD, must_change=False)
    return made


def test_no_page_breaks_it_and_nothing_foreign_runs(
    store: Store, start_server: ServerFactory, page: Page
) -> None:
    server = start_server(store)
    broken: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            broken.append(message.text)

    page.on("console", heard)
    page.goto(server.at("/"))
    login(page, "qian", PASSWORD)
    let_in(page)
    for path in PATHS:
        page.goto(server.at(f"/{path}?period=2017Q2"))
        settled(page)
        if path == "map":
            expect(page.locator("[data-testid=stDeckGlJsonChart] canvas").first).to_be_visible()
        if path == "ranking":
            drawn = page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg")
            expect(drawn.first).to_be_visible()
        assert broken == [], path
    header = page.request.get(server.at("/")).headers["content-security-policy"]
    assert "unsafe-eval" not in header
    assert "'unsafe-inline'" not in header.split("script-src", 1)[1].split(";", 1)[0]
    page.evaluate(
        "() => { const own = document.createElement('script');"
        " own.text = 'window.foreign = 1'; document.body.append(own); }"
    )
    assert page.evaluate("() => window.foreign") is None
    assert broken, "refused, and said"
    assert page.request.get(server.at("/_stcore/agent/openapi.json")).status == 404
