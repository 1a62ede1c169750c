"""Why a unit stands where it stands, one indicator by itself, and how the score is made."""

from collections.abc import Container

import streamlit as st

from dashboard.components import focus_bar
from dashboard.components.decomposition import wording
from dashboard.components.provenance import asking
from dashboard.components.ranking import charts
from dashboard.components.ranking.table import TRACKS, place_text, range_text
from dashboard.components.scene import Scene
from dashboard.config_models import Catalogue, IndicatorEntry, ScoringEntry
from dashboard.data.queries.doubts import Doubts
from dashboard.data.queries.standing import Figure, Standing
from dashboard.figures import DOUBT
from dashboard.policy.board import Board, Place, gap
from dashboard.policy.progress import Light

_SHOWN_PARTS = 3


def why(
    scene: Scene, standing: Standing, code: str, waiting: Doubts, doubted: Container[str]
) -> None:
    """What the score is made of, what the gap is made of, and what would move the place most.

    `waiting`: the figures that wait to be checked; `doubted`: the units with one in their score.
    """
    board, catalogue = standing.board, scene.settings.catalogue
    mark = DOUBT if code in doubted else ""
    place = board[code]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"### 为什么:{place.name},第{place_text(place)}名,{place.points:.2f}分{mark}")
        st.space("stretch")
        if standing.own in (None, code):
            if place.contributions:
                asking.beside(_largest(place), code, "各项得分的数从哪里来")
            st.page_link(
                scene.pages["unit"],
                label=f"查看{place.name}",
                icon=":material/arrow_forward:",
                query_params=focus_bar.address(scene, code),
            )
    if not place.contributions:
        st.info("其他单位的得分构成不对本账号开放。", icon=":material/lock:")
        charts.certainty(board, code, doubted).show()
        return
    other = board.ahead_of(code)
    left, right = st.columns([1.1, 1])
    with left:
        _made_of(catalogue, place, other, waiting)
    with right:
        for said in sentences(catalogue, board, code):
            st.markdown(said)
        charts.certainty(board, code, doubted).show()


def _largest(place: Place) -> str:
    """The indicator that brings the most points: the others are chosen in the window."""
    return max(place.contributions, key=lambda code: place.contributions[code])


def _made_of(catalogue: Catalogue, place: Place, other: Place | None, waiting: Doubts) -> None:
    parts = other.contributions if other else {}
    rows = [
        (
            catalogue[indicator].short + waiting.mark(place.code, indicator),
            points,
            parts.get(indicator),
        )
        for indicator, points in sorted(place.contributions.items(), key=lambda p: -p[1])
    ]
    note = "没有排在前面的单位"
    if other is not None:
        note = f"竖线:前一名{other.name}的同项得分" if parts else "其他单位的得分构成不对本账号开放"
    charts.contributions(rows, place.name, note).show()


def sentences(catalogue: Catalogue, board: Board, code: str) -> list[str]:
    """The reasons in plain sentences (Markdown)."""
    place, other = board[code], board.ahead_of(code)
    found = []
    if other is None:
        found.append("**与前一名**:没有单位排在前面。")
    else:
        found.append(f"**与前一名{other.name}**:差{other.points - place.points:.2f}分。")
        parts = [(each, points) for each, points in gap(board, code) if points > 0.005]
        if parts:
            said = "、".join(
                f"{_name(catalogue, each)}少{points:.2f}分" for each, points in parts[:_SHOWN_PARTS]
            )
            found[-1] += f"主要是{said}。"
    found.append(
        f"**名次有多可靠**:权重变动时在{range_text(place.low, place.high)};"
        f"去掉任何一项指标,在{range_text(place.left_low, place.left_high)}。"
    )
    found.append(_lever(catalogue, place))
    tracks = "、".join(f"{TRACKS[track]}{points:.1f}分" for track, points in place.tracks.items())
    found.append(f"**双扶**:{tracks}(各自满分100,超额另计)。")
    if place.penalty:
        reasons = [
            f"{word}{count}{unit}"
            for word, count, unit in (
                ("逾期任务", place.overdue, "项"),
                ("迟报", place.late, "次"),
                ("退回", place.returned, "次"),
            )
            if count
        ]
        found.append(f"**扣分**:{'、'.join(reasons)},共扣{place.penalty:.1f}分。")
    else:
        found.append("**扣分**:没有逾期任务、迟报和退回。")
    if place.told_weight < 0.9995:
        found.append(f"**依据**:有数据的指标占权重的{place.told_weight:.0%},其余按比例分摊。")
    return found


def _name(catalogue: Catalogue, indicator: str) -> str:
    return catalogue[indicator].short if indicator else "扣分"


