"""The ranking as a table: place, movement, points, what was gained, and how sure the place is."""

from collections.abc import Container, Mapping

import pandas as pd
import streamlit as st

from dashboard.data.queries.standing import Standing
from dashboard.figures import DOUBT, DOUBT_NOTE
from dashboard.policy.board import Place
from dashboard.policy.ranking import FULL

_ROW, _HEAD = 34, 38
TRACKS = {"village": "扶村", "household": "扶户", "process": "工作"}


def place_text(place: Place) -> str:
    """1, or 并列2 where others share it."""
    return f"{'并列' if place.is_tied else ''}{place.rank}"


def moved_text(moved: int | None) -> str:
    """▲2 won, ▼1 lost, — stayed; 首次 without a place last quarter."""
    if moved is None:
        return "首次"
    if not moved:
        return "—"
    return f"{'▲' if moved > 0 else '▼'}{abs(moved)}"


def gained_text(place: Place) -> str:
    """+3.20(第4): points gained since the last quarter, and the rank by that."""
    if place.gained is None:
        return "—"
    return f"{place.gained:+.2f}(第{place.progress_rank})"


def range_text(low: int, high: int) -> str:
    """第3名, or 第3—5名."""
    return f"第{low}名" if low == high else f"第{low}—{high}名"


def rows(standing: Standing, small_number: int, doubted: Container[str] = ()) -> pd.DataFrame:
    """Columns as the screen shows them, best first; 村数 carries ※ where it is small.

    `doubted`: the units some figure of whose score waits to be checked.
    """
    shown = []
    for place in standing.board.places:
        villages = standing.villages.get(place.code)
        shown.append(
            {
                "名次": place_text(place),
                "变化": moved_text(place.moved),
                "单位": place.name + (DOUBT if place.code in doubted else ""),
                "得分": round(place.points, 2),
                "比上季度(分)": gained_text(place),
                **{
                    word: None if track not in place.tracks else round(place.tracks[track], 1)
                    for track, word in TRACKS.items()
                },
                "扣分": f"-{place.penalty:.1f}" if place.penalty else "0",
                "可能名次": range_text(place.low, place.high),
                "档": f"第{place.band}档",
                "村数": _villages(villages, small_number),
            }
        )
    return pd.DataFrame(shown)


def _villages(count: int | None, small_number: int) -> str:
    if count is None:
        return "—"
    return f"{count}{'※' if count < small_number else ''}"


def choose(
    standing: Standing, small_number: int, key: str, doubted: Container[str] = ()
) -> str | None:
    """Draw the table; the code of the row that was chosen."""
    frame = rows(standing, small_number, doubted)
    if standing.own is not None:
        frame = frame.drop(columns=[*TRACKS.values(), "扣分"])
    right = st.column_config.TextColumn(alignment="right")
    whole = st.column_config.NumberColumn(format="%.1f", alignment="right")
    highest = max([FULL, *(place.points for place in standing.board.places)])
    state = st.dataframe(
        frame,
        hide_index=True,
        height=_HEAD + _ROW * len(frame),
        row_height=_ROW,
        on_select="rerun",
        selection_mode="single-row",
        key=key,
        column_config={
            "名次": st.column_config.TextColumn(alignment="center", width=60),
            "变化": st.column_config.TextColumn(alignment="center", width=52),
            "单位": st.column_config.TextColumn(width=110),
            "得分": st.column_config.ProgressColumn(
                "得分(分)", format="%.2f", min_value=0, max_value=highest, width=128
            ),
            "比上季度(分)": right,
            **dict.fromkeys(TRACKS.values(), whole),
            "扣分": right,
            "可能名次": st.column_config.TextColumn(alignment="center"),
            "档": st.column_config.TextColumn(alignment="center", width=62),
            "村数": right,
        },
    )
    picked = state["selection"]["rows"]
    return standing.board.places[picked[0]].code if picked else None


def notes(standing: Standing, small_number: int, doubted: Container[str] = ()) -> list[str]:
    """What a reader must know of the table, in sentences."""
    found = [
        "得分:100分为各项核心指标都达到序时进度;可能名次:权重变动时十次有九次落在的范围;"
        "同一档的单位分不出先后。"
    ]
    if any(count < small_number for count in standing.villages.values()):
        found.append(f"※ 村数少于{small_number}个,一两个村就会使比率大起大落,应先看个数。")
    if any(place.code in doubted for place in standing.board.places):
        found.append(DOUBT_NOTE)
    if standing.board.apart:
        apart = "、".join(f"{each.name}({each.reason})" for each in standing.board.apart)
        found.append(f"未参加排名({len(standing.board.apart)}个):{apart}。")
    return found


def names(standing: Standing) -> Mapping[str, str]:
    """Names by code of everybody ranked, best first."""
    return {place.code: place.name for place in standing.board.places}
