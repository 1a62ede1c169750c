"""Who has whom to help, and the named lists of who has nobody."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.components import exports, focus_bar
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.data.frames import records
from dashboard.data.queries.support import KINDS
from dashboard.figures import rate

_RIGHT = st.column_config.TextColumn(alignment="right")


def tiles(weak: pd.DataFrame, homes: pd.DataFrame, plans: pd.DataFrame) -> None:
    """Coverage by kind, each with what it is made of."""
    columns = st.columns(len(KINDS) + 2)
    for place, (column, kind) in zip(columns, KINDS.items(), strict=False):
        _tile(place, f"{kind}(经济一般村)", int(weak[column].sum()), len(weak), "个村")
    with columns[0]:
        asking.beside("pairing")
    own = records(homes.head(1))
    if own and not pd.isna(own[0]["unpaired"]):
        whole = int(own[0]["households"])
        _tile(columns[-2], "党员干部(农户)", whole - int(own[0]["unpaired"]), whole, "户")
    else:
        columns[-2].metric("党员干部(农户)", "—", border=True)
        columns[-2].caption("没有农户,或户数过少不显示。")
    made = sum(1 for row in records(plans) if row["tasks"] and row["done"] == row["tasks"])
    _tile(columns[-1], "一镇一套方案", made, len(plans), "个镇(街道)")


def _tile(place: DeltaGenerator, name: str, part: int, whole: int, unit: str) -> None:
    place.metric(name, rate(part / whole) if whole else "—", border=True)
    place.caption(f"{part:,}/{whole:,}{unit}")


def absent(scene: Scene, frame: pd.DataFrame) -> None:
    """Weak villages that lack somebody, by name; choosing one leads to it."""
    st.subheader("尚无帮扶的经济一般村", anchor=False)
    if frame.empty:
        st.markdown("没有登记在册的经济一般村。")
        return
    rows = [
        {
            "镇(街道)": row["town_name"],
            "村": row["name"],
            **{kind: "● 有" if row[column] else "○ 无" for column, kind in KINDS.items()},
            "一村一套措施": f"● {row['measures']}项" if row["measures"] else "○ 无",
            "代码": row["village"],
        }
        for row in records(frame)
        if not all(row[column] for column in KINDS) or not row["measures"]
    ]
    if not rows:
        st.markdown("各经济一般村都有第一书记、挂钩部门、企业和帮扶措施。")
        return
    shown = pd.DataFrame(rows)
    st.markdown(f"{len(frame)}个经济一般村中,{len(rows)}个有缺项。")
    state = st.dataframe(
        shown.drop(columns="代码"),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="support_absent",
    )
    picked = state.selection.get("rows", []) if state else []
    if picked:
        focus_bar.goto(scene, "unit", str(rows[picked[0]]["代码"]))
    exports.register(scene, "缺少帮扶的经济一般村", shown, "pairing", "measure")


_IS_WEAK = {1: "是", 0: "否"}
"""Without a figure for the quarter nothing is said."""


def own(scene: Scene, frame: pd.DataFrame) -> None:
    """The villages that the viewer's organisation answers for."""
    organisation = scene.viewer.organisation
    st.subheader(f"{organisation}挂钩的村", anchor=False)
    if frame.empty:
        st.markdown("没有登记本单位挂钩的村。")
        return
    shown = pd.DataFrame(
        [
            {
                "镇(街道)": row["town_name"],
                "村": row["name"],
                "经济一般村": _IS_WEAK.get(row["weak"], "—"),
                "第一书记": "● 有" if row["secretary"] else "○ 无",
                "帮扶措施": f"{row['measures']}项",
            }
            for row in records(frame)
        ]
    )
    state = st.dataframe(
        shown, hide_index=True, on_select="rerun", selection_mode="single-row", key="support_own"
    )
    picked = state.selection.get("rows", []) if state else []
    if picked:
        focus_bar.goto(scene, "unit", str(records(frame)[picked[0]]["village"]))


def households(scene: Scene, frame: pd.DataFrame, names: dict[str, str]) -> None:
    """Households without a cadre or a measure, by unit; counts only."""
    st.subheader("尚无帮扶的农户", anchor=False)
    if frame.empty:
        st.markdown("没有登记低收入农户。")
        return
    shown = pd.DataFrame(
        [
            {
                "单位": names.get(row["unit"], row["unit"]),
                "农户(户)": f"{row['households']:,}",
                "无党员干部结对(户)": _count(row["unpaired"]),
                "无帮扶办法(户)": _count(row["unplanned"]),
            }
            for row in records(frame.iloc[1:] if len(frame) > 1 else frame)
        ]
    )
    right = {name: _RIGHT for name in shown.columns if name != "单位"}
    st.dataframe(shown, hide_index=True, column_config=right)
    if frame[["unpaired", "unplanned"]].isna().any(axis=None):
        st.caption(r"\* 少于5户的不显示;为免推算,一并隐去其他格子。")
    st.caption("退出后两年内继续享受扶持政策,所以退出的农户仍计在内。")
    exports.register(scene, "缺少帮扶的农户", shown, "pairing", "household")


def _count(value: object) -> str:
    return "*" if value is None or pd.isna(value) else f"{value:,}"  # type: ignore[call-overload]


def plans(frame: pd.DataFrame) -> None:
    """一镇一套方案: the tasks of 方案落实 that were due, and done."""
    st.subheader("一镇一套方案", anchor=False)
    if frame.empty:
        return
    shown = pd.DataFrame(
        [
            {
                "镇(街道)": row["name"],
                "应完成(项)": row["tasks"],
                "已完成(项)": row["done"],
                "状态": "○ 没有登记方案任务"
                if not row["tasks"]
                else "● 已制定落实"
                if row["done"] == row["tasks"]
                else "■ 未完成",
            }
            for row in records(frame)
        ]
    )
    st.dataframe(shown, hide_index=True)
    st.caption("以“方案落实”任务到季末应完成的是否都已完成为准。")