def _lever(catalogue: Catalogue, place: Place) -> str:
    if not place.levers:
        return "**最能提高名次的一项**:各项都已达到序时进度。"
    best = place.levers[0]
    name = catalogue[best.indicator].short
    if best.rank < place.rank:
        effect = f"可由第{place.rank}名升到第{best.rank}名({best.points:.2f}分)"
    else:
        effect = f"得分可到{best.points:.2f}分,名次不变"
    return f"**最能提高名次的一项**:{name}达到序时进度,{effect}。"


def single(scene: Scene, standing: Standing, entry: IndicatorEntry, waiting: Doubts) -> None:
    """One indicator by itself: who is ahead, with denominators; who has no figure is named.

    `waiting`: the figures that wait to be checked.
    """
    small = scene.settings.policy.scoring.small_number
    names = {p.code: p.name for p in standing.board.places}
    names |= {each.code: each.name for each in standing.board.apart}
    figures = {f.unit: f for f in standing.figures if f.indicator == entry.code and f.unit in names}
    told = [f for f in figures.values() if f.share is not None and f.value is not None]
    told.sort(key=lambda f: (-(f.share or 0.0), f.unit))
    rows = [
        (
            names[f.unit],
            round((f.share or 0.0) * 100, 1),
            said(f, entry, standing.villages.get(f.unit, small) < small)
            + waiting.mark(f.unit, entry.code),
            Light(f.light).label,
        )
        for f in told
    ]
    if rows:
        title = f"单项:{entry.name},实际与序时进度之比"
        charts.single(rows, title).show()
    missing = [name for code, name in names.items() if code not in {f.unit for f in told}]
    if missing:
        st.caption(f"没有可比数的({len(missing)}个):{'、'.join(missing)}。")


def said(figure: Figure, entry: IndicatorEntry, is_small: bool) -> str:
    """A figure with its denominator; in a small unit the counts come before the rate."""
    text = f"{wording.figure(figure.value, entry)}{entry.unit}"
    if entry.quantity == "ratio" and figure.denominator is not None:
        counts = f"{figure.numerator:,}/{figure.denominator:,}"
        if entry.numerator is not None and entry.numerator.quantity == "money":
            return text
        return f"{counts}({text})" if is_small else f"{text}({counts})"
    if figure.target is not None:
        text += f"/目标{wording.figure(figure.target, entry)}"
    return text


def method(scoring: ScoringEntry, catalogue: Catalogue) -> None:
    """How the score is made, with the formulas in force."""
    with st.expander("得分怎样计算", icon=":material/functions:"):
        st.markdown(
            f"- **比较**:每项核心指标的实际进度 ÷ 序时进度;{_NORMALISED[scoring.normalisation]}"
            f";单项最多按{scoring.cap_percent}%计。\n"
            f"- **合成**:{_COMBINED[scoring.aggregation]}\n"
            f"- **扣分**:逾期任务每项{scoring.penalties.overdue_task}分,"
            f"季末后{scoring.report_due_days}日内未报的每季度{scoring.penalties.late_report}分,"
            f"填报被退回每次{scoring.penalties.returned_figure}分,合计最多{scoring.penalties.most}分。\n"
            "- **名次**:按两位小数的得分比较,得分相同的并列,后面的名次空出(1、2、2、4)。\n"
            "- **双扶**:"
            + (
                "扶村、扶户缺一方数据的,不参加排名。"
                if scoring.both_tracks
                else "不要求两方都有数据。"
            )
            + f"有数据的指标权重不足{scoring.least_weight_percent}%的,也不参加排名。\n"
            f"- **可能名次**:各项权重在±{scoring.certainty.spread_percent}%内随机变动"
            f"{scoring.certainty.draws:,}次(种子固定,可以复算),取中间九成。\n"
            "- **档**:从前往后,可能名次互相够得着的归为一档。\n"
            f"- **权重**:{'、'.join(f'{e.short}{e.weight}' for e in catalogue.core)}。\n"
            "- **依据**:武发〔2016〕68号 二(三)量化管理、四(二)双扶;"
            "算法由办公室确定(config/policy.yaml),"
            "方法见OECD/JRC《综合指标编制手册》(2008)。"
        )


_NORMALISED = {
    "target_rate": "直接用这个比值(目标比率法)",
    "min_max": "再换算为(x−最小)÷(最大−最小)(极差法)",
    "z_score": "再换算为0.6+0.2×(x−平均)÷标准差(标准分法)",
}
_COMBINED = {
    "arithmetic": "100×Σ权重×比值÷Σ权重(加权平均,长可补短);"
    "没有数据的指标不计入,其权重由其余指标分摊。",
    "geometric": "100×exp(Σ权重×ln比值÷Σ权重)(加权几何平均,长不能补短);没有数据的指标不计入。",
}
