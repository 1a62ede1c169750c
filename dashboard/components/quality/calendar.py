"""Who has reported, town by town, sheet by sheet, quarter by quarter."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.components import drawing, theme
from dashboard.components.drawing import Drawing
from dashboard.data.frames import records
from dashboard.policy.periods import Period
from dashboard.policy.progress import Light

SHEETS = {"observation": "指标填报", "village_income": "村集体收入"}
"""What a table of reports is called in the workbook."""
_ROW, _AROUND = 30, 90
_SAID = {
    "● 按时": Light.GREEN,
    "▲ 迟报": Light.YELLOW,
    "◆ 提前": Light.YELLOW,
    "■ 未报": Light.RED,
}


def state(days: int | None, due_days: int) -> str:
    """How a report came, in a shape and a word."""
    if days is None:
        return "■ 未报"
    if days < 0:
        return "◆ 提前"
    return "▲ 迟报" if days > due_days else "● 按时"


def chart(frame: pd.DataFrame, due_days: int) -> Drawing:
    """Where are reports of one sheet missing or late? `frame` is of queries.authenticity.coverage.

    A cell says the day after the quarter's end on which the report came.
    """
    told = [_cell(row, due_days) for row in records(frame)]
    towns = list(dict.fromkeys(row["单位"] for row in told))
    return _chart().filled(
        {"reports": told},
        _ROW * len(towns) + _AROUND,
        towns=towns,
        quarters=[Period.parse(one).short_label for one in sorted(set(frame["period"]))],
    )


@drawing.template
def _chart() -> Any:
    head = alt.Axis(
        labelAngle=0,
        orient="top",
        ticks=False,
        domain=False,
        labelOverlap=False,
    )
    side = alt.Axis(ticks=False, domain=False)
    base = alt.Chart(drawing.data("reports")).encode(
        x=alt.X("季度:N", sort=drawing.many("quarters"), title=None, axis=head),
        y=alt.Y("单位:N", sort=drawing.many("towns"), title=None, axis=side),
        tooltip=["单位:N", "工作表:N", "全称:N", "状态:N", "报送日期:N", "季末后天数:N"],
    )
    scale = alt.Scale(
        domain=list(_SAID), range=[theme.LIGHT_COLOURS[light] for light in _SAID.values()]
    )
    legend = alt.Legend(title=None, orient="bottom", symbolOpacity=0.6)
    cells = base.mark_rect(opacity=0.5, stroke=theme.page(), strokeWidth=2).encode(
        color=alt.Color("状态:N", scale=scale, legend=legend)
    )
    text = base.mark_text(fontSize=14, color=theme.ink()).encode(text="文:N")
    return cells + text


def _cell(row: dict[str, Any], due_days: int) -> dict[str, Any]:
    period = Period.parse(row["period"])
    said = state(row["days"], due_days)
    return {
        "单位": row["name"],
        "工作表": SHEETS[row["table"]],
        "季度": period.short_label,
        "全称": period.label,
        "序": row["period"],
        "状态": said,
        "文": said[0] if row["days"] is None else f"{said[0]} {row['days']}",
        "报送日期": "—" if row["first_on"] is None else str(row["first_on"]),
        "季末后天数": "—" if row["days"] is None else str(row["days"]),
    }
