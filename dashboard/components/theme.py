"""One look for every chart: fonts, sizes and colours that hold in light and dark."""

from typing import Any

import altair as alt
import streamlit as st

from dashboard.components import meeting, unseen
from dashboard.policy.progress import Light

FONT = "Noto Sans CJK SC, Noto Sans SC, Microsoft YaHei, PingFang SC, SimHei, sans-serif"
# Okabe and Ito's palette: told apart with any colour vision. Every light also has a shape and word.
LIGHT_COLOURS: dict[Light, str] = {
    Light.GREEN: "#009E73",
    Light.YELLOW: "#E69F00",
    Light.RED: "#D55E00",
    Light.NONE: "#8A8F98",
}
BAND_COLOURS = ("#D55E00", "#E69F00", "#56B4E9", "#0072B2")
"""Below 120, 120-150, 150-200, above 200 万元."""
SERIES_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A8F98")
_SIZE = 15
_PADDING = {"top": 6, "left": 0, "right": 4, "bottom": 4}
_INKS = {
    "light": dict(zip(Light, ("#00694C", "#8F5E00", "#B34A00", "#5B6675"), strict=True)),
    "dark": dict(zip(Light, ("#4FD1A5", "#F2B441", "#FF8B4A", "#9AA4B2"), strict=True)),
}
"""The lights as text: the same hues, dark or bright enough to be read (4.5 : 1 and more)."""


def is_dark() -> bool:
    """Whether the viewer's browser shows the dark theme."""
    return not unseen.is_unseen() and getattr(st.context.theme, "type", "light") == "dark"


def ink() -> str:
    """The colour of text and rules on charts."""
    return "#E8EAED" if is_dark() else "#1F2A37"


def page() -> str:
    """The colour behind everything, as .streamlit/config.toml has it."""
    return "#10161F" if is_dark() else "#FFFFFF"


def muted() -> str:
    return "#9AA4B2" if is_dark() else "#5B6675"


def light_ink(light: Light) -> str:
    """A light's colour for text on the page."""
    return _INKS["dark" if is_dark() else "light"][light]


def grid() -> str:
    return "#33404F" if is_dark() else "#E3E7EC"


def configure(chart: Any) -> Any:
    """The chart with the house's fonts, sizes and colours."""
    # Without room above it Streamlit cuts off the head of a title in Chinese.
    made = chart.properties(padding=_PADDING).configure(
        background="transparent",
        font=FONT,
        title=alt.TitleConfig(
            font=FONT, color=ink(), fontSize=18, anchor="start", subtitleColor=muted()
        ),
        axis=alt.AxisConfig(
            labelFont=FONT,
            titleFont=FONT,
            labelColor=ink(),
            titleColor=muted(),
            labelFontSize=_SIZE,
            titleFontSize=_SIZE - 1,
            gridColor=grid(),
            domainColor=grid(),
            tickColor=grid(),
            labelLimit=260,
        ),
        legend=alt.LegendConfig(
            labelFont=FONT,
            titleFont=FONT,
            labelColor=ink(),
            titleColor=muted(),
            labelFontSize=_SIZE,
            titleFontSize=_SIZE - 1,
            labelLimit=260,
        ),
        header=alt.HeaderConfig(labelFont=FONT, labelColor=ink(), labelFontSize=_SIZE),
        view=alt.ViewConfig(stroke=None),
        range=alt.RangeConfig(category=list(SERIES_COLOURS)),
    )
    return _larger(made) if meeting.is_on() else made


_ENLARGED = 1.15
_TYPE = ("fontSize", "labelFontSize", "titleFontSize", "subtitleFontSize")


def _larger(chart: Any) -> Any:
    """The chart with all its type larger: in a meeting the back row reads it too."""

    def enlarge(part: Any) -> Any:
        if isinstance(part, list):
            return [enlarge(one) for one in part]
        if not isinstance(part, dict):
            return part
        return {
            key: value * _ENLARGED
            if key in _TYPE and isinstance(value, int | float)
            else enlarge(value)
            for key, value in part.items()
        }

    spec = chart.to_dict()
    # The figures stay as they are: only what says how to draw is gone through.
    data = spec.pop("datasets", None)
    larger = enlarge(spec)
    return alt.Chart.from_dict(larger | ({"datasets": data} if data else {}))
