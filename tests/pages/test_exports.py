"""No file that a page hands out makes a spreadsheet run what somebody wrote into a name."""

import csv
import io
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from dashboard.app import _PAGES
from dashboard.components import downloads
from dashboard.components.downloads import File
from dashboard.data.store import Store, connect
from dashboard.plain_text import harmless
from dashboard.policy.access import Role

from .conftest import ROOT, OpenPage

TOWN = "320412104"
PAGES = [path for path, _, _, _ in _PAGES if path != "help"]
WRITTEN = {
    # What people write, by table; keys and the words that rules go by stay as they are.
    "unit": ["name"],
    "target": ["department", "post"],
    "pairing": ["post"],
    "measure": ["department"],
    "project": ["name"],
    "task": ["content", "department", "post"],
    "inspection": ["finding"],
    "import_batch": ["file_name", "imported_by"],
    "lifecycle_event": ["evidence"],
    "returned": ["reason"],
}
RUN = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "|", "%")
FORMULA = 'HYPERLINK("http://example.invalid","点这里")'


@pytest.mark.parametrize(
    "sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", " =", "\n@", "　=", "|"]
)
def test_text_that_would_be_run_is_put_behind_an_apostrophe(sign: str) -> None:
    assert harmless(sign + "1+1") == f"'{sign}1+1"


@pytest.mark.parametrize("text", ["", "武进区", "1=1", "3.5%", "—", "0012", "a-b", "'=1", " 村"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.fixture
def hostile(demo_store: Store, tmp_path: Path) -> Store:
    """The demo county, with every name in it beginning like a formula."""
    path = tmp_path / "hostile.db"
    with sqlite3.connect(str(demo_store.url.database)) as source, sqlite3.connect(path) as target:
        source.backup(target)
        for table, columns in WRITTEN.items():
            for column in columns:
                target.execute(
                    f"UPDATE {table} SET {column} = "  # noqa: S608 (names of this file)
                    f"substr('=+-@＝＠', rowid % 6 + 1, 1) || ? || {column}",
                    [FORMULA],
                )
    return connect(f"sqlite:///{path}")


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, File]:
    """Every file that a page has on offer, by name."""
    found: dict[str, File] = {}

    def bar(_store: Any, _viewer: Any, *files: File) -> None:
        found.update((file.name, file) for file in files)

    monkeypatch.setattr(downloads, "bar", bar)
    return found


@pytest.mark.parametrize("path", PAGES)
def test_no_file_of_a_page_runs_anything(
    path: str, hostile: Store, offered: dict[str, File], open_page: OpenPage
) -> None:
    for unit in (ROOT, TOWN):
        app = open_page(hostile, path, Role.OFFICE, unit=unit, period="2016Q3")
        assert not app.exception
    kinds = {"csv": _cells_of_csv, "xlsx": _cells_of_workbook, "zip": _cells_of_archive}
    for name, file in offered.items():
        reader = kinds.get(name.rsplit(".", 1)[-1])
        if reader is not None:
            cells = reader(file.build())
            bad = [cell for cell in cells if cell.lstrip().startswith(RUN)]
            assert not bad, (name, bad[:3])


def test_the_pages_do_offer_files(
    hostile: Store, offered: dict[str, File], open_page: OpenPage
) -> None:
    for path in ("targets", "funds", "support", "supervision"):
        open_page(hostile, path, Role.OFFICE, unit=ROOT, period="2016Q3")
    written = [f for name, f in offered.items() if name.endswith(".xlsx")]
    assert any("HYPERLINK" in cell for file in written for cell in _cells_of_workbook(file.build()))
    for path in ("quality", "admin"):
        open_page(hostile, path, Role.OFFICE, unit=ROOT, period="2016Q4")
    lists = [f for name, f in offered.items() if name.endswith(".csv")]
    assert any("HYPERLINK" in cell for file in lists for cell in _cells_of_csv(file.build()))


LISTS = ("核查数据", "填报进度", "操作日志", "导入记录")
"""Files that are lists of rows, uploads or acts, each line with its file or its hand."""


@pytest.mark.parametrize("path", PAGES)
def test_every_file_with_figures_says_where_they_come_from(
    path: str, demo_store: Store, offered: dict[str, File], open_page: OpenPage
) -> None:
    for unit in (ROOT, TOWN):
        open_page(demo_store, path, Role.OFFICE, unit=unit, period="2016Q4")
    for name, file in offered.items():
        if "模板" in name or not name.endswith((".xlsx", ".csv")):
            continue
        if name.endswith(".csv"):
            assert any(word in name for word in LISTS), name
            continue
        book = load_workbook(io.BytesIO(file.build()))
        assert "数据来源" in book.sheetnames, name
        rows = list(book["数据来源"].iter_rows(values_only=True))
        head = next(at for at, row in enumerate(rows) if "来源文件" in row)
        where = rows[head].index("来源文件")
        assert any(row[where] for row in rows[head + 1 :]), name


def test_what_reads_as_a_number_is_one_and_codes_stay(
    demo_store: Store, offered: dict[str, File], open_page: OpenPage
) -> None:
    open_page(demo_store, "funds", Role.OFFICE, unit=ROOT, period="2016Q3")
    file = next(file for name, file in offered.items() if "资金分来源用途" in name)
    sheet = load_workbook(io.BytesIO(file.build()))["数据"]
    heads = [cell.value for cell in sheet[2]]
    money = next(at for at, head in enumerate(heads) if "万元" in head)
    cells = [row[money] for row in sheet.iter_rows(min_row=3)]
    assert cells and all(isinstance(cell.value, int | float) for cell in cells)
    assert all(cell.number_format.endswith(".00") for cell in cells)
    assert "演示数据" in sheet["A1"].value


def _cells_of_csv(content: bytes) -> list[str]:
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [cell for row in rows for cell in row if not _is_number(cell)]


def _cells_of_workbook(content: bytes) -> list[str]:
    """Cells that are formulas, with their sign; text in a workbook is not run, whatever it says."""
    book = load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    return [
        str(cell.value) if cell.data_type == "f" else f"'{cell.value}"
        for cell in cells
        if cell.value is not None
    ]


def _cells_of_archive(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        books = [archive.read(name) for name in archive.namelist() if name.endswith(".xlsx")]
    return [cell for book in books for cell in _cells_of_workbook(book)]


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True
