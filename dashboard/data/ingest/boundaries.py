"""Boundaries from GeoJSON or a shapefile: property 代码 names the unit; geometry is repaired and
simplified, never guessed.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from dashboard.data.ingest import check, coordinates, outlines, shapefiles
from dashboard.data.ingest.cells import normal
from dashboard.data.ingest.outlines import Surfaces
from dashboard.data.ingest.problems import Problem
from dashboard.data.ingest.records import Scene
from dashboard.policy.codes import district_of, is_code

SUFFIXES = (".geojson", ".json", *shapefiles.SUFFIXES)
_CODE, _SYSTEM = shapefiles.CODE, "坐标系"
_NO_SURFACE = "边界应为面(Polygon 或 MultiPolygon)"
_NOT_DEGREES = "坐标应为经纬度(度),CGCS2000或WGS84"
# What the member "crs" of older GeoJSON files may say: WGS84 and CGCS2000 in degrees.
_GEOGRAPHIC = re.compile(r"CRS84$|EPSG[:/]+[\d.]*[:/]*(4326|4490)$", re.IGNORECASE)
_MOST_NAMED = 5

Rows = list[dict[str, Any]]


def read(
    name: str, content: bytes, tolerance: float = 0.0
) -> tuple[Rows, list[Problem], list[str]]:
    """Rows of `boundary` (unit_code, geometry), every problem and remark of one file.

    GeoJSON may say its system in a member 坐标系 beside "features"; GCJ-02 is converted. Outlines
    are simplified by `tolerance` degrees (see `simplify` for those of several files).
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
        return [], [Problem(name, f"坐标系为“{system[:60]}”,应为经纬度(度)的{wanted}之一")], []
    rows: Rows = []
    problems: list[Problem] = []
    for number, feature in enumerate(features, start=1):
        code, found = _feature(feature, system == coordinates.SHIFTED)
        if isinstance(found, str):
            problems.append(_problem(name, found, number, code))
        else:
            geometry = json.loads(json.dumps(mapping(found)))
            row = {"district_code": district_of(code), "unit_code": code, "geometry": geometry}
            rows.append(row | {"source_row": number})
    problems += _twice(name, rows)
    is_turned = rows and system == coordinates.SHIFTED
    remarks = [f"{name}:边界坐标已由GCJ-02转换为WGS84"] if is_turned else []
    if not problems:
        remarks += simplify([rows], tolerance)
    return rows, problems, remarks


def _problem(name: str, message: str, number: int, code: str | None) -> Problem:
    return Problem(name, message, row=number, head=_CODE, value=code or None, counted="个要素")


def _twice(name: str, rows: Rows) -> list[Problem]:
    times = Counter(row["unit_code"] for row in rows)
    return [
        _problem(name, "这个代码在文件中出现了不止一次", row["source_row"], row["unit_code"])
        for row in rows
        if times[row["unit_code"]] > 1
    ]


def between_files(files: Iterable[tuple[str, Rows, Scene]]) -> Iterator[Problem]:
    """Boundaries of units unknown or out of scope, and of those that an earlier file has too."""
    first: dict[str, str] = {}
    for name, rows, scene in files:
        for row in rows:
            code, number = row["unit_code"], row["source_row"]
            unit = scene.known.units.get(code)
            if unit is None:
                yield _problem(name, "没有这个代码的单位,请核对单位代码", number, code)
            elif not check.in_scope(scene, code):
                yield _problem(name, check.out_of_scope(scene, unit), number, code)
            elif first.setdefault(code, name) != name:
                message = f"文件“{first[code]}”中也有这个单位的边界"
                yield _problem(name, message, number, code)


def simplify(files: Sequence[Rows], tolerance: float) -> list[str]:
    """Simplify the geometry of all rows together, in place; remarks on what does not fit.

    Files of one import are one set: the villages of two towns share a border too.
    """
    rows = [row for file in files for row in file]
    areas: dict[str, Surfaces] = {row["unit_code"]: shape(row["geometry"]) for row in rows}
    simple, misfits = outlines.simplified(areas, tolerance)
    for row in rows:
        row["geometry"] = json.loads(json.dumps(mapping(simple[row["unit_code"]])))
    if not misfits:
        return []
    named = "、".join(misfits[:_MOST_NAMED]) + ("等" if len(misfits) > _MOST_NAMED else "")
    return [f"有{len(misfits)}个单位的边界与相邻的重叠或有缝隙({named}),已照原样逐个化简,请核对"]


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
    return features, _system(document)


def _system(document: dict[str, Any]) -> str:
    """What the file says of its coordinates; WGS84, the standard's, where it says nothing.

    Programs write the member crs by themselves, so 坐标系, written by a person, goes first.
    """
    try:
        crs = str(document["crs"]["properties"]["name"])
    except (KeyError, TypeError):
        crs = ""
    if crs and not _GEOGRAPHIC.search(crs):
        return crs
    return str(document.get(_SYSTEM, coordinates.SYSTEMS[0]))


def _feature(feature: Any, is_shifted: bool) -> tuple[str, Surfaces | str]:
    """Code, and the surfaces or the sentence that says why there are none."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = normal(properties.get(_CODE, "")) if isinstance(properties, dict) else ""
    if not is_code(code):
        return code, "应为6位、9位或12位统计用区划代码"
    try:
        area = shape(feature["geometry"])
        if not _in_degrees(area):
            return code, _NOT_DEGREES
        found = outlines.surfaces(area)
    except (KeyError, TypeError, ValueError, AttributeError, ShapelyError):
        return code, "几何数据(geometry)无法读取"
    if found is None:
        return code, _NO_SURFACE
    if is_shifted:
        try:
            found = outlines.surfaces(coordinates.geometry_to_wgs84(found))
        except ValueError as error:
            return code, str(error)
    return code, _NO_SURFACE if found is None else found


def _in_degrees(area: BaseGeometry) -> bool:
    """Every point is a longitude and a latitude; a number that is none is not."""
    points = np.abs(shapely.get_coordinates(area))
    return bool((points <= [180, 90]).all())
