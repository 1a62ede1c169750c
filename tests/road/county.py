"""A made-up county for the main-road test: its units, the clerks' figures, and what they come to.

Nothing here uses the program. Workbooks are written and read with openpyxl alone, and the expected
figures are computed from the finished workbooks, cell by cell, by the definitions of the policy:
超150 is above 1,500,000 yuan, 经济一般村 is below it, exactly 150 is neither.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

DISTRICT = "320412"
YEAR, QUARTER = 2016, 3
PERIOD = f"{YEAR}Q{QUARTER}"
TOWNS = {f"{DISTRICT}{number:03d}": f"测试{number - 100}镇" for number in range(101, 117)}
INCOME = (
    "经营收入",
    "发包租赁收入",
    "投资分红收入",
    "财政补助收入",
    "生态补偿收入",
    "捐赠收入",
    "其他收入",
)
LINE_YUAN = Decimal(1_500_000)
YUAN_A_WAN = 10_000
EQUALITY_CASES = {
    # On the line: neither 超150 nor 经济一般村.
    "on": ("100", "50", "0", "0", "0", "0", "0"),
    # One fen below: still 经济一般村, though two decimals would show 150.00.
    "below": ("100", "49.999999", "0", "0", "0", "0", "0"),
    # One fen above: reached.
    "above": ("100", "50.000001", "0", "0", "0", "0", "0"),
}


@dataclass
class Figures:
    """What the workbooks come to for one unit; amounts in yuan."""

    villages: int = 0
    over: int = 0
    weak: int = 0
    income: Decimal = Decimal(0)
    projects: int = 0
    secretaries: int = 0
    villages_due: int = 0
    targets: dict[str, Decimal] = field(default_factory=dict)

    def add(self, other: "Figures") -> None:
        for name in (
            "villages",
            "over",
            "weak",
            "income",
            "projects",
            "secretaries",
            "villages_due",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def villages_of(town: str) -> dict[str, str]:
    """Between 6 and 11 villages a town, by code."""
    count = 6 + int(town[-3:]) % 6
    return {
        f"{town}{200 + n:03d}": f"测试{int(town[-3:]) - 100}镇{n}村" for n in range(1, count + 1)
    }


def write_units(path: Path) -> None:
    """The sheet 单位 of the whole county."""
    rows: list[tuple[object, ...]] = [(DISTRICT, "测试区", "区", None, "市辖区", 119.9, 31.7)]
    for position, (town, name) in enumerate(TOWNS.items()):
        lon = 119.7 + 0.03 * position
        rows.append((town, name, "镇", DISTRICT, "镇", lon, 31.6))
        for offset, (village, label) in enumerate(villages_of(town).items()):
            rows.append((village, label, "村", town, "行政村", lon + 0.001 * offset, 31.61))
    _write(path, "单位", ("代码", "名称", "层级", "上级代码", "类别", "经度", "纬度"), rows)


def write_targets(path: Path) -> None:
    """The sheet 目标: V01 and V08 for every town, and the district as their sum."""
    rows: list[tuple[object, ...]] = []
    for code in ("V01", "V08"):
        total = 0
        for town in TOWNS:
            value = len(villages_of(town)) if code == "V01" else 20 + int(town[-2:])
            total += value
            rows.append((YEAR, code, town, value, "区委农工办", "镇长", 12))
        rows.append((YEAR, code, DISTRICT, total, "区委农工办", "分管副区长", 12))
    heads = ("年度", "指标代码", "单位代码", "目标值", "责任单位", "责任人", "完成月份")
    _write(path, "目标", heads, rows)


def fill_town(path: Path, town: str, seed: int) -> None:
    """Fill in a town's template as a clerk would: by the heads, leaving all else as it is."""
    draw = random.Random(seed)
    book = load_workbook(path)
    sheet = book["村集体收入"]
    columns, first = heads_of(sheet)
    for number, row in enumerate(_rows_with(sheet, columns["村代码"], first)):
        for name, amount in zip(INCOME, _amounts(draw, town, number), strict=True):
            sheet.cell(row, columns[name], float(amount))
    sheet = book["指标填报"]
    columns, first = heads_of(sheet)
    due = draw.randint(2, 6)
    answers = {"V08": draw.randint(3, 30), "V09A": draw.randint(1, due), "V09B": due}
    for row in _rows_with(sheet, columns["指标代码"], first):
        answer = answers.get(str(sheet.cell(row, columns["指标代码"]).value))
        if answer is not None:
            sheet.cell(row, columns["数值"], answer)
    book.save(path)


def figures_of(path: Path, town: str) -> dict[str, Figures]:
    """The town's and its villages' figures, read back from the finished workbook."""
    book = load_workbook(path)
    found: dict[str, Figures] = defaultdict(Figures)
    sheet = book["村集体收入"]
    columns, first = heads_of(sheet)
    for row in _rows_with(sheet, columns["村代码"], first):
        amounts = [Decimal(str(sheet.cell(row, columns[name]).value)) for name in INCOME]
        yuan = sum(amounts, Decimal(0)) * YUAN_A_WAN
        village = Figures(1, int(yuan > LINE_YUAN), int(yuan < LINE_YUAN), yuan)
        found[str(sheet.cell(row, columns["村代码"]).value)] = village
        found[town].add(village)
    sheet = book["指标填报"]
    columns, first = heads_of(sheet)
    answers = {
        str(sheet.cell(row, columns["指标代码"]).value): sheet.cell(row, columns["数值"]).value
        for row in _rows_with(sheet, columns["指标代码"], first)
    }
    found[town].projects = int(answers["V08"])
    found[town].secretaries, found[town].villages_due = int(answers["V09A"]), int(answers["V09B"])
    return found


def heads_of(sheet: Worksheet) -> tuple[dict[str, int], int]:
    """Column numbers by head, and the first row below the heads."""
    for row in sheet.iter_rows(max_row=10):
        names = {str(cell.value).rstrip("*"): cell.column for cell in row if cell.value is not None}
        if "年度" in names:
            return names, row[0].row + 1
    raise AssertionError(f"no head row in {sheet.title}")


def _rows_with(sheet: Worksheet, column: int, first: int) -> list[int]:
    return [r for r in range(first, sheet.max_row + 1) if sheet.cell(r, column).value is not None]


def _amounts(draw: random.Random, town: str, number: int) -> list[Decimal]:
    """The first town holds the equality cases; all others are drawn."""
    if town == next(iter(TOWNS)) and number < len(EQUALITY_CASES):
        return [Decimal(text) for text in list(EQUALITY_CASES.values())[number]]
    own = [Decimal(draw.randint(5_00, 60_00)) / 100 for _ in range(3)]
    other = [Decimal(draw.randint(0, 25_00)) / 100 for _ in range(4)]
    return own + other


def _write(path: Path, title: str, heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in (heads, *rows):
        sheet.append(row)
    book.save(path)
