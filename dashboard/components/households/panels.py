"""Panels of the households' page: what each part says, in words and tables."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components import focus_bar
from dashboard.components.households import charts, flow
from dashboard.components.households.charts import HIDDEN
from dashboard.components.households.flow import BACK, CAME, LEFT
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.data.frames import records
from dashboard.data.queries.cases import KINDS, ListRow
from dashboard.data.queries.doubts import Doubts
from dashboard.data.queries.households import DIMENSIONS, GOAL, TRACKS, Look
from dashboard.figures import DOUBT_NOTE
from dashboard.policy import lifecycle
from dashboard.policy.households import ABLE, RETAINED, UNABLE, Average, Count, Household
from dashboard.policy.money import yuan_text
from dashboard.policy.suppression import LEAST

_ROW, _HEAD = 34, 38
_BEHIND = {"在册低收入农户": "H01", "本季度退出": "H05", "本季度返贫": "H07"}
"""The indicator of a tile; the others are counted from the register of households."""
_NOTE = (
    rf"\{HIDDEN} 少于{LEAST}户的格子不显示;为免由合计、上下级或其他单位相减推算,"
    "一并隐去必要的其他格子。"
    "户数、退出、返贫是目标任务指标,照常公布。"
)


def tiles(scene: Scene, look: Look, doubted: Doubts) -> None:
    """On the register, by track, and what moved in the quarter.

    `doubted`: what waits to be checked.
    """
    here = scene.focus.unit.code
    moved = flow.counted(look.flow or {})
    kept = sum((c for way, c in (look.flow or {}).items() if way[1] == RETAINED), Count())
    tracks = _cells(look, TRACKS)
    told: list[tuple[str, Count | None]] = [
        ("在册低收入农户", look.total),
        ("就业帮扶(有劳动能力)", tracks.get(ABLE, Count())),
        ("兜底保障(无劳动能力)", tracks.get(UNABLE, Count())),
    ]
    if look.flow is not None:
        told += [
            ("本季度新登记", moved.get(CAME, Count())),
            ("本季度退出", moved.get(LEFT, Count())),
            ("本季度返贫", moved.get(BACK, Count())),
            ("政策保留中", kept),
        ]
    marks = {label: doubted.mark(here, code) for label, code in _BEHIND.items()}
    for column, (label, count) in zip(st.columns(len(told)), told, strict=True):
        column.metric(
            label,
            HIDDEN if count is None else f"{count.households:,} 户{marks.get(label, '')}",
            delta=None if count is None else f"{count.persons:,}人",
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
        with column:
            asking.beside(_BEHIND.get(label, "household"), key=label)
    if any(marks[label] for label, _ in told if label in marks):
        st.caption(DOUBT_NOTE)


def _cells(look: Look, dimension: str) -> dict[str, Count | None]:
    rows = records(look.breakdown[look.breakdown["dimension"] == dimension])
    return {
        row["word"]: None if row["hidden"] else Count(int(row["households"]), int(row["persons"]))
        for row in rows
    }


def movement(scene: Scene, look: Look) -> None:
    """The flow, and beside it where the average's change comes from."""
    left, right = st.columns([1.15, 1])
    with left:
        if look.flow:
            flow.chart(look.flow, scene.focus.period).show()
    with right:
        _averages(scene, look)


def _averages(scene: Scene, look: Look) -> None:
    if look.split is None:
        st.info(
            f"留下、离开或进入的农户不足{LEAST}户(或为免推算),平均收入不分列。",
            icon=":material/visibility_off:",
        )
        return
    split, line = look.split, scene.settings.policy.threshold(GOAL).fen
    chart = charts.averages(split, line)
    if chart is None:
        st.info(
            f"没有可以比较的两年收入:需要{look.year - 1}年和{look.year}年都有收入的在册农户。",
            icon=":material/hourglass_empty:",
        )
        return
    st.markdown(_conclusion(look))
    chart.show()
    parts = [
        f"留下{_group(split.stayed_now, line)},上年{_mean(split.stayed_before, line)}",
        f"离开{_group(split.left, line)}(上年)" if split.left.households else "没有离开的",
        f"进入{_group(split.joined, line)}" if split.joined.households else "没有新进入的",
    ]
    st.caption(f"{';'.join(parts)}。按人口加权;年末在册且有收入记录的计入。")


def _conclusion(look: Look) -> str:
    """What the average's change means, in one sentence."""
    added = None if look.split is None else charts.changes(look.split)
    if added is None:
        return ""
    left, lived, joined = added
    moved = left + joined
    said = f"平均数{_rose(sum(added))};留下的农户人均**{_rose(lived)}**"
    if moved:
        said += f",人员进出使平均数{_rose(moved)}"
    return said + "。"


def _rose(yuan: int) -> str:
    if not yuan:
        return "没有变化"
    return f"{'上升' if yuan > 0 else '下降'}{abs(yuan):,}元"


def _group(average: Average, line: int) -> str:
    return f"{average.households:,}户,人均{_mean(average, line)}"


def _mean(average: Average, line: int) -> str:
    fen = average.a_head
    return "—" if fen is None else f"{charts.average_text(fen, line)}元"


