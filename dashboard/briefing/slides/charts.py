"""Native charts: their figures can be edited in PowerPoint, in a workbook that holds no formula."""

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import xlsxwriter
from pptx.chart.chart import Chart as Native
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Pt

from dashboard.briefing import script
from dashboard.briefing.content import Chart, Series
from dashboard.briefing.number_formats import formatted, of_texts
from dashboard.briefing.slides import chart_fit
from dashboard.briefing.slides.master import INK, LINE
from dashboard.briefing.slides.measure import Box, clipped
from dashboard.briefing.slides.xml import FONT, set_fonts
from dashboard.briefing.typography import one_line

COLOURS: Final = ("9E1B1E", "8A8A8A", "E3B7B4", "4A4A4A", "D0D0D0")
"""Apart in lightness too: a projector washes colours out, a printer has none."""
_DARK: Final = {"9E1B1E", "4A4A4A", "8A8A8A"}
_MARKERS: Final = (
    XL_MARKER_STYLE.CIRCLE,
    XL_MARKER_STYLE.SQUARE,
    XL_MARKER_STYLE.TRIANGLE,
    XL_MARKER_STYLE.DIAMOND,
    XL_MARKER_STYLE.X,
)
_DASHES: Final = (
    MSO_LINE.SOLID,
    MSO_LINE.DASH,
    MSO_LINE.ROUND_DOT,
    MSO_LINE.DASH_DOT,
    MSO_LINE.LONG_DASH,
)
_TITLE_SIZE, _NAME_SIZE, _LONGEST_NAME = 16.0, 14.0, 14.0


def add(slide: Slide, chart: Chart, box: Box, top: float | None, made: datetime) -> None:
    """Puts the chart into the box. `top` is where its axis ends, `made` its workbook's date."""
    edges = (Pt(edge) for edge in (box.left, box.top, box.width, box.height))
    frame = slide.shapes.add_chart(_kind(chart), *edges, _data(chart))
    native: Native = frame.chart
    native.part.chart_workbook.update_from_xlsx_blob(_workbook(chart, made))
    described = frame._element.find(f".//{qn('p:cNvPr')}")
    described.set("name", one_line(script.chart_title(chart)))
    described.set("descr", one_line(chart.alt) or one_line(script.chart_title(chart)))
    _text(native, chart, box)
    _axes(native, chart, top)
    _bars(native, chart)
    for place, series in enumerate(native.plots[0].series):
        _look(series, chart, place)
        _series_labels(series, chart, place, box)
    set_fonts(native._chartSpace)


def _kind(chart: Chart) -> XL_CHART_TYPE:
    lies = chart_fit.lies(chart)
    if chart.mark == "line":
        return XL_CHART_TYPE.LINE_MARKERS
    if chart.mark == "stacked":
        return XL_CHART_TYPE.BAR_STACKED if lies else XL_CHART_TYPE.COLUMN_STACKED
    return XL_CHART_TYPE.BAR_CLUSTERED if lies else XL_CHART_TYPE.COLUMN_CLUSTERED


def _names(chart: Chart) -> list[str]:
    return [clipped(one_line(name), 1, _LONGEST_NAME, 1) for name in chart.categories]


def _data(chart: Chart) -> CategoryChartData:
    data = CategoryChartData()
    data.categories = _names(chart)
    for series in chart.series:
        data.add_series(one_line(series.name), series.values, of_texts(series.texts))
    return data


