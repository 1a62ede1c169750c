"""Boundaries and points: GeoJSON and shapefiles, repaired and simplified; GCJ-02 turned back."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import prcoords
import pytest
import shapefile
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon, box, mapping, shape
from sqlalchemy import select

from dashboard.data.ingest import boundaries, coordinates, importer, shapefiles
from dashboard.data.ingest.importer import ImportRefused
from dashboard.data.schema import boundary, unit
from dashboard.data.store import Store
from dashboard.settings import Settings

from .books import TOWN, UNITS, book

WGS84 = 'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137,298.257]]]'
CGCS = 'GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000"]]'
PROJECTED = 'PROJCS["CGCS2000_3_Degree_GK_CM_120E",GEOGCS["GCS_China_Geodetic"]]'
LEFT, RIGHT = "320412101", "320412102"


def collection(*features: tuple[str, Any], **more: Any) -> bytes:
    made = [
        {"type": "Feature", "properties": {"代码": code}, "geometry": geometry}
        for code, geometry in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": made, **more}).encode()


def packed(
    areas: dict[str, Polygon], prj: str = WGS84, encoding: str = "utf-8", cpg: str | None = None
) -> bytes:
    """A shapefile in a zip, as a surveyor's program exports it."""
    parts = {suffix: io.BytesIO() for suffix in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POLYGON, encoding=encoding) as writer:
        writer.field("代码", "C", 12)
        writer.field("名称", "C", 40)
        for code, area in areas.items():
            writer.shape(mapping(area))
            writer.record(code, "某镇")
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for suffix, part in parts.items():
            archive.writestr(f"乡镇界.{suffix}", part.getvalue())
        archive.writestr("乡镇界.prj", prj)
        if cpg is not None:
            archive.writestr("乡镇界.cpg", cpg)
    return whole.getvalue()


@pytest.mark.parametrize(
    ("encoding", "cpg"), [("utf-8", "UTF-8"), ("gb18030", "GBK"), ("gb18030", None)]
)
def test_a_shapefile_is_read_as_geojson_is(encoding: str, cpg: str | None) -> None:
    area = box(119.9, 31.6, 120.0, 31.7)
    content = packed({TOWN: area}, CGCS, encoding, cpg)
    (row,), problems, _ = boundaries.read("乡镇界.zip", content)
    assert problems == []
    assert row["unit_code"] == TOWN
    assert shape(row["geometry"]).equals(area)


def test_a_shapefile_from_its_folder(store: Store, settings: Settings, tmp_path: Path) -> None:
    content = packed({TOWN: box(119.9, 31.6, 120.0, 31.7)})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    importer.import_files(store, settings, [("a.xlsx", book({"单位": UNITS}))], "测试")
    importer.import_files(store, settings, [tmp_path / "乡镇界.shp"], "测试")
    with store.reading() as connection:
        assert connection.scalars(select(boundary.c.unit_code)).all() == [TOWN]


def _without(content: bytes, suffix: str) -> bytes:
    less = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(less, "w") as archive:
        for name in whole.namelist():
            if not name.endswith(suffix):
                archive.writestr(name, whole.read(name))
    return less.getvalue()


AREA = {TOWN: box(119.9, 31.6, 120.0, 31.7)}
BAD_SHAPEFILES = {
    "projected": (packed(AREA, PROJECTED), "坐标系为“CGCS2000_3_Degree_GK_CM_120E”,应为经纬度"),
    "no_prj": (_without(packed(AREA), ".prj"), "缺少.prj文件"),
    "no_dbf": (_without(packed(AREA), ".dbf"), "缺少.dbf文件"),
    "no_shp": (_without(packed(AREA), ".shp"), "应只有一个.shp文件,现有0个"),
    "not_a_zip": (b"\x00\x00\x27\x0a" * 40, "一起打包为一个zip文件"),
    "cut": (packed(AREA)[:300], "打包为一个zip文件"),
}


@pytest.mark.parametrize("case", BAD_SHAPEFILES)
def test_a_bad_shapefile_is_refused_with_a_sentence(case: str) -> None:
    content, sentence = BAD_SHAPEFILES[case]
    rows, problems, _ = boundaries.read("界.zip", content)
    assert rows == []
    assert len(problems) == 1
    assert sentence in problems[0].message


def test_broken_insides_are_refused_too() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for suffix in ("shp", "shx", "dbf"):
            archive.writestr(f"a.{suffix}", b"nothing of the kind")
        archive.writestr("a.prj", WGS84)
    with pytest.raises(shapefiles.NotAShapefile, match="损坏"):
        shapefiles.features(content.getvalue())


def test_neighbours_are_simplified_alike_and_leave_no_gap() -> None:
    # Between them a border with many small steps.
    steps = [(120 + (0.00005 if at % 2 else 0), 31 + at / 1000) for at in range(101)]
    left = Polygon([(119.9, 31.0), *steps, (119.9, 31.1)])
    right = Polygon([(120.1, 31.0), (120.1, 31.1), *reversed(steps)])
    # The district above them in the same file lies over both.
    whole = ("320412", mapping(left.union(right)))
    content = collection((LEFT, mapping(left)), whole, (RIGHT, mapping(right)))
    rows, problems, _ = boundaries.read("界.geojson", content, tolerance=0.0005)
    assert problems == []
    assert [row["unit_code"] for row in rows] == [LEFT, "320412", RIGHT]
    found = [shape(row["geometry"]) for row in rows if row["unit_code"] != "320412"]
    assert sum(shapely.get_num_coordinates(area) for area in found) < 30
    assert shapely.coverage_is_valid(found)
    assert found[0].intersection(found[1]).area == 0
    assert shapely.union_all(found).symmetric_difference(left.union(right)).area < 1e-6


