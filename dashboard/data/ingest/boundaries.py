"""Boundaries from GeoJSON: property 代码 names the unit; geometry is repaired, never guessed."""

import json
from typing import Any

from shapely import make_valid
from shapely.errors import GEOSException
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from dashboard.data.ingest.cells import normal
from dashboard.data.ingest.problems import Problem
from dashboard.policy.codes import district_of, is_code

SUFFIXES = (".geojson", ".json")
_CODE = "代码"


def read(name: str, content: bytes) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Rows of `boundary` (unit_code, geometry) and every problem of one GeoJSON file."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
        features = document["features"]
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError, RecursionError):
        return [], [Problem(name, "不是有效的GeoJSON文件(FeatureCollection,UTF-8)")]
    if not isinstance(features, list) or not features:
        return [], [Problem(name, "文件中没有边界(features 为空)")]
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for number, feature in enumerate(features, start=1):
        found = _feature(feature)
        if isinstance(found, str):
            problems.append(Problem(name, found, row=number))
        else:
            rows.append(found | {"source_row": number})
    return rows, problems


def _feature(feature: Any) -> dict[str, Any] | str:
    """A row, or the sentence that says why there is none."""
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
    geometry = json.loads(json.dumps(mapping(surfaces)))
    return {"district_code": district_of(code), "unit_code": code, "geometry": geometry}


def _surfaces(area: BaseGeometry) -> Polygon | MultiPolygon | None:
    """Repair may leave lines and points beside the surfaces: only surfaces bound a unit."""
    if isinstance(area, Polygon | MultiPolygon) and not area.is_empty:
        return area
    parts = [part for part in getattr(area, "geoms", []) if isinstance(part, Polygon)]
    return MultiPolygon(parts) if parts else None
