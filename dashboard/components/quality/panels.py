"""Panels of the quality page: the sum of it, the findings in order, what was asked at all."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard.components import downloads, focus_bar, noted
from dashboard.components.quality import calendar, deciding, spread
from dashboard.components.quality.calendar import SHEETS
from dashboard.components.quality.wording import HOW
from dashboard.components.scene import Scene
from dashboard.data.queries.authenticity import Lead, Look, Origins
from dashboard.data.reviews import Action, Review
from dashboard.figures import moment
from dashboard.policy.authenticity.findings import Row
from dashboard.policy.authenticity.rules import CHECK_LABELS
from dashboard.policy.money import yuan_text
from dashboard.policy.periods import Period

_TABLES = {
    **SHEETS,
    "lifecycle_event": "状态变更",
    "household_income": "农户收入",
}
_MONEY = ("village_income", "household_income")
_RIGHT = st.column_config.TextColumn(alignment="right")


def is_done(lead: Lead, decided: Mapping[str, Review]) -> bool:
    """Whether the office has nothing more to do with it; what was sent back is still open."""
    review = decided.get(lead.key)
    return review is not None and review.action is not Action.RETURNED


def tiles(
    look: Look,
    decided: Mapping[str, Review],
    coverage: pd.DataFrame,
    period: Period,
    due_days: int,
) -> None:
    """How much there is to check, and how complete the quarter is."""
    now = coverage[coverage["period"] == str(period)]
    came = now["days"].notna()
    late = int((now.loc[came, "days"].astype(int) > due_days).sum())
    units = {code for lead in look.leads for code in lead.finding.units if code in look.towns}
    columns = st.columns(4)
    open_ = sum(not is_done(lead, decided) for lead in look.leads)
    columns[0].metric("待核线索/全部(条)", f"{open_}/{len(look.leads)}", border=True)
    columns[1].metric("涉及村(个)", f"{len(units)}", border=True)
    columns[2].metric("已报(份)", f"{int(came.sum())}/{len(now)}", border=True)
    columns[3].metric("其中迟报(份)", f"{late}", border=True)


def reports(coverage: pd.DataFrame, totals: Sequence[int], line_fen: int, due_days: int) -> None:
    """The calendar of reports, a sheet at a time; at a year's end incomes around the line."""
    st.markdown("**各镇(街道)填报是否齐全、按时**")
    *sheets, spreads = st.tabs([*SHEETS.values(), "村收入与标准线"])
    for tab, (table, sheet) in zip(sheets, SHEETS.items(), strict=True):
        with tab:
            chart = calendar.chart(coverage[coverage["table"] == table], due_days)
            chart.show(key=f"calendar_{table}")
            st.caption(f"“{sheet}”在季末后第几天首次报送(格中数字);超过{due_days}天为迟报。")
    with spreads:
        if not totals:
            st.markdown("标准线是全年的线:选择第四季度、全区,可看各村全年收入的分布。")
            return
        spread.chart(totals, line_fen).show(key="spread")
        st.caption("线上紧邻处多、线下紧邻处少,可能有村被“做”过线;是否偶然,以左侧核查为准。")


def conclusion(look: Look, decided: Mapping[str, Review]) -> None:
    """One sentence: what first."""
    left = [lead for lead in look.leads if not is_done(lead, decided)]
    if not look.leads:
        st.success(
            f"{len(look.asked)}项核查没有发现需要先核实的数据。没有提示不等于没有问题。",
            icon=":material/task_alt:",
        )
        return
    if not left:
        st.success(f"{len(look.leads)}条线索都已处理。", icon=":material/task_alt:")
        return
    first = left[0].finding
    st.markdown(
        f"**{len(left)}条线索待核,先核“{first.title}”。** "
        "线索只说明先看哪里,不是结论;努力达标、政策补助也可能呈现同样的样子。"
    )


def done(look: Look, decided: Mapping[str, Review]) -> None:
    """What the office has dealt with, and how."""
    dealt = [lead for lead in look.leads if is_done(lead, decided)]
    if dealt:
        with st.expander(f"已处理({len(dealt)}条)"):
            for one in dealt:
                st.markdown(f"**{one.finding.title}** {one.finding.sentence}")
                deciding.decided(decided[one.key])


