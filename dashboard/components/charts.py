"""Charts. Each answers one question, named in its title; figures carry their unit."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.components import theme
from dashboard.components.overview import Standing
from dashboard.data.ingest.sheets import INCOME_HEADS
from dashboard.data.queries.villages import SOURCE_COLUMNS
from dashboard.policy.money import FEN_A_WAN, wan_text
from dashboard.policy.periods import Period
from dashboard.policy.thresholds import band

_BANDS = ("低于120万元", "120—150万元", "150—200万元", "200万元及以上")
_GLYPH_SHAPES = ("square", "triangle-up", "circle", "diamond")
_OWN, _TRANSFER, _REST = "自有(造血)", "转移(输血)", "捐赠和其他"


def villages_by_quarter(trend: pd.DataFrame, height: int = 270) -> Any:
    """How many villages are still weak, and how many have passed 150 万元, by quarter?"""
    names = {"V02": "经济一般村剩余", "V01": "本年累计超150万元"}
    rows = trend[trend["indicator"].isin(names) & trend["value"].notna()]
    frame = pd.DataFrame(
        {
            "季度": [Period.parse(text).axis_label for text in rows["period"]],
            "序": rows["period"].to_list(),
            "指标": [names[code] for code in rows["indicator"]],
            "村数": rows["value"].astype(int).to_list(),
            # A cumulative figure begins anew in January: no line leads from December to it.
            "年": [text[:4] for text in rows["period"]],
        }
    )
    base = alt.Chart(frame, title="经济一般村还剩多少、超150万元的有多少(村)").encode(
        x=_quarters(),
        y=alt.Y("村数:Q", title="村"),
        color=alt.Color(
            "指标:N",
            scale=alt.Scale(
                domain=list(names.values()),
                range=[theme.BAND_COLOURS[0], theme.BAND_COLOURS[2 if theme.is_dark() else 3]],
            ),
            legend=alt.Legend(orient="bottom", title=None),
        ),
        shape=alt.Shape("指标:N", legend=None),
        detail="年:N",
    )
    line = base.mark_line(strokeWidth=3)
    points = base.mark_point(filled=True, size=90).encode(
        tooltip=["季度:N", "指标:N", alt.Tooltip("村数:Q", format=",")]
    )
    # One line's figures above its points, the other's below: they cross.
    above = base.transform_filter("datum.指标 != '经济一般村剩余'").mark_text(dy=-14, fontSize=14)
    below = base.transform_filter("datum.指标 == '经济一般村剩余'").mark_text(dy=18, fontSize=14)
    figure = alt.Text("村数:Q", format=",")
    layers = line + points + above.encode(text=figure) + below.encode(text=figure)
    return theme.configure(layers.properties(height=height))


def standing_bars(standings: list[Standing], height: int = 290) -> Any:
    """Who is ahead: how many judged core indicators are on schedule, a child?"""
    rows = [
        {
            "单位": s.name,
            "代码": s.code,
            "状态": label,
            "项数": count,
            "序": order,
            "分母": s.judged,
        }
        for order, s in enumerate(standings)
        for label, count in (
            ("达到序时", s.green),
            ("略低于序时", s.yellow),
            ("明显滞后", s.red),
        )
        if count
    ]
    labels = ["达到序时", "略低于序时", "明显滞后"]
    colours = [colour for light, colour in theme.LIGHT_COLOURS.items() if light.value != "none"]
    chart = (
        alt.Chart(pd.DataFrame(rows), title="谁在前、谁在后:核心指标亮灯(项)")
        .mark_bar()
        .encode(
            y=alt.Y("单位:N", sort=alt.SortField("序"), title=None),
            x=alt.X("项数:Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")),
            order=alt.Order("次序:Q"),
            color=alt.Color(
                "状态:N",
                scale=alt.Scale(domain=labels, range=colours),
                legend=alt.Legend(orient="bottom", title=None),
            ),
            tooltip=["单位:N", "状态:N", "项数:Q", alt.Tooltip("分母:Q", title="可判断项数")],
        )
        .transform_calculate(
            次序="datum.状态 == '达到序时' ? 0 : datum.状态 == '略低于序时' ? 1 : 2"
        )
        .properties(height=height)
    )
    return theme.configure(chart)


def village_lines(villages: pd.DataFrame, lines: tuple[int, ...], height: int) -> Any:
    """How far is each village from the lines of 120, 150 and 200 万元?"""
    told = villages[villages["total_fen"].notna()]
    totals = [int(value) for value in told["total_fen"]]
    frame = pd.DataFrame(
        {
            "村": told["name"].to_list(),
            "代码": told["village"].to_list(),
            "万元": [total / FEN_A_WAN for total in totals],
            "数": [wan_text(total, 1, lines) for total in totals],
            "档": [_BANDS[band(total, lines)] for total in totals],
        }
    )
    # Layers with other data would undo a sort by field: the order is given whole.
    order = frame.sort_values("万元", ascending=False)["村"].to_list()
    base = alt.Chart(frame, title="各村本年累计集体收入与标准线(万元)").encode(
        y=alt.Y("村:N", sort=order, title=None),
    )
    bars = base.mark_bar(height={"band": 0.7}).encode(
        x=alt.X("万元:Q", title="万元"),
        color=alt.Color(
            "档:N",
            scale=alt.Scale(domain=list(_BANDS), range=list(theme.BAND_COLOURS)),
            legend=alt.Legend(orient="bottom", title=None),
        ),
        tooltip=["村:N", alt.Tooltip("数:N", title="万元"), "档:N"],
    )
    text = base.mark_text(align="left", dx=5, fontSize=14, color=theme.ink()).encode(
        x="万元:Q", text="数:N"
    )
    picked = alt.selection_point(name="village", fields=["代码"])
    layered = alt.layer(bars.add_params(picked), text, *_rules(lines))
    return theme.configure(layered.properties(height=height))


def _quarters() -> alt.X:
    """Quarters in time, the year below each: labels that do not run into each other."""
    axis = alt.Axis(labelAngle=0, labelExpr="split(datum.label, '|')")
    return alt.X("季度:N", sort=alt.SortField("序"), title=None, axis=axis)


def _rules(lines: tuple[int, ...]) -> list[Any]:
    marks = pd.DataFrame(
        {
            "线": [line / FEN_A_WAN for line in lines],
            "名": [f"{line // FEN_A_WAN}" for line in lines],
        }
    )
    rule = (
        alt.Chart(marks)
        .mark_rule(strokeDash=[6, 4], strokeWidth=2, color=theme.ink())
        .encode(x="线:Q")
    )
    label = (
        alt.Chart(marks)
        .mark_text(baseline="bottom", fontSize=14, fontWeight="bold", color=theme.ink())
        .encode(x="线:Q", y=alt.value(-4), text="名:N")
    )
    return [rule, label]


def income_by_source(history: pd.DataFrame, lines: tuple[int, ...], height: int) -> Any:
    """What is a village's income made of, quarter by quarter, and where do the lines lie?"""
    heads = list(INCOME_HEADS.values())
    rows = [
        {
            "季度": Period.parse(row["period"]).axis_label,
            "序": row["period"],
            "来源": head,
            "次": heads.index(head),
            "万元": int(row[column]) / FEN_A_WAN,
        }
        for row in history.to_dict("records")
        for column, head in zip(SOURCE_COLUMNS, heads, strict=True)
    ]
    bars = (
        alt.Chart(pd.DataFrame(rows), title="集体收入来源(万元,年内累计)")
        .mark_bar()
        .encode(
            x=_quarters(),
            y=alt.Y("万元:Q", title="万元"),
            color=alt.Color(
                "来源:N",
                sort=heads,
                scale=alt.Scale(domain=heads, range=list(theme.SERIES_COLOURS)),
                legend=alt.Legend(orient="bottom", title=None, columns=7),
            ),
            order="次:Q",
            tooltip=["季度:N", "来源:N", alt.Tooltip("万元:Q", format=",.2f")],
        )
    )
    marks = pd.DataFrame(
        {
            "线": [line / FEN_A_WAN for line in lines],
            "名": [f"{line // FEN_A_WAN}万元" for line in lines],
        }
    )
    rule = (
        alt.Chart(marks)
        .mark_rule(strokeDash=[6, 4], strokeWidth=2, color=theme.ink())
        .encode(y="线:Q")
    )
    label = (
        alt.Chart(marks)
        .mark_text(align="left", baseline="middle", fontSize=14, color=theme.ink(), dx=6)
        .encode(y="线:Q", x=alt.value("width"), text="名:N")
    )
    return theme.configure((bars + rule + label).properties(height=height))