def _workbook(chart: Chart, made: datetime) -> bytes:
    """The figures behind the chart, in the places that its references name."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"created": made.replace(tzinfo=None)})
    sheet = book.add_worksheet("Sheet1")
    for row, name in enumerate(_names(chart), 1):
        sheet.write_string(row, 0, name)
    for column, series in enumerate(chart.series, 1):
        sheet.write_string(0, column, one_line(series.name))
        style = book.add_format({"num_format": of_texts(series.texts)})
        for row, value in enumerate(series.values, 1):
            if value is not None:
                sheet.write_number(row, column, value, style)
    book.close()
    return out.getvalue()


def _text(native: Native, chart: Chart, box: Box) -> None:
    """Title, legend, and the type of all that has none of its own."""
    native.font.size, native.font.name = Pt(_NAME_SIZE), FONT
    native.font.color.rgb = RGBColor.from_string(INK)
    native.has_title = True
    frame = native.chart_title.text_frame
    frame.text = clipped(one_line(script.chart_title(chart)), _TITLE_SIZE, box.width - 40, 2)
    font = frame.paragraphs[0].runs[0].font
    font.size, font.bold, font.color.rgb = Pt(_TITLE_SIZE), True, RGBColor.from_string(INK)
    native.chart_title.include_in_layout = False
    native.has_legend = len(chart.series) > 1
    if native.has_legend:
        native.legend.position = XL_LEGEND_POSITION.BOTTOM
        native.legend.include_in_layout = False
        native.legend.font.size = Pt(_NAME_SIZE)


def _axes(native: Native, chart: Chart, top: float | None) -> None:
    """Names on the one axis, no figures on the other: they stand on the marks."""
    names, figures = native.category_axis, native.value_axis
    names.tick_labels.font.size = Pt(_NAME_SIZE)
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.major_tick_mark = names.minor_tick_mark = XL_TICK_MARK.NONE
    names.has_major_gridlines = False
    names.format.line.color.rgb = RGBColor.from_string(LINE)
    names.reverse_order = chart_fit.lies(chart)
    figures.has_major_gridlines = figures.has_minor_gridlines = False
    figures.visible = False
    if top is not None:
        figures.minimum_scale, figures.maximum_scale = 0, top


def _bars(native: Native, chart: Chart) -> None:
    plot = native.plots[0]
    plot.vary_by_categories = False
    if chart.mark == "bar":
        plot.gap_width = 45 if chart_fit.lies(chart) else 70
        plot.overlap = -8 if len(chart.series) > 1 else 0
    elif chart.mark == "stacked":
        plot.gap_width, plot.overlap = 45, 100


def _position(chart: Chart) -> XL_LABEL_POSITION:
    if chart.mark == "line":
        return XL_LABEL_POSITION.ABOVE
    return XL_LABEL_POSITION.OUTSIDE_END if chart.mark == "bar" else XL_LABEL_POSITION.CENTER


def _look(series: Any, chart: Chart, place: int) -> None:
    """Colour, and for a line its dash and marker; labels that read as the content has them."""
    colour = RGBColor.from_string(COLOURS[place % len(COLOURS)])
    if chart.mark == "line":
        series.smooth = False
        line = series.format.line
        line.width, line.color.rgb = Pt(3), colour
        line.dash_style = _DASHES[place % len(_DASHES)]
        marker = series.marker
        marker.style, marker.size = _MARKERS[place % len(_MARKERS)], 10
        for part in (marker.format.fill,):
            part.solid()
            part.fore_color.rgb = colour
        marker.format.line.color.rgb = colour
    else:
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = colour
        series.invert_if_negative = False


def _series_labels(series: Any, chart: Chart, place: int, box: Box) -> None:
    """The number format of a series; a text of its own where that would read differently, none
    where it has no room."""
    size = chart_fit.label_size(chart, box.width)
    told = chart.series[place]
    pattern = of_texts(told.texts)
    labels = series.data_labels
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = pattern, False
    labels.font.size = Pt(size)
    inside = chart.mark == "stacked" and COLOURS[place % len(COLOURS)] in _DARK
    labels.font.color.rgb = RGBColor.from_string("FFFFFF" if inside else INK)
    labels.position = _position(chart)
    for point, text in _odd(told, pattern):
        frame = series.points[point].data_label.text_frame
        frame.text = text
        font = frame.paragraphs[0].runs[0].font
        font.size, font.color.rgb = labels.font.size, labels.font.color.rgb
    for point, (value, text) in enumerate(zip(told.values, told.texts, strict=True)):
        if value is not None and not chart_fit.has_room(chart, value, text, size, box):
            _without_label(series, point)


def _without_label(series: Any, point: int) -> None:
    label = series.points[point].data_label._get_or_add_dLbl()
    for child in list(label):
        if child.tag != qn("c:idx"):
            label.remove(child)
    label.append(label.makeelement(qn("c:delete"), {"val": "1"}))


def _odd(told: Series, pattern: str) -> Sequence[tuple[int, str]]:
    pairs = zip(told.values, told.texts, strict=True)
    return [
        (point, one_line(text))
        for point, (value, text) in enumerate(pairs)
        if value is not None and formatted(value, pattern) != re.sub(r"\s", "", text)
    ]
