"""How a chart stands: upright or lying, beside its lines or alone, on how many slides."""

from typing import Final

from dashboard.briefing.content import Chart
from dashboard.briefing.slides.measure import CHART, FULL, Box, evenly, length

SIZES: Final = (16.0, 14.0)
"""Of the figures on the marks, in points."""
_MANY: Final = 6
_LONG_NAME: Final = 8.0
_AXIS: Final = 24.0
"""Points of a chart's width that are not for marks."""
_LYING_ROW: Final = 20.0
_BESIDE_BARS: Final = 120.0
"""Points of a chart's box that names and margins take beside lying bars, at the most."""
_AROUND_COLUMNS: Final = 100.0
"""And title, names and legend above and below columns."""
_LABEL_HEIGHT: Final = 1.15
_ROWS: Final = 16
"""Lying bars that one slide shows."""


def lies(chart: Chart) -> bool:
    """Whether bars lie, their names beside them: many of them, long names or wide figures."""
    if chart.mark == "line":
        return False
    names = max((length(name) for name in chart.categories), default=0)
    too_wide = len(chart.categories) * _slot(chart, SIZES[-1]) > FULL - _AXIS
    return len(chart.categories) > _MANY or names > _LONG_NAME or too_wide


def stands_beside(chart: Chart) -> bool:
    """Whether the chart can be read in the half of a slide."""
    if lies(chart):
        names = max(length(name) for name in chart.categories)
        return _rows(chart) * _LYING_ROW <= CHART.height - 90 and names <= _LONG_NAME + 4
    return len(chart.categories) * _slot(chart, SIZES[-1]) <= CHART.width - _AXIS


def parts(chart: Chart) -> list[Chart]:
    """The chart, or as many as it takes for figures not to run into each other."""
    if lies(chart):
        most = max(_ROWS * len(chart.categories) // max(_rows(chart), 1), 1)
    else:
        most = max(int((FULL - _AXIS) // _slot(chart, SIZES[-1])), 1)
    places = evenly(range(len(chart.categories)), most)
    return [chart] if len(places) == 1 else [_only(chart, part[0], part[-1] + 1) for part in places]


def label_size(chart: Chart, wide: float) -> float:
    """The size of the figures at which they stand beside each other."""
    if lies(chart):
        return SIZES[-1]
    room = wide - _AXIS
    fitting = (one for one in SIZES if len(chart.categories) * _slot(chart, one) <= room)
    return next(fitting, SIZES[-1])


def has_room(chart: Chart, value: float, text: str, size: float, box: Box) -> bool:
    """Whether a part of a stacked column or bar holds its figure: below that, figures of parts
    that lie together run into each other, and stand in the notes and the chart's own sheet only.
    """
    end = top(chart)
    if chart.mark != "stacked" or end is None:
        return True
    along = box.width - _BESIDE_BARS if lies(chart) else box.height - _AROUND_COLUMNS
    needs = length(text) * size if lies(chart) else size * _LABEL_HEIGHT
    return value / end * along >= needs


def top(chart: Chart) -> float | None:
    """Where the axis ends, so that a figure has room beyond the longest mark.

    None where there is nothing above zero, or something below it.
    """
    whole = sum if chart.mark == "stacked" else max
    columns = zip(*(series.values for series in chart.series), strict=True)
    reach = [whole(value or 0 for value in values) for values in columns]
    lowest = min((v for series in chart.series for v in series.values if v is not None), default=0)
    return max(reach) * 1.15 if reach and max(reach) > 0 and lowest >= 0 else None


def missing(chart: Chart) -> str:
    """未填报：丙街道、丁镇; with several series, which of them."""
    said = [
        name if len(chart.series) == 1 else f"{name}（{series.name}）"
        for series in chart.series
        for name, value in zip(chart.categories, series.values, strict=True)
        if value is None
    ]
    return f"未填报：{'、'.join(said)}" if said else ""


def _rows(chart: Chart) -> int:
    return len(chart.categories) * (len(chart.series) if chart.mark == "bar" else 1)


def _slot(chart: Chart, size: float) -> float:
    """What a category needs for its figures, in points."""
    widest = max((length(t) for series in chart.series for t in series.texts), default=1)
    beside = len(chart.series) if chart.mark == "bar" else 1
    return (widest + 0.4) * size * beside


def _only(chart: Chart, one: int, two: int) -> Chart:
    series = tuple(
        each.model_copy(update={"values": each.values[one:two], "texts": each.texts[one:two]})
        for each in chart.series
    )
    return chart.model_copy(update={"categories": chart.categories[one:two], "series": series})
