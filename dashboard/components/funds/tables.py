"""Tables of money. Amounts are 万元; every row of a list leads to where it comes from."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components import exports, tables
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.config_models import FundsEntry
from dashboard.data.frames import records
from dashboard.figures import rate
from dashboard.policy.money import wan_text

_MONEY = {"arranged_fen": "安排", "allocated_fen": "拨付", "spent_fen": "支出"}
_RIGHT = st.column_config.TextColumn(alignment="right")


def totals(frame: pd.DataFrame, rules: FundsEntry) -> None:
    """Arranged, allocated, spent, and what the audit has named."""
    arranged, allocated, spent = (int(frame[name].sum()) for name in _MONEY)
    found = frame[frame["audit_state"].isin(rules.misuse)]
    mending = int(frame.loc[frame["audit_state"] == "整改中", "flows"].sum())
    columns = st.columns(4)
    columns[0].metric("安排(万元)", wan_text(arranged), border=True, height="stretch")
    for place, name, fen in ((1, "拨付(万元)", allocated), (2, "支出(万元)", spent)):
        columns[place].metric(
            name,
            wan_text(fen),
            _of(fen, arranged),
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
    words = "、".join(f"{state}{int(part['flows'].sum())}笔" for state, part in _by_state(found))
    columns[3].metric(
        "审计发现(笔)", f"{int(found['flows'].sum()) + mending:,}", border=True, height="stretch"
    )
    with columns[0]:
        asking.beside("fund_flow")
    if words or mending:
        said = [words] if words else []
        said += [f"整改中{mending}笔"] if mending else []
        columns[3].caption(",".join(said))


def _of(part: int, whole: int) -> str | None:
    return f"占安排的{rate(part / whole)}" if whole else None


def _by_state(frame: pd.DataFrame) -> Sequence[tuple[str, pd.DataFrame]]:
    return [(str(state), part) for state, part in frame.groupby("audit_state")]


def by_source(scene: Scene, frame: pd.DataFrame) -> None:
    """A row a source and purpose; the columns add up to the fen."""
    grouped = frame.groupby(["source", "purpose"], as_index=False)[["flows", *_MONEY]].sum()
    rows = [
        {
            "资金来源": row["source"],
            "用途": row["purpose"],
            "笔数(笔)": int(row["flows"]),
            **{f"{head}(万元)": wan_text(int(row[name])) for name, head in _MONEY.items()},
            "拨付率": _share(int(row["allocated_fen"]), int(row["arranged_fen"])),
        }
        for row in records(grouped)
    ]
    shown = pd.DataFrame(rows)
    right = {name: _RIGHT for name in shown.columns if "(" in name or name == "拨付率"}
    st.dataframe(shown, hide_index=True, column_config=right, height="content")
    exports.register(scene, "资金分来源用途", shown, "fund_flow")


def _share(part: int, whole: int) -> str:
    return rate(part / whole) if whole else "—"


def to_look_into(scene: Scene, frame: pd.DataFrame, rules: FundsEntry) -> None:
    """Late, idle, or named by the audit: each with why it is here."""
    st.subheader("需要核查的资金", anchor=False)
    if frame.empty:
        st.markdown("没有滞拨、闲置或审计发现问题的资金。")
        return
    rows = []
    for row in records(frame):
        why = []
        if row["late_fen"]:
            why.append(f"滞拨{wan_text(int(row['late_fen']))}万元")
        if row["idle_fen"]:
            why.append(f"闲置{wan_text(int(row['idle_fen']))}万元")
        if row["audit_state"] in ("整改中", *rules.misuse):
            why.append(f"审计:{row['audit_state']}")
        rows.append(
            {
                "流水号": row["number"],
                "单位": row["name"],
                "资金来源": row["source"],
                "用途": row["purpose"],
                **{f"{head}(万元)": wan_text(int(row[name])) for name, head in _MONEY.items()},
                "日期": tables.day(row["happened_on"]),
                "原因": ",".join(why),
            }
        )
    shown = pd.DataFrame(rows)
    right = {name: _RIGHT for name in shown.columns if "万元" in name}
    st.dataframe(shown, hide_index=True, column_config=right)
    st.caption(
        f"滞拨:安排{rules.late_after_days}日后仍未拨付;闲置:拨付{rules.idle_after_days}日后仍未支出。"
        "天数是提醒用的参数(policy.yaml),文件没有规定;列在这里是核查线索,不是结论。"
    )
    exports.register(scene, "需要核查的资金", shown, "fund_flow")


def projects(scene: Scene, frame: pd.DataFrame) -> None:
    """Progress against the time that has passed; overdue by the date, whatever the state says."""
    st.subheader("项目", anchor=False)
    if frame.empty:
        st.markdown("没有登记项目。")
        return
    overdue = int(frame["overdue"].astype(bool).sum())
    behind = sum(_is_behind(scene, row) for row in records(frame))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        counts = f"共{len(frame)}个项目,逾期未完工{overdue}个,进度落后于时间{behind}个。"
        st.markdown(counts, width="content")
        asking.beside("project")
    shown = pd.DataFrame(
        [
            {
                "项目": row["project"],
                "单位": row["name"],
                "类别": row["category"],
                "总投资(万元)": wan_text(int(row["invested_fen"])),
                "进度": float(row["progress"]),
                "时间已过": _elapsed(scene, row),
                "计划完成": tables.day(row["due_on"]),
                "状态": f"■ 逾期({row['status']})"
                if row["overdue"]
                else f"▲ {row['status']},落后于时间"
                if _is_behind(scene, row)
                else f"● {row['status']}",
            }
            for row in records(frame)
        ]
    )
    bar = {
        name: st.column_config.ProgressColumn(name, format="percent", min_value=0, max_value=1)
        for name in ("进度", "时间已过")
    }
    st.dataframe(shown, hide_index=True, column_config={**bar, "总投资(万元)": _RIGHT})
    exports.register(scene, "项目进度", shown, "project")


def _elapsed(scene: Scene, row: dict[str, Any]) -> float | None:
    """The share of a project's time that has passed by the quarter's end."""
    begun, due = pd.Timestamp(row["started_on"]), pd.Timestamp(row["due_on"])
    if pd.isna(begun) or pd.isna(due) or due <= begun:
        return None
    passed = pd.Timestamp(scene.focus.period.last_day) - begun
    return float(min(1.0, max(0.0, passed / (due - begun))))


def _is_behind(scene: Scene, row: dict[str, Any]) -> bool:
    elapsed = _elapsed(scene, row)
    return elapsed is not None and float(row["progress"]) < min(elapsed, 1.0) - 0.1
