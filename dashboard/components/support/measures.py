"""What is done, by the eight classes, with who answers for it and whom it reaches."""

import pandas as pd
import streamlit as st

from dashboard.components import exports
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.data.frames import records
from dashboard.data.ingest.sheets import MEASURES
from dashboard.policy.money import wan_text, yuan_text

_RIGHT = st.column_config.TextColumn(alignment="right")
_OF = {"household": ("农户", "户"), "village": ("村", "个村")}


def show(scene: Scene, frame: pd.DataFrame) -> None:
    """A row a class and department; a class without any measure is named."""
    st.subheader("帮扶措施", anchor=False)
    missing = [name for name in MEASURES if name not in set(frame["category"])]
    if missing:
        st.markdown(f"○ 没有登记:{'、'.join(missing)}")
    if frame.empty:
        return
    asking.beside("measure")
    shown = pd.DataFrame(
        [
            {
                "对象": _OF[row["subject"]][0],
                "措施类别": row["category"],
                "责任部门": row["department"],
                "覆盖": _count(row["subjects"], _OF[row["subject"]][1]),
                "人口(人)": _count(row["persons"], ""),
                "金额": _amount(row),
            }
            for row in records(frame)
        ]
    )
    right = dict.fromkeys(("覆盖", "人口(人)", "金额"), _RIGHT)
    st.dataframe(shown, hide_index=True, column_config=right)
    st.caption("金额为登记了金额的措施的合计:村以万元计,农户以元计;“—”为没有登记金额。")
    exports.register(scene, "帮扶措施", shown, "measure")


def _count(value: object, unit: str) -> str:
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return "—" if not unit else "*"
    return f"{value:,}{unit}"


def _amount(row: dict[str, object]) -> str:
    fen = row["amount_fen"]
    if fen is None or pd.isna(fen):  # type: ignore[call-overload]
        return "—"
    amount = int(str(fen))
    return f"{yuan_text(amount)}元" if row["subject"] == "household" else f"{wan_text(amount)}万元"
