"""deploy/nginx/fupin.conf over two server processes, of which one is killed under its users."""

import re
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, Page, expect

from dashboard.data import accounts, demo
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role
from dashboard.settings import Settings

from .conftest import PATIENCE, ROOT, Server, ServerFactory, free_port, let_in, login, settled

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed (make test installs it)"),
]

CONF = ROOT / "deploy" / "nginx" / "fupin.conf"
PASSWORD = "Bamboo-Grove-77"  # noqa: S105 (of a store that lives for one test)
AROUND = """
daemon off;
master_process off;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
    log_format upstream '$cookie_fupin_route $upstream_addr';
    access_log {folder}/access.log upstream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {conf};
}}
"""


@pytest.fixture
def filled(tmp_path: Path, settings: Settings) -> Store:
    store = connect(f"sqlite:///{tmp_path / 'store.db'}")
    demo.fill(store, settings, villages=20, households=40)
    accounts.add(store, "320412", "zhang", Role.OFFICE, "320412", PASSWORD, must_change=False)
    return store


@pytest.fixture
def servers(filled: Store, start_server: ServerFactory) -> list[Server]:
    return [start_server(filled), start_server(filled)]


@pytest.fixture
def proxy(servers: list[Server], tmp_path: Path) -> Iterator[str]:
    """The address of nginx before the two servers."""
    port, plain = free_port(), free_port()
    certify(tmp_path)
    said = CONF.read_text()
    for old, new in (
        ("127.0.0.1:8501", servers[0].address.removeprefix("http://")),
        ("127.0.0.1:8502", servers[1].address.removeprefix("http://")),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("/etc/ssl/fupin.crt", str(tmp_path / "fupin.crt")),
        ("/etc/ssl/fupin.key", str(tmp_path / "fupin.key")),
    ):
        assert said.count(old) == 1, old
        said = said.replace(old, new)
    conf, around = tmp_path / "fupin.conf", tmp_path / "nginx.conf"
    conf.write_text(said)
    around.write_text(AROUND.format(folder=tmp_path, conf=conf))
    assert NGINX is not None
    process = subprocess.Popen([NGINX, "-p", str(tmp_path), "-c", str(around)])
    address = f"https://127.0.0.1:{port}"
    wait(address, process)
    yield address
    process.terminate()
    process.wait(10)


def certify(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fupin.crt").write_bytes(certificate.public_bytes(pem))
    (folder / "fupin.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def asked(address: str, cookie: str = "") -> tuple[int, dict[str, str]]:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    request = urllib.request.Request(address, headers={"Cookie": cookie})  # noqa: S310 (our own)
    with urllib.request.urlopen(request, timeout=5, context=context) as answer:  # noqa: S310
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}


def wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            asked(address + "/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("nginx did not start")


@pytest.fixture
def secure(browser: Browser) -> Iterator[Page]:
    """A browser that takes the test's own certificate."""
    context = browser.new_context(
        viewport={"width": 1920, "height": 1080}, locale="zh-CN", ignore_https_errors=True
    )
    fresh = context.new_page()
    fresh.set_default_timeout(PATIENCE * 1000)
    yield fresh
    context.close()


def serving(folder: Path) -> dict[str, set[str]]:
    """Which servers have answered each browser, by its cookie; `-` for one that had none yet."""
    found: dict[str, set[str]] = {}
    for line in (folder / "access.log").read_text().splitlines():
        route, _, server = line.partition(" ")
        found.setdefault(route, set()).add(server)
    return found


def test_a_killed_process_is_not_noticed_but_for_a_moment(
    proxy: str, servers: list[Server], secure: Page, tmp_path: Path
) -> None:
    secure.goto(f"{proxy}/unit?unit=320412104&period=2016Q3")
    login(secure, "zhang", PASSWORD)
    let_in(secure)
    bar = secure.locator(".st-key-focus_bar")
    expect(bar.get_by_text("遥观镇")).to_be_visible()
    cookie = next(c for c in secure.context.cookies() if c.get("name") == "dashboard_login")
    assert (cookie.get("secure"), cookie.get("httpOnly")) == (True, True), "encrypted, then as well"

    routes = [seen for route, seen in serving(tmp_path).items() if route != "-"]
    assert len(routes) == 1
    assert len(routes[0]) == 1, "one browser stays with one process"
    mine = next(server for server in servers if server.address.endswith(next(iter(routes[0]))))
    mine.process.kill()
    mine.process.wait()

    secure.reload()
    expect(bar.get_by_text("遥观镇")).to_be_visible()
    settled(secure)
    expect(secure.get_by_role("textbox", name="密码")).to_have_count(0)
    assert secure.url.endswith("/unit?unit=320412104&period=2016Q3")


def test_a_browser_keeps_its_route_and_nobody_meets_a_dead_process(
    proxy: str, servers: list[Server]
) -> None:
    _, heads = asked(proxy + "/healthz")
    route = re.match(r"fupin_route=[0-9a-f]{32}", heads["set-cookie"])
    assert route is not None
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(heads["set-cookie"].split("; "))
    _, again = asked(proxy + "/healthz", route[0])
    assert "set-cookie" not in again
    servers[0].process.kill()
    servers[0].process.wait()
    for _ in range(20):
        status, _heads = asked(proxy + "/healthz")
        assert status == 200


def test_headers_and_the_way_to_tls(proxy: str) -> None:
    _, heads = asked(proxy + "/healthz")
    assert heads["strict-transport-security"] == "max-age=31536000"
    assert heads["x-content-type-options"] == "nosniff"
    assert heads["server"] == "nginx", "no version is told"
    assert "frame-ancestors" in heads["content-security-policy"]
