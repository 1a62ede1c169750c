"""Open findings that touch a figure: where to look first, never a verdict."""

import streamlit as st

from dashboard.components import focus_bar
from dashboard.components.scene import Scene
from dashboard.data import reviews
from dashboard.data.few import WITHHELD
from dashboard.data.queries import authenticity
from dashboard.data.queries.authenticity import Lead
from dashboard.data.queries.lineage import Lineage
from dashboard.data.registers import INCOME_RULES, PERSONAL_INCOME_RULES, rule_of
from dashboard.data.reviews import Action

_MOST = 3


def show(scene: Scene, found: Lineage) -> None:
    """The findings of the quarter that lie in the rows of this figure, and the way to them."""
    leads = touching(scene, found)
    if not leads:
        return
    st.warning(
        f"有{len(leads)}条核查线索涉及这个数,核实之前应谨慎使用。线索只说明先看哪里,不是结论。",
        icon=":material/rule:",
    )
    for lead in leads[:_MOST]:
        st.markdown(f"- **{lead.finding.title}**:{lead.finding.sentence}")
    st.page_link(
        scene.pages["quality"],
        label="到“数据质量”页查看",
        icon=":material/arrow_forward:",
        query_params=focus_bar.address(scene),
    )


def touching(scene: Scene, found: Lineage) -> list[Lead]:
    """Open findings with rows in the tables that the figure is counted from."""
    look = authenticity.look(scene.store, scene.viewer, found.focus, scene.settings)
    tables = tables_of(found)
    if look is None or not tables:
        return []
    decided = reviews.newest(scene.store, scene.viewer, found.focus)
    done = (Action.ACCEPTED, Action.CLOSED)
    return [
        lead
        for lead in look.leads
        if any(row.table in tables for row in lead.finding.rows)
        and (lead.key not in decided or decided[lead.key].action not in done)
    ]


def tables_of(found: Lineage) -> set[str]:
    """The tables whose rows the figure is made of."""
    if found.row is None or found.row["source"] in ("none", WITHHELD):
        return set()
    if found.row["source"] != "register":
        return {"observation"}
    rule = rule_of(found.entry)
    if rule in INCOME_RULES:
        return {"village_income"}
    if rule in PERSONAL_INCOME_RULES:
        return {"household_income"}
    if rule in ("households_exited", "households_relapsed"):
        return {"lifecycle_event"}
    return {"task"} if rule == "overdue_tasks" else {"household"}
