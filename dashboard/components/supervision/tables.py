"""Lists of supervision: months and posts, findings and mending, letters of responsibility."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from dashboard.components import exports, tables
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.data.frames import Row, records
from dashboard.figures import rate
from dashboard.policy.periods import Period

LETTERS = "G01"
"""The indicator 目标责任状签订率."""
_RIGHT = st.column_config.TextColumn(alignment="right")


def totals(kinds: pd.DataFrame, letters: Iterable[Row]) -> None:
    """What was due, done and is overdue; and the letters of responsibility."""
    due, done = int(kinds["due"].sum()), int(kinds["done"].sum())
    columns = st.columns(4)
    columns[0].metric("应完成任务(项)", f"{due:,}", border=True)
    columns[1].metric("已完成(项)", f"{done:,}", border=True)
    columns[2].metric("逾期(项)", f"{due - done:,}", border=True)
    with columns[0]:
        asking.beside("task")
    with columns[2]:
        asking.beside("G07")
    own = next((row for row in letters if row["indicator"] == LETTERS), None)
    if own is not None and own["denominator"]:
        part, whole = own["numerator"], own["denominator"]
        columns[3].metric("目标责任状签订率", rate(part / whole), border=True)
        columns[3].caption(f"已签订{part:,}份,应签订{whole:,}份")
    else:
        columns[3].metric("目标责任状签订率", "—", border=True)
        columns[3].caption("尚未填报")
    with columns[3]:
        asking.beside(LETTERS)


def by_month(scene: Scene, frame: pd.DataFrame) -> None:
    """A row a month and post; what is overdue stands first."""
    st.subheader("按月份和责任人", anchor=False)
    if frame.empty:
        st.markdown(f"{scene.focus.period.year}年没有登记任务。")
        return
    ordered = frame.sort_values(["overdue", "due_month"], ascending=[False, True], kind="stable")
    shown = pd.DataFrame(
        [
            {
                "完成月份": tables.month(row["due_month"]),
                "责任单位": row["department"] or "—",
                "责任人": row["post"] or "—",
                "任务(项)": int(row["due"]),
                "已完成(项)": int(row["done"]),
                "逾期(项)": f"■ {row['overdue']}" if row["overdue"] else "",
            }
            for row in records(ordered)
        ]
    )
    st.dataframe(shown, hide_index=True, column_config={"逾期(项)": _RIGHT})
    exports.register(scene, "任务按月份和责任人", shown, "task")


def inspections(scene: Scene, frame: pd.DataFrame) -> None:
    """What inspections found: overdue mending first, then open, then mended."""
    st.subheader("督查发现和整改", anchor=False)
    found = frame[frame["finding"] != ""]
    if frame.empty:
        st.markdown(f"{scene.focus.period.year}年没有登记督查。")
        return
    late = int(found["overdue"].astype(bool).sum())
    day = scene.focus.period.last_day
    mended = sum(1 for on in found["fixed_on"] if on is not None and on <= day)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        counts = f"督查{len(frame)}次,发现问题{len(found)}个,已整改{mended}个,逾期未整改{late}个。"
        st.markdown(counts, width="content")
        asking.beside("inspection")
    if found.empty:
        return
    shown = pd.DataFrame(
        [
            {
                "状态": "■ 逾期未整改"
                if row["overdue"]
                else "● 已整改"
                if row["fixed_on"] is not None and row["fixed_on"] <= day
                else "○ 整改中",
                "单位": row["name"],
                "季度": Period.parse(row["period"]).label,
                "落实类别": row["kind"],
                "得分(分)": "—" if row["score"] is None else f"{row['score']:.1f}",
                "发现问题": row["finding"],
                "整改期限": tables.day(row["fix_due_on"]),
                "整改完成": tables.day(row["fixed_on"]),
            }
            for row in records(found)
        ]
    )
    st.dataframe(shown, hide_index=True, column_config={"得分(分)": _RIGHT})
    exports.register(scene, "督查发现和整改", shown, "inspection")