def test_parts_and_holes_stay_and_a_bow_is_repaired() -> None:
    holed = (
        box(119, 31, 120, 32).difference(box(119.4, 31.4, 119.6, 31.6)).union(box(121, 31, 122, 32))
    )
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
    content = collection((LEFT, mapping(holed)), (RIGHT, bow))
    rows, problems, _ = boundaries.read("界.geojson", content, tolerance=0.0002)
    assert problems == []
    kept, mended = (shape(row["geometry"]) for row in rows)
    assert kept.equals(holed)
    assert mended.is_valid and mended.area == pytest.approx(2)


def test_a_tiny_area_is_not_simplified_away() -> None:
    tiny = box(119.9, 31.6, 119.90001, 31.60001)
    (row,), _, _ = boundaries.read("界.geojson", collection((LEFT, mapping(tiny))), tolerance=0.01)
    assert shape(row["geometry"]).area > 0


def test_the_same_code_twice_is_refused() -> None:
    area = mapping(box(119, 31, 120, 32))
    _, problems, _ = boundaries.read("界.geojson", collection((LEFT, area), (LEFT, area)))
    assert [problem.row for problem in problems] == [1, 2]
    assert all("不止一次" in problem.message for problem in problems)


def test_a_geojson_in_gcj02_is_turned_back_and_one_in_bd09_refused() -> None:
    true = box(119.9, 31.6, 120.0, 31.7)
    shifted = shapely.transform(true, _shifted)
    content = collection((LEFT, mapping(shifted)), 坐标系="GCJ-02")
    (row,), problems, remarks = boundaries.read("界.geojson", content)
    assert problems == []
    assert any("GCJ-02" in remark for remark in remarks)
    assert shape(row["geometry"]).equals_exact(true, 1e-6)
    _, problems, _ = boundaries.read(
        "界.geojson", collection((LEFT, mapping(true)), 坐标系="BD-09")
    )
    assert "坐标系为“BD-09”" in problems[0].message


def _shifted(points: Any) -> Any:
    return [
        (moved.lon, moved.lat)
        for moved in (prcoords.wgs_gcj((float(lat), float(lon))) for lon, lat in points)
    ]


@given(st.floats(100, 122), st.floats(20, 45))
def test_turned_back_and_shifted_again_is_the_same_point(lon: float, lat: float) -> None:
    back_lon, back_lat = coordinates.to_wgs84(lon, lat)
    again = prcoords.wgs_gcj((back_lat, back_lon))
    assert (again.lon, again.lat) == (pytest.approx(lon, abs=1e-6), pytest.approx(lat, abs=1e-6))
    assert 0.0005 < abs(back_lon - lon) + abs(back_lat - lat) < 0.03, "some hundred metres"


def test_a_published_pair() -> None:
    """Tiananmen as the public maps have it (GCJ-02), and as a satellite receiver has it."""
    lon, lat = coordinates.to_wgs84(116.397470, 39.908823)
    assert (lon, lat) == (pytest.approx(116.391227, abs=2e-5), pytest.approx(39.907420, abs=2e-5))


def units_with(system: str, lon: float | None, lat: float | None) -> bytes:
    rows = [["代码", "名称", "层级", "上级代码", "经度", "纬度", "坐标系"]]
    rows += [["320412", "测试区", "区", None, None, None, None]]
    rows += [[TOWN, "测试镇", "镇", "320412", lon, lat, system]]  # type: ignore[list-item]
    return book({"单位": rows})


def test_points_in_gcj02_are_turned_back_and_the_report_says_so(
    store: Store, settings: Settings
) -> None:
    files = [("a.xlsx", units_with("GCJ-02", 119.95, 31.70))]
    result = importer.import_files(store, settings, files, "测试")
    assert any("1个单位的坐标已由GCJ-02转换为WGS84" in line for line in result.report)
    with store.reading() as connection:
        row = connection.execute(select(unit).where(unit.c.code == TOWN)).one()
    assert (row.lon, row.lat) == coordinates.to_wgs84(119.95, 31.70)


@pytest.mark.parametrize(
    ("lon", "lat", "sentence"),
    [(10.0, 50.0, "只用于我国境内"), (119.9, None, "应同时填写"), (None, 31.7, "应同时填写")],
)
def test_points_that_cannot_be_are_refused(
    lon: float | None, lat: float | None, sentence: str, sqlite_store: Store, settings: Settings
) -> None:
    with pytest.raises(ImportRefused) as refused:
        importer.import_files(
            sqlite_store, settings, [("a.xlsx", units_with("GCJ-02", lon, lat))], "测试"
        )
    assert sentence in str(refused.value.problems[0].message)
