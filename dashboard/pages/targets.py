"""目标任务分解: what each unit is to reach this year, how far it is, and whether it adds up.

Source: 武发〔2016〕68号 四(五) (逐级分解任务; 把任务细化到月、落实到人,实行进度跟踪).
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.components import downloads, empty
from dashboard.components.decomposition import export, panels, screen
from dashboard.components.decomposition.differences import differences
from dashboard.components.decomposition.table import describe
from dashboard.components.scene import Scene
from dashboard.data.queries import decomposition, doubts, progress
from dashboard.policy.periods import Period

CORE, ALL = "核心指标", "全部指标"


def render(scene: Scene) -> None:
    """The table; one indicator through the year and who answers for it; the check."""
    focus, catalogue = scene.focus, scene.settings.catalogue
    year = Period(focus.period.year, 1)
    trend = progress.trend(scene.store, scene.viewer, focus, year)
    children = progress.of_children(scene.store, scene.viewer, focus)
    table = describe(
        focus,
        catalogue,
        trend,
        children,
        is_demo=scene.is_demo,
        lines=scene.settings.policy.village_lines,
        doubted=doubts.doubts(scene.store, scene.viewer, focus, scene.settings),
    )
    if not table.has_figures:
        empty.nothing_reported(scene)
        return
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.markdown(f"## {focus.unit.name}{focus.period.label}目标任务分解", width="content")
    bar.space("stretch")
    is_core, face = _switches(bar)
    table = table.core() if is_core else table
    chosen = screen.choose(bar, table)
    with bar:
        downloads.bar(scene.store, scene.viewer, export.offer(scene, table, is_core))
    screen.show(table, face, chosen.code)
    st.caption("  \n".join(table.notes))
    plan = decomposition.plan(scene.store, scene.viewer, focus, chosen.code)
    panels.drill(table, chosen, trend, plan)
    checked = decomposition.check(scene.store, scene.viewer, focus, catalogue)
    panels.reconciliation(differences(checked, catalogue), is_begun=bool(checked.values))


def _switches(bar: DeltaGenerator) -> tuple[bool, screen.Face]:
    """Which indicators, and what a cell shows large."""
    which = _switch(bar, "指标范围", [CORE, ALL], "targets_which")
    face = _switch(bar, "单元格显示", [str(face) for face in screen.Face], "targets_face")
    return which == CORE, screen.Face(face)


def _switch(bar: DeltaGenerator, label: str, options: list[str], key: str) -> str:
    return bar.segmented_control(
        label, options, default=options[0], required=True, key=key, label_visibility="collapsed"
    )
