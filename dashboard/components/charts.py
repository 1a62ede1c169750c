"""Charts. Each answers one question, named in its title; figures carry their unit."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import altair as alt
import pandas as pd

from dashboard.components import theme
from dashboard.components.decomposition import wording
from dashboard.components.overview import Standing, places
from dashboard.config_models import IndicatorEntry
from dashboard.data.ingest.sheets import INCOME_HEADS
from dashboard.data.queries.villages import SOURCE_COLUMNS
from dashboard.policy.money import FEN_A_WAN, wan_text
from dashboard.policy.periods import Period, span
from dashboard.policy.progress import Light
from dashboard.policy.thresholds import band

_BANDS = ("低于120万元", "120—150万元", "150—200万元", "200万元及以上")
_OWN, _TRANSFER, _REST = "自有(造血)", "转移(输血)", "捐赠和其他"
_ON_FILL = "#10161F"
"""Ink on a coloured bar: dark on every colour of the palette, in either theme."""
_HEAD, _FOOT = 50, 75
"""Heights of a title with its subtitle, and of an axis with a legend."""
_COURSE, _QUARTERS = 88, 44
"""Heights of a course with its title, and of the two lines that name the quarters."""
_JUDGED = (Light.GREEN, Light.YELLOW, Light.RED)


def course(
    entry: IndicatorEntry,
    trend: pd.DataFrame,
    since: Period,
    until: Period,
    *,
    lines: tuple[int, ...] = (),
    with_quarters: bool = True,
) -> Any:
    """How has one indicator gone, quarter by quarter?

    `trend` is progress.trend. Bars for what begins anew each January, a line for what goes on.
    Every quarter is there; one without a figure shows a hollow ring.
    """
    values = {
        row["period"]: row["value"]
        for row in trend[(trend["indicator"] == entry.code) & trend["value"].notna()].to_dict(
            "records"
        )
    }
    told = [period for period in span(since, until) if str(period) in values]
    frame = pd.DataFrame(
        {
            "季度": [period.axis_label for period in told],
            "数": [wording.in_unit(int(values[str(period)]), entry) for period in told],
            "文": [wording.figure(int(values[str(period)]), entry, lines) for period in told],
        }
    )
    quarters = [period.axis_label for period in span(since, until)]
    axis = alt.Axis(labelAngle=0, labelExpr="split(datum.label, '|')", ticks=False)
    x = alt.X(
        "季度:N",
        title=None,
        scale=alt.Scale(domain=quarters),
        axis=axis if with_quarters else None,
    )
    # Room above the highest point for its figure.
    y = alt.Y("数:Q", title=None, axis=None, scale=alt.Scale(zero=True, domainMax=_top(frame)))
    base = alt.Chart(frame, title=f"{entry.name}({entry.unit})").encode(
        x=x, y=y, tooltip=["季度:N", alt.Tooltip("文:N", title=entry.unit)]
    )
    colour = theme.BAND_COLOURS[2 if theme.is_dark() else 3]
    if entry.cumulative:
        marks: Any = base.mark_bar(color=colour, size=34)
    else:
        marks = base.mark_line(color=colour, strokeWidth=3, point={"size": 90, "color": colour})
    text = base.mark_text(dy=-12, fontSize=15, fontWeight="bold", color=theme.ink())
    layers = marks + text.encode(text="文:N")
    missing = [label for label in quarters if label not in set(frame["季度"])]
    if missing:
        layers += _not_told(missing)
    # Streamlit fits title and axis into the height.
    return theme.configure(layers.properties(height=_COURSE + (_QUARTERS if with_quarters else 0)))


def _top(frame: pd.DataFrame) -> float:
    highest = float(frame["数"].max()) if len(frame) else 0.0
    return highest * 1.35 if highest > 0 else 1.0


def _not_told(quarters: Sequence[str]) -> Any:
    """A hollow ring and a word at the foot of each quarter without a figure."""
    frame = pd.DataFrame({"季度": quarters})
    return (
        alt.Chart(frame)
        .mark_text(text="○ 未填报", baseline="bottom", dy=-4, fontSize=13, color=theme.muted())
        .encode(x="季度:N", y=alt.value("height"))
    )


def standing_bars(
    shown: Sequence[Standing], everyone: Sequence[Standing] | None = None, row: int = 25
) -> Any:
    """Who is ahead, who behind: how many of the judged core indicators are on schedule?

    `everyone`, best first, gives the places; where `shown` leaves out the middle, a row says so.
    """
    everyone = list(shown if everyone is None else everyone)
    ranked = places(everyone)
    gap = f"… 其余{len(everyone) - len(shown)}个"
    order = [standing.name for standing in shown]
    if len(shown) < len(everyone):
        order.insert(_head(shown, everyone), gap)
    bars, ends = [], []
    for standing in shown:
        start = 0
        counts = (standing.green, standing.yellow, standing.red)
        for light, count in zip(_JUDGED, counts, strict=True):
            if count:
                bars.append(_segment(standing, light, start, count))
            start += count
        said = f"{standing.green}/{standing.judged} {ranked[standing.code]}"
        ends.append({"单位": standing.name, "止": start, "文": said})
    widest = max((standing.judged for standing in shown), default=1)
    y = alt.Y("单位:N", sort=order, scale=alt.Scale(domain=order), title=None)
    x = alt.X("起:Q", axis=None, scale=alt.Scale(domain=[0, widest * 1.32], nice=False))
    legend = "  ".join(f"{light.glyph} {light.label}" for light in _JUDGED)
    title = alt.TitleParams(
        "谁在前、谁在后:达到序时的核心指标(项)",
        subtitle=f"{legend}  右侧:达到序时/可判断",
        subtitleFontSize=14,
    )
    base = alt.Chart(pd.DataFrame(bars), title=title).encode(y=y)
    colours = [theme.LIGHT_COLOURS[light] for light in _JUDGED]
    labels = [light.label for light in _JUDGED]
    fill = base.mark_bar(height={"band": 0.82}).encode(
        x=x,
        x2="止:Q",
        color=alt.Color("状态:N", scale=alt.Scale(domain=labels, range=colours), legend=None),
        tooltip=["单位:N", "状态:N", "项数:Q", alt.Tooltip("分母:Q", title="可判断项数")],
    )
    inside = base.mark_text(fontSize=13, fontWeight="bold", color=_ON_FILL).encode(
        x="中:Q", text="标:N"
    )
    beside = (
        alt.Chart(pd.DataFrame(ends))
        .mark_text(align="left", dx=6, fontSize=14, color=theme.ink())
        .encode(y=y, x="止:Q", text="文:N")
    )
    return theme.configure((fill + inside + beside).properties(height=_HEAD + row * len(order)))


def _head(shown: Sequence[Standing], everyone: Sequence[Standing]) -> int:
    """How many of those shown stand before the middle that is left out."""
    same = [one == other for one, other in zip(shown, everyone, strict=False)]
    return same.index(False) if False in same else len(same)


def _segment(standing: Standing, light: Light, start: int, count: int) -> dict[str, Any]:
    return {
        "单位": standing.name,
        "代码": standing.code,
        "状态": light.label,
        "项数": count,
        "分母": standing.judged,
        "起": start,
        "止": start + count,
        "中": start + count / 2,
        "标": f"{light.glyph}{count}",
    }


def village_lines(villages: pd.DataFrame, lines: tuple[int, ...], row: int = 27) -> Any:
    """How far is each village from the lines of 120, 150 and 200 万元?

    `villages` is villages.incomes; those without a report are left to the caller to name.
    """
    told = villages[villages["total_fen"].notna()]
    totals = [int(value) for value in told["total_fen"]]
    frame = pd.DataFrame(
        {
            "村": distinct(told["name"].to_list(), told["village"].to_list()),
            "代码": told["village"].to_list(),
            "万元": [total / FEN_A_WAN for total in totals],
            "数": [_against(total, lines) for total in totals],
            "档": [_BANDS[band(total, lines)] for total in totals],
            "上年": [
                None if pd.isna(fen) else int(fen) / FEN_A_WAN for fen in told["last_year_fen"]
            ],
        }
    )
    # Layers with other data would undo a sort by field: the order is given whole.
    order = frame.sort_values("万元", ascending=False)["村"].to_list()
    title = alt.TitleParams(
        "各村本年累计集体收入与标准线(万元)",
        # Above the lines' figures.
        offset=22,
    )
    base = alt.Chart(frame, title=title).encode(y=alt.Y("村:N", sort=order, title=None))
    bars = base.mark_bar(height={"band": 0.7}).encode(
        x=alt.X("万元:Q", title=None),
        color=alt.Color(
            "档:N",
            scale=alt.Scale(domain=list(_BANDS), range=list(theme.BAND_COLOURS)),
            legend=alt.Legend(orient="bottom", title=None),
        ),
        tooltip=[
            "村:N",
            alt.Tooltip("数:N", title="本年累计(万元)"),
            alt.Tooltip("上年:Q", title="上年全年(万元)", format=",.2f"),
            "档:N",
        ],
    )
    text = base.mark_text(align="left", dx=6, fontSize=14, color=theme.ink()).encode(
        x="万元:Q", text="数:N"
    )
    picked = alt.selection_point(name="village", fields=["代码"])
    layered = alt.layer(bars.add_params(picked), *_rules(lines), _halo(text), text)
    return theme.configure(layered.properties(height=_HEAD + _FOOT + row * len(frame)))


def distinct(names: Sequence[str], codes: Sequence[str]) -> list[str]:
    """Names to tell rows apart by: two villages of one name carry the end of their codes."""
    return [
        f"{name}({code[-3:]})" if names.count(name) > 1 else name
        for name, code in zip(names, codes, strict=True)
    ]


def _halo(text: Any) -> Any:
    """The same text in the page's colour, broad: a line behind it does not strike it through."""
    under: Any = text.copy(deep=True)
    under.mark.stroke, under.mark.strokeWidth, under.mark.color = theme.page(), 5, theme.page()
    return under


