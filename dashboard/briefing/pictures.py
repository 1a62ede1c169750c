"""Charts as pictures, the same for paper, slides and the HTML file; drawn without a network.

Each carries its unit in the title and its figures on the marks, keeps apart in grey print and for
any colour vision, and says 未填报 where nothing was reported. Specifications are Vega-Lite's own
JSON: building them through Altair took as long as drawing them.
"""

from functools import lru_cache
from typing import Any, Final

import vl_convert as vlc

from dashboard.briefing import fonts, standard
from dashboard.briefing.content import Chart
from dashboard.briefing.script import chart_title
from dashboard.briefing.typography import one_line, title_lines, width

Spec = dict[str, Any]

# After Okabe and Ito: told apart with any colour vision, and in grey print by their lightness.
COLOURS: Final = ("#003F6B", "#E69F00", "#0072B2", "#D6ECF9", "#CC79A7")
ALONE: Final = "#0072B2"
INK, MUTED, GRID = "#1F2A37", "#4A5463", "#D5DAE0"
_DARK: Final = {"#003F6B", "#0072B2"}
_DASHES: Final = ([1, 0], [8, 4], [2, 3], [8, 3, 2, 3], [12, 4])
_SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "cross")
MISSING: Final = "未填报"

WIDTH: Final = 720
_LABEL, _TITLE = 16, 20
_MANY: Final = 6
"""With more categories than these, bars lie and their names stand beside them."""


@lru_cache(maxsize=64)
def svg(chart: Chart, titled: bool = True) -> str:
    """The chart as SVG text, 720 wide; `titled` off where its title stands beside it.

    Kept for the chart's other layouts. Raises fonts.NoChineseFont.
    """
    return vlc.vegalite_to_svg(_specification(_printable(chart), titled))


def _printable(chart: Chart) -> Chart:
    """The chart with texts that can be drawn: a control character ends the drawer's process."""
    series = tuple(
        one.model_copy(
            update={"name": one_line(one.name), "texts": tuple(map(one_line, one.texts))}
        )
        for one in chart.series
    )
    texts = {"title": one_line(chart.title), "unit": one_line(chart.unit)}
    places = tuple(map(one_line, chart.categories))
    return chart.model_copy(update={**texts, "categories": places, "series": series})


def png(chart: Chart, width_px: int = WIDTH, scale: float = 2.5, titled: bool = True) -> bytes:
    """The chart as PNG, `width_px` times `scale` pixels wide. Raises fonts.NoChineseFont."""
    return vlc.svg_to_png(svg(chart, titled), scale=scale * width_px / WIDTH)


def _specification(chart: Chart, titled: bool) -> Spec:
    lies = _lies(chart)
    spec: Spec = {
        "width": WIDTH,
        "height": _lying_height(chart) if lies else 300,
        "autosize": {"type": "fit", "contains": "padding"},
        "data": {"values": _rows(chart)},
        "layer": {"bar": _bars, "line": _lines, "stacked": _stack}[chart.mark](chart, lies),
        "config": _config(fonts.family(standard.HEI_FONT)),
    }
    if titled:
        spec["title"] = {"text": list(title_lines(chart_title(chart), WIDTH / _TITLE - 1))}
    return spec


def _lies(chart: Chart) -> bool:
    longest = max((width(name) for name in chart.categories), default=0)
    return chart.mark != "line" and (len(chart.categories) > _MANY or longest > 8)


def _lying_height(chart: Chart) -> int:
    beside = len(chart.series) if chart.mark == "bar" else 1
    return 70 + len(chart.categories) * (14 + 22 * beside)


def _by_category(chart: Chart) -> list[tuple[float | None, ...]]:
    return list(zip(*(series.values for series in chart.series), strict=True))


def _rows(chart: Chart) -> list[Spec]:
    """One row a series and category; `text` is 未填报 and `value` null where nothing came in."""
    rows: list[Spec] = []
    for place, series in enumerate(chart.series):
        figures = zip(
            chart.categories, series.values, series.texts, _by_category(chart), strict=True
        )
        for category, value, text, beside in figures:
            row: Spec = {"category": category, "series": series.name, "value": value}
            row |= {"place": place, "at": value or 0}
            row["text"] = text if value is not None else MISSING
            row["highest"] = value is not None and value >= max(v for v in beside if v is not None)
            row["ink"] = "#FFFFFF" if _colours(chart)[place] in _DARK else INK
            rows.append(row)
    return rows


def _colours(chart: Chart) -> list[str]:
    return [ALONE] if len(chart.series) == 1 else _cycle(COLOURS, chart)


def _cycle(of: tuple[Any, ...], chart: Chart) -> list[Any]:
    return [of[place % len(of)] for place in range(len(chart.series))]


def _by_series(chart: Chart, values: list[Any], legend: bool = True) -> Spec:
    """A channel that tells the series apart; a legend where there is something to tell apart."""
    names = [series.name for series in chart.series]
    shown = {"title": None, "orient": "top"} if legend and len(names) > 1 else None
    scale = {"domain": names, "range": values}
    return {"field": "series", "type": "nominal", "scale": scale, "legend": shown}


def _category(chart: Chart) -> Spec:
    """The axis of categories, in the order given."""
    axis = {"title": None, "ticks": False, "labelAngle": 0, "labelOverlap": False}
    made: Spec = {"field": "category", "type": "nominal", "sort": list(chart.categories)}
    made["axis"] = axis
    if chart.mark != "line":
        made["scale"] = {"paddingInner": 0.35, "paddingOuter": 0.2}
    return made


