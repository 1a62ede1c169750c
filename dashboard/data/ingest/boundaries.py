"""Boundaries from GeoJSON or a shapefile: property 代码 names the unit; geometry is repaired and
simplified, never guessed.
"""

import json
from collections import Counter
from itertools import groupby
from pathlib import PurePath
from typing import Any

import shapely
from shapely import make_valid
from shapely.errors import GEOSException
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from dashboard.data.ingest import coordinates, shapefiles
from dashboard.data.ingest.cells import normal
from dashboard.data.ingest.problems import Problem
from dashboard.policy.codes import district_of, is_code

SUFFIXES = (".geojson", ".json", *shapefiles.SUFFIXES)
_CODE, _SYSTEM = "代码", "坐标系"


def read(
    name: str, content: bytes, tolerance: float = 0.0
) -> tuple[list[dict[str, Any]], list[Problem], list[str]]:
    """Rows of `boundary` (unit_code, geometry), every problem and remark of one file.

    GeoJSON may say its system in a member 坐标系 beside "features"; GCJ-02 is converted. Outlines
    are simplified by `tolerance` degrees, neighbours alike, so that no gap opens between them.
    """
    try:
        features, system = _features(name, content)
    except shapefiles.NotAShapefile as error:
        return [], [Problem(name, str(error))], []
    except ValueError:
        return [], [Problem(name, "不是有效的GeoJSON文件(FeatureCollection,UTF-8)")], []
    if not features:
        return [], [Problem(name, "文件中没有边界(features 为空)")], []
    if system not in coordinates.SYSTEMS:
        wanted = "、".join(coordinates.SYSTEMS)
        return [], [Problem(name, f"坐标系为“{system[:20]}”,应为{wanted}之一")], []
    found: list[_Found] = []
    problems: list[Problem] = []
    for number, feature in enumerate(features, start=1):
        one = _feature(feature, system == coordinates.SHIFTED)
        if isinstance(one, str):
            problems.append(Problem(name, one, row=number))
        else:
            found.append((number, *one))
    twice = [code for code, times in Counter(code for _, code, _ in found).items() if times > 1]
    problems += [
        Problem(name, f"代码{code}在文件中出现了不止一次", row=number)
        for number, code, _ in found
        if code in twice
    ]
    remarks = []
    if system == coordinates.SHIFTED:
        remarks.append(f"{name}:边界坐标已由GCJ-02转换为WGS84")
    return _rows(found, tolerance), problems, remarks


_Found = tuple[int, str, Polygon | MultiPolygon]
"""Number in the file, unit code, surfaces."""


def _features(name: str, content: bytes) -> tuple[list[Any], str]:
    """The features and the system that they are in. Raises ValueError and NotAShapefile."""
    if PurePath(name).suffix.lower() in shapefiles.SUFFIXES:
        return list(shapefiles.features(content)), coordinates.SYSTEMS[0]
    try:
        document = json.loads(content.decode("utf-8-sig"))
        features = document["features"]
    except (UnicodeDecodeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("no GeoJSON") from error
    if not isinstance(features, list):
        raise ValueError("no GeoJSON")
    return features, str(document.get(_SYSTEM, coordinates.SYSTEMS[0]))


def _rows(found: list[_Found], tolerance: float) -> list[dict[str, Any]]:
    """A row each, in the file's order. A district and its towns lie over each other: only units of
    one level, whose codes are equally long, can be neighbours."""
    rows = []
    for _, group in groupby(sorted(found, key=lambda one: len(one[1])), lambda one: len(one[1])):
        same_level = list(group)
        surfaces = _simplified([area for _, _, area in same_level], tolerance)
        rows += [
            {
                "district_code": district_of(code),
                "unit_code": code,
                "geometry": json.loads(json.dumps(mapping(area))),
                "source_row": number,
            }
            for (number, code, _), area in zip(same_level, surfaces, strict=True)
        ]
    return sorted(rows, key=lambda row: row["source_row"])


def _simplified(
    areas: list[Polygon | MultiPolygon], tolerance: float
) -> list[Polygon | MultiPolygon]:
    """Neighbours share their simplified border where they share it to begin with."""
    if not areas or tolerance <= 0:
        return areas
    if shapely.coverage_is_valid(areas):
        simpler = list(shapely.coverage_simplify(areas, tolerance))
    else:
        simpler = [area.simplify(tolerance, preserve_topology=True) for area in areas]
    # A small area that nothing would be left of stays as it was.
    return [
        new
        if isinstance(new, Polygon | MultiPolygon) and not new.is_empty and new.is_valid
        else old
        for old, new in zip(areas, simpler, strict=True)
    ]


def _feature(feature: Any, is_shifted: bool) -> tuple[str, Polygon | MultiPolygon] | str:
    """Code and surfaces, or the sentence that says why there are none."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = normal((properties or {}).get(_CODE, ""))
    if not is_code(code):
        return f"属性“{_CODE}”应为6位、9位或12位统计用区划代码"
    try:
        area = shape(feature["geometry"])
        area = area if area.is_valid else make_valid(area)
    except (KeyError, TypeError, ValueError, AttributeError, GEOSException):
        return "几何数据(geometry)无法读取"
    surfaces = _surfaces(area)
    if surfaces is None:
        return "边界应为面(Polygon 或 MultiPolygon)"
    west, south, east, north = surfaces.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return "坐标应为经纬度(度),CGCS2000或WGS84"
    if is_shifted:
        try:
            surfaces = _surfaces(coordinates.geometry_to_wgs84(surfaces))
        except ValueError as error:
            return str(error)
    return (code, surfaces) if surfaces is not None else "边界应为面(Polygon 或 MultiPolygon)"


def _surfaces(area: BaseGeometry) -> Polygon | MultiPolygon | None:
    """Repair may leave lines and points beside the surfaces: only surfaces bound a unit."""
    if isinstance(area, Polygon | MultiPolygon) and not area.is_empty:
        return area
    parts = [part for part in getattr(area, "geoms", []) if isinstance(part, Polygon)]
    return MultiPolygon(parts) if parts else None
