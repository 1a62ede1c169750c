"""Charts of the ranking. Each answers one question, named in its title."""

from collections.abc import Container, Mapping, Sequence
from itertools import groupby
from typing import Any

import altair as alt

from dashboard.components import drawing, theme
from dashboard.components.drawing import Drawing
from dashboard.components.ranking.table import range_text
from dashboard.figures import DOUBT
from dashboard.policy.board import Board, Score
from dashboard.policy.periods import Period

_AHEAD, _BEHIND = theme.BAND_COLOURS[3], theme.BAND_COLOURS[0]


def course(
    history: Mapping[Period, Mapping[str, Score]],
    names: Mapping[str, str],
    chosen: str | None,
    doubted: Container[str] = (),
    height: int = 430,
) -> Drawing:
    """How have the places gone, quarter by quarter? The chosen unit's line stands out.

    `doubted`: the units some figure of whose last score waits to be checked.
    """
    rows: list[dict[str, Any]] = [
        {
            "季度": period.axis_label,
            "名次": scores[code].rank,
            "单位": name,
            "得分": round(scores[code].points, 2),
            "选中": code == chosen,
            "待核": DOUBT if code in doubted else "",
        }
        for period, scores in history.items()
        for code, name in names.items()
        if code in scores
    ]
    quarters = [period.axis_label for period in history]
    worst = max((row["名次"] for row in rows), default=1)
    return _course().filled(
        {"places": rows, "ends": _ends(rows, quarters[-1] if quarters else "")},
        height,
        quarters=quarters,
        last=worst + 0.5,
        ticks=list(range(1, worst + 1)),
    )


def _ends(rows: Sequence[Mapping[str, Any]], last: str) -> list[dict[str, Any]]:
    """The names at the right end; who shares a place shares a line."""
    now = sorted((row for row in rows if row["季度"] == last), key=lambda row: row["名次"])
    found = []
    for rank, group in groupby(now, key=lambda row: row["名次"]):
        shared = list(group)
        text = "、".join(row["单位"] + row["待核"] for row in shared)
        chosen = any(row["选中"] for row in shared)
        found.append({"季度": last, "名次": rank, "文": text, "选中": chosen})
    return found


@drawing.template
def _course() -> Any:
    x = alt.X(
        "季度:N",
        title=None,
        scale=alt.Scale(domain=drawing.many("quarters")),
        axis=alt.Axis(labelAngle=0, labelExpr="split(datum.label, '|')", ticks=False),
    )
    y = alt.Y(
        "名次:Q",
        title=None,
        scale=alt.Scale(domain=[drawing.text("last"), 0.5], nice=False),
        axis=alt.Axis(values=drawing.many("ticks"), format="d", grid=False),
    )
    base = alt.Chart(drawing.data("places"), title="名次怎样变化(1为最好)").encode(
        x=x, y=y, detail="单位:N", tooltip=["单位:N", "季度:N", "名次:Q", "得分:Q"]
    )
    rest = base.transform_filter("!datum.选中")
    own = base.transform_filter("datum.选中")
    ends = (
        alt.Chart(drawing.data("ends"))
        .mark_text(align="left", dx=12, fontSize=14, color=theme.ink())
        .encode(x="季度:N", y=y, text="文:N")
    )
    return alt.layer(
        rest.mark_line(color=theme.muted(), opacity=0.45, strokeWidth=2),
        rest.mark_point(color=theme.muted(), filled=True, size=55, opacity=0.7),
        own.mark_line(color=_AHEAD, strokeWidth=4),
        own.mark_point(color=_AHEAD, filled=True, size=170, opacity=1),
        ends,
    )


def certainty(
    board: Board, chosen: str | None, doubted: Container[str] = (), row: int = 24
) -> Drawing:
    """How sure is the order? A bar from the best to the worst likely place, a dot at the place.

    `doubted`: the units some figure of whose score waits to be checked.
    """
    rows = [
        {
            "单位": place.name + (DOUBT if place.code in doubted else ""),
            "名次": place.rank,
            "左": place.left_low,
            "右": place.left_high,
            "最好": place.low - 0.32,
            "最差": place.high + 0.32,
            "档": place.band,
            "底": "单" if place.band % 2 else "双",
            "说": range_text(place.low, place.high),
            "去一项": range_text(place.left_low, place.left_high),
            "选中": place.code == chosen,
        }
        for place in board.places
    ]
    last = len(rows)
    return _certainty().filled(
        {"places": rows},
        118 + row * last,
        order=[row["单位"] for row in rows],
        last=last + 0.6,
        ticks=list(range(1, last + 1)),
    )


