"""A change of focus: time in the page script, and how many statements it takes."""

import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import event
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from benchmarks import stores
from benchmarks.measure import Times, pace
from dashboard import app as the_app
from dashboard import garbage, warm
from dashboard import settings as config
from dashboard.components import drawing
from dashboard.data import accounts
from dashboard.data.store import Store
from dashboard.policy.access import Role

PATHS = [path for path, _, _, _ in the_app._PAGES if path not in ("admin", "help")]
Seen = tuple[Times, int]
"""Times of a page and the most statements it asked."""
PASSWORD = "Bamboo-Grove-77"  # noqa: S105 (of a store made for measuring)
ENTRY = Path(__file__).parents[1] / "streamlit_app.py"
TOWNS = [f"320412{number}" for number in range(103, 107)]
_QUARTERS = 10
"""As many are gone to, each a new one to the district and on to its towns."""
PERIODS = ["2017Q2", "2018Q3", "2019Q1", "2019Q4", "2020Q2", "2016Q4", "2017Q4", "2018Q1", "2019Q3"]
PERIODS += ["2016Q2", "2017Q1"]


@contextmanager
def clocked(store: Store) -> Iterator[tuple[Times, list[str]]]:
    """Times of the page's own script (queries, rules, components; without the framework's
    bookkeeping), and the statements it asks."""
    times: Times = Times()
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if sql.startswith(("SELECT", "WITH")):
            asked.append(sql)

    whole = the_app._run

    def run(*arguments: Any) -> None:
        with times.one():
            whole(*arguments)

    event.listen(store.engine, "before_cursor_execute", note)
    with patch.object(the_app, "_run", run):
        yield times, asked
    event.remove(store.engine, "before_cursor_execute", note)


def entered(store: Store, root: str, role: Role = Role.OFFICE) -> AppTest:
    """The app with someone logged in who may see what is under `root`."""
    os.environ["STORE_URL"] = store.url.render_as_string(hide_password=False)
    os.environ["DASHBOARD_COOKIE_KEY"] = "0" * 64
    folder = Path(tempfile.mkdtemp(prefix="bench-"), "config")
    os.environ["DASHBOARD_CONFIG"] = str(stores.config_for(root, folder))
    name = f"bench-{role}-{root}"
    if accounts.find(store, root, name) is None:
        accounts.add(store, root, name, role, root, PASSWORD, must_change=False)
    app = AppTest.from_file(str(ENTRY), default_timeout=120)
    app.query_params["period"] = PERIODS[0]
    app.run()
    app.text_input[0].set_value(name)
    app.text_input[1].set_value(PASSWORD)
    next(button for button in app.button if button.label == "登录").click()
    app.run()
    return app


def _made_ready(store: Store, unit: str) -> None:
    """What a server has done that has stood for two minutes since an import, and since somebody has
    opened that unit; the quarters looked at are mostly older ones."""
    warm.load()
    drawing.make_ready()
    here = store.for_a_look()
    here.see(here.version, here.is_demo)
    warm.once(here, config.load(), unit)
    for _ in warm.older(here, config.load(), unit):
        pass
    garbage.set_aside()


def pages(
    store: Store,
    root: str,
    units: list[str],
    paths: Sequence[str] = PATHS,
    role: Role = Role.OFFICE,
) -> dict[str, Seen]:
    """By page: times of the page script at changes of focus, with the machine's pace beside each,
    and statements a change (the most). To another quarter of the first unit, there to the others,
    and so on; nobody has looked at any of them before."""
    found: dict[str, Seen] = {}
    with patch.object(ContextProxy, "ip_address", None):
        app = entered(store, root, role)
        _made_ready(store, units[0])
        for path in paths:
            app._page_hash = calc_hash(path or "overview")
            counts: dict[int, int] = defaultdict(int)
            with clocked(store) as (times, asked):
                for number, (period, unit) in enumerate(_way(units)):
                    asked.clear()
                    app.query_params["unit"] = unit
                    app.query_params["period"] = period
                    garbage.at_rest()  # as the server does while a viewer looks at what there is
                    before = pace(2)
                    app.run()
                    times.paces.append((before + pace(2)) / 2)
                    if app.exception:
                        raise RuntimeError(f"{path}: {app.exception[0].message}")
                    counts[number] = len(asked)
            # The first look at a page loads what every later one has.
            times.values.pop(0)
            times.paces.pop(0)
            found[path] = times, max(count for number, count in counts.items() if number)
    return found


def _way(units: Sequence[str]) -> list[tuple[str, str]]:
    """Quarter and unit, look by look; the very first is not counted."""
    first, *others = PERIODS[: _QUARTERS + 1]
    return [(first, units[0]), *((period, unit) for period in others for unit in units)]


def best_pace(found: dict[str, Seen]) -> float:
    """Of all looks of a run."""
    return min(pace for times, _ in found.values() for pace in times.paces)


def report(
    name: str, store: Store, root: str, units: list[str], role: Role = Role.OFFICE
) -> dict[str, Seen]:
    start = time.perf_counter()
    found = pages(store, root, units, PATHS, role)
    best = best_pace(found)
    for path, (times, count) in found.items():
        even = times.at_pace(best)
        later = Times([even.values[n] for n in range(len(even.values)) if n % len(units)])
        to_quarter = Times(even.values[:: len(units)])
        said = (
            f"{times.said};按定量运算{best:.0f} ms 折合 {even.said},"
            f"其中换季度 {to_quarter.said},换镇 {later.said}, {count} 条语句"
        )
        print(f"  {name:9} {role.label} /{path:12} {said}", flush=True)
    took = time.perf_counter() - start
    slow = max(pace for times, _ in found.values() for pace in times.paces)
    print(f"  {name}: {took:.0f} s,定量运算 {best:.0f} 至 {slow:.0f} ms", flush=True)
    return found
