"""From an empty store to the screen: what the clerks wrote is what the leadership group reads.

Everything goes the way it goes in the office: templates out by the command line, filled in with a
spreadsheet library, imported by the command line, looked at in a browser. What the screen should
say is computed from the finished workbooks alone (tests/road/county.py).
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.data.store import connect

from ..road import county
from ..road.county import Figures
from .conftest import ROOT, ServerFactory, let_in, login, settled

pytestmark = pytest.mark.browser

PASSWORD = "Willow-Bank-2016"  # noqa: S105 (of a store that lives for one test)
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`python -m dashboard …` on the test's store; its output. Any failure fails the test."""
    url = f"sqlite:///{tmp_path / 'store.db'}"

    def call(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "dashboard", *arguments],
            cwd=ROOT,
            env={**os.environ, "STORE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return call


@pytest.fixture
def figures(run: Run, tmp_path: Path) -> dict[str, Figures]:
    """Every unit's figures as its workbook has them, once all sixteen are imported."""
    county.write_units(tmp_path / "单位.xlsx")
    run("import", str(tmp_path / "单位.xlsx"))
    county.write_targets(tmp_path / "目标.xlsx")
    found: dict[str, Figures] = {}
    district = Figures()
    books = []
    for seed, town in enumerate(county.TOWNS):
        path = tmp_path / f"{town}.xlsx"
        run("template", "--unit", town, "--period", county.PERIOD, str(path))
        county.fill_town(path, town, seed)
        read = county.figures_of(path, town)
        found |= read
        district.add(read[town])
        books.append(str(path))
    run("import", str(tmp_path / "目标.xlsx"), *books)
    return found | {county.DISTRICT: district}


def test_what_the_clerks_wrote_is_what_the_screen_says(
    tmp_path: Path,
    run: Run,
    start_server: ServerFactory,
    page: Page,
    asked_outside: list[str],
    request: pytest.FixtureRequest,
) -> None:
    first = run("init")
    match = re.search(r"用户名 office\s+密码 (\S+)", first)
    assert match, first
    assert "密码" not in run("init"), "the password is printed once"
    figures: dict[str, Figures] = request.getfixturevalue("figures")
    server = start_server(connect(f"sqlite:///{tmp_path / 'store.db'}"))

    page.goto(server.at("/"))
    assert "演示" not in page.locator("body").inner_text()
    login(page, "office", match[1])
    let_in(page)
    first_password_is_changed(page, match[1])
    overview_agrees(page, figures[county.DISTRICT])
    decomposition_agrees(page, server.at("/targets"), figures)
    for town in list(county.TOWNS)[:3]:
        town_agrees(page, server.at(f"/unit?unit={town}&period={county.PERIOD}"), figures[town])
    equality_cases_agree(page, server.at("/unit"), figures)
    assert asked_outside == []


def first_password_is_changed(page: Page, fresh: str) -> None:
    """The printed password opens nothing but the form that replaces it."""
    expect(page.get_by_text("首次登录,请修改密码")).to_be_visible()
    page.get_by_label("原密码", exact=True).fill(fresh)
    page.get_by_label("新密码(至少10位)", exact=True).fill(PASSWORD)
    page.get_by_label("再输一次新密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="修改密码").click()
    settled(page)


def overview_agrees(page: Page, district: Figures) -> None:
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    settled(page)
    tiles = {
        tile.get_by_test_id("stMetricLabel").inner_text().split("\n")[0]: tile.get_by_test_id(
            "stMetricValue"
        ).inner_text()
        for tile in page.get_by_test_id("stMetric").all()
    }
    assert tiles["经济一般村剩余数"] == f"{district.weak} 村"
    assert tiles["超150万元村"] == f"{district.over} 村"
    assert tiles["村集体年收入"] == f"{income(district.income)} 万元"


def decomposition_agrees(page: Page, address: str, figures: dict[str, Figures]) -> None:
    """Every town's row: over 150 of the target, weak, income, first secretaries."""
    page.goto(f"{address}?unit={county.DISTRICT}&period={county.PERIOD}")
    settled(page)
    table = page.get_by_role("table").first
    expect(table).to_be_visible()
    heads = [
        re.sub(r"\(.*", "", text)
        for text in table.locator("thead tr").nth(1).locator("th").all_inner_texts()
    ]
    for town, name in county.TOWNS.items():
        row = table.locator("tbody tr").filter(has_text=name)
        cells = dict(zip(heads, row.locator("td").all_inner_texts(), strict=False))
        here, target = figures[town], len(county.villages_of(town))
        rate = percent(here.over, target)
        assert cells["超150万元村"][1:] == f"{rate}%\n{here.over}/{target}", name
        assert cells["超150万元村"][0] == glyph(here.over, target), name
        assert cells["一般村剩余"] == f"{here.weak}\n无目标", name
        assert cells["村集体收入"] == f"{whole(here.income)}\n无目标", name
        secretaries = percent(here.secretaries, here.villages_due)
        assert cells["第一书记到位"] == f"{secretaries}\n无目标", name


def town_agrees(page: Page, address: str, town: Figures) -> None:
    """The town's core table says the same; its villages are all accounted for."""
    page.goto(address)
    settled(page)
    cells = page.get_by_test_id("stDataFrame").first.locator("[role=gridcell]")
    expect(cells.first).to_be_attached()
    texts = cells.all_text_contents()
    actual = {name: texts[place + 1] for place, name in enumerate(texts[:-1])}
    assert actual["超150万元村(村)"] == str(town.over)
    assert actual["一般村剩余(村)"] == str(town.weak)
    assert actual["村集体收入(万元)"] == income(town.income)
    expect(page.get_by_text(f"已填报{town.villages}个村,共{town.villages}个村")).to_be_visible()


def equality_cases_agree(page: Page, address: str, figures: dict[str, Figures]) -> None:
    """On the line, one fen below, one fen above: shown exactly, and judged exactly."""
    town = next(iter(county.TOWNS))
    expected = {
        "on": ("150.00", "不在一般村之列", "尚未超过150万元"),
        "below": ("149.999999", "经济一般村", "尚未超过150万元"),
        "above": ("150.000001", "不在一般村之列", "超过150万元"),
    }
    villages = list(county.villages_of(town))
    for village, case in zip(villages, county.EQUALITY_CASES, strict=False):
        page.goto(f"{address}?unit={village}&period={county.PERIOD}")
        settled(page)
        amount, status, line = expected[case]
        expect(page.get_by_test_id("stMetricValue").first).to_have_text(amount)
        expect(page.get_by_text(f"{status} · 本年累计{line}")).to_be_visible()


def income(yuan: Decimal) -> str:
    """万元 as a person would round it: whole from 1,000 on, else two places."""
    wan = yuan / county.YUAN_A_WAN
    places = Decimal(1) if wan >= 1000 else Decimal("0.01")
    return f"{wan.quantize(places, ROUND_HALF_UP):,}"


def whole(yuan: Decimal) -> str:
    """Whole 万元: a column has as many decimals as its largest amount deserves."""
    return f"{(yuan / county.YUAN_A_WAN).quantize(Decimal(1), ROUND_HALF_UP):,}"


def percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def glyph(over: int, target: int) -> str:
    """At the third quarter three quarters of the target are due; nine tenths of that is yellow."""
    due = Decimal(target) * 3 / 4
    if over >= due:
        return "●"
    return "▲" if over >= due * Decimal("0.9") else "■"
