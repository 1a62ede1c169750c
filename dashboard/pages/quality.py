"""数据质量: which figures to check first and why, and who has reported when.

Source: 武发〔2016〕68号 四(五) (严禁弄虚作假、搞“数字脱贫”; 每季度组织情况通报), 四(一) (统计审核).
"""

from collections.abc import Mapping

import streamlit as st

from dashboard.components.quality import deciding, panels
from dashboard.components.quality import side_by_side as panel_of_two
from dashboard.components.scene import Scene
from dashboard.data import reviews
from dashboard.data.queries import authenticity, side_by_side


def render(scene: Scene) -> None:
    """Findings in the order of what to look at first; beside them the calendar of reports."""
    store, viewer, focus = scene.store, scene.viewer, scene.focus
    st.markdown(f"## {focus.unit.name}数据质量 {focus.period.label}")
    due_days = scene.settings.policy.scoring.report_due_days
    coverage = authenticity.coverage(store, viewer, focus)
    look = authenticity.look(store, viewer, focus, scene.settings)
    if look is None and coverage.empty:
        st.info("数据按区县核查,请选择一个区县或其下的单位。", icon=":material/account_tree:")
        return
    decided: Mapping[str, reviews.Review] = {}
    if look is None:
        st.info("核查线索只向领导小组、扶贫办和本镇(街道)提供。", icon=":material/visibility_off:")
    else:
        deciding.told()
        decided = reviews.newest(store, viewer, focus)
        panels.tiles(look, decided, coverage, focus.period, due_days)
    left, right = st.columns([1.15, 1])
    with left:
        if look is not None:
            _leads(scene, look, decided)
    with right:
        if not coverage.empty:
            line = scene.settings.policy.authenticity_rules.lines[0]
            totals = () if look is None else look.totals
            panels.reports(coverage, totals, line.fen, due_days)
    if look is not None:
        panel_of_two.show(scene, side_by_side.incomes(store, viewer, focus))


def _leads(scene: Scene, look: authenticity.Look, decided: Mapping[str, reviews.Review]) -> None:
    panels.conclusion(look, decided)
    left = [lead for lead in look.leads if not panels.is_done(lead, decided)]
    rows = [row for lead in left for row in lead.finding.rows]
    origins = authenticity.origins(scene.store, scene.viewer, scene.focus, rows)
    for place, lead in enumerate(left, start=1):
        panels.lead(scene, look, place, lead, origins, decided.get(lead.key))
    panels.done(look, decided)
    panels.asked(look)
