"""The 分解表: its description, its face on the screen, and the workbook read back."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from io import BytesIO
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from dashboard.components.decomposition import panels, screen, wording
from dashboard.components.decomposition.differences import differences, summary
from dashboard.components.decomposition.table import (
    Cell,
    Decomposition,
    State,
    describe,
)
from dashboard.components.decomposition.workbook import (
    HEAD_ROWS,
    SUB_HEADS,
    Content,
    workbook,
)
from dashboard.components.downloads import file_name
from dashboard.config_models import Catalogue
from dashboard.data.queries.decomposition import MONTH_COLUMNS, TARGET_COLUMNS, Checked
from dashboard.data.queries.progress import FIGURE_COLUMNS
from dashboard.data.units import Focus, Unit
from dashboard.figures import moment
from dashboard.policy.periods import Period
from dashboard.policy.progress import Light
from dashboard.policy.reconciliation import Check, Discrepancy
from dashboard.settings import Settings

D, A, B = "320412", "320412101", "320412102"
WAN = 1_000_000
DISTRICT = Unit(D, "某区", "district", "", None, D)
TOWN = Unit(A, "甲镇", "town", "镇", D, D)
EVIL = '=HYPERLINK("http://x","乙镇")<script>alert(1)</script>'
"""A unit's name as an attacker would import it."""


