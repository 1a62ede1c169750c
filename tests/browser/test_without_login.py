"""What is reachable without a login: /public and published documents, by whatever way."""

import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash
from websockets.sync.client import connect as dial
from websockets.typing import Origin, Subprotocol

from dashboard import app
from dashboard.briefing import issues
from dashboard.data import accounts, demo, units
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

from .conftest import Server, ServerFactory, let_in, login, settled

pytestmark = pytest.mark.browser

ROOT, TOWN = "320412", "320412104"
PASSWORD = "Bamboo-Grove-77"  # noqa: S105 (of a store that lives for one test)
BEHIND = ("万元", "超150万元村", "经济一般村", "遥观镇")
PATHS = [path for path, *_ in app._PAGES]


@pytest.fixture
def filled(tmp_path: Path, settings: Settings) -> Store:
    store = connect(f"sqlite:///{tmp_path / 'store.db'}")
    demo.fill(store, settings, villages=20, households=40)
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, PASSWORD, must_change=False)
    viewer = Viewer("zhang", Role.OFFICE, ROOT)
    focus = units.focus(store, viewer, ROOT, Period(2016, 3))
    issues.publish(store, viewer, focus, settings)
    return store


def asked(address: str, cookie: str = "") -> tuple[int, bytes]:
    request = urllib.request.Request(address, headers={"Cookie": cookie})  # noqa: S310 (our own)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def cookie_of(page: Page) -> str:
    token = next(c for c in page.context.cookies() if c.get("name") == "dashboard_login")
    return f"dashboard_login={token.get('value')}"


def test_the_public_page_needs_no_login(
    filled: Store, start_server: ServerFactory, page: Page, asked_outside: list[str]
) -> None:
    server = start_server(filled)
    page.goto(server.at("/public"))
    expect(page.get_by_role("heading", name="扶贫开发公开信息")).to_be_visible()
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    settled(page)
    expect(page.get_by_role("textbox", name="密码")).to_have_count(0)
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(0)
    page.get_by_role("link", name="工作人员登录").click()
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()
    settled(page)
    text = page.locator("body").inner_text()
    assert not [word for word in BEHIND if word in text]
    assert asked_outside == []


def test_published_documents_are_for_everybody_and_nothing_else_is(
    filled: Store, start_server: ServerFactory
) -> None:
    server = start_server(filled)
    year = accounts_year(filled)
    status, made = asked(server.at(f"/documents/{year}/1.pdf"))
    assert (status, made[:5]) == (200, b"%PDF-")
    status, made = asked(server.at(f"/documents/{year}/1.html"))
    assert status == 200
    assert "情况" in made.decode() or "通报" in made.decode()
    for path in (f"{year}/2.pdf", f"{year - 1}/1.pdf", f"{year}/1.xlsx", f"{year}/1.json"):
        assert asked(server.at(f"/documents/{path}"))[0] == 404, path
    statuses = [asked(server.at(f"/documents/{year}/9.pdf"))[0] for _ in range(20)]
    assert statuses[-1] == 429


def accounts_year(store: Store) -> int:
    from dashboard.briefing.content import from_json  # noqa: PLC0415
    from dashboard.data import bulletins  # noqa: PLC0415

    return from_json(bulletins.published(store, ROOT)[0].content).year


def said(server: Server, path: str, query: str) -> str:
    """What a websocket's own request for a page gets, as a browser's first one would be."""
    address = server.address.replace("http", "ws") + "/_stcore/stream"
    wanted = BackMsg()
    wanted.rerun_script.page_script_hash = calc_hash(path)
    wanted.rerun_script.page_name = path
    wanted.rerun_script.query_string = query
    found = b""
    with dial(
        address,
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
        origin=Origin(server.address),
    ) as socket:
        socket.send(wanted.SerializeToString())
        while True:
            message = ForwardMsg()
            received = socket.recv(timeout=60)
            assert isinstance(received, bytes)
            message.ParseFromString(received)
            found += received
            if message.WhichOneof("type") == "script_finished":
                return found.decode("utf-8", "replace")


@pytest.mark.parametrize("path", PATHS)
def test_a_websocket_of_its_own_gets_the_form_and_no_data(
    path: str, filled: Store, start_server: ServerFactory
) -> None:
    """On a fresh server, whose first visitor this is."""
    text = said(start_server(filled), path, "unit=320412104&period=2016Q3")
    assert "用户名" in text
    assert not [word for word in BEHIND if word in text]


def test_a_copied_media_address_opens_for_the_account_it_was_made_for_only(
    filled: Store, start_server: ServerFactory, page: Page, browser: Browser
) -> None:
    accounts.add(filled, ROOT, "li", Role.TOWN, TOWN, PASSWORD, must_change=False)
    server = start_server(filled)
    page.goto(server.at("/bulletin?period=2016Q3"))
    login(page, "zhang", PASSWORD)
    let_in(page)
    picture = page.get_by_test_id("stImage").locator("img").first
    expect(picture).to_be_visible()
    # Pictures are there though the cookie came after the page: asked again, they are let through.
    expect(picture).to_have_js_property("complete", value=True)
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-testid=stImage] img')]"
        ".every(one => one.complete && one.naturalWidth > 0)"
    )
    address = str(picture.evaluate("one => one.src")).split("?")[0]
    assert "/media/" in address
    cookie = cookie_of(page)
    assert asked(address, cookie)[0] == 200
    assert asked(address)[0] == 403
    assert asked(address, "dashboard_login=forged")[0] == 403
    elsewhere = browser.new_context().new_page()
    elsewhere.goto(server.at("/help"))
    login(elsewhere, "li", PASSWORD)
    let_in(elsewhere)
    assert asked(address, cookie_of(elsewhere))[0] == 403, "logged in, but not whose picture it is"
    assert asked(address, cookie)[0] == 200
    elsewhere.context.close()

    with page.expect_download() as taken:
        page.get_by_role("button", name="Word").first.click()
    file = taken.value.url
    assert "/media/" in file
    # What the browser itself was given: it asks for it compressed, as the lines below do not.
    assert taken.value.failure() is None
    assert taken.value.path().read_bytes()[:2] == b"PK"
    assert asked(file, cookie)[0] == 200
    assert asked(file)[0] == 403

    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()
    assert asked(address, cookie)[0] in (403, 404), "a copied cookie does not outlive the logout"


def test_nobody_uploads_without_a_session(filled: Store, start_server: ServerFactory) -> None:
    server = start_server(filled)
    request = urllib.request.Request(  # noqa: S310 (our own address)
        server.at("/_stcore/upload_file/none/none"), data=b"x", method="PUT"
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)  # noqa: S310
    assert refused.value.code in (400, 403)
