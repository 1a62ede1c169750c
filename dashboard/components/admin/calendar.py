"""Who has reported for the quarter, sheet by sheet; the office sends figures back from here."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard.components import downloads
from dashboard.components.scene import Scene
from dashboard.data import submissions
from dashboard.data.frames import records
from dashboard.data.queries import desk
from dashboard.figures import moment
from dashboard.policy.periods import report_due

_SHEETS = {"observation": "指标填报", "village_income": "村集体收入"}
_SAID = "returned_said"
_DAYS = 10


def show(scene: Scene) -> None:
    """A row a town and sheet: came when, late, sent back."""
    if said := st.session_state.pop(_SAID, None):
        st.success(said, icon=":material/task_alt:")
    days, period = scene.settings.policy.scoring.report_due_days, scene.focus.period
    frame = desk.calendar(scene.store, scene.viewer, scene.focus, days)
    due = moment(report_due(period, days) - timedelta(minutes=1))
    if frame.empty:
        st.info("这里没有应填报的镇(街道)。", icon=":material/inbox:")
        return
    came = int(frame["first_at"].notna().sum())
    late = int((frame["first_at"].notna() & frame["late"].astype(bool)).sum())
    st.markdown(
        f"**{period.label}填报截至{due}。** 应报{len(frame)}份,已报{came}份(其中迟报{late}份),"
        f"未报{len(frame) - came}份。"
    )
    shown = pd.DataFrame(
        [
            {
                "镇(街道)": row["name"],
                "工作表": _SHEETS[row["table"]],
                "状态": _state(row),
                "首次收到": moment(row["first_at"]) if row["first_at"] else "",
                "最近收到": moment(row["last_at"]) if row["last_at"] else "",
                "退回原因": row["reason"],
            }
            for row in records(frame)
        ]
    )
    st.dataframe(shown, hide_index=True, height="content")
    downloads.bar(
        scene.store,
        scene.viewer,
        downloads.File(
            "填报进度",
            downloads.file_name(scene.focus, "填报进度", "csv", scene.is_demo),
            "text/csv",
            lambda: downloads.csv(shown),
        ),
    )
    if scene.viewer.may_import:
        _send_back(scene, frame[frame["first_at"].notna()])


def _state(row: dict[str, object]) -> str:
    if row["returned"]:
        return "↩ 已退回,待更正"
    if row["first_at"] is None:
        return "■ 逾期未报" if row["late"] else "○ 未报"
    return "▲ 迟报" if row["late"] else "● 按时"


def _send_back(scene: Scene, sent: pd.DataFrame) -> None:
    if sent.empty:
        return
    with st.expander("退回填报数据"), st.form("send_back", clear_on_submit=True, border=False):
        options = [(row["unit"], row["table"]) for row in records(sent)]
        names = dict(zip(sent["unit"], sent["name"], strict=True))
        which = st.selectbox(
            "退回哪一份", options, format_func=lambda one: f"{names[one[0]]} {_SHEETS[one[1]]}"
        )
        reason = st.text_input("原因(镇里能看到)", max_chars=200)
        due_on = st.date_input(
            "更正期限", value=date.today() + timedelta(days=_DAYS), format="YYYY-MM-DD"
        )
        if st.form_submit_button("退回", icon=":material/undo:"):
            try:
                submissions.send_back(
                    scene.store,
                    scene.viewer,
                    which[0],
                    scene.focus.period,
                    which[1],
                    reason,
                    datetime.now(UTC),
                    due_on if isinstance(due_on, date) else None,
                )
            except ValueError as error:
                st.error(str(error), icon=":material/block:")
                return
            st.session_state[_SAID] = f"已退回{names[which[0]]}的{_SHEETS[which[1]]}。"
            st.rerun()
