"""Hours of ordinary use on loopback: `python -m tests.faults.soak --minutes 120`.

Viewers look at page after page and leave again, a second process imports a town's workbook and
writes bulletins in every format. Afterwards nothing has failed, the memory of both processes is
flat within 10 % from the second quarter of the time to the last, and no temporary file has stayed.
"""

import argparse
import asyncio
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.TextInput_pb2 import TextInput
from streamlit.util import calc_hash
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.looks import KEY, token
from benchmarks.viewers import memory
from dashboard import settings as config
from dashboard.briefing import issues, render
from dashboard.data import demo, units
from dashboard.data.ingest import importer
from dashboard.data.store import Store
from dashboard.data.store import connect as connect_store
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from tests.faults.workbooks import incomes

ROOT, TOWN = "320412", "320412104"
PATHS = (
    "overview", "targets", "ranking", "map", "unit", "households", "support", "funds",
    "bulletin", "supervision", "quality", "admin", "help", "public",
)  # fmt: skip
PERIODS = ("2016Q1", "2016Q2", "2016Q3", "2016Q4")
MOST_GROWTH = 0.10
_VIEWERS = 5
_PAUSE_S = 4.0
_LOOKS_A_VISIT = 12
_WORK_EVERY_S = 15.0
_FAILED = ("页面出错", "数据库暂时", "配置文件有误")


@dataclass
class Seen:
    """What was counted on the way; memory in MB, taken every few seconds, by process."""

    looks: int = 0
    errors: list[str] = field(default_factory=list)
    memory: dict[str, list[float]] = field(default_factory=dict)

    def growth(self, process: str) -> float:
        """The last quarter of the time against the second; the first is for warming up."""
        values = self.memory[process]
        quarter = len(values) // 4
        return median(values[-quarter:]) / median(values[quarter : 2 * quarter]) - 1


async def _look(socket: ClientConnection, page: str, query: str) -> str | None:
    """One page; what is wrong with it, if anything."""
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_script_hash = calc_hash(page)
    await socket.send(message.SerializeToString())
    wrong = None
    async for data in socket:
        answer = ForwardMsg()
        answer.ParseFromString(bytes(data))  # type: ignore[arg-type]
        kind = answer.WhichOneof("type")
        if kind == "delta":
            element = answer.delta.new_element
            if element.WhichOneof("type") == "exception":
                wrong = f"{page}?{query}: {element.exception.message[:200]}"
            elif element.text_input.type == TextInput.PASSWORD:
                wrong = f"{page}?{query}: asks for a password"
            elif any(word in element.alert.body for word in _FAILED):
                wrong = f"{page}?{query}: {element.alert.body[:200]}"
        if kind == "script_finished" and answer.script_finished in (0, 3):
            return wrong
    return f"{page}?{query}: the connection ended"


async def _viewer(port: int, head: str, number: int, until: float, seen: Seen) -> None:
    """Comes, looks at a dozen pages, leaves, comes again."""
    draw = random.Random(number)
    await asyncio.sleep(draw.uniform(0, _PAUSE_S))
    while time.monotonic() < until:
        async with connect(
            f"ws://127.0.0.1:{port}/_stcore/stream",
            additional_headers={"Cookie": head},
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            compression=None,
        ) as socket:
            for _ in range(_LOOKS_A_VISIT):
                if time.monotonic() > until:
                    return
                unit = draw.choice((ROOT, TOWN))
                query = f"unit={unit}&period={draw.choice(PERIODS)}"
                wrong = await _look(socket, draw.choice(PATHS), query)
                seen.looks += 1
                if wrong:
                    seen.errors.append(wrong)
                await asyncio.sleep(draw.uniform(0.5, 1.5) * _PAUSE_S)


async def _watch(processes: dict[str, int], until: float, seen: Seen) -> None:
    while time.monotonic() < until:
        for name, pid in processes.items():
            seen.memory.setdefault(name, []).append(memory(pid))
        await asyncio.sleep(5)


