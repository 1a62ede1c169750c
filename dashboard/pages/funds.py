"""资金项目: what was arranged, allocated and spent; floor support by halves; projects and time.

Source: 武发〔2016〕68号 四(三) (兜底), 四(四) (专款专用), 四(五) (专项审计、稽查).
"""

import streamlit as st

from dashboard.components.funds import charts, floor, tables
from dashboard.components.scene import Scene
from dashboard.data.queries import funds, villages


def render(scene: Scene) -> None:
    """The year's money first, then what to look into, floor support and the projects."""
    store, viewer, focus = scene.store, scene.viewer, scene.focus
    rules = scene.settings.policy.funds
    st.markdown(f"## {focus.unit.name}{focus.period.year}年资金和项目 截至{focus.period.label}")
    flows = funds.by_source(store, viewer, focus)
    if flows.empty:
        st.info(f"{focus.period.year}年没有登记资金。", icon=":material/inbox:")
    else:
        tables.totals(flows, rules)
        left, right = st.columns(2)
        with left:
            charts.stages(flows, focus.period.year).show()
        with right:
            tables.by_source(scene, flows)
    tables.to_look_into(scene, funds.to_look_into(store, viewer, focus, rules), rules)
    left, right = st.columns(2)
    with left:
        floor.paid(scene, funds.floor(store, viewer, focus, rules))
    with right:
        if focus.unit.level in ("district", "town", "village"):
            incomes = villages.incomes(store, viewer, focus, scene.settings.policy)
            floor.calculator(scene, incomes)
    tables.projects(scene, funds.projects(store, viewer, focus))
