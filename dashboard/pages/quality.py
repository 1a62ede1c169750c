"""数据质量: which figures to check first and why, and who has reported when.

Source: 武发〔2016〕68号 四(五) (严禁弄虚作假、搞“数字脱贫”; 每季度组织情况通报), 四(一) (统计审核).
"""

import streamlit as st

from dashboard.components.quality import calendar, panels
from dashboard.components.scene import Scene
from dashboard.data.queries import authenticity


def render(scene: Scene) -> None:
    """Findings in the order of what to look at first; beside them the calendar of reports."""
    store, viewer, focus = scene.store, scene.viewer, scene.focus
    st.markdown(f"#### {focus.unit.name}数据质量 {focus.period.label}")
    due_days = scene.settings.policy.scoring.report_due_days
    coverage = authenticity.coverage(store, viewer, focus)
    look = authenticity.look(store, viewer, focus, scene.settings)
    if look is None and coverage.empty:
        st.info("数据按区县核查,请选择一个区县或其下的单位。", icon=":material/account_tree:")
        return
    if look is None:
        st.info("核查线索只向领导小组、扶贫办和本镇(街道)提供。", icon=":material/visibility_off:")
    else:
        panels.tiles(look, coverage, focus.period, due_days)
    left, right = st.columns([1.15, 1])
    with left:
        if look is not None:
            _leads(scene, look)
    with right:
        if not coverage.empty:
            st.subheader("填报是否齐全、按时", anchor=False)
            st.altair_chart(calendar.chart(coverage, due_days), theme=None)
            st.caption(f"格中数字是季末后第几天首次报送;超过{due_days}天为迟报。")


def _leads(scene: Scene, look: authenticity.Look) -> None:
    panels.conclusion(look)
    rows = [row for lead in look.leads for row in lead.finding.rows]
    origins = authenticity.origins(scene.store, scene.viewer, scene.focus, rows)
    for place, lead in enumerate(look.leads, start=1):
        panels.lead(scene, look, place, lead, origins)
    panels.asked(look)
