"""Charts of households. Each answers one question, named in its title."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Any

import altair as alt

from dashboard.components import drawing, theme
from dashboard.components.drawing import Drawing
from dashboard.components.households.flow import said
from dashboard.policy.households import GAPS, REACHED, UNTOLD, Count, Split
from dashboard.policy.money import FEN_A_YUAN
from dashboard.policy.progress import Light

HIDDEN = "*"
_BAR, _GOOD = theme.BAND_COLOURS[2], theme.LIGHT_COLOURS[Light.GREEN]


def counts(
    rows: Sequence[tuple[str, Count | None]],
    title: str,
    *,
    marked: Sequence[str] = (),
    row: int = 30,
) -> Drawing:
    """How many households are in each class? A hidden count has a star and no bar.

    `marked` words stand out.
    """
    shown = [
        {
            "类": word,
            "户": count.households if count else 0,
            "文": said(count) if count else f"{HIDDEN} 不足5户或为免推算隐去",
            "标": word in marked,
        }
        for word, count in rows
    ]
    widest = max([1, *(count.households for _, count in rows if count)])
    return _counts().filled(
        {"classes": shown},
        44 + row * max(1, len(shown)),
        title=title,
        order=[word for word, _ in rows],
        widest=widest * 1.5,
    )


@drawing.template
def _counts() -> Any:
    y = alt.Y("类:N", sort=drawing.many("order"), title=None)
    base = alt.Chart(drawing.data("classes"), title=drawing.text("title")).encode(
        y=y, tooltip=["类:N", "文:N"]
    )
    colour = alt.condition("datum.标", alt.value(_GOOD), alt.value(_BAR))
    scale = alt.Scale(domain=[0, drawing.text("widest")], nice=False)
    bars = base.mark_bar(height={"band": 0.7}).encode(
        x=alt.X("户:Q", axis=None, scale=scale), color=colour
    )
    text = base.mark_text(align="left", dx=6, fontSize=14, color=theme.ink()).encode(
        x="户:Q", text="文:N"
    )
    return bars + text


def gaps(told: Mapping[str, Count | None], year: int) -> Drawing:
    """How far below the line are they? The farthest first."""
    words = [word for word in (*GAPS, UNTOLD) if word in told]
    title = f"离人均1万元还差多少({year}年人均可支配收入)"
    return counts([(word, told[word]) for word in words], title, marked=[REACHED])


def whole_yuan(fen: Fraction) -> int:
    """Whole yuan, halves up."""
    return floor(fen / FEN_A_YUAN + Fraction(1, 2))


def average_text(fen: Fraction, line: int) -> str:
    """An average in whole yuan; in fen where whole yuan would lie on another side of the line."""
    whole = whole_yuan(fen)
    if (whole * FEN_A_YUAN >= line) == (fen >= line):
        return f"{whole:,}"
    return f"{floor(fen) / FEN_A_YUAN:,.2f}"


def signed(yuan: int) -> str:
    """+936, −182 or 0."""
    return f"{yuan:+,}".replace("-", "−") if yuan else "0"


def changes(split: Split) -> tuple[int, int, int] | None:
    """What leaving, better lives and joining add, in whole yuan that add up to the change of the
    averages as shown; None where nobody stayed."""
    effects, before = split.effects, split.before.a_head
    if effects is None or before is None:
        return None
    course = [before, before + effects[0], before + effects[0] + effects[1], before + sum(effects)]
    shown = [whole_yuan(fen) for fen in course]
    return shown[1] - shown[0], shown[2] - shown[1], shown[3] - shown[2]


def averages(split: Split, line: int, height: int = 320) -> Drawing | None:
    """Has life got better, or have the better off left? From one year's average to the next."""
    added, before, now = changes(split), split.before.a_head, split.now.a_head
    if added is None or before is None or now is None:
        return None
    start = whole_yuan(before)
    left, lived = start + added[0], start + added[0] + added[1]
    end = whole_yuan(now)
    rows = [
        (f"{split.year - 1}年平均", start, start, "平均数", average_text(before, line)),
        ("离开的带来", start, left, "人员变动", signed(added[0])),
        ("留下的增收", left, lived, "真增收", signed(added[1])),
        ("进入的带来", lived, end, "人员变动", signed(added[2])),
        (f"{split.year}年平均", end, end, "平均数", average_text(now, line)),
    ]
    shown = [
        dict(zip(("步", "起", "止", "类", "文"), one, strict=True)) | {"右": max(one[1], one[2])}
        for one in rows
    ]
    low, high = min(start, left, lived, end), max(start, left, lived, end)
    room = max(high - low, 200)
    return _averages().filled(
        {"steps": shown},
        height,
        order=[one[0] for one in rows],
        low=low - room * 0.15,
        high=high + room * 0.3,
    )


@drawing.template
def _averages() -> Any:
    scale = alt.Scale(domain=[drawing.text("low"), drawing.text("high")], nice=False, zero=False)
    title = alt.TitleParams(
        "平均收入的变化从哪里来(元/人)",
        subtitle="只有“留下的增收”是日子好了;横轴不从0起",
        subtitleFontSize=14,
    )
    colours = alt.Scale(
        domain=["平均数", "真增收", "人员变动"],
        range=[theme.ink(), _GOOD, theme.LIGHT_COLOURS[Light.YELLOW]],
    )
    base = alt.Chart(drawing.data("steps"), title=title).encode(
        y=alt.Y("步:N", sort=drawing.many("order"), title=None),
        color=alt.Color("类:N", scale=colours, legend=alt.Legend(orient="bottom", title=None)),
        tooltip=["步:N", "文:N"],
    )
    x = alt.X("起:Q", scale=scale, title=None, axis=alt.Axis(format=",.0f", tickCount=6))
    lines = base.mark_rule(strokeWidth=18).encode(x=x, x2="止:Q")
    dots = base.transform_filter("datum['类'] == '平均数'")
    points = dots.mark_point(filled=True, size=260, opacity=1).encode(x=x)
    text = base.mark_text(align="left", dx=14, fontSize=16, fontWeight="bold")
    labels = text.encode(x="右:Q", text="文:N", color=alt.value(theme.ink()))
    return lines + points + labels
