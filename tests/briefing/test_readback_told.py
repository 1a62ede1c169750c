"""Figures told outside tables: each stands in every format, and one that is altered is found.

Totals that are no indicator (资金安排, 自有收入) are summed here from the registers themselves.
"""

import io
import re
from collections.abc import Iterator

import docx
import openpyxl
import pytest
from lxml import html
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import func, select

from dashboard.briefing.content import Bulletin, Chart, FigureUsed, Paragraph
from dashboard.briefing.render import FORMATS
from dashboard.data import schema
from dashboard.data.store import Store
from dashboard.settings import Settings

from .test_build import built
from .test_readback import (
    PERIOD,
    READ,
    D,
    Grid,
    Truth,
    check_rows,
    core_grid,
    decomposition_grid,
    falsified,
    read,
    squeezed,
)


@pytest.fixture(scope="module")
def truth(demo_store: Store, settings: Settings) -> Truth:
    return Truth(demo_store, settings)


@pytest.fixture(scope="module")
def district(demo_store: Store, settings: Settings) -> Bulletin:
    return built(demo_store, settings, D, PERIOD)


def sentences(bulletin: Bulletin) -> list[str]:
    return [block.text for block in bulletin.blocks() if isinstance(block, Paragraph)]


def check_sentences(wanted: list[str], told: tuple[str, list[Grid]]) -> int:
    """How many of the wanted sentences, all of which stand in what was read, have figures."""
    plain = squeezed(told[0])
    for sentence in wanted:
        assert squeezed(sentence) in plain, sentence
    return sum(bool(re.search(r"\d", sentence)) for sentence in wanted)


@pytest.mark.parametrize("suffix", READ)
def test_one_false_figure_of_a_sentence_is_found(suffix: str, district: Bulletin) -> None:
    assert check_sentences(sentences(district), read(suffix, district)) >= 10
    used = next(u for u in district.figures if "," in u.text and _first_with(district, u.text))
    text = district.model_dump_json().replace(used.text, used.text[:-1] + _other(used.text[-1]))
    with pytest.raises(AssertionError):
        check_sentences(sentences(district), read(suffix, Bulletin.model_validate_json(text)))


def _first_with(bulletin: Bulletin, text: str) -> bool:
    return any(text in sentence for sentence in sentences(bulletin))


def _other(digit: str) -> str:
    return str((int(digit) + 1) % 10)


def test_one_false_figure_of_a_table_is_found_in_the_pdf(district: Bulletin) -> None:
    _, grids = read("docx", district)
    rows = [core_grid(grids), decomposition_grid(grids)[2:]]
    for wanted in rows:
        check_rows(read("pdf", district)[0], wanted)
        with pytest.raises(AssertionError):
            check_rows(read("pdf", falsified(district))[0], wanted)


# Totals that are no indicator


def expected_totals(store: Store, settings: Settings) -> dict[str, int]:
    """Funds of the year and income of the quarter by its sources, in fen, by plain SQL."""
    flow, income = schema.fund_flow.c, schema.village_income.c
    funds = {
        "资金安排": flow.arranged_fen,
        "资金拨付": flow.allocated_fen,
        "资金支出": flow.spent_fen,
    }
    kinds = {
        "自有收入": settings.policy.own_sources,
        "转移收入": settings.policy.transfer_sources,
    }
    found: dict[str, int] = {}
    with store.reading() as connection:
        for name, column in funds.items():
            of_year = select(func.sum(column)).where(flow.year == int(PERIOD[:4]))
            found[name] = int(connection.scalar(of_year) or 0)
            by_purpose = of_year.add_columns(flow.purpose).group_by(flow.purpose)
            found |= {f"{name}·{row[1]}": int(row[0]) for row in connection.execute(by_purpose)}
        for name, sources in kinds.items():
            whole = sum(income[f"{source}_fen"] for source in sources)
            asked = select(func.sum(whole)).where(income.period == PERIOD)
            found[name] = int(connection.scalar(asked) or 0)
    return found


def test_totals_are_those_of_the_registers(
    district: Bulletin, demo_store: Store, settings: Settings
) -> None:
    expected = expected_totals(demo_store, settings)
    told = {u.indicator: u for u in district.figures if u.indicator in expected}
    assert len(told) >= 8
    for name, used in told.items():
        assert used.value == expected[name], name
        assert used.text == f"{round(expected[name] / 1_000_000 + 1e-9, 2):,.2f}", name


# Every text of a figure


def spoken(suffix: str, bulletin: Bulletin) -> str:
    """All that a file says, alternative texts of its pictures included."""
    said, grids = read(suffix, bulletin)
    cells = "|".join(cell for grid in grids for row in grid for cell in row)
    made = FORMATS[suffix].render(bulletin)
    alts: list[str] = []
    if suffix == "docx":
        root = docx.Document(io.BytesIO(made)).element
        alts = [e.get("descr") or "" for e in root.iter() if e.tag.endswith("}docPr")]
    elif suffix == "html":
        alts = html.fromstring(made.decode()).xpath("//@aria-label")
    return squeezed("|".join([said, cells, *alts]))


def absent(used: FigureUsed, text: str) -> bool:
    """Whether the figure stands nowhere as a number of its own: 12 is not in 112 or 12.5."""
    return not re.search(rf"(?<![\d.,]){re.escape(used.text)}(?!\d|[,.]\d)", text)


@pytest.mark.parametrize("suffix", ["docx", "pptx", "html"])
def test_what_a_sentence_or_chart_tells_is_told_in_every_format(
    suffix: str, district: Bulletin
) -> None:
    """Figures that only decide a sentence's words have no text of their own: they are left out."""
    text = spoken(suffix, district)
    shown = [u for u in district.figures if not absent(u, _content(district))]
    assert len(shown) >= 200
    assert not [used for used in shown if absent(used, text)]


def _content(bulletin: Bulletin) -> str:
    charts = [block.alt for block in bulletin.blocks() if isinstance(block, Chart)]
    return "|".join([*sentences(bulletin), *charts])


def test_the_workbook_lists_every_figure_as_it_is_stored(district: Bulletin) -> None:
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].render(district)))
    rows = list(book["数据来源"].iter_rows(min_row=2, values_only=True))
    listed = [(str(r[0]), str(r[1]), r[3], str(r[4])) for r in rows]
    assert listed == [(u.indicator, u.unit_code, u.value, u.text) for u in district.figures]


def chart_sheets(book: openpyxl.Workbook) -> Iterator[Worksheet]:
    return (sheet for sheet in book.worksheets if re.match(r"图\d", sheet.title))


def test_the_workbooks_charts_have_their_numbers_cell_by_cell(
    district: Bulletin, truth: Truth
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].render(district)))
    charts = [block for block in district.blocks() if isinstance(block, Chart)]
    sheets = list(chart_sheets(book))
    assert len(sheets) == len(charts)
    for sheet, chart in zip(sheets, charts, strict=True):
        for place, category in enumerate(chart.categories):
            row = [cell.value for cell in sheet[3 + place]][: 1 + len(chart.series)]
            assert row[0] == category
            for value, series in zip(row[1:], chart.series, strict=True):
                expected = series.values[place]
                assert value == (series.texts[place] if expected is None else expected)
    [trend] = [sheet for sheet in sheets if "经济一般村" in str(sheet["A1"].value)]
    quarters = [f"2016Q{quarter}" for quarter in (1, 2, 3, 4)]
    drawn = [cell.value for cell in trend["B"] if isinstance(cell.value, int | float)]
    assert drawn[-4:] == [truth.rows[D, "V02", quarter].value for quarter in quarters]
