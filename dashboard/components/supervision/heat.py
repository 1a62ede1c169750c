"""Five kinds of 落实 by town: where do tasks stay undone?"""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.components import drawing, theme
from dashboard.components.drawing import Drawing
from dashboard.data.frames import records
from dashboard.data.ingest.sheets import FULFILMENTS
from dashboard.policy.progress import Light

_ROW, _AROUND = 34, 90


def fulfilment(frame: pd.DataFrame, late: str) -> Drawing:
    """Which unit has not done what was due, by kind? `frame` is queries.supervision.by_kind.

    Each cell says done/due; its colour follows the share, and text and shape say the same.
    """
    told = [
        {
            "单位": row["name"],
            "落实": row["kind"],
            "文": f"{_glyph(int(row['done']), int(row['due']))} {row['done']}/{row['due']}",
            "档": _NAMES[_light(int(row["done"]), int(row["due"]))],
            "率": int(row["done"]) / int(row["due"]),
        }
        for row in records(frame)
        if row["kind"] in FULFILMENTS
    ]
    names = list(dict.fromkeys(row["单位"] for row in told))
    return _fulfilment().filled(
        {"cells": told},
        len(names) * _ROW + _AROUND,
        title=f"到{late}应完成的任务,哪里还没有完成(已完成/应完成,项)",
        names=names,
    )


@drawing.template
def _fulfilment() -> Any:
    base = alt.Chart(drawing.data("cells"), title=drawing.text("title")).encode(
        x=alt.X(
            "落实:N", sort=list(FULFILMENTS), title=None, axis=_axis(orient="top", labelAngle=0)
        ),
        y=alt.Y("单位:N", sort=drawing.many("names"), title=None, axis=_axis()),
        tooltip=["单位:N", "落实:N", "文:N", alt.Tooltip("率:Q", format=".0%", title="完成")],
    )
    lights = (Light.GREEN, Light.YELLOW, Light.RED)
    colours = alt.Scale(
        domain=[_NAMES[light] for light in lights],
        range=[theme.LIGHT_COLOURS[light] for light in lights],
    )
    legend = alt.Legend(title=None, orient="bottom")
    cells = base.mark_rect(opacity=0.55, stroke=theme.page(), strokeWidth=2).encode(
        color=alt.Color("档:N", scale=colours, legend=legend)
    )
    text = base.mark_text(fontSize=15, fontWeight="bold", color=theme.ink()).encode(text="文:N")
    return cells + text


_NAMES = {Light.GREEN: "全部完成", Light.YELLOW: "完成八成以上", Light.RED: "完成不到八成"}
_EIGHTY = 0.8


def _light(done: int, due: int) -> Light:
    if done >= due:
        return Light.GREEN
    return Light.YELLOW if done / due >= _EIGHTY else Light.RED


def _glyph(done: int, due: int) -> str:
    return _light(done, due).glyph


def _axis(**more: Any) -> alt.Axis:
    return alt.Axis(ticks=False, domain=False, **more)
