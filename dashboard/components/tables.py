"""Tables on the screen, from plain frames, with Chinese heads and units."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard.components import theme
from dashboard.components.overview import Figure, core_table
from dashboard.figures import moment
from dashboard.policy.money import wan_text

_ROW, _HEAD = 34, 38


def core(now: Mapping[str, Figure], *, all_rows: bool = True) -> None:
    """The year's core targets with actual, scheduled progress and light."""
    frame = core_table(now, all_rows=all_rows)
    colours = {figure.status: theme.light_ink(figure.light) for figure in now.values()}
    number = {
        head: st.column_config.TextColumn(width=width, alignment="right")
        for head, width in (("实际", 172), ("全年目标", 80), ("序时", 80))
    }
    st.dataframe(
        frame.style.map(lambda said: f"color: {colours[said]}; font-weight: 600", subset=["状态"]),
        hide_index=True,
        height=_HEAD + _ROW * len(frame),
        row_height=_ROW,
        column_config={
            "完成率": st.column_config.ProgressColumn(
                "完成率", format="%.1f%%", min_value=0, max_value=100, width=104
            ),
            "指标": st.column_config.TextColumn("核心指标", width=150),
            **number,
            "状态": st.column_config.TextColumn(width=122),
        },
    )
    partial = [f for f in now.values() if f.entry.core and f.is_partial]
    if partial:
        st.caption("\\* 所辖单位尚未全部填报,为已填报单位的合计。")


def source(newest: pd.DataFrame) -> None:
    """The line at the foot: which of the files behind the figures came last, when, by whom."""
    for row in newest.to_dict("records"):
        st.caption(
            f"数据来源(最近一份):{row['file']},{moment(row['imported_at'])}由{row['imported_by']}导入。"
            "口径见“使用帮助”;依据武发〔2016〕68号。"
        )


def day(on: object) -> str:
    """2016年9月30日; a dash where there is none."""
    if on is None or pd.isna(on):  # type: ignore[call-overload]
        return "—"
    return f"{on.year}年{on.month}月{on.day}日"  # type: ignore[attr-defined]


def month(text: str) -> str:
    """2016年9月, from 2016-09."""
    year, _, number = text.partition("-")
    return f"{year}年{int(number)}月" if number.isdecimal() else text


def money(fen: object) -> str:
    """万元 with separators; a dash where there is none."""
    return "—" if fen is None or pd.isna(fen) else wan_text(int(fen))  # type: ignore[call-overload]
