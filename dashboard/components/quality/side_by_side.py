"""Reported incomes beside those of village accounts and audited statistics."""

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import streamlit as st

from dashboard.components import exports, focus_bar
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.data.frames import records
from dashboard.data.ingest.sheets import OTHER_SOURCES
from dashboard.data.queries.side_by_side import TOLD
from dashboard.figures import NONE, rounded
from dashboard.policy.authenticity.sources import are_apart, difference
from dashboard.policy.money import wan_text

_RIGHT = st.column_config.TextColumn(alignment="right")
_APART, _CLOSE, _NOTHING = "■ 相差较大", "● 相近", "○ 没有填报"


def show(scene: Scene, found: pd.DataFrame) -> None:
    """By village, those furthest apart first."""
    st.markdown("**两个来源并列:村集体年累计收入(万元)**")
    if found.empty:
        st.caption(
            "本季度没有导入村账(农村三资平台)或统计审核的数字。把它们填在“村集体收入核对”表中导入,这里就与镇(街道)"
            "填报数逐村并列;只作核对,不计入任何指标。"
        )
        return
    tolerance = scene.settings.policy.source_tolerance_percent
    rows = sorted(records(found), key=_furthest, reverse=True)
    shown = pd.DataFrame([_line(row, tolerance) for row in rows])
    apart = int((shown["核对"] == _APART).sum())
    st.markdown(
        f"{len(shown)}个村有另一来源的数字,其中{apart}个村相差超过{tolerance}%。"
        "入账时间、口径不同也会有差别:先问清,再下结论。"
    )
    asking.beside("village_income_check")
    state = st.dataframe(
        shown,
        hide_index=True,
        column_config=dict.fromkeys(shown.columns[2:-1], _RIGHT),
        on_select="rerun",
        selection_mode="single-row",
        key="side_by_side",
    )
    if state.selection.rows:
        focus_bar.goto(scene, "unit", str(rows[state.selection.rows[0]]["village"]))
    exports.register(scene, "两个来源对照", shown, "village_income", "village_income_check")


def _line(row: dict[str, object], tolerance: int) -> dict[str, str]:
    told = row[TOLD]
    said = {
        "镇(街道)": str(row["town_name"]),
        "村": str(row["name"]),
        "镇(街道)填报": _wan(told),
    }
    is_apart = False
    for source in OTHER_SOURCES:
        other = row[source]
        said[source] = _wan(other)
        said[f"与{source}相差"] = _apart(told, other)
        if isinstance(told, int) and isinstance(other, int):
            is_apart |= are_apart(told, other, tolerance)
    said["核对"] = _NOTHING if told is None else _APART if is_apart else _CLOSE
    return said


def _furthest(row: dict[str, object]) -> float:
    """The largest difference as a share; those that were not told come last."""
    told = row[TOLD]
    if not isinstance(told, int):
        return -1.0
    others = [row[source] for source in OTHER_SOURCES]
    shares = [difference(told, other) for other in others if isinstance(other, int)]
    return max((float(abs(share)) for share in shares if share is not None), default=0.0)


def _wan(fen: object) -> str:
    return wan_text(fen, 2) if isinstance(fen, int) else NONE


def _percent(share: Fraction) -> Decimal:
    return rounded(Decimal(share.numerator) * 100 / Decimal(share.denominator))


def _apart(told: object, other: object) -> str:
    """+3.20(+2.1%)"""
    if not isinstance(told, int) or not isinstance(other, int):
        return NONE
    sign = "+" if told > other else ""
    share = difference(told, other)
    percent = "" if share is None else f"({sign}{_percent(share)}%)"
    return f"{sign}{wan_text(told - other, 2)}{percent}"
