"""Large figures for the back row."""

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st

from dashboard.components import focus_bar
from dashboard.components.decomposition import wording
from dashboard.components.overview import Figure
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.figures import DOUBT_NOTE
from dashboard.policy.progress import Light

_COLOURS = {
    Light.GREEN: "green",
    Light.YELLOW: "orange",
    Light.RED: "red",
    Light.NONE: "gray",
}
_HEIGHT = 203


def row(
    scene: Scene, figures: Sequence[Figure], lights: Mapping[Light, int], mark: str = ""
) -> None:
    """One tile a figure, then how many of the judged core indicators are on schedule.

    Below each tile its light, its target and the way to the rows it is made of. `mark` stands
    behind the last number where one of the figures it counts waits to be checked.
    """
    for column, figure in zip(st.columns(len(figures) + 1), (*figures, None), strict=True):
        with column, st.container(gap="xxsmall"):
            if figure is None:
                _count(lights, mark)
            else:
                _figure(scene, figure)


def _figure(scene: Scene, figure: Figure) -> None:
    entry = figure.entry
    known = figure.value is not None
    delta = None
    if figure.change is not None:
        said = wording.signed(figure.change, entry) if figure.change else "持平"
        delta = f"{said} 比上季度"
    elif figure.is_partial:
        delta = f"仅{figure.reported:,}/{figure.expected:,}填报"
    # What adds up through the year rises by itself: only the light says whether that is enough.
    colour: Literal["normal", "inverse", "off"] = "off"
    if figure.change and not entry.cumulative:
        colour = "normal" if entry.direction == "up" else "inverse"
    st.metric(
        entry.name if len(entry.name) <= 12 else entry.short,
        f"{figure.text} {entry.unit}{figure.mark}" if known else figure.text,
        delta=delta,
        delta_color=colour,
        delta_arrow="auto" if figure.change else "off",
        help=f"{entry.name}:{entry.formula}({entry.clause})"
        + (f"  \n{DOUBT_NOTE}" if figure.mark else ""),
        chart_data=list(figure.course) if len(figure.course) > 1 else None,
        border=True,
        height=_HEIGHT,
    )
    goal = (
        "未下达目标"
        if figure.target is None
        else f"目标{figure.goal} · 序时{figure.scheduled_text}"
    )
    path, query = focus_bar.behind(scene, entry)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.page_link(
            scene.pages[path],
            label=f":{_COLOURS[figure.light]}[**{figure.status}**]",
            icon=":material/arrow_forward:",
            help=f"查看{entry.name}由哪些行组成",
            query_params=query,
        )
        asking.beside(entry.code)
    st.markdown(f":small[{goal}]")


def _count(lights: Mapping[Light, int], mark: str) -> None:
    judged = sum(count for light, count in lights.items() if light is not Light.NONE)
    st.metric(
        "达到序时的核心指标",
        f"{lights[Light.GREEN]} / {judged}{mark}",
        help="达到序时进度的核心指标数 / 可以判断的核心指标数;未填报、无目标的指标不计入分母"
        + (f"  \n{DOUBT_NOTE}" if mark else ""),
        border=True,
        height=_HEIGHT,
    )
    said = "  ".join(
        f":{_COLOURS[light]}[**{light.glyph} {count}**]" for light, count in lights.items()
    )
    st.markdown(f"{said}  \n:small[达到、略低、滞后、无法判断(项)]")
