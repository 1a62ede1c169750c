"""Files that the fuzzer found and that once ended in a traceback or an endless sentence."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from dashboard.data.ingest import importer
from dashboard.data.ingest.problems import ImportRefused
from dashboard.data.store import Store
from dashboard.settings import Settings
from tests.data.ingest.books import INCOME, INCOME_HEADS, book, load_units
from tests.data.ingest.test_outlines import shapefile_with


def swapped_parts() -> bytes:
    """The list of content types and a sheet in each other's place: no workbook is declared."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book({"村集体收入": INCOME}))) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    one, two = "[Content_Types].xml", "xl/worksheets/sheet1.xml"
    parts[one], parts[two] = parts[two], parts[one]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for name, content in parts.items():
            bad.writestr(name, content)
    return out.getvalue()


def csv_file(*lines: str) -> bytes:
    return "\n".join([",".join(INCOME_HEADS), *lines]).encode()


def spoiled_shapefile(*, packing: bool) -> bytes:
    """A shapefile whose packing is spoiled, or whose first shape is of a kind that there is not."""
    good = zipfile.ZipFile(io.BytesIO(shapefile_with("代码", 20, "320412104", "utf-8")))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for name in good.namelist():
            content = good.read(name)
            if name.endswith(".shp") and not packing:
                # The kind stands behind the file's head of 100 bytes and the shape's of 8.
                content = content[:108] + (846_610_495).to_bytes(4, "little") + content[112:]
            bad.writestr(name, content)
    if not packing:
        return out.getvalue()
    raw, info = bytearray(out.getvalue()), zipfile.ZipFile(out).infolist()[0]
    start = info.header_offset + 30 + len(info.filename.encode())
    raw[start : start + info.compress_size] = b"\xff" * info.compress_size
    return bytes(raw)


def outline(**spoiled: object) -> bytes:
    """A file of one outline with a part of its feature put in another's place."""
    ring = [[119.9, 31.7], [120.0, 31.7], [120.0, 31.8], [119.9, 31.7]]
    feature = {
        "type": "Feature",
        "properties": {"代码": "320412104"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    document = {"type": "FeatureCollection", "features": [feature | spoiled]}
    return json.dumps(document).encode()


CASES = {
    # Neither a member of properties nor a kind of geometry that there is.
    "properties that are a number": ("边界.geojson", outline(properties=7)),
    "properties that are a list": ("边界.geojson", outline(properties=["代码"])),
    "geometry of no kind": ("边界.geojson", outline(geometry={"type": "", "coordinates": []})),
    # zlib's own error passed by the handler of a damaged archive.
    "packing of a shapefile": ("边界.zip", spoiled_shapefile(packing=True)),
    # pyshp looks a shape's kind up in a dictionary.
    "unknown kind of shape": ("边界.zip", spoiled_shapefile(packing=False)),
    # openpyxl raises OSError, which was taken for a fault of the disk.
    "parts swapped": ("村集体收入.xlsx", swapped_parts()),
    # Longer than a field of the csv module: reading said so, the marked copy fell over it.
    "endless field": ("村集体收入.csv", csv_file('2016,3,"' + "x" * 200_000)),
    # A control character, which a sheet of the marked copy cannot hold.
    "control character": ("村集体收入.csv", csv_file("2016,3,\x0b1,1,1,1,1,1,1,1")),
    # A column beyond the last that a sheet can have has no letter.
    "endless row of heads": ("村集体收入.csv", csv_file().rstrip() + b",x" * 20_000),
    # More digits than Python makes a number of.
    "endless month": (
        "月度计划.csv",
        f"年度,月份,指标代码,单位代码,计划累计值\n2016,{'9' * 5000},V01,320412101,1\n".encode(),
    ),
    "endless year": (
        "月度计划.csv",
        f"年度,月份,指标代码,单位代码,计划累计值\n{'9' * 5000},9,V01,320412101,1\n".encode(),
    ),
    # A head of 40,000 letters was quoted whole.
    "endless head": ("村集体收入.csv", csv_file().replace("其他收入".encode(), b"a" * 40_000)),
}


@pytest.mark.parametrize("kind", CASES)
def test_it_is_refused_with_short_sentences(
    kind: str, sqlite_store: Store, settings: Settings, tmp_path: Path
) -> None:
    load_units(sqlite_store, settings)
    with pytest.raises(ImportRefused) as refusal:
        importer.import_files(sqlite_store, settings, [CASES[kind]], "测试", marked_folder=tmp_path)
    sentences = [problem.sentence for problem in refusal.value.problems]
    assert sentences
    assert all(len(sentence) < 500 for sentence in sentences)
