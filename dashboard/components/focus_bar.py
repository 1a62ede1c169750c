"""Where one is: the way from the root to the unit, and the quarter, both kept in the address."""

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from dashboard.components import demo_mark
from dashboard.components.scene import Scene
from dashboard.data import units
from dashboard.data.units import Unit
from dashboard.policy.access import may_see
from dashboard.policy.periods import Period


def address(scene: Scene, unit: str | None = None, period: Period | None = None) -> dict[str, str]:
    """The query part of a page's address for another unit or quarter, or the present ones."""
    return {
        "unit": unit or scene.focus.unit.code,
        "period": str(period or scene.focus.period),
    }


def link(
    scene: Scene, path: str = "", unit: str | None = None, period: Period | None = None
) -> str:
    """A relative address such as "/unit?unit=320412104&period=2016Q3" ("" is the overview)."""
    return f"/{path.strip('/')}?{urlencode(address(scene, unit, period))}"


def goto(scene: Scene, path: str, unit: str | None = None, period: Period | None = None) -> None:
    """Leave for another page with that focus. Ends the run."""
    st.switch_page(scene.pages[path], query_params=address(scene, unit, period))


def show(scene: Scene) -> None:
    """The bar at the head of a page: the way up, the way down, and the quarter."""
    focus = scene.focus
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="focus_bar"):
        for above in focus.ancestors:
            if _visible(scene, above):
                _step(scene, above)
        st.markdown(f"**{focus.unit.name}**")
        _way_down(scene)
        st.space("stretch")
        demo_mark.badge(scene.is_demo)
        _quarter(scene)


def _visible(scene: Scene, unit: Unit) -> bool:
    lineage = [above.code for above in scene.focus.ancestors]
    return may_see(scene.viewer, lineage[: lineage.index(unit.code) + 1])


def _step(scene: Scene, unit: Unit) -> None:
    if st.button(f"{unit.name} ›", type="tertiary", key=f"up_{unit.code}"):
        _stay(unit.code, scene.focus.period)


def _way_down(scene: Scene) -> None:
    below = units.children(scene.store, scene.viewer, scene.focus)
    if not below:
        return
    names = {unit.code: unit.name for unit in below}
    chosen = st.selectbox(
        "下级单位",
        list(names),
        index=None,
        format_func=lambda code: names[code],
        placeholder=f"查看{units.siblings_label(below)}…",
        label_visibility="collapsed",
        key=f"down_{scene.focus.unit.code}",
        width=220,
    )
    if chosen is not None:
        # The choice is a step, not a state: the selector starts afresh at the next unit.
        _stay(chosen, scene.focus.period)


def _quarter(scene: Scene) -> None:
    periods = _choices(scene.periods, scene.focus.period)
    chosen = st.selectbox(
        "季度",
        periods,
        index=periods.index(scene.focus.period),
        format_func=lambda period: period.label,
        label_visibility="collapsed",
        key=f"period_{scene.focus.unit.code}_{scene.focus.period}",
        width=200,
    )
    if chosen != scene.focus.period:
        _stay(scene.focus.unit.code, chosen)


def _choices(periods: Sequence[Period], current: Period) -> list[Period]:
    """Newest first; a quarter without figures is kept when the address names it."""
    return sorted({*periods, current}, reverse=True)


def _stay(unit: str, period: Period) -> None:
    st.query_params.from_dict({"unit": unit, "period": str(period)})
    st.rerun()