@drawing.template
def _certainty() -> Any:
    title = alt.TitleParams(
        "名次有多可靠:权重换一换,会在哪些名次之间",
        subtitle=[
            "● 现在的名次;粗条:权重变动时十次有九次落在这里,粗条互相够得着的,先后并不确定;",
            "细线:去掉任何一项指标时名次的范围,细线长的,名次靠个别指标撑着。",
        ],
        subtitleFontSize=14,
    )
    y = alt.Y("单位:N", sort=drawing.many("order"), title=None)
    scale = alt.Scale(domain=[0.4, drawing.text("last")], nice=False)
    axis = alt.Axis(values=drawing.many("ticks"), format="d", title="名次")
    base = alt.Chart(drawing.data("places"), title=title).encode(
        y=y,
        tooltip=[
            "单位:N",
            "名次:Q",
            alt.Tooltip("说:N", title="权重变动时"),
            alt.Tooltip("去一项:N", title="去掉任一指标时"),
            "档:Q",
        ],
    )
    colour = alt.condition("datum.选中", alt.value(_AHEAD), alt.value(theme.BAND_COLOURS[2]))
    bars = base.mark_bar(height={"band": 0.55}, opacity=0.75, cornerRadius=6).encode(
        x=alt.X("最好:Q", scale=scale, axis=axis), x2="最差:Q", color=colour
    )
    dots = base.mark_point(filled=True, size=130, opacity=1, color=theme.ink()).encode(
        x=alt.X("名次:Q", scale=scale)
    )
    lines = base.mark_rule(strokeWidth=2, color=theme.muted()).encode(
        x=alt.X("左:Q", scale=scale), x2="右:Q"
    )
    return lines + bars + dots


def contributions(
    rows: Sequence[tuple[str, float, float | None]], own: str, note: str, row: int = 27
) -> Drawing:
    """What is the score made of? Bars of points by indicator, a tick where the next better one is.

    `rows`: (indicator's short name, own points, the other's points), in the order shown; `note`
    says what the tick is.
    """
    told = [
        {"指标": name, "得分": points, "前一名": other, "文": f"{points:.1f}"}
        for name, points, other in rows
    ]
    return _contributions().filled(
        {"points": told},
        62 + row * len(rows),
        title=f"{own}的得分由什么构成(分)",
        note=note,
        order=[name for name, _, _ in rows],
    )


@drawing.template
def _contributions() -> Any:
    title = alt.TitleParams(
        drawing.text("title"), subtitle=drawing.text("note"), subtitleFontSize=14
    )
    y = alt.Y("指标:N", sort=drawing.many("order"), title=None)
    base = alt.Chart(drawing.data("points"), title=title).encode(
        y=y,
        tooltip=[
            "指标:N",
            alt.Tooltip("得分:Q", format=".2f"),
            alt.Tooltip("前一名:Q", format=".2f"),
        ],
    )
    bars = base.mark_bar(height={"band": 0.7}, color=theme.BAND_COLOURS[2]).encode(
        x=alt.X("得分:Q", title=None, axis=None)
    )
    ticks = base.mark_tick(thickness=4, height={"band": 0.95}, color=theme.ink()).encode(
        x="前一名:Q"
    )
    text = base.mark_text(
        align="right", dx=-6, fontSize=13, fontWeight="bold", color="#10161F"
    ).encode(x="得分:Q", text="文:N")
    return bars + ticks + text


def single(
    rows: Sequence[tuple[str, float | None, str, str]], title: str, row: int = 30
) -> Drawing:
    """Who is ahead in one indicator? `rows`: (unit, percent of schedule, words, light's label)."""
    widest = max([100.0, *(value for _, value, _, _ in rows if value is not None)])
    told = [dict(zip(("单位", "序时比", "文", "状态"), one, strict=True)) for one in rows]
    return _single().filled(
        {"units": told, "whole": [{"x": 100}]},
        62 + row * len(rows),
        title=title,
        order=[unit for unit, _, _, _ in rows],
        widest=widest * 1.45,
    )


@drawing.template
def _single() -> Any:
    lights = {light.label: colour for light, colour in theme.LIGHT_COLOURS.items()}
    title = alt.TitleParams(
        drawing.text("title"), subtitle="竖线:达到序时进度", subtitleFontSize=14
    )
    base = alt.Chart(drawing.data("units"), title=title).encode(
        y=alt.Y("单位:N", sort=drawing.many("order"), title=None)
    )
    scale = alt.Scale(domain=[0, drawing.text("widest")], nice=False)
    bars = base.mark_bar(height={"band": 0.7}).encode(
        x=alt.X("序时比:Q", axis=None, scale=scale),
        color=alt.Color(
            "状态:N", scale=alt.Scale(domain=list(lights), range=list(lights.values())), legend=None
        ),
        tooltip=["单位:N", alt.Tooltip("文:N", title="实际"), "状态:N"],
    )
    text = base.mark_text(align="left", dx=6, fontSize=14, color=theme.ink()).encode(
        x="序时比:Q", text="文:N"
    )
    rule = (
        alt.Chart(drawing.data("whole"))
        .mark_rule(strokeDash=[6, 4], strokeWidth=2, color=theme.ink())
        .encode(x="x:Q")
    )
    return bars + rule + text
