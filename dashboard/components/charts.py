"""Charts. Each answers one question, named in its title; figures carry their unit."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import altair as alt
import pandas as pd

from dashboard.components import drawing, theme
from dashboard.components.decomposition import wording
from dashboard.components.drawing import Drawing
from dashboard.components.overview import Standing, places
from dashboard.config_models import IndicatorEntry
from dashboard.data.frames import Row, records
from dashboard.data.ingest.sheets import INCOME_HEADS
from dashboard.data.queries.doubts import NONE as NO_DOUBTS
from dashboard.data.queries.doubts import VILLAGE_INCOME, Doubts
from dashboard.data.queries.villages import SOURCE_COLUMNS
from dashboard.policy.money import FEN_A_WAN, wan_text
from dashboard.policy.periods import Period, span
from dashboard.policy.progress import Light
from dashboard.policy.thresholds import band

_BANDS = ("低于120万元", "120—150万元", "150—200万元", "200万元及以上")
_KINDS = ("自有(造血)", "转移(输血)", "捐赠和其他")
_SOURCES = list(INCOME_HEADS.values())
_ON_FILL = "#10161F"
"""Ink on a coloured bar: dark on every colour of the palette, in either theme."""
_HEAD, _FOOT = 50, 75
"""Heights of a title with its subtitle, and of an axis with a legend."""
_COURSE, _QUARTERS = 88, 44
"""Heights of a course with its title, and of the two lines that name the quarters."""
_JUDGED = (Light.GREEN, Light.YELLOW, Light.RED)


def course(
    entry: IndicatorEntry,
    trend: Iterable[Row],
    since: Period,
    until: Period,
    *,
    lines: tuple[int, ...] = (),
    with_quarters: bool = True,
    mark: str = "",
) -> Drawing:
    """How has one indicator gone, quarter by quarter?

    `trend` is progress.trend. Bars for what begins anew each January, a line for what goes on.
    Every quarter is there; one without a figure shows a hollow ring. `mark` stands behind the
    figure of `until`, the only quarter whose figures are asked whether they wait to be checked.
    """
    values = {
        row["period"]: row["value"]
        for row in trend
        if row["indicator"] == entry.code and row["value"] is not None
    }
    quarters = {str(period): period.axis_label for period in span(since, until)}
    now = str(until)
    told: list[dict[str, Any]] = [
        {
            "季度": label,
            "数": wording.in_unit(values[period], entry),
            "文": wording.figure(values[period], entry, lines) + (mark if period == now else ""),
        }
        for period, label in quarters.items()
        if period in values
    ]
    missing = [{"季度": label} for period, label in quarters.items() if period not in values]
    return _course(entry.cumulative, with_quarters, bool(missing)).filled(
        {"told": told, "missing": missing},
        # Streamlit fits title and axis into the height.
        _COURSE + (_QUARTERS if with_quarters else 0),
        title=f"{entry.name}({entry.unit})",
        unit=entry.unit,
        quarters=list(quarters.values()),
        top=_top([row["数"] for row in told]),
    )


@drawing.template
def _course(is_anew: bool, with_quarters: bool, has_missing: bool) -> Any:
    axis = alt.Axis(labelAngle=0, labelExpr="split(datum.label, '|')", ticks=False)
    x = alt.X(
        "季度:N",
        title=None,
        scale=alt.Scale(domain=drawing.many("quarters")),
        axis=axis if with_quarters else None,
    )
    # Room above the highest point for its figure.
    scale = alt.Scale(zero=True, domainMax=drawing.number("top"))
    base = alt.Chart(drawing.data("told"), title=drawing.text("title")).encode(
        x=x,
        y=alt.Y("数:Q", title=None, axis=None, scale=scale),
        tooltip=["季度:N", alt.Tooltip("文:N", title=drawing.text("unit"))],
    )
    colour = theme.BAND_COLOURS[2 if theme.is_dark() else 3]
    if is_anew:
        marks: Any = base.mark_bar(color=colour, size=34)
    else:
        marks = base.mark_line(color=colour, strokeWidth=3, point={"size": 90, "color": colour})
    text = base.mark_text(dy=-12, fontSize=15, fontWeight="bold", color=theme.ink())
    layers = marks + text.encode(text="文:N")
    return layers + _not_told() if has_missing else layers


def _top(values: Sequence[float]) -> float:
    highest = max(values, default=0.0)
    return highest * 1.35 if highest > 0 else 1.0


def _not_told() -> Any:
    """A hollow ring and a word at the foot of each quarter without a figure: rows "missing"."""
    return (
        alt.Chart(drawing.data("missing"))
        .mark_text(text="○ 未填报", baseline="bottom", dy=-4, fontSize=13, color=theme.muted())
        .encode(x="季度:N", y=alt.value("height"))
    )


def standing_bars(
    shown: Sequence[Standing], everyone: Sequence[Standing] | None = None, row: int = 25
) -> Drawing:
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
        said = f"{standing.green}/{standing.judged}{standing.mark} {ranked[standing.code]}"
        ends.append({"单位": standing.name, "止": start, "文": said})
    widest = max((standing.judged for standing in shown), default=1)
    return _standing_bars().filled(
        {"bars": bars, "ends": ends}, _HEAD + row * len(order), order=order, widest=widest * 1.32
    )


@drawing.template
def _standing_bars() -> Any:
    order = drawing.many("order")
    y = alt.Y("单位:N", sort=order, scale=alt.Scale(domain=order), title=None)
    x = alt.X("起:Q", axis=None, scale=alt.Scale(domain=[0, drawing.text("widest")], nice=False))
    legend = "  ".join(f"{light.glyph} {light.label}" for light in _JUDGED)
    title = alt.TitleParams(
        "谁在前、谁在后:达到序时的核心指标(项)",
        subtitle=f"{legend}  右侧:达到序时/可判断",
        subtitleFontSize=14,
    )
    base = alt.Chart(drawing.data("bars"), title=title).encode(y=y)
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
        alt.Chart(drawing.data("ends"))
        .mark_text(align="left", dx=6, fontSize=14, color=theme.ink())
        .encode(y=y, x="止:Q", text="文:N")
    )
    return fill + inside + beside


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


def village_lines(
    villages: pd.DataFrame,
    lines: tuple[int, ...],
    doubted: Doubts = NO_DOUBTS,
    row: int = 27,
) -> Drawing:
    """How far is each village from the lines of 120, 150 and 200 万元?

    `villages` is villages.incomes; those without a report are left to the caller to name.
    `doubted`: what waits to be checked.
    """
    told = records(villages[villages["total_fen"].notna()])
    names = distinct([one["name"] for one in told], [one["village"] for one in told])
    rows = [
        {
            "村": name,
            "代码": one["village"],
            "万元": int(one["total_fen"]) / FEN_A_WAN,
            "数": _against(int(one["total_fen"]), lines)
            + doubted.mark(one["village"], VILLAGE_INCOME),
            "档": _BANDS[band(int(one["total_fen"]), lines)],
            "上年": None if one["last_year_fen"] is None else int(one["last_year_fen"]) / FEN_A_WAN,
        }
        for name, one in zip(names, told, strict=True)
    ]
    # Layers with other data would undo a sort by field: the order is given whole.
    order = [one["村"] for one in sorted(rows, key=lambda one: -one["万元"])]
    return _village_lines().filled(
        {"villages": rows, "lines": _line_rows(lines, [f"{line // FEN_A_WAN}" for line in lines])},
        _HEAD + _FOOT + row * len(rows),
        order=order,
    )


@drawing.template
def _village_lines() -> Any:
    title = alt.TitleParams(
        "各村本年累计集体收入与标准线(万元)",
        # Above the lines' figures.
        offset=22,
    )
    base = alt.Chart(drawing.data("villages"), title=title).encode(
        y=alt.Y("村:N", sort=drawing.many("order"), title=None)
    )
    bars = base.mark_bar(height={"band": 0.7}).encode(
        # Few enough that their figures do not meet beside a narrow town's.
        x=alt.X("万元:Q", title=None, axis=alt.Axis(tickCount=6)),
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
    return alt.layer(bars.add_params(picked), *_rules(), _halo(text), text)


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


def _line_rows(lines: Sequence[int], names: Sequence[str]) -> list[dict[str, Any]]:
    return [{"线": line / FEN_A_WAN, "名": name} for line, name in zip(lines, names, strict=True)]


def _rules() -> list[Any]:
    """The lines of the policy from top to bottom, named above: rows "lines"."""
    rule = (
        alt.Chart(drawing.data("lines"))
        .mark_rule(strokeDash=[6, 4], strokeWidth=2, color=theme.ink())
        .encode(x="线:Q")
    )
    label = (
        alt.Chart(drawing.data("lines"))
        .mark_text(baseline="bottom", fontSize=14, fontWeight="bold", color=theme.ink())
        .encode(x="线:Q", y=alt.value(-4), text="名:N")
    )
    return [rule, label]


def income_by_source(
    history: pd.DataFrame,
    since: Period,
    until: Period,
    lines: tuple[int, ...],
    mark: str = "",
    height: int = 330,
) -> Drawing:
    """What is a village's income made of, quarter by quarter, and where do the lines lie?

    `history` is villages.history. Every quarter is there, one without a report as a hollow ring.
    `mark` stands behind the total of `until`.
    """
    told = records(history)
    rows = [
        {
            "季度": Period.parse(row["period"]).axis_label,
            "来源": head,
            "次": place,
            "万元": int(row[column]) / FEN_A_WAN,
        }
        for row in told
        for place, (column, head) in enumerate(zip(SOURCE_COLUMNS, _SOURCES, strict=True))
    ]
    totals = [
        {"季度": Period.parse(row["period"]).axis_label, "万元": fen / FEN_A_WAN}
        | {"文": wan_text(fen, 1, lines) + (mark if row["period"] == str(until) else "")}
        for row in told
        for fen in [sum(int(row[column]) for column in SOURCE_COLUMNS)]
    ]
    quarters = {str(period): period.axis_label for period in span(since, until)}
    seen = {row["period"] for row in told}
    missing = [{"季度": label} for period, label in quarters.items() if period not in seen]
    return _income_by_source(bool(missing)).filled(
        {
            "sources": rows,
            "totals": totals,
            "lines": _line_rows(lines, [f"{wan_text(line, 0)}万元" for line in lines]),
            "missing": missing,
        },
        height,
        quarters=list(quarters.values()),
    )


@drawing.template
def _income_by_source(has_missing: bool) -> Any:
    x = alt.X(
        "季度:N",
        title=None,
        scale=alt.Scale(domain=drawing.many("quarters")),
        axis=alt.Axis(labelAngle=0, labelExpr="split(datum.label, '|')"),
    )
    bars = (
        alt.Chart(drawing.data("sources"), title="集体收入来自哪里(万元,年内累计)")
        .mark_bar()
        .encode(
            x=x,
            y=alt.Y("万元:Q", title=None),
            color=alt.Color(
                "来源:N",
                sort=_SOURCES,
                scale=alt.Scale(domain=_SOURCES, range=list(theme.SERIES_COLOURS)),
                legend=alt.Legend(orient="bottom", title=None, columns=7),
            ),
            order="次:Q",
            tooltip=["季度:N", "来源:N", alt.Tooltip("万元:Q", format=",.2f")],
        )
    )
    text = (
        alt.Chart(drawing.data("totals"))
        .mark_text(dy=-10, fontSize=15, fontWeight="bold", color=theme.ink())
        .encode(x=x, y="万元:Q", text="文:N")
    )
    rule = (
        alt.Chart(drawing.data("lines"))
        .mark_rule(strokeDash=[6, 4], strokeWidth=2, color=theme.ink())
        .encode(y="线:Q")
    )
    label = (
        alt.Chart(drawing.data("lines"))
        .mark_text(align="left", baseline="middle", fontSize=14, color=theme.ink(), dx=6)
        .encode(y="线:Q", x=alt.value("width"), text="名:N")
    )
    layers = bars + rule + label + _halo(text) + text
    return layers + _not_told() if has_missing else layers


def own_and_transfer(years: Sequence[tuple[str, int, int, int]], row: int = 40) -> Drawing:
    """How much does the village earn itself (造血), how much is handed to it (输血)?

    `years`: (label, own, transfer, total) in fen, a bar of 100 % each; a total of 0 has no bar.
    """
    rows = []
    for label, own, transfer, total in years:
        start = 0.0
        for kind, fen in zip(_KINDS, (own, transfer, total - own - transfer), strict=True):
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
    return _own_and_transfer().filled(
        {"shares": rows}, _FOOT + row * len(years), years=[label for label, *_ in years]
    )


@drawing.template
def _own_and_transfer() -> Any:
    y = alt.Y("年:N", sort=drawing.many("years"), title=None)
    base = alt.Chart(drawing.data("shares"), title="造血与输血各占多少").encode(y=y)
    colours = [theme.BAND_COLOURS[2], theme.BAND_COLOURS[1], theme.SERIES_COLOURS[6]]
    bars = base.mark_bar(height={"band": 0.8}).encode(
        x=alt.X("起:Q", axis=None, scale=alt.Scale(domain=[0, 1])),
        x2="止:Q",
        color=alt.Color(
            "类:N",
            scale=alt.Scale(domain=list(_KINDS), range=colours),
            legend=alt.Legend(orient="bottom", title=None),
        ),
        tooltip=["年:N", "类:N", "万元:N", "占比:N"],
    )
    text = base.mark_text(fontSize=15, fontWeight="bold", color=_ON_FILL).encode(
        x="中:Q", text="文:N"
    )
    return bars + text


_ROOM = 0.06
"""A share from which its figure fits into its bar."""


def percent(part: int, whole: int) -> str:
    """A share to one decimal: 60.0%."""
    share = (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{share}%"
