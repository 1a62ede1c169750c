"""Imports so far, and taking one back."""

import streamlit as st

from dashboard.components import downloads, turns
from dashboard.components.scene import Scene
from dashboard.data.frames import records
from dashboard.data.ingest.sheets import sheets
from dashboard.data.ingest.undo import APPLIED, UndoRefused, undo
from dashboard.data.queries import desk
from dashboard.figures import moment

_SAID = "undo_said"


def show(scene: Scene) -> None:
    """Newest first; one that is chosen can be taken back."""
    if said := st.session_state.pop(_SAID, None):
        st.success(said, icon=":material/task_alt:")
    frame = desk.batches(scene.store, scene.viewer)
    if frame.empty:
        st.info("还没有导入过数据。", icon=":material/inbox:")
        return
    names = {sheet.table: sheet.name for sheet in sheets(scene.settings.policy).values()}
    shown = frame.assign(
        状态=frame["status"].map({APPLIED: "已导入"}).fillna("已撤销"),
        导入时间=frame["imported_at"].map(moment),
        工作表=frame["sheets"].map(lambda found: "、".join(names.get(n, "边界") for n in found)),
    ).rename(
        columns={
            "file": "文件",
            "imported_by": "导入人",
            "new": "新增(行)",
            "changed": "更改(行)",
            "batch": "批次",
        }
    )
    columns = ["导入时间", "文件", "工作表", "新增(行)", "更改(行)", "导入人", "状态", "批次"]
    state = st.dataframe(
        shown[columns], hide_index=True, on_select="rerun", selection_mode="single-row"
    )
    downloads.bar(
        scene.store,
        scene.viewer,
        downloads.File(
            "导入记录",
            downloads.file_name(scene.focus, "导入记录", "csv", scene.is_demo),
            "text/csv",
            lambda: downloads.csv(shown[columns]),
        ),
    )
    picked = state.selection.get("rows", []) if state else []
    if not picked:
        st.caption("选中一行可以撤销这一批(只有其数据没有被后来的文件更改时才能撤销)。")
        return
    _offer(scene, records(frame)[picked[0]])


def _offer(scene: Scene, batch: dict[str, object]) -> None:
    if batch["status"] != APPLIED:
        st.caption("这一批已经撤销。")
        return
    sure = st.checkbox(f"确认撤销《{batch['file']}》:它新增的行删去,更改的行恢复原数")
    if st.button("撤销这一批", disabled=not sure, icon=":material/undo:"):
        turns.give_way()
        try:
            with st.spinner("正在撤销……"):
                rows = undo(scene.store, scene.settings, scene.viewer, str(batch["batch"]))
        except UndoRefused as error:
            st.error(str(error), icon=":material/block:")
            return
        st.session_state[_SAID] = f"已撤销《{batch['file']}》,恢复{rows:,}行。"
        st.rerun()
