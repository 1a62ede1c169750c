"""排名: who is ahead and why, how it moved, and how sure the order is.

Source: 武发〔2016〕68号 二(三) (量化管理、精准考核), 四(二) (“双扶”责任).
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.components import empty
from dashboard.components.ranking import charts, panels, table
from dashboard.components.scene import Scene
from dashboard.data.queries import doubts
from dashboard.data.queries import standing as query
from dashboard.data.queries.standing import Standing
from dashboard.data.units import Focus
from dashboard.policy.access import may_see
from dashboard.policy.periods import Period

_SCORE = "综合得分"


def render(scene: Scene) -> None:
    """The order of the focus unit's children, or of the unit among its like."""
    bar = st.container(horizontal=True, vertical_alignment="center")
    of = _ranked_under(scene, bar)
    if of is None:
        st.info("没有可以排名的下级单位。", icon=":material/inbox:")
        return
    since = Period(scene.settings.district.first_year, 1)
    found = query.of_children(scene.store, scene.viewer, of, scene.settings, since)
    bar.markdown(f"## {of.unit.name}所辖单位排名 {of.period.label}", width="content")
    if not found.board.places:
        empty.nothing_reported(scene)
        st.caption("  \n".join(table.notes(found, scene.settings.policy.scoring.small_number)))
        return
    bar.space("stretch")
    entry = _which(scene, found, bar)
    scoring = scene.settings.policy.scoring
    waiting = doubts.doubts(scene.store, scene.viewer, of, scene.settings)
    core = [entry.code for entry in scene.settings.catalogue.core]
    doubted = {p.code for p in found.board.places if waiting.any_of(p.code, core)}
    left, right = st.columns([1.15, 1])
    with left:
        key = f"ranking_{of.unit.code}_{of.period}"
        chosen = table.choose(found, scoring.small_number, key, doubted) or _default(scene, found)
        st.caption("  \n".join(table.notes(found, scoring.small_number, doubted)))
    with right:
        if entry is not None:
            panels.single(scene, found, scene.settings.catalogue[entry], waiting)
        else:
            names = table.names(found)
            charts.course(found.history, names, chosen, doubted).show()
    panels.why(scene, found, chosen, waiting, doubted)
    panels.method(scoring, scene.settings.catalogue)


def _ranked_under(scene: Scene, bar: DeltaGenerator) -> Focus | None:
    """Whose children are ranked: the focus unit's, or its parent's."""
    focus = scene.focus
    above = focus.above
    if above is None or focus.unit.level == "district":
        return focus
    if focus.unit.is_village:
        return above if may_see(scene.viewer, above.lineage) else None
    below, beside = f"{focus.unit.name}各村", f"{focus.unit.name}在{above.unit.name}的位次"
    # A town's own account comes for its place among the towns.
    first = below if may_see(scene.viewer, above.lineage) else beside
    chosen = bar.segmented_control(
        "范围",
        [below, beside],
        default=first,
        required=True,
        key=f"ranking_scope_{focus.unit.code}",
        label_visibility="collapsed",
    )
    return focus if chosen == below else above


def _which(scene: Scene, found: Standing, bar: DeltaGenerator) -> str | None:
    """The indicator to look at by itself; None for the composite score."""
    catalogue = scene.settings.catalogue
    if found.own is not None:
        return None
    told = {figure.indicator for figure in found.figures}
    options = ["", *(entry.code for entry in catalogue.core if entry.code in told)]
    chosen = bar.selectbox(
        "看什么",
        options,
        format_func=lambda code: catalogue[code].name if code else _SCORE,
        key="ranking_which",
        label_visibility="collapsed",
        width=420,
    )
    return chosen or None


def _default(scene: Scene, found: Standing) -> str:
    """The focus unit itself where it is ranked, else the first."""
    codes = [place.code for place in found.board.places]
    return scene.focus.unit.code if scene.focus.unit.code in codes else codes[0]
