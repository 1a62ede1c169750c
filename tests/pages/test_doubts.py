"""What waits to be checked is marked wherever it appears: on each page, and in each document."""

import io
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from dashboard.briefing import issues, render
from dashboard.briefing.content import Chart, Kind, canonical
from dashboard.data import bulletins, demo, reviews, units
from dashboard.data.queries import authenticity
from dashboard.data.queries.doubts import doubts
from dashboard.data.reviews import Action
from dashboard.data.store import Store, connect
from dashboard.figures import DOUBT, DOUBT_NOTE
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.briefing.test_readback import read, squeezed

from .conftest import ROOT, OpenPage, words

# At the demo's year end villages of one town have the same income: a finding that stays open.
QUARTER = "2016Q4"
OFFICE = Viewer("office", Role.OFFICE, ROOT)


def text(app: AppTest) -> str:
    frames = [frame.value.to_string() for frame in app.dataframe]
    metrics = [str(metric.value) for metric in app.metric]
    markup = [str(element.proto.body) for element in app.get("html")]
    return "\n".join([words(app), *frames, *metrics, *markup])


@pytest.fixture(scope="module")
def demo_store(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Villages enough for something to be found among them."""
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('doubts')}/demo.db")
    demo.fill(store, settings, villages=48, households=64)
    return store


@pytest.fixture(scope="module")
def place(demo_store: Store, settings: Settings) -> tuple[str, str]:
    """(town, village) whose incomes wait to be checked."""
    focus = units.focus(demo_store, OFFICE, ROOT, Period.parse(QUARTER))
    marked = doubts(demo_store, OFFICE, focus, settings).marked
    village = min(unit for unit, code in marked if len(unit) == 12 and code == "V03")
    return village[:9], village


@pytest.mark.parametrize("path", ["", "targets", "ranking", "map", "unit"])
def test_each_page_marks_and_explains(
    demo_store: Store, open_page: OpenPage, place: tuple[str, str], path: str
) -> None:
    unit = place[0] if path == "unit" else ROOT
    app = open_page(demo_store, path, Role.LEADER, unit=unit, period=QUARTER)
    assert not app.exception
    said = text(app)
    assert DOUBT_NOTE in said
    assert said.count(DOUBT) > said.count(DOUBT_NOTE), "a figure carries the mark"


def test_a_villages_own_page_says_it(
    demo_store: Store, open_page: OpenPage, place: tuple[str, str]
) -> None:
    app = open_page(demo_store, "unit", Role.LEADER, unit=place[1], period=QUARTER)
    assert DOUBT_NOTE in words(app)


def test_a_department_is_not_told_of_findings(demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "", Role.DEPARTMENT, unit=ROOT, period=QUARTER)
    assert app.metric
    assert DOUBT not in text(app)


@pytest.mark.parametrize("suffix", list(render.FORMATS))
def test_each_document_marks_and_explains(
    demo_store: Store, settings: Settings, suffix: str
) -> None:
    focus = units.focus(demo_store, OFFICE, ROOT, Period.parse(QUARTER))
    draft = issues.standing(demo_store, OFFICE, focus, settings).today
    text, grids = read(suffix, draft)
    said = squeezed(text + "".join(cell for grid in grids for row in grid for cell in row))
    assert "是提示" in said and "待核实" in said
    if suffix == "xlsx":
        # The number stays one: its format carries the mark.
        book = load_workbook(io.BytesIO(render.FORMATS[suffix].render(draft)))
        formats = [c.number_format for sheet in book for row in sheet.rows for c in row]
        assert any(DOUBT in one for one in formats)
    else:
        assert said.count(DOUBT) > said.count(squeezed(DOUBT_NOTE)), "a figure carries the mark"


@pytest.mark.parametrize("kind", Kind)
def test_running_text_and_charts_mark_what_waits(
    demo_store: Store, settings: Settings, kind: Kind
) -> None:
    focus = units.focus(demo_store, OFFICE, ROOT, Period.parse(QUARTER))
    draft = issues.standing(demo_store, OFFICE, focus, settings, kind).today
    told = {one.indicator for one in draft.figures if one.unit_code == ROOT}
    waiting = doubts(demo_store, OFFICE, focus, settings)
    for section in draft.sections:
        texts = [block.text for block in section.blocks if block.kind == "paragraph"]
        marked = [text for text in texts if DOUBT in text and text != DOUBT_NOTE]
        assert texts.count(DOUBT_NOTE) == bool(marked)
        assert not marked or texts[texts.index(marked[0]) + 1] == DOUBT_NOTE
        # The mark stands behind a figure, with its unit or without: never behind a word.
        for at in re.finditer(DOUBT, "".join(marked)):
            before = "".join(marked)[: at.start()]
            assert re.search(r"(\d[个村户人项笔次万元分%)]*|第\d+位)$", before), before[-20:]
    charts = [block for block in draft.blocks() if isinstance(block, Chart)]
    assert any(DOUBT in chart.alt and DOUBT_NOTE[:-1] in chart.source for chart in charts)
    if kind is Kind.BULLETIN:
        income = settings.catalogue["V03"]
        assert "V03" in told and (ROOT, "V03") in waiting
        assert re.search(rf"{income.name}本年累计[\d,.]+{income.unit}{DOUBT}", canonical(draft))
        # Earlier quarters are not looked at here: their bars bear no mark.
        course = next(chart for chart in charts if chart.title.endswith("(年内累计)"))
        for series in course.series:
            assert [DOUBT in text for text in series.texts] == [False, False, False, True]


def test_marks_are_frozen_with_the_bulletin(settings: Settings, tmp_path: Path) -> None:
    store = connect(f"sqlite:///{tmp_path / 'frozen.db'}")
    demo.fill(store, settings, villages=48, households=64)
    focus = units.focus(store, OFFICE, ROOT, Period.parse(QUARTER))
    issue = issues.publish(store, OFFICE, focus, settings)
    assert DOUBT in issue.content
    look = authenticity.look(store, OFFICE, focus, settings)
    assert look is not None and look.leads
    for lead in look.leads:
        reviews.decide(store, OFFICE, focus, lead.finding, Action.CLOSED, "已核实")
    now = issues.standing(store, OFFICE, focus, settings)
    assert DOUBT not in canonical(now.today), "done with: marked no more"
    assert now.published[0].content == issue.content
    assert bulletins.verify(store, ROOT) == []
