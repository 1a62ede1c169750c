"""The figures in the made files are those of the summary rows.

Word, PDF, slides, workbook and HTML are opened by other libraries than those that wrote them where
there are any; what they should say is read from the table `summary` by plain SQL and put against
what stands there as numbers. The builder is not asked.
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, partial

import docx
import openpyxl
import pypdf
import pytest
from lxml import html
from pptx import Presentation
from sqlalchemy import select, update

from dashboard.briefing import issues
from dashboard.briefing.content import Bulletin, Chart, Paragraph, Table, from_json
from dashboard.briefing.render import FORMATS
from dashboard.data import few, rollup, schema, units
from dashboard.data.store import Store
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

from .test_build import built, town

D, PERIOD = "320412", "2016Q4"
OFFICE = Viewer("office", Role.OFFICE, D)
Grid = list[list[str]]
DASH = "—"


@dataclass(frozen=True)
class Row:
    """A row of the summary, and how its figures are shown."""

    value: int | None
    target: int | None
    scheduled: float | None
    rate: float | None
    numerator: int | None
    denominator: int | None
    scale: int


class Truth:
    """The summary of one quarter and the one before, by (name of the unit, head of the column).

    What would tell the income of a few households is in no document: tests/data/test_few.py.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        with store.reading() as connection:
            rows = connection.execute(select(schema.summary)).mappings().all()
            names = {r.code: r.name for r in connection.execute(select(schema.unit))}
        entries = settings.catalogue.by_code
        self.heads = {f"{e.short}({e.unit})": code for code, e in entries.items()}
        self.codes = {name: code for code, name in names.items()}
        self.rows = {
            (row["unit_code"], row["indicator_code"], row["period"]): Row(
                *(row[c] for c in ("value", "target", "scheduled", "rate")),
                *(row[c] for c in ("numerator", "denominator")),
                entries[row["indicator_code"]].scale,
            )
            for row in rows
            if row["indicator_code"] in entries
        }
        leader = Viewer("l", Role.LEADER, D)
        focus = units.focus(store, leader, D, Period.parse(PERIOD))
        withheld = few.withheld(store, leader, focus)
        for key, row in self.rows.items():
            if withheld.has(*key):
                gone = dict.fromkeys(("value", "scheduled", "rate", "numerator", "denominator"))
                self.rows[key] = replace(row, **gone)

    def of(self, unit: str, head: str, period: str = PERIOD) -> Row:
        """Without a row nothing is known."""
        return self.rows.get((unit, self.heads[head], period), Row(*[None] * 6, 1))


@pytest.fixture(scope="module")
def truth(demo_store: Store, settings: Settings) -> Truth:
    return Truth(demo_store, settings)


@pytest.fixture(scope="module", params=["district", "town"])
def bulletin(request: pytest.FixtureRequest, demo_store: Store, settings: Settings) -> Bulletin:
    code = D if request.param == "district" else town(demo_store)
    return built(demo_store, settings, code, PERIOD)


# What each file says, read back


def squeezed(text: str) -> str:
    """Without the spaces and the punctuation that a layout chooses for itself."""
    half = text.translate(str.maketrans("\uff0c\uff08\uff09\uff1a\uff1b", ",():;"))
    return re.sub(r"\s", "", half)


def of_docx(made: bytes) -> tuple[str, list[Grid]]:
    document = docx.Document(io.BytesIO(made))
    grids = [[[cell.text for cell in row.cells] for row in t.rows] for t in document.tables]
    return "".join(p.text for p in document.paragraphs), grids


def of_html(made: bytes) -> tuple[str, list[Grid]]:
    root = html.fromstring(made.decode())
    grids = [
        [
            [cell.text_content().strip() for cell in row.xpath("./th|./td")]
            for row in t.xpath(".//tr")
        ]
        for t in root.xpath("//table")
    ]
    return root.text_content(), grids


def of_pptx(made: bytes) -> tuple[str, list[Grid]]:
    """Tables that run over slides are joined; notes have what the slides have no room for."""
    said, grids = "", []
    for slide in Presentation(io.BytesIO(made)).slides:
        for shape in slide.shapes:
            said += shape.text_frame.text if shape.has_text_frame else ""
            if shape.has_table:
                grid = [[cell.text for cell in row.cells] for row in shape.table.rows]
                if grids and grids[-1][0] == grid[0]:
                    grids[-1] += grid[1:]
                else:
                    grids.append(grid)
        said += slide.notes_slide.notes_text_frame.text
    return said, grids


