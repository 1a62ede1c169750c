"""First paint in Chromium: each page of a warm server against a Streamlit page of the same widgets
on constant data, and against a blank Streamlit page, in turns within one run.

The page of the same widgets is the page itself: what the server sent once, sent again by a script
of a few lines (benchmarks/twin.py). A browser context is new for every look: nothing is cached.
Painted is when the script has ended and every chart, table and map that came has been drawn. What a
page asks of anybody but the server is noted.

The first round is not counted: servers are warm when they have been looked at. From round to round
the two change places, and each is held against the other of its own round: what passes over the
machine within minutes passes over both.
"""

import asyncio
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from benchmarks import looks, servers
from benchmarks.measure import Times
from benchmarks.reading import PATHS
from dashboard.data import sessions
from dashboard.data.store import Store

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
_HOST = "127.0.0.1"
_FOCUS = "unit=320412104&period=2017Q2"
_PATIENCE_MS = 60_000
_SCRIPT_ENDED = "const app = document.querySelector('[data-testid=stApp]')" + (
    "; if (!app || app.dataset.testScriptState !== 'notRunning') return 0;"
)
_PAINTED = f"""(least) => {{
  {_SCRIPT_ENDED}
  const all = (what) => [...document.querySelectorAll(`[data-testid=${{what}}]`)];
  if (document.querySelectorAll('[data-testid=stElementContainer]').length < least) return 0;
  const shown = (one) => one.offsetParent === null || one.querySelector('canvas, svg.marks');
  const drawn = ['stVegaLiteChart', 'stDataFrame', 'stDeckGlJsonChart'];
  if (!drawn.every((what) => all(what).every(shown))) return 0;
  return performance.now();
}}"""


@dataclass
class Painted:
    """Seconds of a page, of its twin, and of the blank page beside them."""

    page: Times = field(default_factory=Times)
    twin: Times = field(default_factory=Times)

    @property
    def ratio(self) -> float:
        """The median over the rounds."""
        pairs = zip(self.page.values, self.twin.values, strict=True)
        return Times([page / twin for page, twin in pairs]).at(0.5)


async def _recorded(port: int, login: str, folder: Path, paths: list[str]) -> dict[str, int]:
    """What the server sends of each page, kept in the folder; elements by page."""
    unit, period = (part.split("=")[1] for part in _FOCUS.split("&"))
    found = {}
    for path in paths:
        async with looks.session(port, login) as socket:
            await looks.look(socket, path, unit, period)  # the first look loads what others have
            seen = await looks.look(socket, path, unit, period)
        if seen.wrong:
            raise RuntimeError(f"/{path}: {seen.wrong}")
        messages = [one.SerializeToString() for one in seen.deltas]
        told = b"".join(len(one).to_bytes(4, "big") + one for one in messages)
        (folder / (path or "overview")).write_bytes(told)
        found[path] = sum(one.delta.WhichOneof("type") == "new_element" for one in seen.deltas)
    return found


@dataclass
class Painting:
    """By page; the blank page; and the addresses asked for that are not the server's."""

    pages: dict[str, Painted]
    blank: Times = field(default_factory=Times)
    outside: set[str] = field(default_factory=set)

    def note(self, address: str) -> None:
        """A request's or a websocket's; what a page holds itself asks nobody."""
        place = urlsplit(address)
        if place.scheme not in ("data", "blob", "about") and place.hostname != _HOST:
            self.outside.add(address)


def _look(browser: Browser, address: str, login: str, least: int, seen_by: Painting) -> float:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    context.add_cookies([{"name": sessions.COOKIE, "value": login, "domain": _HOST, "path": "/"}])
    page = context.new_page()
    page.on("request", lambda request: seen_by.note(request.url))
    page.on("websocket", lambda socket: seen_by.note(socket.url))
    page.set_default_timeout(_PATIENCE_MS)
    page.goto(address, wait_until="commit")
    seen = page.wait_for_function(_PAINTED, arg=least, polling="raf").json_value()
    context.close()
    return float(seen) / 1000


def run(store: Store, port: int, rounds: int = 3, paths: list[str] = PATHS) -> Painting:
    login = looks.token(store, "bench-viewer")
    found = Painting({path: Painted() for path in paths})
    script = Path(__file__).with_name("twin.py")
    with (
        tempfile.TemporaryDirectory() as folder,
        servers.dashboard(store, port),
        servers.plain(script, port + 1, {"TWIN_FOLDER": folder}),
    ):
        sizes = asyncio.run(_recorded(port, login, Path(folder), paths))
        ours, plain = f"http://{_HOST}:{port}", f"http://{_HOST}:{port + 1}"
        with sync_playwright() as driver:
            browser = driver.chromium.launch(args=_ARGUMENTS, executable_path=_chromium())
            look = partial(_look, browser, login=login, seen_by=found)
            for number in range(rounds + 1):
                blank = look(plain, least=0)
                if number:
                    found.blank.values.append(blank)
                for path, one in found.pages.items():
                    # Nearly all that was sent is there before anything counts as painted; what
                    # was emptied again has no container.
                    least = sizes[path] * 4 // 5
                    faces = [
                        (one.page, f"{ours}/{path}?{_FOCUS}"),
                        (one.twin, f"{plain}/?show={path or 'overview'}"),
                    ]
                    for times, address in reversed(faces) if number % 2 else faces:
                        seen = look(address, least=least)
                        if number:
                            times.values.append(seen)
            browser.close()
    return found


def _chromium() -> str | None:
    system = Path("/usr/bin/chromium")
    return str(system) if system.exists() else None


def report(store: Store, port: int, rounds: int) -> Painting:
    found = run(store, port, rounds)
    blank = found.blank
    print(f"  首屏,空白页 {blank.at(0.5):.2f} s", flush=True)
    for path, one in found.pages.items():
        print(
            f"  首屏 /{path:12} {one.page.at(0.5):.2f} s,同组件页 {one.twin.at(0.5):.2f} s,"
            f"{one.ratio:.2f} 倍;空白页的 {one.page.at(0.5) / blank.at(0.5):.2f} 倍",
            flush=True,
        )
    return found