def _measure(chart: Chart, field: str = "value") -> Spec:
    """The axis of figures, from zero; with room beyond the longest mark, so that none is cut."""
    axis = {"title": None, "tickCount": 5, "labels": False, "ticks": False, "domain": False}
    scale: Spec = {"zero": True} | ({"domainMax": _top(chart)} if _top(chart) else {})
    stack = "zero" if chart.mark == "stacked" and field == "value" else None
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale, "stack": stack}


def _top(chart: Chart) -> float:
    whole = sum if chart.mark == "stacked" else max
    reach = [whole(value or 0 for value in values) for values in _by_category(chart)]
    return max([*reach, 0]) * (1.12 if _lies(chart) else 1.1)


def _text(lies: bool) -> Spec:
    """Text at the end of a bar."""
    away = {"align": "left", "dx": 6} if lies else {"baseline": "bottom", "dy": -5}
    return {"type": "text", "fontSize": _LABEL, "color": INK, **away}


_SHOWN: Final[Spec] = {"field": "text", "type": "nominal"}
_EDGE: Final[Spec] = {"stroke": INK, "strokeWidth": 0.5}


def _bars(chart: Chart, lies: bool) -> list[Spec]:
    """A bar a figure, its figure at its end; 未填报 stands where a bar would begin."""
    across, along = ("y", "x") if lies else ("x", "y")
    names = [series.name for series in chart.series]
    beside = {"field": "series", "type": "nominal", "sort": names}
    base: Spec = {across: _category(chart)}
    base |= {f"{across}Offset": beside} if len(names) > 1 else {}
    colour = _by_series(chart, _colours(chart))
    return [
        {
            "mark": {"type": "bar", **_EDGE},
            "encoding": base | {along: _measure(chart), "color": colour},
        },
        {
            "mark": _text(lies),
            "encoding": base | {along: _measure(chart, "at"), "text": _SHOWN},
        },
    ]


def _lines(chart: Chart, lies: bool) -> list[Spec]:
    """A line a series, told apart by dash and shape too; it is broken where a figure is missing."""
    base = {"x": _category(chart), "y": _measure(chart)}
    told = base | {"color": _by_series(chart, _colours(chart))}
    dash = {"strokeDash": _by_series(chart, _cycle(_DASHES, chart), legend=False)}
    shape = {"shape": _by_series(chart, _cycle(_SHAPES, chart))}
    point = {"type": "point", "filled": True, "size": 110, "opacity": 1}
    return [
        {"mark": {"type": "line", "strokeWidth": 3}, "encoding": told | dash},
        {"mark": point, "encoding": told | shape},
        *_line_figures(base),
    ]


def _line_figures(base: Spec) -> list[Spec]:
    """The highest figure of a place above its point, the others below; 未填报 at the foot."""
    text = {"type": "text", "fontSize": _LABEL, "color": INK}
    at_foot = {**text, "color": MUTED, "baseline": "bottom", "dy": -6}
    wanted: tuple[tuple[str, Spec, Spec], ...] = (
        ("isValid(datum.value) && datum.highest", {**text, "dy": -16}, {}),
        ("isValid(datum.value) && !datum.highest", {**text, "dy": 18}, {}),
        ("!isValid(datum.value)", at_foot, {"y": {"value": "height"}}),
    )
    return [
        {
            "transform": [{"filter": which}],
            "mark": mark,
            "encoding": base | {"text": _SHOWN} | other,
        }
        for which, mark, other in wanted
    ]


def _stack(chart: Chart, lies: bool) -> list[Spec]:
    """Parts of a whole on one bar, each with its figure inside; what is missing is named."""
    across, along = ("y", "x") if lies else ("x", "y")
    order = {"field": "place", "type": "quantitative"}
    base = {across: _category(chart), along: _measure(chart), "order": order}
    # A part too thin for its figure has none: the table beside the chart has them all.
    thick = f"datum.value >= {(0.05 if lies else 0.09) * _top(chart)}"
    inside = {
        along: _measure(chart) | {"bandPosition": 0.5},
        "text": {"condition": {"test": thick, **_SHOWN}, "value": ""},
        "color": {"field": "ink", "type": "nominal", "scale": None},
    }
    colour = {"color": _by_series(chart, _colours(chart))}
    return [
        {"mark": {"type": "bar", **_EDGE}, "encoding": base | colour},
        {"mark": {"type": "text", "fontSize": _LABEL}, "encoding": base | inside},
        {
            "data": {"values": _missing_parts(chart)},
            "mark": _text(lies),
            "encoding": {
                across: _category(chart), along: _measure(chart, "end"), "text": _SHOWN
            },
        },
    ]  # fmt: skip


def _missing_parts(chart: Chart) -> list[Spec]:
    """For the end of a bar: which of its parts were not reported."""
    rows = []
    for category, values in zip(chart.categories, _by_category(chart), strict=True):
        named = zip(chart.series, values, strict=True)
        missing = [series.name for series, value in named if value is None]
        if missing:
            end = sum(value or 0 for value in values)
            rows.append({"category": category, "end": end, "text": "、".join(missing) + MISSING})
    return rows


def _config(font: str) -> Spec:
    text = {"labelFont": font, "titleFont": font, "labelColor": INK, "labelFontSize": _LABEL}
    title = {"font": font, "fontSize": _TITLE, "fontWeight": "bold", "color": INK}
    return {
        "background": "#FFFFFF",
        "font": font,
        "padding": {"left": 8, "right": 12, "top": 8, "bottom": 8},
        "title": {**title, "anchor": "start", "offset": 14},
        "axis": {
            **text,
            "gridColor": GRID,
            "domainColor": INK,
            "labelLimit": 240,
            "labelPadding": 6,
        },
        "legend": {**text, "symbolSize": 180, "labelLimit": 240},
        "view": {"stroke": None},
    }
