"""A CSV file, which is read by whole columns, says what a workbook of the same texts says."""

import csv
import io
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.data.ingest import privacy, read, records
from dashboard.data.ingest.sheets import sheets
from dashboard.settings import Settings
from tests.data.ingest.books import INCOME_HEADS, VILLAGES, book

SHEET = "村集体收入"
WORDS = {
    "年度": ["2016", "2016年", "16", "合计", ""],
    "季度": ["3", "第三季度", "5", " ", ""],
    "村代码": [*VILLAGES, VILLAGES[0][:9], "小计", "abc", ""],
}
AMOUNTS = ["0", "1.5", "12,345.60", "１２", "十万", "-3", "#N/A", " 7 ", "  ", ""]
HEADS = (*INCOME_HEADS, "村名称")
"""The last is a helper, which nobody reads."""

Table = list[list[str]]


def lines(long: int) -> st.SearchStrategy[Table]:
    cells = [st.sampled_from(WORDS.get(head, AMOUNTS)) for head in INCOME_HEADS]
    whole = st.tuples(*cells, st.sampled_from(["测试一村", ""])).map(list)
    cut = st.tuples(whole, st.integers(0, len(HEADS))).map(lambda t: t[0][: t[1]])
    return st.lists(st.one_of(whole, cut, st.just([])), max_size=long)


def as_csv(rows: Table) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def said(name: str, content: bytes, settings: Settings) -> dict[str, Any]:
    """Everything that is told of a file, without its name."""
    reading = read.read_file(name, content, sheets(settings.policy))
    problems = [*reading.problems, *privacy.check(reading)]
    found = []
    for sheet in reading.sheets:
        parsed, wrong = records.parse_rows(sheet)
        problems += wrong
        found += [
            (
                one.number,
                one.values,
                {h: one.cells[h].value for h in INCOME_HEADS if h in one.cells},
            )
            for one in parsed
        ]
    told = [(p.message, p.sheet, p.row, p.column, p.head, p.value) for p in problems]
    return {
        "records": found,
        "problems": sorted(told, key=str),
        "remarks": [remark.replace(name, "") for remark in reading.remarks],
    }


GOOD = ["2016", "3", VILLAGES[0], *["1.5"] * 7, "测试一村"]


@given(rows=lines(12))
@example(rows=[])
@example(rows=[GOOD, ["合计", *[""] * 9], ["", "", VILLAGES[1], *[""] * 7], GOOD])
@example(rows=[[*GOOD[:4], "#N/A", *GOOD[5:]], GOOD])
@example(rows=[[*GOOD, "多出来的"], GOOD])
@example(rows=[[*GOOD, *[""] * 3000], *[GOOD[:1]] * 40, GOOD])
def test_as_a_workbook_says_it(settings: Settings, rows: Table) -> None:
    table = [list(HEADS), *rows]
    workbook = book({SHEET: [[text or None for text in row] for row in table]})
    assert said(f"{SHEET}.csv", as_csv(table), settings) == said("a.xlsx", workbook, settings)


def test_the_examples_are_read_both_ways(settings: Settings) -> None:
    """Else the two would only agree on refusing."""
    told = said(f"{SHEET}.csv", as_csv([list(HEADS), GOOD, GOOD]), settings)
    assert len(told["records"]) == 2
    assert not told["problems"]
