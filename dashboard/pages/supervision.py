"""督办督查: what the meetings decided, five kinds of 落实, findings and their mending.

Source: 武发〔2016〕68号 四(五) (把任务细化到月、落实到人,实行进度跟踪; 五个落实; 逐级督查).
"""

import streamlit as st

from dashboard.components import unit_detail
from dashboard.components.scene import Scene
from dashboard.components.supervision import heat, tables
from dashboard.data.ingest.sheets import DECISION, FULFILMENTS
from dashboard.data.queries import progress, registers, supervision


def render(scene: Scene) -> None:
    """The decisions first, then where tasks stay undone, and what inspections found."""
    store, viewer, focus = scene.store, scene.viewer, scene.focus
    st.markdown(f"## {focus.unit.name}督办督查 {focus.period.label}")
    tasks = registers.tasks(store, viewer, focus)
    decided = tasks["kind"] == DECISION
    kinds = supervision.by_kind(store, viewer, focus)
    tables.totals(kinds, progress.of_unit(store, viewer, focus))
    left, right = st.columns([1.2, 1])
    with left:
        unit_detail.decisions(tasks[decided])
        if kinds["kind"].isin(FULFILMENTS).any():
            heat.fulfilment(kinds, focus.period.label).show()
    with right:
        tables.inspections(scene, supervision.inspections(store, viewer, focus))
        tables.by_month(scene, supervision.by_month(store, viewer, focus))
    if not tasks[~decided].empty:
        unit_detail.tasks(tasks[~decided])
