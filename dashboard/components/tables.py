"""Tables on the screen, from plain frames, with Chinese heads and units."""

from collections.abc import Iterable, Mapping

import pandas as pd
import pyarrow as pa
import streamlit as st
from pandas.io.formats.style import Styler

from dashboard.components import focus_bar, theme
from dashboard.components.overview import Figure, core_figures, core_table
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.data.frames import Row
from dashboard.figures import DOUBT_NOTE, NOT_PUBLIC_NOTE, PARTIAL_NOTE, moment
from dashboard.policy.money import wan_text

_ROW, _HEAD = 34, 38


def core(scene: Scene, now: Mapping[str, Figure], *, all_rows: bool = True) -> None:
    """The year's core targets with actual, scheduled progress and light.

    A row that is chosen leads to the rows its figure is made of.
    """
    shown = core_figures(now, all_rows=all_rows)
    frame = core_table(shown)
    colours = {figure.status: theme.light_ink(figure.light) for figure in now.values()}
    number = {
        head: st.column_config.TextColumn(width=width, alignment="right")
        for head, width in (("全年目标", 76), ("序时", 76))
    }
    cells = [(figure.entry.code, "") for figure in shown]
    pressed = asking.column("实际", "core_figure", cells, width=164, alignment="right")
    # Without names for all cells, each of which Streamlit would go through.
    coloured = Styler(frame, cell_ids=False).map(
        lambda said: f"color: {colours[said]}; font-weight: 600", subset=["状态"]
    )
    state = st.dataframe(
        coloured,
        hide_index=True,
        height=_HEAD + _ROW * len(frame),
        row_height=_ROW,
        column_config={
            "完成率": st.column_config.ProgressColumn(
                "完成率", format="%.1f%%", min_value=0, max_value=100, width=94
            ),
            "指标": st.column_config.TextColumn("核心指标", width=146),
            "实际": pressed,
            **number,
            "状态": st.column_config.TextColumn(width=124),
        },
        on_select="rerun",
        selection_mode="single-row",
        key="core_table",
    )
    if state.selection.rows:
        path, query = focus_bar.behind(scene, shown[state.selection.rows[0]].entry)
        st.switch_page(scene.pages[path], query_params=query)
    star = f"\\{PARTIAL_NOTE}" if any(f.is_partial for f in shown) else ""
    doubt = DOUBT_NOTE if any(figure.mark for figure in shown) else ""
    few = NOT_PUBLIC_NOTE if any(figure.is_withheld for figure in shown) else ""
    st.caption(f"勾选一行看它由哪些镇、村、户或项目组成,点实际数看来源。{star}{doubt}{few}")


def plain(rows: Iterable[Row]) -> pa.Table:
    """Rows by head as st.dataframe takes them: a frame in between would take ten times as long."""
    return pa.Table.from_pylist([dict(row) for row in rows])


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
