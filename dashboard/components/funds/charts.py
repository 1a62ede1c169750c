"""Charts of money. Each answers one question, named in its title."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.components import drawing, theme
from dashboard.components.drawing import Drawing
from dashboard.data.frames import records
from dashboard.policy.money import FEN_A_WAN, wan_text

STAGES = {"arranged_fen": "安排", "allocated_fen": "拨付", "spent_fen": "支出"}
_BAR, _AROUND = 26, 90


def stages(frame: pd.DataFrame, year: int) -> Drawing:
    """How much of what was arranged for each purpose has been allocated, and spent?

    `frame` is queries.funds.by_source.
    """
    sums: dict[str, dict[str, int]] = {}
    for row in records(frame):
        told = sums.setdefault(row["purpose"], dict.fromkeys(STAGES, 0))
        for column in STAGES:
            told[column] += int(row[column])
    rows: list[dict[str, Any]] = [
        {"用途": purpose, "环节": stage, "万元": told[column] / FEN_A_WAN}
        | {"文": wan_text(told[column])}
        for purpose, told in sums.items()
        for column, stage in STAGES.items()
    ]
    highest = max((row["万元"] for row in rows), default=0)
    return _stages().filled(
        {"stages": rows},
        len(sums) * len(STAGES) * _BAR + _AROUND,
        title=f"{year}年各项资金安排了多少、拨付和支出了多少(万元)",
        order=sorted(sums, key=lambda purpose: -sums[purpose]["arranged_fen"]),
        top=(highest or 1) * 1.15,
    )


@drawing.template
def _stages() -> Any:
    order, axis = drawing.many("order"), alt.Axis(ticks=False, domain=False)
    base = alt.Chart(drawing.data("stages"), title=drawing.text("title")).encode(
        y=alt.Y("用途:N", sort=order, title=None, axis=axis),
        yOffset=alt.YOffset("环节:N", sort=list(STAGES.values())),
        x=alt.X("万元:Q", axis=None, scale=alt.Scale(domainMax=drawing.number("top"))),
        tooltip=["用途:N", "环节:N", alt.Tooltip("文:N", title="万元")],
    )
    colours = alt.Scale(domain=list(STAGES.values()), range=list(theme.SERIES_COLOURS[:3]))
    bars = base.mark_bar().encode(
        color=alt.Color("环节:N", scale=colours, legend=alt.Legend(title=None, orient="top"))
    )
    text = base.mark_text(align="left", dx=5, color=theme.ink(), fontSize=14).encode(text="文:N")
    return bars + text
