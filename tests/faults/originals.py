"""A small district, and the files that its office might import: what the faults are put into."""

import csv
import io
import json
import zipfile
from pathlib import Path

import shapefile
from openpyxl import Workbook
from sqlalchemy import select

from dashboard.data import backup, demo, schema
from dashboard.data.ingest import template
from dashboard.data.ingest.importer import File
from dashboard.data.store import Store, connect
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.data.demo_csv import files

ROOT = "320412"
_ROWS = 8
"""Rows kept of each sheet: what is wrong with a file shows in a few, and ten thousand are read."""
_OUTLINES = 3
_PRJ = 'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137,298.257]]]'


def district(folder: Path, settings: Settings) -> Store:
    """A demo district with rows in every fact table."""
    store = connect(f"sqlite:///{folder / 'district.db'}")
    demo.fill(store, settings, seed=1, villages=10, households=20)
    return store


def originals(store: Store, settings: Settings) -> list[File]:
    """Workbooks of two writers, a CSV file a sheet, GeoJSON, a shapefile: all good."""
    with store.reading() as connection:
        rows = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in schema.FACTS
        }
        town = connection.scalars(
            select(schema.unit.c.code).where(schema.unit.c.level == "town")
        ).first()
    made = dict(files(settings, rows))
    outlines = json.loads(made.pop("边界.geojson"))
    outlines["features"] = outlines["features"][:_OUTLINES]
    sheets = {
        name.removesuffix(".csv"): list(csv.reader(io.StringIO(content.decode())))[: _ROWS + 1]
        for name, content in made.items()
    }
    assert town is not None
    names = list(sheets)
    parts = [names[at : at + 3] for at in range(0, len(names), 3)]
    return [
        *(("、".join(part) + ".xlsx", _workbook({n: sheets[n] for n in part})) for part in parts),
        ("模板.xlsx", template.template(store, settings, town, Period(2016, 3))),
        *((f"{name}.csv", _csv(lines)) for name, lines in sheets.items()),
        ("边界.geojson", json.dumps(outlines, ensure_ascii=False).encode()),
        ("边界.zip", _shapefile(outlines)),
    ]


def _workbook(sheets: dict[str, list[list[str]]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append([_typed(text) for text in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _typed(text: str) -> str | float | None:
    """As a clerk types it: amounts are numbers, codes of many digits stay text."""
    if not text:
        return None
    try:
        return float(text) if len(text) < 9 else text
    except ValueError:
        return text


def _csv(lines: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue().encode()


def _shapefile(outlines: dict[str, list[dict[str, dict[str, str]]]]) -> bytes:
    parts = {suffix: io.BytesIO() for suffix in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POLYGON, encoding="utf-8") as writer:
        writer.field("代码", "C", 12)
        for feature in outlines["features"]:
            writer.shape(feature["geometry"])
            writer.record(feature["properties"]["代码"])
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for suffix, part in parts.items():
            archive.writestr(f"边界.{suffix}", part.getvalue())
        archive.writestr("边界.prj", _PRJ)
    return whole.getvalue()


def small_backup(settings: Settings, folder: Path) -> Path:
    """A backup of a demo district of six villages; made once a folder."""
    path = folder / "small.backup"
    if not path.exists():
        store = connect(f"sqlite:///{folder / 'small.db'}")
        demo.fill(store, settings, seed=1, villages=6, households=10)
        backup.backup(store, path)
        store.engine.dispose()
    return path
