"""The map drawn by the graphics card. No basemap and no request to anywhere, unless the office has
named a tile layer of its own in district.yaml.
"""

import json
import math
from typing import Any

import pydeck
from shapely.geometry import shape as shapely_shape

from dashboard.components import theme
from dashboard.components.maps.picture import Picture, colour
from dashboard.policy.progress import Light

AREAS, DOTS = "areas", "villages"
_TOOLTIP = {"text": "{name}\n{said}"}
_FILL_ALPHA = 70
_PIXELS = (1180, 690)
"""About what the map has on a screen of 1080 lines."""
_MARGIN, _CLOSEST = 0.12, 13.0


def draw(picture: Picture, tiles: str = "") -> pydeck.Deck:
    """The deck: areas, village dots (hollow without a report), a ring around the chosen one."""
    told = [dot for dot in picture.dots if dot.band is not None]
    silent = [dot for dot in picture.dots if dot.band is None]
    layers = [
        _areas(picture),
        _dots(DOTS, told, is_filled=True),
        _dots(f"{DOTS}_silent", silent, is_filled=False),
        _ring([dot for dot in picture.dots if dot.code == picture.chosen]),
        _labels(picture),
    ]
    return pydeck.Deck(
        layers=[layer for layer in layers if layer is not None],
        initial_view_state=_view(picture),
        map_provider=None,
        map_style=_style(tiles),
        tooltip=_TOOLTIP,
    )


def _style(tiles: str) -> str:
    """A style of its own that names nothing: with none given, one would be asked for outside."""
    sources: dict[str, Any] = {}
    layers: list[dict[str, Any]] = []
    if tiles:
        sources["tiles"] = {"type": "raster", "tiles": [tiles], "tileSize": 256}
        layers.append({"id": "tiles", "type": "raster", "source": "tiles"})
    style = {"version": 8, "sources": sources, "layers": layers}
    return "data:application/json," + json.dumps(style, separators=(",", ":"))


def _rgb(colour_code: str) -> list[int]:
    return [int(colour_code[at : at + 2], 16) for at in (1, 3, 5)]


def _areas(picture: Picture) -> pydeck.Layer | None:
    if not picture.shapes:
        return None
    features = [
        {
            "type": "Feature",
            "geometry": shape.geometry,
            "properties": {"code": shape.code},
            # Beside "properties": where the tooltip looks.
            "name": shape.name,
            "said": shape.said,
            "fill": _fill(shape.light),
        }
        for shape in picture.shapes
    ]
    return pydeck.Layer(
        "GeoJsonLayer",
        {"type": "FeatureCollection", "features": features},
        id=AREAS,
        get_fill_color="fill",
        get_line_color=_rgb(theme.muted()),
        line_width_min_pixels=2,
        pickable=True,
    )


def _fill(light: Light) -> list[int]:
    if light is Light.NONE:
        return [*_rgb(theme.muted()), 18]
    return [*_rgb(theme.LIGHT_COLOURS[light]), _FILL_ALPHA]


def _dots(layer_id: str, dots: Any, *, is_filled: bool) -> pydeck.Layer | None:
    if not dots:
        return None
    rows = [
        {
            "code": dot.code,
            "name": f"{dot.town}{dot.name}",
            "said": dot.said.replace(",", "\n"),
            "position": [dot.lon, dot.lat],
            "radius": dot.radius,
            "fill": [*_rgb(colour(dot.band)), 235],
        }
        for dot in dots
    ]
    return pydeck.Layer(
        "ScatterplotLayer",
        rows,
        id=layer_id,
        get_position="position",
        get_radius="radius",
        radius_units=pydeck.types.String("pixels"),
        get_fill_color="fill",
        get_line_color=_rgb(theme.ink()),
        line_width_units=pydeck.types.String("pixels"),
        get_line_width=1 if is_filled else 2,
        stroked=True,
        filled=is_filled,
        pickable=True,
        auto_highlight=is_filled,
    )


def _ring(dots: Any) -> pydeck.Layer | None:
    if not dots:
        return None
    rows = [{"position": [dot.lon, dot.lat], "radius": dot.radius + 8} for dot in dots]
    return pydeck.Layer(
        "ScatterplotLayer",
        rows,
        id="chosen",
        get_position="position",
        get_radius="radius",
        radius_units=pydeck.types.String("pixels"),
        get_line_color=_rgb(theme.ink()),
        line_width_units=pydeck.types.String("pixels"),
        get_line_width=4,
        stroked=True,
        filled=False,
    )


def _labels(picture: Picture) -> pydeck.Layer | None:
    if not picture.shapes:
        return None
    rows = [
        {"position": list(middle(shape.geometry)), "text": shape.words.replace("|", "\n")}
        for shape in picture.shapes
    ]
    return pydeck.Layer(
        "TextLayer",
        rows,
        id="labels",
        get_position="position",
        get_text="text",
        get_size=17,
        get_color=_rgb(theme.ink()),
        character_set=pydeck.types.String("auto"),
        font_family=pydeck.types.String(theme.FONT),
        font_weight=700,
        outline_width=3,
        outline_color=_rgb(theme.page()),
        # Drawn small: a thin stroke, as that of ◇, would be lost in scaling down from 64 pixels.
        font_settings={"sdf": True, "fontSize": 32, "radius": 8},
    )


def middle(geometry: dict[str, Any]) -> tuple[float, float]:
    """A point inside an area, for its label."""

    point = shapely_shape(geometry).representative_point()
    return point.x, point.y


def _view(picture: Picture) -> pydeck.ViewState:
    points = [[dot.lon, dot.lat] for dot in picture.dots]
    for shape in picture.shapes:
        points += _corners(shape.geometry)
    if not points:
        return pydeck.ViewState(longitude=119.95, latitude=31.7, zoom=9)
    west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
    south, north = min(lat for _, lat in points), max(lat for _, lat in points)
    return pydeck.ViewState(
        longitude=(west + east) / 2,
        latitude=(south + north) / 2,
        zoom=_zoom(east - west, north - south, (south + north) / 2),
    )


def _zoom(width: float, height: float, latitude: float) -> float:
    """At which so many degrees fill the map: at zoom 0 the world is 512 pixels wide (Mercator)."""
    upright = math.cos(math.radians(latitude))
    across = _PIXELS[0] * 360 / 512 / max(width, 1e-6)
    along = _PIXELS[1] * 360 / 512 / max(height / upright, 1e-6)
    return min(math.log2(min(across, along)) - _MARGIN, _CLOSEST)


def _corners(geometry: dict[str, Any]) -> list[list[float]]:

    west, south, east, north = shapely_shape(geometry).bounds
    return [[west, south], [east, north]]
