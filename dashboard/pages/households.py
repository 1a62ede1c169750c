"""农户: who the low-income households are, how they come and go, and whether lives get better.

Source: 武发〔2016〕68号 二(一), 二(三) (有进有出), 三(五), 三(六), 四(四) (政策保留).
"""

import streamlit as st

from dashboard.components import downloads, empty, noted
from dashboard.components.households import export, panels
from dashboard.components.scene import Scene
from dashboard.data.queries import doubts, households


def render(scene: Scene) -> None:
    """Counts, movement, traits, and whom to look at; at a village the households themselves."""
    unit, period = scene.focus.unit, scene.focus.period
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.markdown(f"## {unit.name}低收入农户 {period.label}", width="content")
    look = households.look(scene.store, scene.viewer, scene.focus, scene.settings)
    if look is None:
        st.info("农户按区县登记,请选择一个区县或其下的单位。", icon=":material/account_tree:")
        return
    if look.is_empty:
        empty.nothing_registered(scene)
        return
    noted.households(scene, len(look.cases) + len(look.members))
    bar.space("stretch")
    with bar:
        downloads.bar(scene.store, scene.viewer, export.offer(scene, look))
    doubted = doubts.doubts(scene.store, scene.viewer, scene.focus, scene.settings)
    panels.tiles(scene, look, doubted)
    if look.flow is None:
        st.info(
            "村一级的进出、平均收入和名单只向扶贫办和本镇(街道)提供。",
            icon=":material/visibility_off:",
        )
    else:
        panels.movement(scene, look)
    panels.breakdown(look)
    panels.hidden_note(look)
    if look.flow is not None:
        panels.lists(scene, look)
        panels.cases(look)
    if look.members:
        panels.members(scene, look)
