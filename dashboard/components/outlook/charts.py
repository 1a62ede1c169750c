"""Charts of the expected year end. Each answers one question, named in its title."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from dashboard.components import drawing, theme
from dashboard.components.charts import distinct
from dashboard.components.drawing import Drawing
from dashboard.data.queries.doubts import NONE as NO_DOUBTS
from dashboard.data.queries.doubts import VILLAGE_INCOME, Doubts
from dashboard.data.queries.outlook import Village
from dashboard.policy.money import FEN_A_WAN, wan_text
from dashboard.policy.outlook import Forecast
from dashboard.policy.progress import Light
from dashboard.policy.shortfall import Verdict
from dashboard.policy.thresholds import Threshold

_COLOURS = {
    Verdict.SHORT: Light.RED,
    Verdict.BELOW: Light.YELLOW,
    Verdict.UNSURE: Light.NONE,
    Verdict.LIKELY: Light.GREEN,
    Verdict.REACHED: Light.GREEN,
}
_SHAPES = {
    Verdict.SHORT: "square",
    Verdict.BELOW: "triangle-up",
    Verdict.UNSURE: "triangle-up",
    Verdict.LIKELY: "circle",
    Verdict.REACHED: "circle",
}


def intervals(
    villages: Sequence[Village], line: Threshold, doubted: Doubts = NO_DOUBTS, row: int = 25
) -> Drawing:
    """How far from the line will each village end? A dot at what is expected, a bar around it.

    `doubted`: what waits to be checked; the names of those villages carry the mark.
    """
    plain = distinct([v.name for v in villages], [v.code for v in villages])
    names = [
        name + doubted.mark(village.code, VILLAGE_INCOME)
        for name, village in zip(plain, villages, strict=True)
    ]
    rows = [_row(name, village, line) for name, village in zip(names, villages, strict=True)]
    seen = {one["判断"] for one in rows}
    shown = [verdict for verdict in Verdict if verdict.label in seen]
    return _intervals().filled(
        {"villages": rows, "line": _line(line)},
        118 + row * len(rows),
        title=f"到年底离{wan_text(line.fen, 0)}万元还差多少(万元)",
        names=names,
        verdicts=[v.label for v in shown],
        colours=[theme.LIGHT_COLOURS[_COLOURS[v]] for v in shown],
        shapes=[_SHAPES[v] for v in shown],
    )


@drawing.template
def _intervals() -> Any:
    title = alt.TitleParams(
        drawing.text("title"),
        subtitle="点:预计的全年收入;横条:八成把握的范围;虚线:应超过的标准线",
        subtitleFontSize=14,
    )
    x = alt.Scale(zero=False, nice=True, padding=18)
    base = alt.Chart(drawing.data("villages"), title=title).encode(
        y=alt.Y("村:N", sort=drawing.many("names"), title=None),
        tooltip=["村:N", "镇:N", "判断:N"]
        + [alt.Tooltip(f"{name}:N") for name in ("本年累计", "预计全年", "八成把握")],
    )
    verdicts = drawing.many("verdicts")
    colour = alt.Color(
        "判断:N",
        scale=alt.Scale(domain=verdicts, range=drawing.many("colours")),
        legend=alt.Legend(orient="bottom", title=None, symbolOpacity=1),
    )
    shape = alt.Shape(
        "判断:N",
        scale=alt.Scale(domain=verdicts, range=drawing.many("shapes")),
        legend=alt.Legend(orient="bottom", title=None),
    )
    bars = base.mark_bar(height={"band": 0.34}, opacity=0.45, cornerRadius=4).encode(
        x=alt.X("低:Q", title=None, scale=x, axis=alt.Axis(tickCount=8)), x2="高:Q", color=colour
    )
    dots = base.mark_point(filled=True, size=110, opacity=1).encode(
        x=alt.X("中:Q", scale=x), color=colour, shape=shape
    )
    return alt.layer(bars, _rule(), dots)


def _row(name: str, village: Village, line: Threshold) -> dict[str, Any]:
    one = village.standing.forecast
    lines = (line.fen,)
    return {
        "村": name,
        "镇": village.town,
        "判断": village.standing.verdict.label,
        "低": one.low / FEN_A_WAN,
        "中": one.expected / FEN_A_WAN,
        "高": one.high / FEN_A_WAN,
        "本年累计": wan_text(one.reached, 2, lines),
        "预计全年": wan_text(one.expected, 2, lines),
        "八成把握": span_text(one, line),
    }


def span_text(one: Forecast, line: Threshold) -> str:
    """The interval in 万元: 180.4至190.4."""
    return "至".join(wan_text(fen, 1, (line.fen,)) for fen in (one.low, one.high))


def _line(line: Threshold) -> list[dict[str, float]]:
    return [{"线": line.fen / FEN_A_WAN}]


def _rule() -> Any:
    mark = alt.Chart(drawing.data("line")).mark_rule(
        strokeDash=[6, 4], strokeWidth=2, color=theme.ink()
    )
    return mark.encode(x="线:Q")


def gauge(
    one: Forecast,
    last_year: int | None,
    line: Threshold,
    year: int,
    mark: str = "",
    height: int = 92,
) -> Drawing:
    """Will this village's year end beyond the line? What has come in, what is expected, how sure.

    `last_year`: the whole of the year before in fen, None where it is not in the store; `mark`
    stands behind this year where its income waits to be checked.
    """
    now, before = f"{year}年{mark}", f"{year - 1}年全年"
    names = [now] if last_year is None else [now, before]
    bars = [(now, "本年累计", one.reached)]
    if last_year is not None:
        bars.append((before, "上年全年", last_year))
    lines = (line.fen,)
    solid = [
        {"年": name, "类": kind, "到": fen / FEN_A_WAN, "万元": wan_text(fen, 2, lines)}
        for name, kind, fen in bars
    ]
    return _gauge().filled(
        {"solid": solid, "expected": [_expected(one, line, now)], "line": _line(line)},
        height * len(names) // 2 + 40,
        names=names,
        title=f"{year}年底能不能{line.wording}{wan_text(line.fen, 0)}万元(万元)",
    )


def _expected(one: Forecast, line: Threshold, now: str) -> dict[str, Any]:
    """The way from what has come in to the interval, and the dot in it."""
    return {
        "年": now,
        "今": one.reached / FEN_A_WAN,
        "低": one.low / FEN_A_WAN,
        "到": one.expected / FEN_A_WAN,
        "高": one.high / FEN_A_WAN,
        "预计全年": wan_text(one.expected, 2, (line.fen,)),
        "八成把握": span_text(one, line),
    }


@drawing.template
def _gauge() -> Any:
    names = drawing.many("names")
    y = alt.Y("年:N", sort=names, title=None, scale=alt.Scale(domain=names))
    x = alt.X("到:Q", title=None, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=8))
    colours = alt.Scale(
        domain=["本年累计", "上年全年"],
        range=[theme.BAND_COLOURS[3], theme.LIGHT_COLOURS[Light.NONE]],
    )
    solid = (
        alt.Chart(drawing.data("solid"))
        .mark_bar(height={"band": 0.5})
        .encode(
            x=x,
            y=y,
            color=alt.Color("类:N", scale=colours, legend=None),
            tooltip=["年:N", "类:N", "万元:N"],
        )
    )
    base = alt.Chart(drawing.data("expected")).encode(
        y=y, tooltip=["年:N", "预计全年:N", "八成把握:N"]
    )
    title = alt.TitleParams(
        drawing.text("title"),
        subtitle="实条:本年累计;浅条和点:预计全年和八成把握的范围;虚线:标准线",
        subtitleFontSize=14,
    )
    return alt.layer(
        solid,
        base.mark_rule(strokeWidth=2, color=theme.muted()).encode(x=alt.X("今:Q"), x2="低:Q"),
        base.mark_bar(height={"band": 0.5}, color=theme.BAND_COLOURS[2], opacity=0.7).encode(
            x=alt.X("低:Q"), x2="高:Q"
        ),
        base.mark_point(filled=True, size=130, color=theme.ink(), opacity=1).encode(x=x),
        _rule(),
        title=title,
    )
