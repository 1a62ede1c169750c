"""What waits to be checked is marked wherever it appears: on each page, and in each document."""

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from dashboard import figures
from dashboard.briefing import issues, render
from dashboard.briefing.content import Chart, Kind, canonical
from dashboard.data import bulletins, demo, reviews, submissions, units
from dashboard.data.queries import authenticity, progress
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
    # A cell's mark stands behind its large figure; a pointer on it is told in a word.
    beside = re.compile(r"<small>[^<]*</small>|title=\"[^\"]*\"")
    markup = [beside.sub("", str(element.proto.body)) for element in app.get("html")]
    links = [str(element.proto.label) for element in app.get("page_link")]
    return "\n".join([words(app), *frames, *metrics, *markup, *links, *drawn(app)])


def drawn(app: AppTest) -> list[str]:
    """Words and figures of the charts and of the map of a page, a line a row."""
    charts = [chart.proto for chart in app.get("vega_lite_chart")]
    rows = [
        json.dumps(row, ensure_ascii=False, default=str)
        for chart in charts
        for one in chart.datasets
        for row in pa.ipc.open_stream(one.data.data).read_all().to_pylist()
    ]
    decks = [str(json.loads(deck.proto.json)) for deck in app.get("deck_gl_json_chart")]
    return [*rows, *(str(json.loads(chart.spec)) for chart in charts), *decks]


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


@pytest.mark.parametrize(
    ("path", "level"),
    [
        *((path, level) for path in ("", "targets", "unit") for level in (0, 1, 2)),
        *((path, level) for path in ("ranking", "map") for level in (0, 1)),
    ],
)
def test_no_page_shows_such_a_figure_bare(
    demo_store: Store,
    settings: Settings,
    open_page: OpenPage,
    place: tuple[str, str],
    path: str,
    level: int,
) -> None:
    unit = (ROOT, *place)[level]
    asked = {"unit": unit, "period": QUARTER, "indicator": "V03"}
    app = open_page(demo_store, path, Role.LEADER, **asked)
    assert not app.exception
    said = text(app)
    assert DOUBT_NOTE in said
    assert said.count(DOUBT) > said.count(DOUBT_NOTE), "a figure carries the mark"
    shown = incomes(demo_store, settings, unit)
    assert shown
    seen = 0
    for told in shown:
        # As it is written for a reader: numbers that place a bar have no separators.
        for at in re.finditer(rf"(?<![\d.,]){re.escape(told)}(?![\d.,])", said):
            seen += 1
            near = said[at.start() - 30 : at.end() + 12]
            behind = said[at.end() : at.end() + 12]
            assert re.match(rf"(\(恰在线上\))?\**\s?(万元)?\**{DOUBT}", behind), near
    assert seen or path in ("ranking", "map"), "such a figure is there"


def incomes(store: Store, settings: Settings, unit: str) -> list[str]:
    """The texts of this quarter's incomes that wait, of a unit and of those right under it."""
    focus = units.focus(store, OFFICE, unit, Period.parse(QUARTER))
    waiting = doubts(store, OFFICE, focus, settings)
    entry, lines = settings.catalogue["V03"], settings.policy.village_lines
    rows = [*progress.of_unit(store, OFFICE, focus), *progress.of_children(store, OFFICE, focus)]
    codes = [row.get("unit", unit) for row in rows]
    return [
        figures.figure(row["value"], entry, lines)
        for code, row in zip(codes, rows, strict=True)
        if row["indicator"] == "V03" and (code, "V03") in waiting
    ]


@pytest.mark.parametrize("face", ["交互地图", "静态图"])
def test_a_map_marks_its_villages_and_its_card(
    demo_store: Store, settings: Settings, open_page: OpenPage, place: tuple[str, str], face: str
) -> None:
    focus = units.focus(demo_store, OFFICE, ROOT, Period.parse(QUARTER))
    waiting = doubts(demo_store, OFFICE, focus, settings)
    app = open_page(demo_store, "map", Role.LEADER, unit=ROOT, period=QUARTER, village=place[1])
    picker = next(one for one in app.get("button_group") if str(one.key).startswith("map_face"))
    picker.set_value(face).run()
    assert not app.exception
    card = next(words.value for words in app.markdown if "本年累计" in words.value)
    assert f"万元{DOUBT}" in card
    if face == "静态图":
        rows = [json.loads(row) for row in drawn(app) if row.startswith('{"代码"')]
        told = {row["代码"]: row["说明"] for row in rows}
    else:
        layers = json.loads(app.get("deck_gl_json_chart")[0].proto.json)["layers"]
        dots = next(layer for layer in layers if layer["id"] == "villages")
        told = {row["code"]: row["said"] for row in dots["data"]}
    assert told
    for code, said in told.items():
        assert (DOUBT in said) == ((code, "V03") in waiting), code


def test_one_indicator_of_the_ranking_marks_its_figures(
    demo_store: Store, settings: Settings, open_page: OpenPage, place: tuple[str, str]
) -> None:
    app = open_page(demo_store, "ranking", Role.LEADER, unit=ROOT, period=QUARTER)
    next(box for box in app.selectbox if box.key == "ranking_which").set_value("V03").run()
    assert not app.exception
    focus = units.focus(demo_store, OFFICE, ROOT, Period.parse(QUARTER))
    waiting = doubts(demo_store, OFFICE, focus, settings)
    names = {child.name: child.code for child in units.children(demo_store, OFFICE, focus)}
    rows = [json.loads(row) for row in drawn(app) if row.startswith('{"单位"')]
    bars = {row["单位"]: row["文"] for row in rows if "序时比" in row}
    assert bars.keys() == names.keys()
    for name, said in bars.items():
        assert (DOUBT in said) == ((names[name], "V03") in waiting), name


def test_the_households_page_marks_what_was_sent_back(
    settings: Settings, open_page: OpenPage, tmp_path: Path
) -> None:
    store = connect(f"sqlite:///{tmp_path / 'back.db'}")
    demo.fill(store, settings, villages=16, households=64)
    town, period, at = "320412104", Period(2016, 3), datetime(2016, 10, 20, tzinfo=UTC)
    before = open_page(store, "households", Role.OFFICE, unit=town, period=str(period))
    submissions.send_back(store, OFFICE, town, period, "lifecycle_event", "请核实", at)
    app = open_page(store, "households", Role.OFFICE, unit=town, period=str(period))
    told = {metric.label: str(metric.value) for metric in app.metric}
    was = {metric.label: str(metric.value) for metric in before.metric}
    left = "本季度退出"
    assert DOUBT not in text(before)
    assert told == was | {left: was[left] + DOUBT}
    assert DOUBT_NOTE in text(app)


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
