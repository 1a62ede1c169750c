"""Charts of money. Each answers one question, named in its title."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.components import theme
from dashboard.policy.money import FEN_A_WAN, wan_text

STAGES = {"arranged_fen": "安排", "allocated_fen": "拨付", "spent_fen": "支出"}
_BAR, _AROUND = 26, 90


def stages(frame: pd.DataFrame, year: int) -> Any:
    """How much of what was arranged for each purpose has been allocated, and spent?

    `frame` is queries.funds.by_source.
    """
    rows = []
    for purpose, part in frame.groupby("purpose", sort=False):
        for column, stage in STAGES.items():
            fen = int(part[column].sum())
            rows.append((purpose, stage, fen / FEN_A_WAN, wan_text(fen)))
    told = pd.DataFrame(rows, columns=["用途", "环节", "万元", "文"])
    order = list(told[told["环节"] == "安排"].sort_values("万元", ascending=False)["用途"])
    height = len(order) * len(STAGES) * _BAR
    base = alt.Chart(told, title=f"{year}年各项资金安排了多少、拨付和支出了多少(万元)").encode(
        y=alt.Y("用途:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False)),
        yOffset=alt.YOffset("环节:N", sort=list(STAGES.values())),
        x=alt.X("万元:Q", axis=None, scale=alt.Scale(domainMax=_top(told))),
        tooltip=["用途:N", "环节:N", alt.Tooltip("文:N", title="万元")],
    )
    colours = alt.Scale(domain=list(STAGES.values()), range=list(theme.SERIES_COLOURS[:3]))
    bars = base.mark_bar().encode(
        color=alt.Color("环节:N", scale=colours, legend=alt.Legend(title=None, orient="top"))
    )
    text = base.mark_text(align="left", dx=5, color=theme.ink(), fontSize=14).encode(text="文:N")
    return theme.configure((bars + text).properties(height=height + _AROUND))


def _top(told: pd.DataFrame) -> float:
    return float(told["万元"].max() or 1) * 1.15
