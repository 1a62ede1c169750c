"""Tables on the screen, from plain frames, with Chinese heads and units."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.components import theme
from dashboard.components.overview import Figure, core_table
from dashboard.policy.money import wan_text

_HERE = ZoneInfo("Asia/Shanghai")
_ROW, _HEAD = 34, 38


def core(now: Mapping[str, Figure]) -> None:
    """The year's core targets with actual, scheduled progress and light."""
    frame = core_table(now)
    colours = {figure.status: theme.LIGHT_COLOURS[figure.light] for figure in now.values()}
    st.dataframe(
        frame.style.map(lambda said: f"color: {colours[said]}; font-weight: 600", subset=["状态"]),
        hide_index=True,
        height=_HEAD + _ROW * len(frame),
        row_height=_ROW,
        column_config={
            "完成率": st.column_config.ProgressColumn(
                "完成率", format="%.1f%%", min_value=0, max_value=100, width=130
            ),
            "指标": st.column_config.TextColumn("核心指标", width=170),
            **{
                head: st.column_config.TextColumn(width=82) for head in ("实际", "全年目标", "序时")
            },
            "状态": st.column_config.TextColumn(width=120),
        },
    )


def source(newest: pd.DataFrame) -> None:
    """The line at the foot: which file came last, and when."""
    for row in newest.to_dict("records"):
        st.caption(
            f"最近一次导入:{row['file']},{moment(row['imported_at'])},{row['imported_by']}。"
            "口径见“使用帮助”;依据武发〔2016〕68号。"
        )


def moment(at: datetime) -> str:
    """2016年10月12日 15:04, the office's time."""
    utc = at if at.tzinfo else at.replace(tzinfo=ZoneInfo("UTC"))
    here = utc.astimezone(_HERE)
    return f"{day(here)} {here:%H:%M}"


def day(on: object) -> str:
    """2016年9月30日; a dash where there is none."""
    if on is None or pd.isna(on):  # type: ignore[call-overload]
        return "—"
    return f"{on.year}年{on.month}月{on.day}日"  # type: ignore[attr-defined]


def money(fen: object) -> str:
    """万元 with separators; a dash where there is none."""
    return "—" if fen is None or pd.isna(fen) else wan_text(int(fen))  # type: ignore[call-overload]
