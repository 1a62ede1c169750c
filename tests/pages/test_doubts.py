"""What waits to be checked is marked wherever it appears: on each page, and in each document."""

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from dashboard.briefing import issues, render
from dashboard.briefing.content import canonical
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
