"""What a unit's registers hold, a tile each, and the way to the rows behind it."""

from collections.abc import Mapping

import streamlit as st

from dashboard.components import focus_bar
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.data.queries.glance import DEPARTMENT, FINDINGS, MONEY, SECRETARY, TASKS
from dashboard.figures import rate
from dashboard.policy.money import wan_text

_TILES = (
    (SECRETARY, "有第一书记的经济一般村", "个村", "support", "帮扶"),
    (DEPARTMENT, "有部门挂钩的经济一般村", "个村", "support", "帮扶"),
    (MONEY, "资金拨付", "万元", "funds", "资金项目"),
    (TASKS, "到期任务完成", "项", "supervision", "督办督查"),
    (FINDINGS, "督查发现整改", "个问题", "supervision", "督办督查"),
)
"""What, name, unit as it is counted, page and the page's name."""
_LEDGERS = {
    SECRETARY: "pairing",
    DEPARTMENT: "pairing",
    MONEY: "fund_flow",
    TASKS: "task",
    FINDINGS: "inspection",
}
"""The register whose rows are counted."""
_NOTHING = {
    SECRETARY: "没有登记在册的经济一般村",
    DEPARTMENT: "没有登记在册的经济一般村",
    MONEY: "没有安排资金",
    TASKS: "没有到期的任务",
    FINDINGS: "没有发现问题",
}
"""What it means that the whole is 0."""


def show(scene: Scene, found: Mapping[str, tuple[int, int]]) -> None:
    """Rate, what it is made of, what is missing; nothing is a rate where nothing was due.

    `found` is queries.glance.
    """
    st.subheader("帮扶、资金和任务", anchor=False)
    if not any(whole for _, whole in found.values()):
        st.markdown(f"{scene.focus.period.year}年没有登记帮扶、资金和任务。")
        return
    for place, (what, name, counted, path, page) in zip(
        st.columns(len(_TILES)), _TILES, strict=True
    ):
        part, whole = found[what]
        with place:
            st.metric(name, rate(part / whole) if whole else "—", border=True)
            st.caption(_made_of(what, part, whole, counted))
            asking.beside(_LEDGERS[what], key=what)
            st.page_link(
                scene.pages[path],
                label=f"{page}:查看明细",
                icon=":material/arrow_forward:",
                query_params=focus_bar.address(scene),
            )


def _made_of(what: str, part: int, whole: int, counted: str) -> str:
    if not whole:
        return _NOTHING[what]
    if what == MONEY:
        return f"已拨付{wan_text(part)}{counted},安排{wan_text(whole)}{counted}"
    missing = f",还差{whole - part:,}{counted}" if part < whole else ""
    return f"{part:,}/{whole:,}{counted}{missing}"
