"""Below the table: one indicator through the year and who answers for it; what does not add up."""

from collections.abc import Iterable
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.components import drawing, theme
from dashboard.components.decomposition import wording
from dashboard.components.decomposition.differences import Difference, summary
from dashboard.components.decomposition.table import Decomposition
from dashboard.components.drawing import Drawing
from dashboard.components.provenance import asking
from dashboard.config_models import IndicatorEntry
from dashboard.data.frames import Row, records
from dashboard.policy.periods import Period
from dashboard.policy.progress import MONTHS_A_YEAR

PLAN = "序时进度"
ACTUAL = "实际"
_DRILL_HEIGHT = 400


def drill(
    table: Decomposition, entry: IndicatorEntry, trend: Iterable[Row], plan: pd.DataFrame
) -> None:
    """One indicator: its course through the year, and who answers for it in each unit."""
    st.subheader(
        f"{entry.name}:进度与责任", help=f"武发〔2016〕68号 {entry.clause}:{entry.formula}"
    )
    left, right = st.columns([2, 3])
    known = points(table, entry, trend, plan)
    if known.empty:
        left.info(f"{table.focus.unit.name}本年度没有这项指标的计划和填报数。")
    else:
        course(entry, known).show(left, width="stretch")
    head = f"实际({entry.unit})"
    cells = [(entry.code, row.code) for row in table.rows]
    pressed = asking.column(head, f"duties_{entry.code}", cells, alignment="right")
    right.dataframe(
        duties(table, entry, plan),
        hide_index=True,
        width="stretch",
        column_config={head: pressed},
    )


def course(entry: IndicatorEntry, known: pd.DataFrame) -> Drawing:
    """Is the focus unit keeping up: the plan through the months, what was reached by quarter."""
    return _course().filled(
        {"points": records(known)},
        _DRILL_HEIGHT,
        what=f"累计({entry.unit})" if entry.cumulative else entry.unit,
        title=f"{entry.short}是否跟上序时进度({entry.unit})",
    )


@drawing.template
def _course() -> Any:
    colours = [theme.muted(), theme.SERIES_COLOURS[4 if theme.is_dark() else 0]]
    base = alt.Chart(drawing.data("points")).encode(
        x=alt.X("month:Q", title="月份")
        .axis(tickMinStep=1, format="d", grid=False)
        .scale(domain=[0, MONTHS_A_YEAR], nice=False),
        y=alt.Y("value:Q", title=None).axis(tickMinStep=1),
        color=alt.Color("series:N", title=None)
        .legend(orient="top")
        .scale(domain=[PLAN, ACTUAL], range=colours),
        tooltip=[
            alt.Tooltip("series:N", title="类别"),
            alt.Tooltip("month:Q", title="月份"),
            alt.Tooltip("text:N", title=drawing.text("what")),
        ],
    )
    planned = base.transform_filter(alt.datum.series == PLAN)
    actual = base.transform_filter(alt.datum.series == ACTUAL)
    label = alt.value(theme.ink())
    chart = alt.layer(
        planned.mark_line(strokeDash=[6, 4], point=alt.OverlayMarkDef(size=25)),
        actual.mark_line(strokeWidth=3, point=alt.OverlayMarkDef(size=90)),
        actual.mark_text(dy=-16, fontSize=16, fontWeight="bold").encode(text="text:N", color=label),
    )
    return chart.properties(
        title=drawing.text("title"), padding={"left": 5, "top": 12, "right": 20, "bottom": 5}
    )


def points(
    table: Decomposition, entry: IndicatorEntry, trend: Iterable[Row], plan: pd.DataFrame
) -> pd.DataFrame:
    """Columns: series, month (1–12), value (in the indicator's unit), text.

    `trend` is progress.trend of the focus unit, `plan` queries.decomposition.plan. Without a
    monthly plan the schedule goes through the scheduled figure of each quarter.
    """
    code = table.focus.unit.code
    planned = plan[(plan["unit"] == code) & plan["month"].notna()]
    reached = [(PLAN, row["month"], row["planned"]) for row in records(planned)]
    for row in trend:
        if row["indicator"] != entry.code:
            continue
        month = Period.parse(row["period"]).last_month
        if planned.empty and row["scheduled"] is not None:
            reached.append((PLAN, month, round(row["scheduled"])))
        if row["value"] is not None:
            reached.append((ACTUAL, month, row["value"]))
    # The quarter looked at, and no other, is asked whether all have reported and none waits.
    last, marks = table.focus.period.last_month, table.cell(code, entry.code).marks
    return pd.DataFrame(
        [
            (
                series,
                month,
                wording.in_unit(value, entry),
                wording.figure(value, entry) + (marks if (series, month) == (ACTUAL, last) else ""),
            )
            for series, month, value in reached
        ],
        columns=["series", "month", "value", "text"],
    )


def duties(table: Decomposition, entry: IndicatorEntry, plan: pd.DataFrame) -> pd.DataFrame:
    """Who answers for one indicator in each unit, and how far each is.

    Columns as the screen heads them: 单位, 亮灯, 年度目标, 实际, 完成率, 责任单位, 责任人(职务),
    完成月份. `plan` is queries.decomposition.plan.
    """
    duty_of = {row["unit"]: row for row in records(plan)}
    rows = []
    for row in table.rows:
        cell = table.cell(row.code, entry.code)
        duty = duty_of.get(row.code)
        rows.append(
            {
                "单位": row.name,
                "亮灯": f"{cell.light.glyph} {cell.light.label}" if cell.target is not None else "",
                f"年度目标({entry.unit})": wording.figure(cell.target, entry),
                f"实际({entry.unit})": wording.reached(cell, entry, table.lines),
                "完成率": wording.rate(cell.rate),
                "责任单位": "未下达" if duty is None else duty["department"],
                "责任人(职务)": "" if duty is None else duty["post"] or "未落实到人",
                "完成月份": "" if duty is None else f"{duty['due_month']}月",
            }
        )
    return pd.DataFrame(rows)


def reconciliation(found: list[Difference], is_begun: bool) -> None:
    """分解校核: what does not add up, with its figures; or that all does."""
    st.subheader(
        "分解校核", help="区目标=Σ镇(街道)=Σ村,年度目标=月度计划末值;比率不相加,不参加上下级校核。"
    )
    if not is_begun:
        st.info("本年度目标尚未下达,无从校核。", icon=":material/info:")
        return
    if not found:
        st.success(
            "全部一致:逐级目标合计与上级目标相等,月度计划与年度目标相等。",
            icon=":material/check_circle:",
        )
        return
    st.warning(f"有{len(found)}处不一致:{summary(found)}。", icon=":material/rule:")
    st.dataframe(
        difference_frame(found),
        hide_index=True,
        width="stretch",
        row_height=38,
        column_config={"明细": st.column_config.TextColumn(width="large")},
    )


def difference_frame(found: list[Difference]) -> pd.DataFrame:
    """Columns, all text: 单位, 指标, 问题, 应为, 现为, 相差, 现为÷应为, 明细."""
    return pd.DataFrame(
        [
            {
                "单位": one.unit,
                "指标": one.entry.short,
                "问题": one.problem,
                "应为": f"{wording.figure(one.own, one.entry)}{one.entry.unit}",
                "现为": f"{wording.figure(one.parts, one.entry)}{one.entry.unit}",
                "相差": wording.signed(one.gap, one.entry),
                "现为÷应为": wording.rate(one.ratio),
                "明细": one.detail,
            }
            for one in found
        ]
    )
