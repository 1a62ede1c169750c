"""Outlines that fit each other, files that do not, and coordinates against published pairs."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapefile
import shapely
from shapely.geometry import Polygon, box, mapping, shape
from sqlalchemy import select

from dashboard.data.ingest import boundaries, coordinates, importer, marked, outlines
from dashboard.data.ingest.importer import ImportRefused
from dashboard.data.schema import boundary
from dashboard.data.store import Store
from dashboard.settings import Settings
from tests.data.ingest.books import (
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGES,
    everything,
    load_units,
)
from tests.data.ingest.test_boundaries import AREA, WGS84, _without, collection, packed

# Published with googollee/eviltransform (its tests) and wandergis/coordtransform (its README):
# WGS84 latitude and longitude, the same in GCJ-02.
PAIRS = [
    (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
    (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
    (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
    (39.915, 116.404, 39.91640428150164, 116.41024449916938),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_published_pairs(pair: tuple[float, float, float, float]) -> None:
    lat, lon, shifted_lat, shifted_lon = pair
    assert coordinates.to_wgs84(shifted_lon, shifted_lat) == pytest.approx((lon, lat), abs=1e-6)


def wavy(x: float, low: float, high: float) -> list[tuple[float, float]]:
    """A line upwards at x with many small steps."""
    return [(x + (0.00002 if i % 2 else 0), y) for i, y in enumerate(np.linspace(low, high, 101))]


WEST = Polygon([(119.9, 31.0), *wavy(120, 31.0, 31.1), (119.9, 31.1)])
EAST = Polygon([(120.1, 31.1), *reversed(wavy(120, 31.0, 31.1)), (120.1, 31.0)])
TOLERANCE = 0.0002


def areas(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {row["unit_code"]: shape(row["geometry"]) for row in rows}


def test_towns_and_their_district_in_one_file_are_two_sets() -> None:
    """The district lies upon its towns: as one set none of them would fit."""
    whole = shapely.union_all([WEST, EAST])
    file = collection(
        ("320412", mapping(whole)), (TOWN, mapping(WEST)), (OTHER_TOWN, mapping(EAST))
    )
    rows, problems, remarks = boundaries.read("界.geojson", file, TOLERANCE)
    assert (problems, remarks) == ([], [])
    found = areas(rows)
    assert shapely.coverage_is_valid([found[TOWN], found[OTHER_TOWN]])
    assert shapely.get_num_coordinates([found[TOWN], found[OTHER_TOWN]]).sum() < 100


def test_a_hairline_gap_is_closed() -> None:
    """Digitised twice, the border differs by a centimetre: neighbours share one afterwards."""
    apart = shapely.transform(EAST, lambda points: np.add(points, [1e-7, 0]))
    simple, misfits = outlines.simplified({TOWN: WEST, OTHER_TOWN: apart}, TOLERANCE)
    assert misfits == []
    assert shapely.coverage_is_valid(list(simple.values()))
    assert shapely.hausdorff_distance(simple[TOWN], WEST) < TOLERANCE


def test_an_overlap_is_nobodys_to_settle() -> None:
    """Some kilometre claimed by both: kept as drawn, and said."""
    wide = shapely.transform(EAST, lambda points: np.subtract(points, [0.01, 0]))
    file = collection((TOWN, mapping(WEST)), (OTHER_TOWN, mapping(wide)))
    rows, problems, remarks = boundaries.read("界.geojson", file, TOLERANCE)
    assert problems == []
    assert remarks == [
        f"有2个单位的边界与相邻的重叠或有缝隙({TOWN}、{OTHER_TOWN}),已照原样逐个化简,请核对"
    ]
    found = areas(rows)
    assert found[TOWN].intersection(found[OTHER_TOWN]).area == pytest.approx(0.001, rel=0.05)


def test_no_tolerance_leaves_every_point() -> None:
    simple, _ = outlines.simplified({TOWN: WEST, OTHER_TOWN: EAST}, 0)
    assert simple == {TOWN: WEST, OTHER_TOWN: EAST}


def test_repair_keeps_every_surface() -> None:
    """What is left of a ring that crosses itself and runs back upon itself: surfaces and lines."""
    ring = [(0, 0), (2, 2), (2, 0), (0, 2), (0, 0), (-1, 0), (0, 0)]
    repaired = shapely.make_valid(Polygon(ring))
    assert repaired.geom_type == "GeometryCollection", "or the test shows nothing"
    found = outlines.surfaces(Polygon(ring))
    assert found is not None and found.is_valid
    assert found.area == pytest.approx(2)
    assert outlines.surfaces(Polygon([(0, 0, 5), (0, 1, 5), (1, 1, 5)])).has_z is False
    assert outlines.surfaces(Polygon([(0, 0), (1, 1), (0, 0)])) is None


@pytest.mark.parametrize(
    ("crs", "is_read"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", True),
        ("urn:ogc:def:crs:EPSG::4490", True),
        ("EPSG:4326", True),
        ("urn:ogc:def:crs:EPSG::4549", False),
    ],
)
def test_what_geojson_says_of_its_coordinates(crs: str, is_read: bool) -> None:
    member = {"type": "name", "properties": {"name": crs}}
    file = collection((TOWN, mapping(WEST)), crs=member)
    rows, problems, _ = boundaries.read("界.geojson", file)
    if is_read:
        assert len(rows) == 1 and problems == []
    else:
        assert rows == []
        assert problems[0].sentence.startswith(f"文件“界.geojson”:坐标系为“{crs}”,应为经纬度")


def unpacked(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def stored(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.scalars(select(boundary.c.unit_code).order_by("unit_code")))


def test_the_parts_of_a_shapefile_may_all_be_named(
    sqlite_store: Store, settings: Settings, tmp_path: Path
) -> None:
    """`import 界.*`, and an upload of all of them at once."""
    load_units(sqlite_store, settings)
    parts = unpacked(packed(AREA))
    folder = tmp_path / "界"
    folder.mkdir()
    for name, data in parts:
        (folder / name).write_bytes(data)
    result = importer.import_files(sqlite_store, settings, sorted(folder.iterdir()), "测试")
    assert [name for name, _ in result.applied] == ["乡镇界.shp"]
    again = importer.import_files(sqlite_store, settings, parts, "测试")
    assert again.applied[0][1].batch_id is None, "the same parts are the same boundary"
    with pytest.raises(ImportRefused, match=r"缺少\.dbf文件"):
        few = [part for part in parts if not part[0].endswith(".dbf")]
        importer.import_files(sqlite_store, settings, few, "测试")


def test_a_part_alone_is_no_file_of_ours(sqlite_store: Store, settings: Settings) -> None:
    with pytest.raises(ImportRefused, match=r"应为 \.xlsx 工作簿"):
        importer.import_files(sqlite_store, settings, [("界.dbf", b"x")], "测试")


def shapefile_with(field: str, width: int, name: str, encoding: str) -> bytes:
    """One town; its name in a field so short that it may be cut within a character."""
    parts = {suffix: io.BytesIO() for suffix in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POLYGON, encoding=encoding) as writer:
        writer.field(field, "C", 12)
        writer.field("NAME", "C", width)
        writer.shape(mapping(AREA[TOWN]))
        writer.record(TOWN, name)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for suffix, part in parts.items():
            archive.writestr(f"a.{suffix}", part.getvalue())
        archive.writestr("a.prj", WGS84)
    return out.getvalue()


def test_a_name_cut_within_a_character_does_not_matter() -> None:
    whole = shapefile_with("代码", 9, "某某镇", "utf-8")
    cut = io.BytesIO()
    with zipfile.ZipFile(cut, "w") as archive:
        for name, data in unpacked(whole):
            # 某某镇 of nine bytes, the last of which other programs would cut off.
            archive.writestr(name, data.replace("镇".encode(), "镇".encode()[:2] + b" "))
    (row,), problems, _ = boundaries.read("界.zip", cut.getvalue())
    assert problems == []
    assert row["unit_code"] == TOWN


def test_a_shapefile_without_our_field_names_those_it_has() -> None:
    _, problems, _ = boundaries.read("界.zip", shapefile_with("DM", 12, "某某镇", "utf-8"))
    assert [p.message for p in problems] == ["属性表(.dbf)中没有字段“代码”,现有字段:DM、NAME"]


def test_parts_and_holes_of_a_shapefile() -> None:
    holed = box(119, 31, 120, 32).difference(box(119.4, 31.4, 119.6, 31.6))
    area = holed.union(box(121, 31, 122, 32))
    (row,), problems, _ = boundaries.read("界.zip", packed({TOWN: area}))
    assert problems == []
    assert shape(row["geometry"]).equals(area)


def test_files_of_one_import_are_one_set(sqlite_store: Store, settings: Settings) -> None:
    """The villages of two towns come in two files and share the border between the towns."""
    load_units(sqlite_store, settings)
    files = [
        ("甲.geojson", collection((VILLAGES[0], mapping(WEST)))),
        ("乙.geojson", collection((OTHER_VILLAGE, mapping(EAST)))),
    ]
    importer.import_files(sqlite_store, settings, files, "测试")
    with sqlite_store.reading() as connection:
        found = [shape(each) for each in connection.scalars(select(boundary.c.geometry))]
    assert shapely.coverage_is_valid(found)
    assert shapely.get_num_coordinates(found).sum() < 100, "of 210"


def test_boundaries_across_files_and_scope(sqlite_store: Store, settings: Settings) -> None:
    load_units(sqlite_store, settings)
    before = everything(sqlite_store)
    files = [
        ("1.geojson", collection((VILLAGES[0], mapping(WEST)), ("320412999", mapping(EAST)))),
        ("2.geojson", collection((OTHER_VILLAGE, mapping(EAST)), (VILLAGES[0], mapping(WEST)))),
    ]
    with pytest.raises(ImportRefused) as refused:
        importer.import_files(sqlite_store, settings, files, "测试", scope_unit=TOWN)
    assert [problem.sentence for problem in refused.value.problems] == [
        "文件“1.geojson”第2个要素“代码”:值“320412999”,没有这个代码的单位,请核对单位代码",
        f"文件“2.geojson”第1个要素“代码”:值“{OTHER_VILLAGE}”,"
        "“测试三村”不属于测试甲镇,不能在这个文件中填报",
        f"文件“2.geojson”第2个要素“代码”:值“{VILLAGES[0]}”,文件“1.geojson”中也有这个单位的边界",
    ]
    assert everything(sqlite_store) == before


def test_a_refused_boundary_file_has_no_marked_copy(
    sqlite_store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "界.zip"
    path.write_bytes(_without(packed(AREA), ".prj"))

    def must_not(*_: object, **__: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(marked, "load_workbook", must_not)
    with pytest.raises(ImportRefused) as refused:
        importer.import_files(sqlite_store, settings, [path], "测试")
    assert refused.value.marked_copies == []


@pytest.mark.parametrize("number", [float("nan"), 1e400, "x", None])
def test_coordinates_that_are_no_numbers(number: object) -> None:
    ring = [[119.0, 31.0], [119.0, 32.0], [120.0, number], [119.0, 31.0]]
    text = json.dumps({"type": "Polygon", "coordinates": [ring]})
    rows, problems, _ = boundaries.read("界.geojson", collection((TOWN, json.loads(text))))
    assert rows == [] and len(problems) == 1
