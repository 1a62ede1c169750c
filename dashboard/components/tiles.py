"""Large figures for the back row."""

from collections.abc import Sequence

import streamlit as st

from dashboard.components.decomposition import wording
from dashboard.components.overview import Figure
from dashboard.policy.progress import Light

_COLOURS = {
    Light.GREEN: "green",
    Light.YELLOW: "orange",
    Light.RED: "red",
    Light.NONE: "gray",
}
_HEIGHT = 210


def row(figures: Sequence[Figure], on_schedule: tuple[int, int]) -> None:
    """One tile a figure, then how many of the judged core indicators are on schedule."""
    for column, figure in zip(st.columns(len(figures) + 1), (*figures, None), strict=True):
        with column:
            if figure is None:
                _count(*on_schedule)
            else:
                _figure(figure)


def _figure(figure: Figure) -> None:
    entry = figure.entry
    known = figure.value is not None
    delta = None
    if figure.change is not None:
        delta = f"{wording.signed(figure.change, entry)} 比上季度"
    st.metric(
        entry.name if len(entry.name) <= 12 else entry.short,
        f"{figure.text} {entry.unit}" if known else figure.text,
        delta=delta,
        delta_color="normal" if entry.direction == "up" else "inverse",
        help=f"{entry.name}:{entry.formula}({entry.clause})",
        chart_data=list(figure.course) if len(figure.course) > 1 else None,
        border=True,
        height=_HEIGHT,
    )
    goal = (
        "未下达目标" if figure.target is None else f"目标{figure.goal}·序时{figure.scheduled_text}"
    )
    st.markdown(f":small[:{_COLOURS[figure.light]}[**{figure.status}**] {goal}]")


def _count(green: int, judged: int) -> None:
    st.metric(
        "达到序时的核心指标",
        f"{green} / {judged}",
        help="达到序时进度的核心指标数 / 可以判断的核心指标数",
        border=True,
        height=_HEIGHT,
    )
    st.markdown(":small[未填报、无目标的指标不计入分母]")
