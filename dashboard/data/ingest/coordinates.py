"""Longitudes and latitudes as the store keeps them: WGS84, which CGCS2000 equals to centimetres.

GCJ-02, the shifted system of public maps in China, is turned back by iteration with prcoords.
"""

from typing import Any

import numpy as np
import prcoords  # type: ignore[import-untyped]
from shapely import transform
from shapely.geometry.base import BaseGeometry

SYSTEMS = ("WGS84", "CGCS2000", "GCJ-02")
SHIFTED = "GCJ-02"


def to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """(lon, lat) in degrees of a GCJ-02 point in WGS84, exact to about a millimetre.

    Raises ValueError outside China, where GCJ-02 means nothing.
    """
    if not prcoords.sanity_in_china_p(prcoords.Coords(lat, lon)):
        raise ValueError("GCJ-02坐标只用于我国境内")
    found = prcoords.gcj_wgs_bored((lat, lon))
    return round(float(found.lon), 7), round(float(found.lat), 7)


def geometry_to_wgs84(geometry: BaseGeometry) -> BaseGeometry:
    """As `to_wgs84`, every point of a geometry."""

    def turned(points: Any) -> Any:
        return np.array([to_wgs84(float(lon), float(lat)) for lon, lat in points])

    return transform(geometry, turned)