def lead(
    scene: Scene, look: Look, place: int, one: Lead, origins: Origins, review: Review | None
) -> None:
    """A finding: why, how sure, since when, which rows, and how to follow it up."""
    finding = one.finding
    why, how = HOW[finding.check]
    sure = (
        "按登记直接判断,不靠概率"
        if finding.adjusted is None
        else f"已按全部核查项校正,误报的可能{_odds(finding.adjusted)}"
    )
    since = "" if one.since == finding.period else f";自{one.since.label}起连续提示"
    with st.container(border=True):
        st.markdown(f"**{place}. {finding.title}** :gray[{sure}{since}]")
        st.markdown(finding.sentence)
        st.caption(f"为什么看:{why}怎么核:{how}")
        if review is not None:
            deciding.decided(review)
        deciding.form(scene, look, one)
        if finding.rows:
            with st.expander(f"要核的数据({len(finding.rows)}条)"):
                _rows(scene, look, one, origins)


def _odds(adjusted: float) -> str:
    return "不到千分之一" if adjusted < 0.001 else f"约{adjusted:.1%}"


def _rows(scene: Scene, look: Look, one: Lead, origins: Origins) -> None:
    rows = one.finding.rows
    noted.households(scene, sum(row.table == "household_income" for row in rows))
    shown = rows_frame(rows, look, origins)
    state = st.dataframe(
        shown,
        hide_index=True,
        column_config={"数值": _RIGHT, "行": _RIGHT},
        on_select="rerun",
        selection_mode="single-row",
        key=f"rows_{one.key}",
    )
    if state.selection.rows and (code := rows[state.selection.rows[0]].unit):
        focus_bar.goto(scene, "unit", code)
    st.caption("勾选一行可查看该单位的收入来源和历史。")
    what = f"核查数据_{one.finding.title}"
    downloads.bar(
        scene.store,
        scene.viewer,
        downloads.File(
            "下载清单",
            downloads.file_name(scene.focus, what, "csv", scene.is_demo),
            "text/csv",
            lambda: downloads.csv(shown),
        ),
    )


def rows_frame(rows: Sequence[Row], look: Look, origins: Origins) -> pd.DataFrame:
    """The rows of a finding with the file that each came from."""
    told = []
    for row in rows:
        town = look.names.get(look.towns.get(row.unit, ""), "")
        file, line, at = origins.get((row.unit, row.period), ("", None, None))
        subject = {"对象": row.subject} if any(one.subject for one in rows) else {}
        told.append(
            {"镇(街道)": town, "单位": look.names.get(row.unit, "")}
            | subject
            | {
                "工作表": _TABLES.get(row.table, row.table),
                "季度": Period.parse(row.period).label,
                "内容": row.what,
                "数值": f"{yuan_text(row.value)}元" if _is_money(row) else f"{row.value:,}",
                "来源文件": file,
                "行": "" if line is None else str(line),
                "填报时间": "" if at is None else moment(at),
            }
        )
    return pd.DataFrame(told)


def _is_money(row: Row) -> bool:
    return row.table in _MONEY and "天" not in row.what


def asked(look: Look) -> None:
    """All checks, what came of each: that nothing was found is said too."""
    found = {lead.finding.check for lead in look.leads}
    shown = pd.DataFrame(
        [
            {
                "核查": label,
                "结果": "■ 有线索"
                if key in found
                else "● 未见异常"
                if key in look.asked
                else "○ 数据不足或不适用",
                "看什么": HOW[key][0],
            }
            for key, label in CHECK_LABELS.items()
        ]
    )
    with st.expander(f"全部{len(shown)}项核查的结果"):
        st.dataframe(shown, hide_index=True, height="content")
        st.caption(
            "各项核查合起来,一个区一个季度误报(哪怕一条)的可能不超过5%。检出能力有限:"
            "一个区190个村里,只有少数几个村被移过线是看不出来的。方法、假定和检出率见 "
            "docs/authenticity.md。"
        )
