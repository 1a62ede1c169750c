"""The parts of a town's and a village's page."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components import charts, focus_bar, tables
from dashboard.components.scene import Scene
from dashboard.policy.money import wan_text
from dashboard.policy.thresholds import is_weak

_MOST_HEIGHT = 640


def villages(scene: Scene, frame: pd.DataFrame) -> None:
    """A town's villages against the lines; one click leads to a village."""
    lines = scene.settings.policy.village_lines
    told = int(frame["total_fen"].notna().sum())
    if told:
        height = min(_MOST_HEIGHT, 60 + 30 * told)
        chart = charts.village_lines(frame, lines, height)
        state = st.altair_chart(chart, theme=None, on_select="rerun", key="villages_chart")
        picked = _picked(state)
        if picked:
            focus_bar.goto(scene, "unit", picked)
    missing = frame[frame["total_fen"].isna()]
    if len(missing):
        st.markdown(f"○ 未填报({len(missing)}个村):{'、'.join(missing['name'])}")
    st.caption(f"已填报{told}个村,共{len(frame)}个村;点击条形可查看该村。")


def _picked(state: Any) -> str | None:
    rows = state.selection.get("village", []) if state else []
    return str(rows[0]["代码"]) if rows else None


def income(scene: Scene, history: pd.DataFrame, now: Mapping[Any, Any] | None) -> None:
    """A village's income by source against the lines, and what it earns itself."""
    policy = scene.settings.policy
    lines = policy.village_lines
    if now is None or pd.isna(now["total_fen"]):
        st.info(f"{scene.focus.period.label}该村尚未填报收入。", icon=":material/hourglass_empty:")
    else:
        _standing(scene, now)
    if len(history):
        st.altair_chart(charts.income_by_source(history, lines, 330), theme=None)
    if now is not None and not pd.isna(now["total_fen"]):
        own, transfer = int(now["own_fen"]), int(now["transfer_fen"])
        chart = charts.own_and_transfer(own, transfer, int(now["total_fen"]))
        st.altair_chart(chart, theme=None)


def is_weak_village(scene: Scene, now: Mapping[Any, Any] | None) -> bool:
    """Whether the village counts as 经济一般村; one that has not reported counts by last year."""
    if now is None:
        return False
    last = None if pd.isna(now["last_year_fen"]) else int(now["last_year_fen"])
    weak = scene.settings.policy.threshold("weak_village")
    if pd.isna(now["total_fen"]):
        return last is not None and weak.holds(last)
    return is_weak(int(now["total_fen"]), scene.focus.period.closes_year, last, weak)


def _standing(scene: Scene, now: Mapping[Any, Any]) -> None:
    """The year's income so far, its parts, and on which side of the lines it lies."""
    policy = scene.settings.policy
    total, lines = int(now["total_fen"]), policy.village_lines
    last_year = None if pd.isna(now["last_year_fen"]) else int(now["last_year_fen"])
    status = "经济一般村" if is_weak_village(scene, now) else "不在一般村之列"
    reached = [
        f"{threshold.wording}{wan_text(threshold.fen, 0)}万元"
        for key in ("village_target_2020", "village_target_2016")
        if (threshold := policy.threshold(key)).holds(total)
    ]
    columns = st.columns(4)
    columns[0].metric("本年累计集体收入", f"{wan_text(total, 2, lines)} 万元", border=True)
    columns[1].metric("其中自有(造血)", f"{tables.money(now['own_fen'])} 万元", border=True)
    columns[2].metric("其中转移(输血)", f"{tables.money(now['transfer_fen'])} 万元", border=True)
    columns[3].metric(
        "上年全年",
        "未入库" if last_year is None else f"{wan_text(last_year, 2, lines)} 万元",
        border=True,
    )
    st.markdown(f"**{status}** · 本年累计{reached[0] if reached else '尚未超过150万元'}")


def pairings(frame: pd.DataFrame, is_needed: bool) -> None:
    """Who helps the village; what is absent is said where the policy asks for it, 三(二)."""
    st.subheader("挂钩结对", anchor=False)
    kinds = set(frame["kind"])
    absent = [kind for kind in ("第一书记", "部门挂钩", "企业") if kind not in kinds]
    if is_needed and absent:
        st.markdown(f"○ 没有{'、没有'.join(absent)}")
    if not is_needed and not len(frame):
        st.markdown("不是经济一般村,没有登记挂钩结对。")
    if len(frame):
        shown = pd.DataFrame(
            {
                "类型": frame["kind"],
                "帮扶单位": frame["organisation"],
                "职务": frame["post"],
                "开始": [tables.day(on) for on in frame["started_on"]],
            }
        )
        st.dataframe(shown, hide_index=True)


def projects(frame: pd.DataFrame) -> None:
    st.subheader("项目", anchor=False)
    if not len(frame):
        st.markdown("没有登记项目。")
        return
    shown = pd.DataFrame(
        {
            "项目": frame["name"],
            "类别": frame["category"],
            "总投资(万元)": [tables.money(fen) for fen in frame["invested_fen"]],
            "已完成(万元)": [tables.money(fen) for fen in frame["completed_fen"]],
            "进度": frame["progress"].astype(float),
            "计划完成": [tables.day(on) for on in frame["due_on"]],
            "状态": frame["status"],
        }
    )
    bar = st.column_config.ProgressColumn("进度", format="percent", min_value=0, max_value=1)
    st.dataframe(shown, hide_index=True, column_config={"进度": bar})


def households(frame: pd.DataFrame) -> None:
    """Counts only: a household is never identifiable here."""
    st.subheader("低收入农户", anchor=False)
    if not len(frame):
        st.markdown("没有登记低收入农户。")
        return
    for dimension in ("类别", "致贫原因"):
        part = frame[frame["dimension"] == dimension]
        shown = pd.DataFrame(
            {
                dimension: part["word"],
                "户数(户)": [_count(value) for value in part["households"]],
                "人口(人)": [_count(value) for value in part["persons"]],
            }
        )
        st.dataframe(shown, hide_index=True)
    if frame["households"].isna().any():
        st.caption("少于5户的格子不显示具体数。")


def _count(value: Any) -> str:
    return "<5" if pd.isna(value) else f"{int(value):,}"


def timeline(frame: pd.DataFrame) -> None:
    st.subheader("大事记", anchor=False)
    if not len(frame):
        st.markdown("没有登记事件。")
        return
    for row in frame.head(12).to_dict("records"):
        detail = f"({row['detail']})" if row["detail"] else ""
        st.markdown(f"{tables.day(row['day'])} **{row['what']}**{detail}")


def tasks(frame: pd.DataFrame) -> None:
    st.subheader("任务", anchor=False)
    if not len(frame):
        st.markdown("没有登记任务。")
        return
    overdue = int(frame["overdue"].astype(int).sum())
    st.markdown(f"共{len(frame)}项,其中逾期**{overdue}**项。")
    shown = pd.DataFrame(
        {
            "": ["■ 逾期" if late else "" for late in frame["overdue"]],
            "类别": frame["kind"],
            "内容": frame["content"],
            "责任单位": frame["department"],
            "责任人": frame["post"],
            "完成月份": frame["due_month"],
            "完成日期": [tables.day(on) for on in frame["done_on"]],
        }
    )
    st.dataframe(shown, hide_index=True, height=260)