def of_xlsx(made: bytes) -> tuple[str, list[Grid]]:
    """A number as it is, without its format: 0.326, not 32.6%."""
    book = openpyxl.load_workbook(io.BytesIO(made))
    said, grids = "", []
    for sheet in book.worksheets:
        grid = [
            ["" if cell is None else str(cell) for cell in row]
            for row in sheet.iter_rows(values_only=True)
        ]
        said += "".join("".join(row) for row in grid)
        grids.append(grid)
    return said, grids


def of_pdf(made: bytes) -> tuple[str, list[Grid]]:
    """Without page numbers and marks at the edges: a sentence may run over them."""
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages]
    edges = r"^\s*(演示数据|草稿|\s)+\s*$|^\s*—\s*\d+\s*—\s*$"
    return "".join(re.sub(edges, "", page, flags=re.MULTILINE) for page in pages), []


READ: Mapping[str, Callable[[bytes], tuple[str, list[Grid]]]] = {
    "docx": of_docx,
    "pdf": of_pdf,
    "pptx": of_pptx,
    "xlsx": of_xlsx,
    "html": of_html,
}


@cache
def read(suffix: str, bulletin: Bulletin) -> tuple[str, list[Grid]]:
    """What the bulletin's file of this format says; made once for all tests."""
    return READ[suffix](FORMATS[suffix].render(bulletin))


# Figures against the summary


def number(text: str) -> Decimal | None:
    """What a cell says as a number; None where it says that there is none."""
    bare = re.sub(r"[*◇●▲■○%,\s]", "", text)
    return Decimal(bare) if re.fullmatch(r"[+-]?\d+(\.\d+)?", bare) else None


def agrees(text: str, exact: Decimal | None) -> bool:
    """Whether a text is the exact figure, rounded to the decimals that it shows."""
    told = number(text)
    if told is None or exact is None:
        return told is None and exact is None
    decimals = -int(told.as_tuple().exponent)  # type: ignore[arg-type]
    return abs(told - exact) <= Decimal(5).scaleb(-decimals - 1)


def shown(stored: float | None, scale: int) -> Decimal | None:
    return None if stored is None else Decimal(str(stored)) / scale


def percent(rate: float | None) -> Decimal | None:
    return None if rate is None else Decimal(str(rate)) * 100


def check_core(grid: Grid, truth: Truth, unit: str, *, bare: bool = False) -> int:
    """核心指标: 指标, 年度目标, 实际, 序时进度, 完成率, 状态. How many figures were looked at."""
    looked = 0
    for name, target, value, due, done, *_ in grid:
        row = truth.of(unit, squeezed(name))
        assert agrees(target, shown(row.target, row.scale)), (name, target)
        assert agrees(value, shown(row.value, row.scale)), (name, value)
        assert agrees(due, shown(row.scheduled, row.scale)), (name, due)
        check_rate(done, row.rate, bare)
        looked += 4
    return looked


def check_rate(said: str, rate: float | None, bare: bool) -> None:
    """A rate just short of 1 is not shown as 100.0 %."""
    exact = percent(rate)
    if bare:
        told = number(said)
        assert (told is None) == (exact is None), said
        assert told is None or abs(told * 100 - exact) < Decimal("1e-9"), said  # type: ignore[operator]
        return
    if exact is not None and Decimal("99.95") <= exact < 100:
        exact = Decimal("99.9")
    assert agrees(said, exact), (said, rate)


def check_decomposition(grid: Grid, truth: Truth, unit: str, *, bare: bool = False) -> int:
    """附件1: the unit itself, then its children; by indicator 目标, 实际, 完成率."""
    groups = [squeezed(head) for head in spread(grid[0])]
    looked = 0
    for place, (name, *cells) in enumerate(grid[2:]):
        code = unit if place == 0 else truth.codes[name]
        for at in range(0, len(cells), 3):
            row = truth.of(code, groups[at])
            target, value, done = cells[at : at + 3]
            assert agrees(target, shown(row.target, row.scale)), (name, groups[at], target)
            assert agrees(value, shown(row.value, row.scale)), (name, groups[at], value)
            check_rate(done, row.rate, bare)
            looked += 3
    return looked