def own_and_transfer(own: int, transfer: int, total: int, height: int = 150) -> Any:
    """How much does the village earn itself (造血), how much is handed to it (输血)?"""
    parts = {_OWN: own, _TRANSFER: transfer, _REST: total - own - transfer}
    frame = pd.DataFrame(
        {
            "类": list(parts),
            "次": range(len(parts)),
            "万元": [fen / FEN_A_WAN for fen in parts.values()],
            "占比": [fen / total if total else 0.0 for fen in parts.values()],
        }
    )
    chart = (
        alt.Chart(frame, title="造血与输血(万元)")
        .mark_bar(height=40)
        .encode(
            x=alt.X("万元:Q", stack="zero", title=None, axis=alt.Axis(orient="top", grid=False)),
            color=alt.Color(
                "类:N",
                scale=alt.Scale(
                    domain=list(parts),
                    range=[theme.BAND_COLOURS[3], theme.BAND_COLOURS[1], theme.SERIES_COLOURS[6]],
                ),
                legend=alt.Legend(orient="bottom", title=None),
            ),
            order="次:Q",
            tooltip=[
                "类:N",
                alt.Tooltip("万元:Q", format=",.2f"),
                alt.Tooltip("占比:Q", format=".1%"),
            ],
        )
        .properties(height=height)
    )
    return theme.configure(chart)
