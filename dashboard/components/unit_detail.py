"""The parts of a town's and a village's page."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components import charts, focus_bar, tables
from dashboard.components.decomposition import wording
from dashboard.components.overview import Standing, places
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.config_models import IndicatorEntry
from dashboard.data.frames import Row, records
from dashboard.data.queries.doubts import VILLAGE_INCOME, Doubts
from dashboard.data.queries.villages import SOURCE_COLUMNS
from dashboard.figures import DOUBT_NOTE
from dashboard.policy.money import FEN_A_WAN, wan_text
from dashboard.policy.periods import Period
from dashboard.policy.progress import Light
from dashboard.policy.thresholds import is_weak

_ROW, _HEAD = 34, 38
_OF_CHILDREN = ("V02", "V01", "V03", "H01", "H05")


def villages(scene: Scene, frame: pd.DataFrame, doubted: Doubts) -> None:
    """A town's villages against the lines; one click leads to a village.

    `doubted`: what waits to be checked.
    """
    lines = scene.settings.policy.village_lines
    told = int(frame["total_fen"].notna().sum())
    if not len(frame):
        st.markdown("没有登记行政村。")
        return
    if told:
        chart = charts.village_lines(frame, lines, doubted)
        state = chart.show(on_select="rerun", key="villages_chart")
        picked = _picked(state)
        if picked:
            focus_bar.goto(scene, "unit", picked)
    else:
        period = scene.focus.period.label
        st.info(f"{period}各村尚无收入填报数据。", icon=":material/hourglass_empty:")
    missing = frame[frame["total_fen"].isna()]
    if len(missing):
        st.markdown(f"○ 未填报({len(missing)}个村):{'、'.join(missing['name'])}")
    hint = ";点击条形可查看该村" if told else ""
    st.caption(f"已填报{told}个村,共{len(frame)}个村{hint}。")
    waiting = [
        row["name"]
        for row in records(frame)
        if row["total_fen"] is not None and (row["village"], VILLAGE_INCOME) in doubted
    ]
    if waiting:
        st.caption(f"{DOUBT_NOTE}({len(waiting)}个村:{'、'.join(waiting)})")


def _picked(state: Any) -> str | None:
    rows = state.selection.get("village", []) if state else []
    return str(rows[0]["代码"]) if rows else None


def children(
    scene: Scene, below: Sequence[Row], ranks: Sequence[Standing], doubted: Doubts
) -> None:
    """The units under the focus unit (progress.of_children), a row each; choosing one leads to it.

    `doubted`: what waits to be checked.
    """
    st.subheader("下级单位", anchor=False)
    names = {row["unit"]: row["name"] for row in below}
    if not names:
        st.markdown("没有下级单位。")
        return
    entries = [scene.settings.catalogue.by_code.get(code) for code in _OF_CHILDREN]
    cells = {(row["unit"], row["indicator"]): row for row in below}
    standing, place = {s.code: s for s in ranks}, places(ranks)
    # As the chart has them; whoever cannot be judged comes last.
    order = [s.code for s in ranks] + [code for code in names if code not in standing]
    shown = tables.plain(
        {"单位": names[code], "次序": place.get(code, "—")}
        | _lights(standing.get(code))
        | {
            _head(entry): _figure(cells.get((code, entry.code)), entry, doubted)
            for entry in entries
            if entry is not None
        }
        for code in order
    )
    state = st.dataframe(
        shown,
        hide_index=True,
        height=_HEAD + _ROW * len(shown),
        row_height=_ROW,
        column_config={
            head: st.column_config.TextColumn(alignment="right") for head in shown.column_names[2:]
        }
        | {
            _head(entry): asking.column(
                _head(entry),
                f"children_{entry.code}",
                [(entry.code, code) for code in order],
                alignment="right",
            )
            for entry in entries
            if entry is not None
        },
        on_select="rerun",
        selection_mode="single-row",
        key="children_table",
    )
    if state.selection.rows:
        focus_bar.goto(scene, "unit", order[state.selection.rows[0]])
    st.caption(
        "勾选一行可查看该单位,点指标的数看来源;达到序时:达到序时的核心指标数/可以判断的核心指标数。"
    )


def _head(entry: IndicatorEntry) -> str:
    return f"{entry.short}({entry.unit})"


def _lights(standing: Standing | None) -> dict[str, str]:
    if standing is None:
        return {"达到序时": "—", f"{Light.RED.glyph} {Light.RED.label}": "—"}
    return {
        "达到序时": f"{standing.green}/{standing.judged}{standing.mark}",
        f"{Light.RED.glyph} {Light.RED.label}": f"{standing.red}/{standing.judged}{standing.mark}",
    }


def _figure(row: Row | None, entry: IndicatorEntry, doubted: Doubts) -> str:
    if row is None or row["value"] is None:
        return "未填报"
    return wording.figure(row["value"], entry) + doubted.mark(row["unit"], entry.code)


def income(scene: Scene, history: pd.DataFrame, now: Mapping[Any, Any] | None, mark: str) -> None:
    """A village's income by source against the lines, and what it earns itself.

    `mark` stands behind this year's income where it waits to be checked.
    """
    policy, period = scene.settings.policy, scene.focus.period
    told = now is not None and not pd.isna(now["total_fen"])
    rows = {row["period"]: row for row in records(history)}
    before = rows.get(str(Period(period.year - 1, period.quarter)))
    if now is None or not told:
        st.info(f"{period.label}该村尚未填报收入。", icon=":material/hourglass_empty:")
    else:
        _standing(scene, now, before, mark)
        if mark:
            st.caption(DOUBT_NOTE)
    if not rows:
        return
    first = min(Period.parse(text) for text in rows)
    charts.income_by_source(history, first, period, policy.village_lines, mark).show()
    years = [
        (label, *_split(scene, row))
        for label, row in (
            (f"{period.year}年", rows.get(str(period))),
            (f"{period.year - 1}年同期", before),
            (f"{period.year - 1}年全年", rows.get(str(period.year_end(1)))),
        )
        if row is not None and not (label.endswith("全年") and period.closes_year)
    ]
    if years:
        charts.own_and_transfer(years).show()


def _split(scene: Scene, row: Mapping[str, Any]) -> tuple[int, int, int]:
    """(own, transfer, total) in fen of a row of villages.history."""
    policy = scene.settings.policy
    return (
        sum(row[f"{source}_fen"] for source in policy.own_sources),
        sum(row[f"{source}_fen"] for source in policy.transfer_sources),
        sum(row[column] for column in SOURCE_COLUMNS),
    )


def is_weak_village(scene: Scene, now: Mapping[Any, Any] | None) -> bool:
    """Whether the village counts as 经济一般村; one that has not reported counts by last year."""
    if now is None:
        return False
    last = None if pd.isna(now["last_year_fen"]) else int(now["last_year_fen"])
    weak = scene.settings.policy.threshold("weak_village")
    if pd.isna(now["total_fen"]):
        return last is not None and weak.holds(last)
    return is_weak(int(now["total_fen"]), scene.focus.period.closes_year, last, weak)


def _standing(
    scene: Scene, now: Mapping[Any, Any], before: Mapping[str, Any] | None, mark: str
) -> None:
    """The year's income so far, its parts, and on which side of the lines it lies."""
    policy = scene.settings.policy
    total, lines = int(now["total_fen"]), policy.village_lines
    last_year = None if pd.isna(now["last_year_fen"]) else int(now["last_year_fen"])
    delta = None
    if before is not None:
        gain = total - _split(scene, before)[2]
        delta = f"{'+' if gain > 0 else ''}{wan_text(gain)} 比上年同期"
    # The unit stands in the label: a figure next to a line needs the room for its decimals.
    columns = st.columns([1.35, 1, 1, 1])
    columns[0].metric(
        "本年累计(万元)",
        wan_text(total, 2, lines) + mark,
        delta=delta,
        border=True,
        height="stretch",
    )
    for column, label, part in (
        (columns[1], "其中自有(造血,万元)", "own_fen"),
        (columns[2], "其中转移(输血,万元)", "transfer_fen"),
    ):
        column.metric(
            # The mark beside the name: a large part and the mark together would be cut off.
            label + mark,
            wan_text(int(now[part]), 2, lines),
            delta=f"占{charts.percent(int(now[part]), total)}" if total else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
    columns[3].metric(
        "上年全年(万元)",
        "未入库" if last_year is None else wan_text(last_year, 2, lines),
        border=True,
        height="stretch",
    )
    status = "经济一般村" if is_weak_village(scene, now) else "不在一般村之列"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{status}** · 本年累计{_reached(scene, total)}{mark}", width="content")
        asking.beside("V03")


def _reached(scene: Scene, total: int) -> str:
    """Which of the policy's targets the income has reached; exactly on a line is neither side."""
    policy = scene.settings.policy
    targets = [policy.threshold(key) for key in ("village_target_2020", "village_target_2016")]
    said = [f"{target.wording}{wan_text(target.fen, 0)}万元" for target in targets]
    reached = [words for target, words in zip(targets, said, strict=True) if target.holds(total)]
    exactly = f"(恰为{total // FEN_A_WAN}万元)" if total in policy.village_lines else ""
    return (reached[0] if reached else f"尚未{said[-1]}") + exactly


def pairings(frame: pd.DataFrame, is_needed: bool) -> None:
    """Who helps the village; what is absent is said where the policy asks for it, 三(二)."""
    st.subheader("挂钩结对", anchor=False)
    kinds = set(frame["kind"])
    absent = [kind for kind in ("第一书记", "部门挂钩", "企业") if kind not in kinds]
    if is_needed and absent:
        st.markdown(f"○ 没有{'、没有'.join(absent)}")
    if not is_needed and not len(frame):
        st.markdown("不是经济一般村,没有登记挂钩结对。")
    if len(frame):
        shown = pd.DataFrame(
            {
                "类型": frame["kind"],
                "帮扶单位": frame["organisation"],
                "职务": frame["post"],
                "开始": [tables.day(on) for on in frame["started_on"]],
            }
        )
        st.dataframe(
            shown, hide_index=True, row_height=_ROW, height=_HEAD + _ROW * min(len(shown), 8)
        )


def projects(frame: pd.DataFrame) -> None:
    st.subheader("项目", anchor=False)
    if not len(frame):
        st.markdown("没有登记项目。")
        return
    shown = pd.DataFrame(
        {
            "项目": frame["name"],
            "类别": frame["category"],
            "总投资(万元)": [tables.money(fen) for fen in frame["invested_fen"]],
            "已完成(万元)": [tables.money(fen) for fen in frame["completed_fen"]],
            "进度": frame["progress"].astype(float),
            "计划完成": [tables.day(on) for on in frame["due_on"]],
            "状态": frame["status"],
        }
    )
    bar = st.column_config.ProgressColumn("进度", format="percent", min_value=0, max_value=1)
    st.dataframe(shown, hide_index=True, column_config={"进度": bar})


def households(frame: pd.DataFrame, *, side_by_side: bool = False) -> None:
    """Counts only: a household is never identifiable here."""
    st.subheader("低收入农户", anchor=False)
    if not len(frame):
        st.markdown("没有登记低收入农户。")
        return
    slots = st.columns(2) if side_by_side else [st.container(), st.container()]
    rows = records(frame)
    for place, dimension in zip(slots, ("类别", "致贫原因"), strict=True):
        shown = tables.plain(
            {
                dimension: row["word"],
                "户数(户)": _count(row, "households"),
                "人口(人)": _count(row, "persons"),
            }
            for row in rows
            if row["dimension"] == dimension
        )
        right = st.column_config.TextColumn(alignment="right")
        with place:
            st.dataframe(
                shown,
                hide_index=True,
                column_config={"户数(户)": right, "人口(人)": right},
                height=_HEAD + _ROW * len(shown),
                row_height=_ROW,
            )
    if any(row["hidden"] for row in rows):
        st.caption(r"\* 少于5户的格子不显示;为免由合计推算,一并隐去最小的其他格子。")


def _count(row: Row, column: str) -> str:
    return "*" if row["hidden"] else f"{row[column]:,}"


def timeline(frame: pd.DataFrame) -> None:
    st.subheader("大事记", anchor=False)
    if not len(frame):
        st.markdown("没有登记事件。")
        return
    shown = pd.DataFrame(
        {
            "日期": [tables.day(on) for on in frame["day"]],
            "事项": frame["what"],
            "依据或部门": frame["detail"],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        row_height=_ROW,
        height=_HEAD + _ROW * min(len(shown), 12),
        column_config={"日期": st.column_config.TextColumn(width=130)},
    )


def decisions(frame: pd.DataFrame) -> None:
    """What the meetings decided: what is still open first, then what is done."""
    st.subheader("上次议定事项", anchor=False)
    if not len(frame):
        st.markdown("没有登记议定事项。")
        return
    done = int(frame["done"].astype(int).sum())
    overdue = int(frame["overdue"].astype(int).sum())
    st.markdown(f"共{len(frame)}项:已完成**{done}**项,逾期**{overdue}**项。")
    _task_table(frame.sort_values("due_month", ascending=False, kind="stable"), ["类别"])


def tasks(frame: pd.DataFrame) -> None:
    """Overdue tasks first, then those still open, then what is done."""
    st.subheader("任务", anchor=False)
    if not len(frame):
        st.markdown("没有登记任务。")
        return
    overdue = int(frame["overdue"].astype(int).sum())
    st.markdown(f"共{len(frame)}项,其中逾期**{overdue}**项。")
    _task_table(frame, [])


def _task_table(frame: pd.DataFrame, without: Sequence[str]) -> None:
    rows = [
        {
            "状态": "■ 逾期" if row["overdue"] else "● 已完成" if row["done"] else "○ 未完成",
            "类别": row["kind"],
            "内容": row["content"],
            "责任单位": row["department"],
            "责任人": row["post"],
            "完成月份": tables.month(row["due_month"]),
            # As the quarter ended: what was done later is not done yet.
            "完成日期": tables.day(row["done_on"] if row["done"] else None),
        }
        for row in records(frame)
    ]
    # ■, ○, ● in this order of pressure; within each, as they were given.
    rows.sort(key=lambda row: "■○●".index(row["状态"][0]))
    shown = tables.plain({k: v for k, v in row.items() if k not in without} for row in rows)
    st.dataframe(shown, hide_index=True, row_height=_ROW, height=_HEAD + _ROW * min(len(shown), 8))