def spread(heads: list[str]) -> list[str]:
    """The merged heads over their columns, however a format leaves them: 名, 甲, 甲, 甲, 乙 …"""
    rest = [head for head in heads[1:] if head]
    once = list(dict.fromkeys(rest))
    return [head for head in once for _ in range(3)]


def core_grid(grids: list[Grid]) -> Grid:
    for grid in grids:
        for at, row in enumerate(grid):
            if squeezed(row[0]) == "核心指标" and len(row) >= 6:
                below = grid[at + 1 :]
                end = next((n for n, r in enumerate(below) if "(" not in squeezed(r[0])), None)
                return below[:end]
    raise AssertionError("no table of core indicators")


def decomposition_grid(grids: list[Grid]) -> Grid:
    for grid in grids:
        for at, row in enumerate(grid):
            if len(row) > 6 and "目标" in row and at and grid[at - 1][0] != "核心指标":
                below = grid[at + 1 :]
                end = next((n for n, r in enumerate(below) if len(r) < 4 or not r[1]), None)
                return [grid[at - 1], row, *below[:end]]
    raise AssertionError("no 附件1")


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx", "html"])
def test_every_core_figure_is_the_summary_row(
    suffix: str, bulletin: Bulletin, truth: Truth
) -> None:
    _, grids = read(suffix, bulletin)
    looked = check_core(core_grid(grids), truth, bulletin.unit_code, bare=suffix == "xlsx")
    assert looked >= 40


@pytest.mark.parametrize("suffix", ["docx", "xlsx", "html"])
def test_every_figure_of_the_decomposition_is_the_summary_row(
    suffix: str, bulletin: Bulletin, truth: Truth
) -> None:
    """Slides name the attachments; their notes and the PDF are looked at below."""
    _, grids = read(suffix, bulletin)
    grid = decomposition_grid(grids)
    looked = check_decomposition(grid, truth, bulletin.unit_code, bare=suffix == "xlsx")
    assert looked >= 3 * 5 * 3


def check_rows(said: str, wanted: Grid) -> None:
    """Row by row: a file without tables of its own has the cells one behind another."""
    plain = re.sub(r"[|;,\u3001\s]", "", squeezed(said))
    for row in wanted:
        assert re.sub(r"[,\s]", "", squeezed("".join(row))) in plain, row


@pytest.mark.parametrize("suffix", ["pdf", "pptx"])
def test_rows_that_word_has_right_stand_there_too(suffix: str, bulletin: Bulletin) -> None:
    """As Word's file has them, which was held against the summary above."""
    _, grids = read("docx", bulletin)
    said, _ = read(suffix, bulletin)
    check_rows(said, decomposition_grid(grids)[2:])


@pytest.mark.parametrize("suffix", READ)
def test_every_figure_told_is_in_the_file(suffix: str, bulletin: Bulletin, truth: Truth) -> None:
    """Each figure that a text tells is the summary's, and its text stands in the file."""
    said, grids = read(suffix, bulletin)
    plain = squeezed(said + "".join(cell for grid in grids for row in grid for cell in row))
    looked = 0
    for used in bulletin.figures:
        code, _, period = used.indicator.partition("@")
        row = truth.rows.get((used.unit_code, code, period or PERIOD))
        if row is None:
            continue
        stored = getattr(row, used.measure)
        assert stored is not None
        assert used.value == round(stored), used
        scale = 1 if used.measure in ("numerator", "denominator") else row.scale
        if used.measure in ("numerator", "denominator"):
            looked += 1
        else:
            assert agrees(used.text, shown(stored, scale)), used
            looked += 1
    assert looked >= 30
    for block in bulletin.blocks():
        if isinstance(block, Paragraph):
            assert squeezed(block.text) in plain, block.text


def charts_of(bulletin: Bulletin) -> list[Chart]:
    return [block for block in bulletin.blocks() if isinstance(block, Chart)]