def figure(**given: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(FIGURE_COLUMNS)
    return nothing | {"light": "none", "reported": 0, "expected": 1, "source": "none"} | given


def met(value: int, target: int, light: str = "green", **more: Any) -> dict[str, Any]:
    scheduled = target * 0.75
    rate = value / target if target else None
    known = {"value": value, "target": target, "scheduled": scheduled, "rate": rate}
    return figure(**({"light": light, "reported": 1, "source": "reported"} | known | more))


OWN = [
    # indicator, figure of the district
    ("V01", met(150, 190)),
    ("V03", met(21_000 * WAN + 1, 34_000 * WAN, "red", reported=15, expected=16)),  # one is late
    ("V09", met(900_000, 1_000_000, "yellow", numerator=9, denominator=10)),
    (
        "H07",
        figure(value=3, target=0, light="red", scheduled=0.0, reported=1),
    ),  # no rate over a target of 0
    ("H05", met(99_999, 100_000)),  # 99.999 %: not yet 100.0 %
]
CHILDREN = [
    # unit, name, indicator, figure
    (A, "甲镇", "V01", met(7, 12)),
    (A, "甲镇", "V02", figure(value=5, reported=1)),  # a figure without a target
    (A, "甲镇", "V03", met(149_999_900, 200 * WAN, "red")),  # 149.9999: never shown as 150.00
    (A, "甲镇", "H04", figure(target=950_000)),  # reported at the year's end
    (B, EVIL, "V01", figure(target=12)),  # a target without a figure: 未填报
    (B, EVIL, "V09", met(1_000_000, 1_000_000, numerator=4, denominator=4)),
    (B, EVIL, "V10", figure(target=1_000_000, numerator=0, denominator=0, reported=1)),  # 0 of 0
    (B, EVIL, "V04", met(2, 5, "red") | {"rate": -1.4}),  # more than there were: no rate below 0
    (B, EVIL, "V02", met(3, 2, "green") | {"rate": 0.75}),  # what should fall: the number left
]


@pytest.fixture(scope="module")
def catalogue(settings: Settings) -> Catalogue:
    return settings.catalogue


def own_rows(
    rows: list[tuple[str, dict[str, Any]]] = OWN, periods: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Of progress.trend; all of the third quarter, or each of its own."""
    of = periods or ["2016Q3"] * len(rows)
    return [
        figure() | {"indicator": code, "period": period} | row
        for (code, row), period in zip(rows, of, strict=True)
    ]


def child(unit: str, name: str, code: str | None, row: dict[str, Any]) -> dict[str, Any]:
    """Of progress.of_children."""
    return {"unit": unit, "name": name, "kind": "镇", "indicator": code} | row


def children_rows() -> list[dict[str, Any]]:
    silent = dict.fromkeys(figure())  # nothing known: a row all the same
    return [*(child(*row) for row in CHILDREN), child("320412103", "丙镇", None, silent)]


@pytest.fixture
def table(catalogue: Catalogue, settings: Settings) -> Decomposition:
    return describe(
        Focus(DISTRICT, Period(2016, 3)),
        catalogue,
        own_rows(),
        children_rows(),
        is_demo=True,
        lines=settings.policy.village_lines,
    ).core()


def test_every_unit_has_a_cell_for_every_core_indicator(
    table: Decomposition, catalogue: Catalogue
) -> None:
    assert [row.name for row in table.rows] == ["某区合计", "甲镇", EVIL, "丙镇"]
    assert [row.is_total for row in table.rows] == [True, False, False, False]
    assert {entry.code for entry in table.entries} == {entry.code for entry in catalogue.core}
    for row in table.rows:
        assert all((row.code, entry.code) in table.cells for entry in catalogue.indicators)


def test_column_groups_are_whole_and_in_order(table: Decomposition) -> None:
    assert [label for label, _ in table.tracks] == ["经济一般村", "低收入农户", "过程管理"]
    assert [entry for _, entries in table.tracks for entry in entries] == list(table.entries)


def test_what_a_cell_without_figure_says(table: Decomposition) -> None:
    assert table.cell(B, "V01").state is State.MISSING
    assert table.cell(A, "H04").state is State.YEAR_END
    assert table.cell(B, "V10").state is State.NOTHING_DUE
    assert table.cell(A, "H05") == Cell()


def test_a_yearly_figure_is_missing_at_the_year_end(catalogue: Catalogue) -> None:
    own = own_rows([("H04", figure(target=950_000))], ["2016Q4"])
    focus = Focus(DISTRICT, Period(2016, 4))
    table = describe(focus, catalogue, own, [], is_demo=False)
    assert table.cell(D, "H04").state is State.MISSING


def test_only_the_focus_quarter_of_a_trend_counts(catalogue: Catalogue) -> None:
    own = own_rows([("V01", met(150, 190)), ("V01", met(99, 190))], ["2016Q3", "2016Q2"])
    table = describe(Focus(DISTRICT, Period(2016, 3)), catalogue, own, [], is_demo=False)
    assert table.cell(D, "V01").value == 150


def test_a_town_shows_the_indicators_that_its_rows_have(catalogue: Catalogue) -> None:
    focus = Focus(TOWN, Period(2016, 3), (DISTRICT,))
    own = own_rows([("V01", met(7, 12)), ("H05", met(1, 2))])
    village = child(A + "201", "一村", "V03", met(1, 2))
    table = describe(focus, catalogue, own, [village], is_demo=False)
    assert [entry.code for entry in table.entries] == ["V01", "V03", "H05"]


def test_who_is_late_is_named(catalogue: Catalogue) -> None:
    children = [
        child(A, "甲镇", "V01", figure(target=1)),
        child(A, "甲镇", "V02", figure(target=1)),
        child(A, "甲镇", "V03", met(1, 1)),  # two of three are missing
        child(A, "甲镇", "H04", figure(target=1)),  # not due before the year's end
        child(B, "乙镇", "V01", figure(target=1)),
        child(B, "乙镇", "V03", met(1, 1)),  # half is not more
    ]
    focus = Focus(DISTRICT, Period(2016, 3))
    table = describe(focus, catalogue, own_rows(), children, is_demo=False)
    assert table.notes[-1] == "半数以上指标未填报:甲镇。"


def test_lights_are_counted_where_there_is_a_target(table: Decomposition) -> None:
    assert table.lights(D) == {Light.GREEN: 2, Light.YELLOW: 1, Light.RED: 2, Light.NONE: 0}
    assert table.lights(A) == {Light.GREEN: 1, Light.YELLOW: 0, Light.RED: 1, Light.NONE: 1}


def text_of(table: Decomposition, face: screen.Face) -> dict[tuple[str, str], str]:
    """The text of each cell of the markup, by unit and indicator."""
    markup = screen.markup(table, face, "V01")
    cells = re.findall(r'data-unit="(\w+)" data-indicator="(\w+)">(.*?)</td>', markup, re.DOTALL)
    return {
        (unit, code): " ".join(re.sub(r"<[^>]*>", " ", inner).split())
        for unit, code, inner in cells
    }


def test_the_face_with_rates(table: Decomposition) -> None:
    text = text_of(table, screen.Face.RATE)
    assert text[D, "V01"] == "● 78.9% 150/190"
    assert text[D, "V09"] == "▲ 90.0% 9/10"  # a ratio with what it is made of
    assert text[D, "V03"] == "■ 61.8%* 21,000/34,000"  # one town has not reported
    assert text[D, "H07"] == "■ 3 目标0"
    assert text[D, "H05"] == "● 99.9% 99,999/100,000"
    assert text[A, "V03"] == "■ 75.0% 149.9999/200"
    assert text[B, "V04"] == "■ 2 目标5"
    assert text[B, "V02"] == "● 3 目标2·75.0%"
    assert text[B, "V10"] == "无此项 目标100"
    assert text[A, "V02"] == "5 无目标"
    assert text[A, "H04"] == "年底填报 目标9,500"
    assert text[B, "V01"] == "未填报 目标12"
    assert text[A, "H05"] == "—"


def test_the_face_with_figures(table: Decomposition) -> None:
    text = text_of(table, screen.Face.FIGURE)
    assert text[D, "V01"] == "● 150 目标190"
    assert text[D, "V09"] == "▲ 90.0 目标100"
    assert text[A, "V03"] == "■ 149.9999 目标200"


def test_names_are_text_never_markup(table: Decomposition) -> None:
    markup = screen.markup(table, screen.Face.RATE, "V01")
    assert "<script" not in markup
    assert "&lt;script&gt;" in markup


def test_heads_are_merged_and_link_on(table: Decomposition) -> None:
    markup = screen.markup(table, screen.Face.RATE, "V01")
    spans = [int(span) for span in re.findall(r'colspan="(\d+)"', markup)]
    assert spans == [len(entries) for _, entries in table.tracks]
    assert f'href="?unit={A}&amp;period=2016Q3&amp;indicator=V01"' in markup
    assert f'href="?unit={D}&amp;period=2016Q3&amp;indicator=H05"' in markup


def test_every_link_keeps_the_day(catalogue: Catalogue) -> None:
    focus = Focus(DISTRICT, Period(2016, 3), as_of=date(2016, 10, 12))
    table = describe(focus, catalogue, own_rows(), children_rows(), is_demo=False)
    links = re.findall(r'href="([^"]*)"', screen.markup(table, screen.Face.RATE, "V01"))
    assert {"figure" in link for link in links} == {True, False}
    assert all("asof=2016-10-12" in link for link in links)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (0.99999, "99.9%"),  # just short of the target is not the target
        (1.0, "100.0%"),
        (1.00001, "100.0%"),
        (-0.2, "-20.0%"),
        (-0.00001, "0.0%"),
    ],
)
def test_rates(value: float | None, text: str) -> None:
    assert wording.rate(value) == text


CHECKED = Checked(
    discrepancies=(
        Discrepancy(D, "H05", Check.CHILDREN, 100, 120, Fraction(6, 5)),
        Discrepancy(D, "V02", Check.CHILDREN, 10, 6, Fraction(3, 5), (B,)),
        Discrepancy(D, "V04", Check.CHILDREN, 10, 6, Fraction(3, 5)),
        Discrepancy(D, "H01", Check.CHILDREN, 10, 12, Fraction(6, 5)),
        Discrepancy(A, "V03", Check.MONTHS, 200 * WAN, 190 * WAN, Fraction(19, 20)),
        Discrepancy(A, "H05", Check.MONTHS_FALL, 30, 20, None),
    ),
    values={(A, "H05"): 70, (B, "H05"): 50, (A, "V02"): 6, (A, "V04"): 6, (A, "H01"): 12},
    names={D: "某区", A: "甲镇", B: "乙镇"},
    below={D: (A, B)},
)


def test_differences_in_words(catalogue: Catalogue) -> None:
    found = differences(CHECKED, catalogue)
    assert [(one.unit, one.problem, one.gap) for one in found] == [
        ("某区", "层层加码", 20),
        ("某区", "未足额分解", -4),
        ("某区", "层层加码", -4),  # fewer villages left is the harder target
        ("某区", "分解后偏松", 2),
        ("甲镇", "月度计划与年度目标不符", -10 * WAN),
        ("甲镇", "月度累计计划回落", -10),
    ]
    assert found[0].detail == "甲镇70、乙镇50"
    assert found[1].detail == "未下达:乙镇;甲镇6"
    assert found[4].detail == "末月累计计划190.00,年度目标200.00"
    assert summary(found).startswith("层层加码2处、未足额分解1处、")


def test_the_panel_shows_figures_with_units(catalogue: Catalogue) -> None:
    frame = panels.difference_frame(differences(CHECKED, catalogue))
    first = frame.iloc[0]
    assert (first["应为"], first["现为"], first["相差"]) == ("100户", "120户", "+20户")
    assert first["现为÷应为"] == "120.0%"
    assert frame["现为÷应为"].iloc[5] == "—"


PLAN = pd.DataFrame(
    [
        # the district's monthly plan; the town has a target but no plan
        (D, "某区", 190, "区委农工办", "分管副区长", 12, 3, 40),
        (D, "某区", 190, "区委农工办", "分管副区长", 12, 12, 190),
        (A, "甲镇", 12, "区委农工办", "", 11, pd.NA, pd.NA),
    ],
    columns=["unit", "name", "value", "department", "post", "due_month", "month", "planned"],
)


def test_who_answers_for_an_indicator(table: Decomposition) -> None:
    rows = panels.duties(table, table.entry("V01"), PLAN).set_index("单位")
    assert rows.loc["某区合计", "责任人(职务)"] == "分管副区长"
    assert rows.loc["甲镇", ["责任人(职务)", "完成月份"]].tolist() == ["未落实到人", "11月"]
    assert rows.loc["丙镇", "责任单位"] == "未下达"
    assert rows.loc["甲镇", "实际(村)"] == "7"


def test_the_course_of_an_indicator(table: Decomposition) -> None:
    trend = own_rows([("V01", met(60, 190)), ("V01", met(150, 190))], ["2016Q1", "2016Q3"])
    points = panels.points(table, table.entry("V01"), trend, PLAN)
    assert list(points[["series", "month", "value"]].itertuples(index=False, name=None)) == [
        ("序时进度", 3, 40),
        ("序时进度", 12, 190),
        ("实际", 3, 60),
        ("实际", 9, 150),
    ]


def test_without_a_monthly_plan_the_course_is_the_schedule(table: Decomposition) -> None:
    points = panels.points(table, table.entry("V01"), own_rows(), PLAN.iloc[:0])
    assert list(points[["series", "month", "value"]].itertuples(index=False, name=None)) == [
        ("序时进度", 9, 142),
        ("实际", 9, 150),
    ]


def test_a_money_chart_is_in_its_unit(table: Decomposition) -> None:
    entry = table.entry("V03")
    points = panels.points(table, entry, own_rows(), PLAN.iloc[:0])
    assert points["value"].tolist() == [25_500, pytest.approx(21_000)]
    assert panels.course(entry, points).spec["title"] == "村集体收入是否跟上序时进度(万元)"


SOURCES = pd.DataFrame(
    [
        ("b2", "=1+1.xlsx", datetime(2016, 10, 12, 1, 30), "office"),  # newest first
        ("b1", "甲镇.xlsx", datetime(2016, 10, 9, 1, 30, tzinfo=UTC), "office"),
    ],
    columns=["batch", "file", "imported_at", "imported_by"],
)


@pytest.fixture
def book(table: Decomposition, catalogue: Catalogue) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(workbook(table, _content(catalogue))))


def _content(catalogue: Catalogue) -> Content:
    targets = [
        (D, "某区", "V03", 34_000 * WAN, "区委农工办", "分管副区长", 12),
        (B, EVIL, "V01", 12, "+cmd|' /C calc'!A0", "", 11),  # a formula in a department's name
    ]
    months = [(D, "某区", "V03", 3, 8_000 * WAN), (D, "某区", "V03", 12, 34_000 * WAN)]
    return Content(
        targets=pd.DataFrame(targets, columns=TARGET_COLUMNS),
        months=pd.DataFrame(months, columns=MONTH_COLUMNS),
        checked=CHECKED,
        sources=SOURCES,
        catalogue=catalogue,
        differences=differences(CHECKED, catalogue),
    )


def test_each_figure_of_the_workbook_is_the_summary_row(
    book: openpyxl.Workbook, table: Decomposition
) -> None:
    sheet = book["分解表"]
    figures = {(D, row["indicator"]): row for row in own_rows()}
    figures |= {(row["unit"], row["indicator"]): row for row in children_rows()}
    compared = 0
    for line, row in enumerate(table.rows, start=HEAD_ROWS + 1):
        assert sheet.cell(line, 1).value == row.name
        for place, entry in enumerate(table.entries):
            column = 2 + place * len(SUB_HEADS)
            read = [sheet.cell(line, column + step).value for step in range(len(SUB_HEADS))]
            stored = figures.get((row.code, entry.code))
            scale = {"ratio": 1_000_000, "money": WAN, "money_yuan": 100}.get(entry.quantity, 1)
            if stored is None:
                assert read == [None, "—", None, None]
                continue
            compared += 1
            assert smallest(read[0], scale) == stored["target"]
            if stored["value"] is not None:
                assert smallest(read[1], scale) == stored["value"]
            assert read[2] == stored["rate"]
            glyph = None if stored["target"] is None else Light(stored["light"]).glyph
            assert read[3] == glyph
    assert compared == len(OWN) + len(CHILDREN)


def smallest(number: float | None, scale: int) -> int | None:
    return None if number is None else round(number * scale)


def test_heads_are_merged_over_their_columns(book: openpyxl.Workbook, table: Decomposition) -> None:
    sheet = book["分解表"]
    merged = {str(found) for found in sheet.merged_cells.ranges}
    column = 2
    for label, entries in table.tracks:
        assert sheet.cell(3, column).value == label
        last = column + 4 * len(entries) - 1
        span = f"{sheet.cell(3, column).coordinate}:{sheet.cell(3, last).coordinate}"
        assert span in merged
        for entry in entries:
            assert sheet.cell(4, column).value == f"{entry.name}({entry.unit})"
            heads = [sheet.cell(5, column + step).value for step in range(4)]
            assert heads == ["目标", "实际", "完成率", "亮灯"]
            column += 4


def test_a_figure_below_a_line_is_not_rounded_onto_it(
    book: openpyxl.Workbook, table: Decomposition
) -> None:
    place = [entry.code for entry in table.entries].index("V03")
    cell = book["分解表"].cell(HEAD_ROWS + 2, 2 + 4 * place + 1)
    assert (cell.value, cell.number_format) == (149.9999, "#,##0.0000")


def test_print_setup(book: openpyxl.Workbook) -> None:
    sheet = book["分解表"]
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 8)
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("B6", "$1:$5")
    assert sheet.print_title_cols == "$A:$A"
    for other in book.worksheets[1:]:
        assert (other.page_setup.orientation, int(other.page_setup.paperSize)) == ("landscape", 9)
        assert (other.print_title_rows, other.freeze_panes) == ("$1:$2", "C3")


def test_every_sheet_says_that_it_is_demo_data(book: openpyxl.Workbook) -> None:
    for sheet in book.worksheets:
        assert "演示数据" in str(sheet.oddHeader.center.text)
        assert "演示数据" in str(sheet["A1"].value)


def test_a_real_store_says_nothing_of_demo_data(table: Decomposition, catalogue: Catalogue) -> None:
    real = Decomposition(**(table.__dict__ | {"is_demo": False}))
    book = openpyxl.load_workbook(BytesIO(workbook(real, _content(catalogue))))
    assert "演示数据" not in "".join(_texts(book))


def test_nothing_of_the_store_becomes_a_formula_or_a_link(book: openpyxl.Workbook) -> None:
    assert EVIL in _texts(book)
    assert "+cmd|' /C calc'!A0" in _texts(book)
    for sheet in book.worksheets:
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n"}
        assert not any(cell.hyperlink for cell in cells)


def _texts(book: openpyxl.Workbook) -> list[str]:
    return [
        cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    ] + [str(sheet.oddHeader.center.text) for sheet in book.worksheets]


def rows_of(sheet: Worksheet) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(min_row=3, values_only=True))


def test_the_other_sheets(book: openpyxl.Workbook) -> None:
    plan = rows_of(book["月度计划"])[0]
    assert (plan[0], plan[4 + 2], plan[4 + 11]) == ("某区", 8_000, 34_000)
    duties = rows_of(book["责任分工"])
    assert duties[0] == (
        "某区", "村集体年收入", 34_000, "万元", "区委农工办", "分管副区长", "12月",
    )  # fmt: skip
    assert duties[1][5] == "未落实到人"
    found = rows_of(book["分解校核"])
    assert found[0][:7] == ("某区", "当年脱贫退出户数", "层层加码", 100, 120, 20, 1.2)
    assert found[4][3:6] == (200, 190, -10)
    origin = rows_of(book["指标口径"])
    assert origin[0][0] == "V01"
    assert ("b2", "=1+1.xlsx", "2016年10月12日09:30", "office") in [row[:4] for row in origin]


def test_an_agreeing_decomposition_says_so(table: Decomposition, catalogue: Catalogue) -> None:
    content = Content(
        targets=pd.DataFrame(columns=TARGET_COLUMNS),
        months=pd.DataFrame(columns=MONTH_COLUMNS),
        checked=Checked(values={(D, "H05"): 1}, names={D: "某区"}),
        sources=SOURCES.iloc[:0],
        catalogue=catalogue,
        differences=[],
    )
    book = openpyxl.load_workbook(BytesIO(workbook(table, content)))
    assert book["分解校核"]["A3"].value == "全部一致"
    assert book["月度计划"]["A3"].value == "尚无月度计划,序时进度按月均匀推进"
    assert str(book["分解表"]["A2"].value).startswith("数据截至:尚无导入记录")


def test_times_are_the_offices(book: openpyxl.Workbook) -> None:
    assert moment(datetime(2016, 9, 30, 16, 5)) == "2016年10月1日00:05"  # SQLite forgets the zone
    assert "数据截至2016年10月12日09:30" in str(book["分解表"]["A2"].value)


def test_file_names() -> None:
    focus = Focus(DISTRICT, Period(2016, 3))
    assert file_name(focus, "分解表", "xlsx", True) == "某区_2016年第三季度_分解表_演示数据.xlsx"
    odd = Focus(Unit(D, 'a/b:"c"', "district", "", None, D), Period(2016, 3))
    assert file_name(odd, "分解表", "xlsx", False) == "a_b__c__2016年第三季度_分解表.xlsx"
