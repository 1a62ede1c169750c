"""Imports: a town's workbook, a large file against the database's own bulk load; documents."""

import csv
import io
import shutil
import time
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from sqlalchemy import delete, select

from benchmarks.measure import Times
from dashboard import settings as config
from dashboard.briefing import facts, issues, render
from dashboard.briefing.content import Kind
from dashboard.data import schema, units
from dashboard.data.ingest import importer
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period

TOWN = "320412104"
YEARS = range(2015, 2021)
A_FILE = 500_000
"""Rows: a file may have 50 MB."""


def copied(store: Store, folder: Path) -> Store:
    """The store in a file of its own: what is written here must not show elsewhere."""
    path = folder / "writing.db"
    store.engine.dispose()
    shutil.copyfile(str(store.url.database), path)
    return connect(f"sqlite:///{path}")


def _workbook(store: Store) -> tuple[bytes, int]:
    """About 2,000 rows of a town: incomes of its households and of its villages."""
    with store.reading() as connection:
        numbers = connection.scalars(
            select(schema.household.c.number).where(
                schema.household.c.village_code.like(f"{TOWN}%")
            )
        ).all()
        villages = connection.scalars(
            select(schema.unit.c.code).where(schema.unit.c.parent_code == TOWN)
        ).all()
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "农户收入"
    sheet.append(["年度", "农户编号", "人均可支配收入"])
    for year in YEARS:
        for at, number in enumerate(numbers):
            sheet.append([year, number, 9000 + at % 997])
    incomes = book.create_sheet("村集体收入")
    sources = ["经营收入", "发包租赁收入", "投资分红收入", "财政补助收入"]
    sources += ["生态补偿收入", "捐赠收入", "其他收入"]
    incomes.append(["年度", "季度", "村代码", *sources])
    for year in range(2016, 2021):
        for quarter in range(1, 5):
            for at, village in enumerate(villages):
                incomes.append([year, quarter, village, 30 * quarter + at, 5, 1, 2, 1, 0, 1])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), sheet.max_row + incomes.max_row - 2


def town_workbook(store: Store) -> tuple[float, int]:
    """Seconds for a town's workbook, all of it new or changed; and its rows."""
    content, rows = _workbook(store)
    start = time.perf_counter()
    importer.import_files(store, config.load(), [("镇.xlsx", content)], "测速")
    return time.perf_counter() - start, rows


_HEADS = "流水号,年度,资金来源,用途类别,单位代码,项目编号,安排金额,拨付金额,支出金额,日期,审计状态"


def _flows(numbers: range) -> bytes:
    out, kind = io.StringIO(), ("区级财政", "产业扶持", TOWN, "")
    writer = csv.writer(out)
    writer.writerow(_HEADS.split(","))
    writer.writerows((f"B{n:07}", 2017, *kind, 90, 80, n % 73, "2017-05-01", "") for n in numbers)
    return out.getvalue().encode()


def large_import(store: Store, rows: int) -> tuple[float, float]:
    """Rows a second: so many through one import of CSV files, and by the database alone."""
    starts = range(0, rows, A_FILE)
    files = [(f"资金_{n}.csv", _flows(range(n, min(n + A_FILE, rows)))) for n in starts]
    start = time.perf_counter()
    importer.import_files(store, config.load(), files, "测速")
    ours = rows / (time.perf_counter() - start)
    table = schema.fund_flow
    with store.engine.begin() as connection:
        made = table.c.number.like("B%")
        kept = connection.execute(select(table).where(made)).all()
        connection.execute(delete(table).where(made))
    raw = store.engine.raw_connection()
    names = [column.name for column in table.columns]
    marks = ", ".join("?" * len(names))
    values = [tuple(str(v) if hasattr(v, "year") else v for v in row) for row in kept]
    cursor = raw.cursor()
    start = time.perf_counter()
    cursor.execute("BEGIN IMMEDIATE")  # else every row would be a transaction of its own
    cursor.executemany(f"INSERT INTO fund_flow ({', '.join(names)}) VALUES ({marks})", values)  # noqa: S608
    cursor.execute("COMMIT")
    alone = len(values) / (time.perf_counter() - start)
    raw.close()
    return ours, alone


def documents(store: Store) -> Times:
    """Word, workbook and slides of the newest quarter's bulletin, together, reading included."""
    settings, viewer = config.load(), Viewer("bench", Role.OFFICE, "320412")
    focus = units.focus(store, viewer, "320412", Period(2017, 2))
    times = Times()
    for _ in range(4):
        facts._gathered.answers.cache_clear()  # type: ignore[attr-defined] # reading is part of it
        with times.one():
            made = issues.standing(store, viewer, focus, settings, Kind.BULLETIN).today
            for suffix in ("docx", "xlsx", "pptx"):
                render.FORMATS[suffix].render(made)
    # The first has loaded the libraries, as a server does once.
    times.values.pop(0)
    return times


__all__ = ["copied", "documents", "large_import", "town_workbook"]