def test_the_slides_charts_hold_the_summary(
    demo_store: Store, settings: Settings, truth: Truth
) -> None:
    """经济一般村剩余数 by quarter, and every chart's numbers as in the content."""
    district = built(demo_store, settings, D, PERIOD)
    deck = Presentation(io.BytesIO(FORMATS["pptx"].render(district)))
    natives = [s.chart for slide in deck.slides for s in slide.shapes if s.has_chart]
    trend = next(c for c in natives if "经济一般村" in c.chart_title.text_frame.text)
    quarters = [f"2016Q{quarter}" for quarter in (1, 2, 3, 4)]
    expected = [truth.rows[D, "V02", quarter].value for quarter in quarters]
    assert list(trend.plots[0].series[0].values)[-4:] == expected
    told = [tuple(series.values) for chart in charts_of(district) for series in chart.series]
    found = [tuple(series.values) for chart in natives for series in chart.plots[0].series]
    assert found == told


def test_the_workbooks_charts_draw_from_the_same_numbers(
    demo_store: Store, settings: Settings
) -> None:
    district = built(demo_store, settings, D, PERIOD)
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].render(district)))
    numbers = {
        cell
        for sheet in book.worksheets
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if isinstance(cell, int | float)
    }
    for chart in charts_of(district):
        for series in chart.series:
            assert {value for value in series.values if value is not None} <= numbers


# It can fail


def falsified(bulletin: Bulletin) -> Bulletin:
    """The same with one figure of each table one too high."""

    def wrong(table: Table) -> Table:
        first = table.rows[0]
        at = next(at for at, cell in enumerate(first) if cell.number is not None)
        was = first[at]
        assert was.number is not None
        cell = was.model_copy(update={"text": f"{was.number + 1:,.0f}", "number": was.number + 1})
        rows = ((*first[:at], cell, *first[at + 1 :]), *table.rows[1:])
        return table.model_copy(update={"rows": rows})

    sections = tuple(
        section.model_copy(
            update={
                "blocks": tuple(wrong(b) if isinstance(b, Table) else b for b in section.blocks)
            }
        )
        for section in bulletin.sections
    )
    attachments = tuple(
        one.model_copy(update={"table": wrong(one.table)}) for one in bulletin.attachments
    )
    return bulletin.model_copy(update={"sections": sections, "attachments": attachments})


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx", "html"])
def test_one_false_figure_is_found(
    suffix: str, demo_store: Store, settings: Settings, truth: Truth
) -> None:
    bad = falsified(built(demo_store, settings, D, PERIOD))
    _, grids = read(suffix, bad)
    with pytest.raises(AssertionError):
        check_core(core_grid(grids), truth, D, bare=suffix == "xlsx")
    if suffix != "pptx":
        with pytest.raises(AssertionError):
            check_decomposition(decomposition_grid(grids), truth, D, bare=suffix == "xlsx")


# What was published stays


def test_files_of_an_old_bulletin_have_the_figures_of_that_day(
    own_store: Store, settings: Settings
) -> None:
    """Publish, let the data move on, export again: every format says what it said."""
    before = Truth(own_store, settings)
    focus = units.focus(own_store, OFFICE, D, Period.parse(PERIOD))
    at = datetime(2017, 1, 20, tzinfo=UTC)
    issue = issues.publish(own_store, OFFICE, focus, settings, now=at)
    first = {suffix: form.render(from_json(issue.content)) for suffix, form in FORMATS.items()}
    with own_store.writing() as connection:
        income = schema.village_income
        connection.execute(
            update(income)
            .where(income.c.period == PERIOD)
            .values(operating_fen=income.c.operating_fen + 7_000_000)
        )
    rollup.rebuild(own_store, settings)
    assert Truth(own_store, settings).rows != before.rows
    kept = issues.standing(own_store, OFFICE, focus, settings, now=at)
    assert kept.differing
    old = kept.editions[0]
    check = partial(check_core, truth=before, unit=D)
    for suffix in ("docx", "pptx", "xlsx", "html"):
        _, grids = read(suffix, old)
        assert check(core_grid(grids), bare=suffix == "xlsx") >= 40
    for suffix, form in FORMATS.items():
        assert READ[suffix](form.render(old)) == READ[suffix](first[suffix])