def breakdown(look: Look) -> None:
    """By class, by cause, and by the distance to the line."""
    columns = st.columns(3)
    for column, dimension in zip(columns, DIMENSIONS, strict=False):
        if dimension != TRACKS:
            with column:
                rows = list(_cells(look, dimension).items())
                charts.counts(rows, f"按{dimension}(在册,户)").show()
    with columns[2]:
        charts.gaps(look.gaps, look.year).show()


def hidden_note(look: Look) -> None:
    if not look.is_open:
        st.caption(_NOTE)


def lists(scene: Scene, look: Look) -> None:
    """Who is to be looked at, counted by unit; a row leads to that unit."""
    st.subheader("需要核实和跟进的农户", anchor=False)
    rows = [look.whole, *look.lists]
    frame = pd.DataFrame([list_row(look, row) for row in rows])
    right = st.column_config.TextColumn(alignment="right")
    state: Any = st.dataframe(
        frame,
        hide_index=True,
        row_height=_ROW,
        height=_HEAD + _ROW * min(len(frame), 18),
        column_config=dict.fromkeys(frame.columns[1:], right),
        on_select="rerun",
        selection_mode="single-row",
        key=f"household_lists_{look.whole.unit}",
    )
    picked = state["selection"]["rows"]
    if picked and rows[picked[0]].unit != scene.focus.unit.code:
        focus_bar.goto(scene, "households", rows[picked[0]].unit)
    _quota(look)


def list_row(look: Look, row: ListRow) -> dict[str, str]:
    """A row of the lists as it is read."""
    shown = {kind: HIDDEN if n is None else f"{n:,}" for kind, n in row.counts.items()}
    return {
        "单位": look.names.get(row.unit, row.unit),
        "本年退出(户)": f"{row.exits:,}",
        "年度退出目标(户)": "—" if row.quota is None else f"{row.quota:,}",
        **{f"{kind}(户)": text for kind, text in shown.items()},
    }


def _quota(look: Look) -> None:
    judged = [row for row in look.lists if row.quota]
    names = "、".join(look.names.get(code, code) for code in look.on_quota)
    if len(judged) > 1 and len(look.on_quota) == len(judged):
        st.warning(
            f"全部{len(judged)}个单位的退出户数都恰好等于年度目标,可能是按指标退出,应抽查核实。",
            icon=":material/rule:",
        )
    elif names:
        st.caption(f"退出户数恰好等于年度目标的:{names}。")
    st.caption(
        f"下季度政策到期:政策保留期在下季度届满的;退出缺步骤:退出前没有登记四个识别步骤或帮扶的;"
        f"已达标未退出:{look.year}年人均可支配收入已达到1万元仍在册的;"
        "退出时未达标:退出所依据年度的收入未达到1万元的。"
    )


def cases(look: Look) -> None:
    """The households of the lists under their numbers, for who may see them."""
    if not look.cases:
        return
    with st.expander(f"名单({len(look.cases)}条,农户编号为脱敏编号)", icon=":material/list:"):
        st.dataframe(
            cases_frame(look),
            hide_index=True,
            row_height=_ROW,
            height=_HEAD + _ROW * min(len(look.cases), 12),
        )


def cases_frame(look: Look) -> pd.DataFrame:
    ordered = sorted(look.cases, key=lambda c: (KINDS.index(c.kind), c.household.number))
    return pd.DataFrame(
        [
            {
                "情形": case.kind,
                "农户编号": case.household.number,
                "村": look.names.get(case.household.village, case.household.village),
                "人口(人)": case.household.persons,
                "类别": case.household.category,
                "说明": case.said,
            }
            for case in ordered
        ]
    )


def members(scene: Scene, look: Look) -> None:
    """A village's households, row by row."""
    st.subheader("各户情况", anchor=False)
    frame = members_frame(scene, look)
    st.dataframe(frame, hide_index=True, row_height=_ROW, height=_HEAD + _ROW * min(len(frame), 20))
    st.caption("农户编号为脱敏编号;只向扶贫办和本镇(街道)提供。")


def members_frame(scene: Scene, look: Look) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "农户编号": one.number,
                "人口(人)": one.persons,
                "劳动力(人)": one.labour,
                "类别": one.category,
                "致贫原因": one.cause,
                **{
                    f"{year}年人均(元)": yuan_text(one.incomes[year])
                    if year in one.incomes
                    else "未登记"
                    for year in (look.year - 1, look.year)
                },
                "状态": _state(scene, one),
            }
            for one in sorted(look.members, key=lambda one: one.number)
        ]
    )


def _state(scene: Scene, one: Household) -> str:
    """在册, 返贫, 政策保留(至2018年12月20日) or 保留期满."""
    retention, day = scene.settings.policy.retention, scene.focus.period.last_day
    course = one.walk(retention).on(day)
    stands = one.stands(day, retention)
    end = lifecycle.retention_end(course, retention)
    if stands == RETAINED and end is not None:
        return f"{stands}(至{lifecycle.chinese(end)})"
    if course.state is lifecycle.State.RELAPSED:
        return f"{stands}(返贫)"
    return stands