async def _all(port: int, head: str, until: float, processes: dict[str, int], seen: Seen) -> None:
    viewers = (_viewer(port, head, number, until, seen) for number in range(_VIEWERS))
    found = await asyncio.gather(_watch(processes, until, seen), *viewers, return_exceptions=True)
    seen.errors += [repr(one) for one in found if isinstance(one, BaseException)]


def work(store: Store, until: float) -> int:
    """What the office does beside: imports and bulletins, in turn. The number of either."""
    settings = config.load()
    office = Viewer("office", Role.OFFICE, ROOT)
    focus = units.focus(store, office, ROOT, Period(2016, 3))
    done = 0
    while time.monotonic() < until:
        begun = time.monotonic()
        if done % 2:
            file = ("镇.xlsx", incomes(store, TOWN, Period(2016, 1), 1 + done % 5))
            importer.import_files(store, settings, [file], "测试")
        else:
            made = issues.standing(store, office, focus, settings).today
            for form in render.FORMATS.values():
                assert form.render(made)
        done += 1
        time.sleep(max(0.0, _WORK_EVERY_S - (time.monotonic() - begun)))
    return done


def run(folder: Path, minutes: float) -> tuple[Seen, list[str]]:
    """What was seen, and the temporary files that have stayed."""
    temporary = folder / "tmp"
    temporary.mkdir()
    store = connect_store(f"sqlite:///{folder / 'store.db'}")
    demo.fill(store, config.load(), seed=1, villages=40, households=200)
    head = f"dashboard_login={token(store, 'soak-viewer')}"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "STORE_URL": store.url.render_as_string(hide_password=False),
        "DASHBOARD_COOKIE_KEY": KEY,
        "TMPDIR": str(temporary),
    }
    seen = Seen()
    commands = {
        "server": ["-m", "dashboard", "serve", "--port", str(port)],
        "office": ["-m", "tests.faults.soak", "--minutes", str(minutes), "--office"],
    }
    # What the processes say goes to files: a full pipe would stop them.
    said = {name: (folder / f"{name}.log").open("wb") for name in commands}
    running = {
        name: subprocess.Popen(
            [sys.executable, *words], env=environment, stdout=said[name], stderr=said[name]
        )
        for name, words in commands.items()
    }
    try:
        _wait(port)
        processes = {name: one.pid for name, one in running.items()}
        asyncio.run(_all(port, head, time.monotonic() + minutes * 60, processes, seen))
        if running["office"].wait(300):
            seen.errors.append((folder / "office.log").read_text()[-2000:])
    finally:
        for one in running.values():
            one.terminate()
            one.wait(30)
        for log in said.values():
            log.close()
    noted = (folder / "server.log").read_text()
    seen.errors += [line[:300] for line in noted.splitlines() if "Traceback" in line]
    return seen, [str(path.relative_to(temporary)) for path in temporary.rglob("*")]


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not start")


def report(seen: Seen, stayed: Sequence[str], minutes: float) -> bool:
    """Print what was found; whether every promise was kept."""
    good = not seen.errors and not stayed
    print(f"{minutes:g} minutes, {seen.looks} pages, {len(seen.errors)} errors")
    print(f"{len(stayed)} temporary files stayed")
    for name, values in seen.memory.items():
        growth = seen.growth(name)
        good &= growth <= MOST_GROWTH
        quarters = [
            round(median(values[i * len(values) // 8 : (i + 1) * len(values) // 8]))
            for i in range(8)
        ]
        print(f"  {name}: {growth:+.1%}, MB by eighths of the time: {quarters}")
    for line in [*seen.errors[:10], *stayed[:10]]:
        print(f"  {line}")
    return good


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--minutes", type=float, default=120)
    said.add_argument("--office", action="store_true", help="only what the second process does")
    asked = said.parse_args()
    if asked.office:
        work(connect_store(), time.monotonic() + asked.minutes * 60)
        return
    with tempfile.TemporaryDirectory() as folder:
        seen, stayed = run(Path(folder), asked.minutes)
    sys.exit(not report(seen, stayed, asked.minutes))


if __name__ == "__main__":
    main()