def _against(fen: int, lines: tuple[int, ...]) -> str:
    """An amount in 万元 to one decimal, more where a line is near; exactly on a line is said."""
    return wan_text(fen, 1, lines) + ("(恰在线上)" if fen in lines else "")


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


def income_by_source(
    history: pd.DataFrame, since: Period, until: Period, lines: tuple[int, ...], height: int = 330
) -> Any:
    """What is a village's income made of, quarter by quarter, and where do the lines lie?

    `history` is villages.history. Every quarter is there, one without a report as a hollow ring.
    """
    heads = list(INCOME_HEADS.values())
    rows = [
        {
            "季度": Period.parse(row["period"]).axis_label,
            "来源": head,
            "次": heads.index(head),
            "万元": int(row[column]) / FEN_A_WAN,
        }
        for row in history.to_dict("records")
        for column, head in zip(SOURCE_COLUMNS, heads, strict=True)
    ]
    totals = [
        {"季度": Period.parse(row["period"]).axis_label, "万元": fen / FEN_A_WAN}
        | {"文": wan_text(fen, 1, lines)}
        for row in history.to_dict("records")
        for fen in [sum(int(row[column]) for column in SOURCE_COLUMNS)]
    ]
    quarters = [period.axis_label for period in span(since, until)]
    x = alt.X(
        "季度:N",
        title=None,
        scale=alt.Scale(domain=quarters),
        axis=alt.Axis(labelAngle=0, labelExpr="split(datum.label, '|')"),
    )
    bars = (
        alt.Chart(pd.DataFrame(rows), title="集体收入来自哪里(万元,年内累计)")
        .mark_bar()
        .encode(
            x=x,
            y=alt.Y("万元:Q", title=None),
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
    text = (
        alt.Chart(pd.DataFrame(totals))
        .mark_text(
            dy=-10,
            fontSize=15,
            fontWeight="bold",
            color=theme.ink(),
        )
        .encode(x=x, y="万元:Q", text="文:N")
    )
    marks = pd.DataFrame(
        {
            "线": [line / FEN_A_WAN for line in lines],
            "名": [f"{wan_text(line, 0)}万元" for line in lines],
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
    layers = bars + rule + label + _halo(text) + text
    told = set(history["period"])
    missing = [period.axis_label for period in span(since, until) if str(period) not in told]
    if missing:
        layers += _not_told(missing)
    return theme.configure(layers.properties(height=height))


def own_and_transfer(years: Sequence[tuple[str, int, int, int]], row: int = 40) -> Any:
    """How much does the village earn itself (造血), how much is handed to it (输血)?

    `years`: (label, own, transfer, total) in fen, a bar of 100 % each; a total of 0 has no bar.
    """
    kinds = (_OWN, _TRANSFER, _REST)
    rows = []
    for label, own, transfer, total in years:
        start = 0.0
        for kind, fen in zip(kinds, (own, transfer, total - own - transfer), strict=True):
            if total and fen:
                share = fen / total
                said = f"{percent(fen, total)}" if share >= _ROOM else ""
                rows.append(
                    {"年": label, "类": kind, "起": start, "止": start + share} | {"文": said}
                )
                rows[-1] |= {
                    "中": start + share / 2,
                    "万元": wan_text(fen),
                    "占比": percent(fen, total),
                }
                start += share
    y = alt.Y("年:N", sort=[label for label, *_ in years], title=None)
    base = alt.Chart(pd.DataFrame(rows), title="造血与输血各占多少").encode(y=y)
    colours = [theme.BAND_COLOURS[2], theme.BAND_COLOURS[1], theme.SERIES_COLOURS[6]]
    bars = base.mark_bar(height={"band": 0.8}).encode(
        x=alt.X("起:Q", axis=None, scale=alt.Scale(domain=[0, 1])),
        x2="止:Q",
        color=alt.Color(
            "类:N",
            scale=alt.Scale(domain=list(kinds), range=colours),
            legend=alt.Legend(orient="bottom", title=None),
        ),
        tooltip=["年:N", "类:N", "万元:N", "占比:N"],
    )
    text = base.mark_text(fontSize=15, fontWeight="bold", color=_ON_FILL).encode(
        x="中:Q", text="文:N"
    )
    return theme.configure((bars + text).properties(height=_FOOT + row * len(years)))


_ROOM = 0.06
"""A share from which its figure fits into its bar."""


def percent(part: int, whole: int) -> str:
    """A share to one decimal: 60.0%."""
    share = (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{share}%"
