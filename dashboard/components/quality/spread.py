"""Villages' income of the year around a line: is there a step where the line is?"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import altair as alt

from dashboard.components import drawing, theme
from dashboard.components.drawing import Drawing
from dashboard.policy.money import FEN_A_WAN
from dashboard.policy.progress import Light

_STEP, _STEPS = 5 * FEN_A_WAN, 10
_BELOW, _ABOVE = "线下", "线上(含)"


def chart(totals: Sequence[int], line_fen: int) -> Drawing:
    """How many villages lie in each 5 万元 around the line; one on it counts as over."""
    counted = Counter(
        (fen - line_fen) // _STEP for fen in totals if abs(fen - line_fen) < _STEP * _STEPS
    )
    told = [
        {
            "起": (line_fen + at * _STEP) / FEN_A_WAN,
            "止": (line_fen + (at + 1) * _STEP) / FEN_A_WAN,
            "村数": counted[at],
            "在": _BELOW if at < 0 else _ABOVE,
        }
        for at in range(-_STEPS, _STEPS)
    ]
    return _chart().filled(
        {"steps": told, "line": [{"线": line_fen / FEN_A_WAN}]},
        420,
        title=f"{line_fen // FEN_A_WAN}万元线上是否突然增多?",
    )


@drawing.template
def _chart() -> Any:
    colours = alt.Scale(
        domain=[_BELOW, _ABOVE],
        range=[theme.LIGHT_COLOURS[Light.NONE], theme.SERIES_COLOURS[0]],
    )
    bars = (
        alt.Chart(drawing.data("steps"))
        .mark_bar(stroke=theme.page(), orient="vertical")
        .encode(
            x=alt.X(
                "起:Q", title="年收入(万元,已扣除兜底)", scale=alt.Scale(nice=False, zero=False)
            ),
            x2="止:Q",
            y=alt.Y("村数:Q", title="村", axis=alt.Axis(tickMinStep=1), stack=None),
            y2=alt.datum(0),
            color=alt.Color("在:N", scale=colours, legend=alt.Legend(title=None, orient="bottom")),
            tooltip=["起:Q", "止:Q", "村数:Q"],
        )
    )
    rule = alt.Chart(drawing.data("line")).mark_rule(
        color=theme.ink(), strokeWidth=2, strokeDash=[6, 4]
    )
    return (bars + rule.encode(x="线:Q")).properties(title=drawing.text("title"))
