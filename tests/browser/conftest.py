"""A real server and a real browser. Every server is a fresh process on a free port."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from dashboard.data.store import Store

ROOT = Path(__file__).parents[2]
PATIENCE = 60
# Two cores may be shared by several browsers and servers.
expect.set_options(timeout=PATIENCE * 1000)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
"""Runs as root without a screen, draws maps in software, and asks nobody outside by itself."""


@dataclass
class Server:
    """A running dashboard; `log` has what it wrote."""

    address: str
    log: Path
    process: "subprocess.Popen[bytes]"

    def at(self, path: str) -> str:
        return self.address + path


ServerFactory = Callable[..., Server]


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[ServerFactory]:
    """Starts `python -m dashboard serve` on a store; ends every one that it started."""
    with ExitStack() as running:

        def start(store: Store, port: int | None = None) -> Server:
            port = port or free_port()
            log = tmp_path / f"server-{port}.log"
            url = store.url.render_as_string(hide_password=False)
            output = running.enter_context(log.open("w"))
            process = subprocess.Popen(
                [sys.executable, "-m", "dashboard", "serve", "--port", str(port)],
                cwd=ROOT,
                env={**os.environ, "STORE_URL": url},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            running.callback(_stop, process)
            server = Server(f"http://127.0.0.1:{port}", log, process)
            _wait(server)
            return server

        yield start


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(server.at("/healthz"), timeout=2):  # noqa: S310 (our own address)
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{server.log.read_text()}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The machine's Chromium, else the one that playwright has installed."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    running = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
    yield running
    running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A projector's screen, with a browser that has no cookies yet."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    fresh = context.new_page()
    fresh.set_default_timeout(PATIENCE * 1000)
    yield fresh
    context.close()


@pytest.fixture
def asked_outside(page: Page) -> list[str]:
    """Every address off this machine that the page asks for; grows while the page lives."""
    outside: list[str] = []

    def look(address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            outside.append(address)

    page.on("request", lambda request: look(request.url))
    page.on("websocket", lambda socket: look(socket.url))
    return outside


def settled(page: Page) -> None:
    """Wait until Streamlit has run the script to its end and drawn it."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)


def login(page: Page, username: str, password: str) -> None:
    """Fill in the login form that is on the screen; wait for what comes."""
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()
    settled(page)
    page.get_by_role("textbox", name="用户名").fill(username)
    page.get_by_role("textbox", name="密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    settled(page)


def let_in(page: Page) -> None:
    """Wait for the end of an accepted login: the page behind it, and the browser has the cookie."""
    expect(page.get_by_role("textbox", name="用户名")).to_have_count(0)
    settled(page)
    deadline = time.monotonic() + PATIENCE
    while not any(one.get("name") == "dashboard_login" for one in page.context.cookies()):
        assert time.monotonic() < deadline, "the browser has no cookie"
        page.wait_for_timeout(50)
