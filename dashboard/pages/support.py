"""帮扶: who helps whom, who is left without help, what is done.

Source: 武发〔2016〕68号 三(二) (挂钩结对制度化; 一镇一套方案、一村一套措施、一户一套办法).
"""

import streamlit as st

from dashboard.components.scene import Scene
from dashboard.components.support import coverage, measures
from dashboard.data import units
from dashboard.data.queries import support


def render(scene: Scene) -> None:
    """Coverage first, then who lacks whom; a department's own villages before all."""
    store, viewer, focus = scene.store, scene.viewer, scene.focus
    if focus.unit.level not in ("district", "town", "village"):
        st.info("帮扶情况按区、镇、村查看,请选择一个区县。", icon=":material/handshake:")
        return
    st.markdown(f"## {focus.unit.name}帮扶情况 {focus.period.label}")
    villages = support.villages(store, viewer, focus, scene.settings)
    homes = support.households(store, viewer, focus)
    plans = support.plans(store, viewer, focus)
    weak = villages[villages["weak"] == 1]
    if support.answered_for(viewer):
        coverage.own(scene, villages[villages["mine"]])
    coverage.tiles(weak, homes, plans)
    left, right = st.columns([1.4, 1])
    with left:
        coverage.absent(scene, weak)
        measures.show(scene, support.measures(store, viewer, focus))
    with right:
        names = {focus.unit.code: focus.unit.name}
        names |= {one.code: one.name for one in units.children(store, viewer, focus)}
        coverage.households(scene, homes, names)
        if focus.unit.level != "village":
            coverage.plans(plans)
