"""督办督查: what the meetings decided, who is to do it by when, and whether it is done.

Source: 武发〔2016〕68号 四(五) (把任务细化到月、落实到人,实行进度跟踪).
"""

import streamlit as st

from dashboard.components import unit_detail
from dashboard.components.scene import Scene
from dashboard.data.ingest.sheets import DECISION
from dashboard.data.queries import registers


def render(scene: Scene) -> None:
    """The decisions first, then the unit's own tasks."""
    unit, period = scene.focus.unit, scene.focus.period
    st.markdown(f"#### {unit.name}督办 {period.label}")
    tasks = registers.tasks(scene.store, scene.viewer, scene.focus)
    decided = tasks["kind"] == DECISION
    unit_detail.decisions(tasks[decided])
    unit_detail.tasks(tasks[~decided])
