"""The same map as a plain chart: where graphics cannot draw the other, and for paper."""

from typing import Any

import altair as alt
import pandas as pd
from shapely.geometry import mapping, shape
from shapely.geometry.polygon import orient

from dashboard.components import drawing, theme
from dashboard.components.drawing import Drawing
from dashboard.components.maps.deck import middle
from dashboard.components.maps.picture import NOT_TOLD, Picture
from dashboard.policy.progress import Light

PICKED = "village"


def draw(picture: Picture, height: int = 690) -> Any:
    """Areas by light, dots by band, hollow where nothing was reported, a ring around the chosen."""
    layers: list[Any] = []
    if picture.shapes:
        layers.append(_areas(picture))
    if picture.dots:
        layers += [_dots(picture), *_ring(picture)]
    if picture.shapes:
        layers += _labels(picture)
    chart = alt.layer(*layers).project("mercator").properties(height=height)
    return theme.configure(chart)


def _areas(picture: Picture) -> Any:
    features = [
        {
            "type": "Feature",
            "geometry": _wound(one.geometry),
            "properties": {"名称": one.name, "说明": one.said, "状态": one.light.label},
        }
        for one in picture.shapes
    ]
    lights = {light.label: colour for light, colour in theme.LIGHT_COLOURS.items()}
    return (
        alt.Chart(alt.InlineData(values=features))
        .mark_geoshape(stroke=theme.muted(), strokeWidth=2, fillOpacity=0.28)
        .encode(
            color=alt.Color(
                "properties.状态:N",
                scale=alt.Scale(domain=list(lights), range=list(lights.values())),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("properties.名称:N", title="单位"),
                alt.Tooltip("properties.说明:N", title="指标"),
            ],
        )
    )


def _wound(geometry: dict[str, Any]) -> dict[str, Any]:
    """Outer rings clockwise, as the drawing library wants them, the reverse of GeoJSON's rule."""
    found = shape(geometry)
    polygons = list(getattr(found, "geoms", [found]))
    turned = [orient(polygon, sign=-1.0) for polygon in polygons if polygon.geom_type == "Polygon"]
    return {
        "type": "MultiPolygon",
        "coordinates": [mapping(polygon)["coordinates"] for polygon in turned],
    }


def _labels(picture: Picture) -> list[Any]:
    """Names over everything else, each on a broad line of the page's colour."""
    rows = []
    for one in picture.shapes:
        lon, lat = middle(one.geometry)
        rows.append({"lon": lon, "lat": lat, "文": one.words})
    base = alt.Chart(pd.DataFrame(rows)).encode(longitude="lon:Q", latitude="lat:Q", text="文:N")
    size: dict[str, Any] = {"fontSize": 15, "fontWeight": "bold", "lineBreak": "|"}
    halo = base.mark_text(**size, color=theme.page(), stroke=theme.page(), strokeWidth=4)
    return [halo, base.mark_text(**size, color=theme.ink())]


def _dots(picture: Picture) -> Any:
    rows = [
        {
            "代码": dot.code,
            "村": f"{dot.town}{dot.name}",
            "lon": dot.lon,
            "lat": dot.lat,
            "档": NOT_TOLD if dot.band is None else picture.bands[dot.band],
            "面积": dot.radius**2 * 2,
            "说明": dot.said,
        }
        for dot in picture.dots
    ]
    domain = [*picture.bands, NOT_TOLD]
    colours = [*theme.BAND_COLOURS, "transparent"]
    picked = alt.selection_point(name=PICKED, fields=["代码"])
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_circle(stroke=theme.ink(), strokeWidth=1.5, opacity=0.95)
        .encode(
            longitude="lon:Q",
            latitude="lat:Q",
            size=alt.Size("面积:Q", scale=None, legend=None),
            fill=alt.Fill("档:N", scale=alt.Scale(domain=domain, range=colours), legend=None),
            tooltip=["村:N", "说明:N", "档:N"],
        )
        .add_params(picked)
    )


def _ring(picture: Picture) -> list[Any]:
    rows = [
        {"lon": dot.lon, "lat": dot.lat, "面积": (dot.radius + 8) ** 2 * 3}
        for dot in picture.dots
        if dot.code == picture.chosen
    ]
    if not rows:
        return []
    ring = (
        alt.Chart(pd.DataFrame(rows))
        .mark_point(stroke=theme.ink(), strokeWidth=4, filled=False)
        .encode(longitude="lon:Q", latitude="lat:Q", size=alt.Size("面积:Q", scale=None))
    )
    return [ring]


def legend(picture: Picture, is_shaded: bool) -> Drawing:
    """What colours, shapes and sizes stand for, in one row."""
    entries: list[tuple[str, str, str]] = [
        (words, colour, "circle")
        for words, colour in zip(picture.bands, theme.BAND_COLOURS, strict=True)
    ]
    entries.append((f"{NOT_TOLD}(空心)", "transparent", "circle"))
    if is_shaded:
        entries += [
            (f"{light.glyph} {light.label}", theme.LIGHT_COLOURS[light], "square")
            for light in Light
        ]
    places = _offsets([words for words, _, _ in entries])
    rows = [
        {"文": words, "色": colour, "形": form, "x": x}
        for (words, colour, form), x in zip(entries, places, strict=True)
    ]
    return _legend().filled({"entries": rows}, 34)


@drawing.template
def _legend() -> Any:
    base = alt.Chart(drawing.data("entries")).encode(
        x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, 1180], nice=False))
    )
    marks = base.mark_point(
        filled=True, size=170, opacity=1, stroke=theme.ink(), strokeWidth=1.5
    ).encode(
        color=alt.Color("色:N", scale=None),
        shape=alt.Shape("形:N", scale=None),
    )
    text = base.mark_text(align="left", dx=14, fontSize=15, color=theme.ink()).encode(text="文:N")
    return marks + text


def _offsets(texts: list[str]) -> list[int]:
    """Where each entry begins, by how wide the ones before it are."""
    found, at = [], 10
    for text in texts:
        found.append(at)
        at += 44 + sum(16 if ord(letter) > 0x2000 else 9 for letter in text)
    return found
