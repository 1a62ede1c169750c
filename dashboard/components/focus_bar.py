"""Where one is: the way from the root to the unit, and the quarter, both kept in the address."""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.components import as_of, demo_mark, meeting
from dashboard.components.scene import Scene
from dashboard.config_models import IndicatorEntry
from dashboard.data import units
from dashboard.data.units import Unit
from dashboard.policy.access import may_see
from dashboard.policy.periods import Period

_KEPT = "kept_focus"
_IN_ADDRESS = {"unit", "period", as_of.PARAMETER}


def address(scene: Scene, unit: str | None = None, period: Period | None = None) -> dict[str, str]:
    """The query part of a page's address for another unit or quarter, or the present ones."""
    return here(scene) | _focus_of(unit, period) | meeting.carried()


def here(scene: Scene) -> dict[str, str]:
    """The focus alone, as an address says it."""
    focus = scene.focus
    return {"unit": focus.unit.code, "period": str(focus.period), **as_of.said(focus.as_of)}


def _focus_of(unit: str | None, period: Period | None) -> dict[str, str]:
    given = {"unit": unit, "period": str(period) if period else None}
    return {name: value for name, value in given.items() if value}


def link(
    scene: Scene, path: str = "", unit: str | None = None, period: Period | None = None
) -> str:
    """A relative address such as "/unit?unit=320412104&period=2016Q3" ("" is the overview)."""
    return f"/{path.strip('/')}?{urlencode(address(scene, unit, period))}"


def behind(scene: Scene, entry: IndicatorEntry) -> tuple[str, dict[str, str]]:
    """The page with the rows that an indicator's figure is made of, and its address' query.

    On that page itself it is the table of targets, which splits the figure by unit.
    """
    path = "targets" if entry.page == scene.path else entry.page
    asked = {"indicator": entry.code} if path == "targets" else {}
    return path, address(scene) | asked


def goto(scene: Scene, path: str, unit: str | None = None, period: Period | None = None) -> None:
    """Leave for another page with that focus. Ends the run."""
    st.switch_page(scene.pages[path], query_params=address(scene, unit, period))


def resume(username: str) -> None:
    """Take along where the session was: the navigation's own links carry no unit and quarter.

    Only over such a link. Going back in the browser to an address without them means what it says.
    """
    if _IN_ADDRESS & set(st.query_params):
        return
    context = get_script_run_ctx()
    if context is not None and context.is_history_navigation:
        forget()
    owner, kept = st.session_state.get(_KEPT, ("", {}))
    if kept and owner == username:
        st.query_params.from_dict(kept)


def keep(scene: Scene) -> None:
    """Remember a focus that has been chosen, as the address says it; it has proved to be good."""
    if _IN_ADDRESS & set(st.query_params):
        st.session_state[_KEPT] = (scene.viewer.username, here(scene))


def forget() -> None:
    st.session_state.pop(_KEPT, None)


def show(scene: Scene, beside: Callable[[], None] | None = None) -> None:
    """The bar at the head of a page: the way up, the way down, the quarter; `beside` draws more."""
    focus = scene.focus
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="focus_bar"):
        for above in focus.ancestors:
            if _visible(scene, above):
                _step(scene, above)
        below, siblings = units.around(scene.store, scene.viewer, focus)
        _beside(scene, siblings)
        _way_down(scene, below)
        st.space("stretch")
        demo_mark.badge(scene.is_demo)
        as_of.show(scene)
        if beside is not None:
            beside()
        _quarter(scene)


def _visible(scene: Scene, unit: Unit) -> bool:
    lineage = [above.code for above in scene.focus.ancestors]
    return may_see(scene.viewer, lineage[: lineage.index(unit.code) + 1])


def _step(scene: Scene, unit: Unit) -> None:
    if st.button(f"{unit.name} ›", type="tertiary", key=f"up_{unit.code}"):
        stay(unit.code, scene.focus.period)


def _beside(scene: Scene, units_beside: Sequence[Unit]) -> None:
    """The unit's name between a step back and a step on among its siblings, by code."""
    name = f"**{scene.focus.unit.name}**"
    codes = [unit.code for unit in units_beside]
    if len(codes) < 2 or scene.focus.unit.code not in codes:
        st.markdown(name)
        return
    here = codes.index(scene.focus.unit.code)
    _turn(scene, "chevron_left", "上一个", units_beside[here - 1] if here else None)
    st.markdown(name)
    _turn(scene, "chevron_right", "下一个", next(iter(units_beside[here + 1 :]), None))


def _turn(scene: Scene, icon: str, word: str, unit: Unit | None) -> None:
    label = f"{word}:{unit.name}" if unit else f"没有{word}单位"
    pressed = st.button(
        f":material/{icon}:", help=label, type="tertiary", key=f"turn_{icon}", disabled=unit is None
    )
    if pressed and unit is not None:
        stay(unit.code, scene.focus.period)


def _way_down(scene: Scene, below: Sequence[Unit]) -> None:
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
        stay(chosen, scene.focus.period)


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
        stay(scene.focus.unit.code, chosen)


def _choices(periods: Sequence[Period], current: Period) -> list[Period]:
    """Newest first; a quarter without figures is kept when the address names it."""
    return sorted({*periods, current}, reverse=True)


def stay(unit: str, period: Period) -> None:
    """Another focus on the same page. Ends the run."""
    kept = as_of.carried() | meeting.carried()
    st.query_params.from_dict({"unit": unit, "period": str(period), **kept})
    st.rerun()
