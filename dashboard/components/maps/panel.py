"""What stands around the map: filters, the list beside it, the village that was chosen."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.components import focus_bar
from dashboard.components.maps import deck, picture, plain
from dashboard.components.maps.picture import NOT_TOLD, Picture
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.config_models import DistrictConfig
from dashboard.data.frames import Row
from dashboard.data.queries.doubts import VILLAGE_INCOME, Doubts
from dashboard.figures import DOUBT, DOUBT_NOTE, NOT_PUBLIC, NOT_PUBLIC_NOTE, PARTIAL_NOTE
from dashboard.policy.money import wan_text
from dashboard.policy.periods import Period

PARAMETER = "village"
INCOMES = {"本年累计": picture.THIS_YEAR, "上年全年": "last_year_fen"}
"""What colours a village: its income so far this year, or the whole of last year's."""
_DECK, _PLAIN = "map_deck", "map_plain"
HEIGHT = 690
_ROW, _HEAD = 32, 36
FILTERS: dict[str, Callable[[Row], bool]] = {
    "经济一般村": lambda row: row["weak"] == 1,
    "已退出": lambda row: row["exited"],
    "没有第一书记": lambda row: not row["first_secretary"],
    "未填报": lambda row: row["total_fen"] is None,
}


def kept(villages: Iterable[Row], filters: list[str]) -> list[Row]:
    """The villages that meet every filter chosen; all of them without one."""
    return [row for row in villages if all(FILTERS[name](row) for name in filters)]


def income(bar: DeltaGenerator) -> tuple[str, str]:
    """Which income colours the villages: (its name, its column)."""
    name = bar.segmented_control(
        "村的收入",
        list(INCOMES),
        default=next(iter(INCOMES)),
        required=True,
        key="map_income",
        label_visibility="collapsed",
    )
    return name, INCOMES[name]


def quarter(scene: Scene, place: DeltaGenerator) -> None:
    """A slider over the quarters with figures; moving it moves the page's own quarter."""
    periods = sorted({*scene.periods, scene.focus.period})
    if len(periods) < 2:
        return
    chosen: Period = place.select_slider(
        "季度",
        periods,
        value=scene.focus.period,
        format_func=lambda period: period.short_label,
        label_visibility="collapsed",
        key=f"map_quarter_{scene.focus.period}",
    )
    if chosen != scene.focus.period:
        focus_bar.stay(scene.focus.unit.code, chosen)


def draw(shown: Picture, tiles: str, *, is_plain: bool) -> None:
    """The map itself. A click on a village chooses it."""
    if is_plain:
        chart = plain.draw(shown, HEIGHT)
        st.altair_chart(chart, theme=None, on_select=_from_plain, key=_PLAIN)
    else:
        made = deck.draw(shown, tiles)
        st.pydeck_chart(made, height=HEIGHT, on_select=_from_deck, key=_DECK)


def _from_deck() -> None:
    objects = st.session_state[_DECK].selection.objects
    for layer in (deck.DOTS, f"{deck.DOTS}_silent"):
        for one in objects.get(layer, []):
            _choose(str(one["code"]))


def _from_plain() -> None:
    for one in st.session_state[_PLAIN].selection.get(plain.PICKED, []):
        _choose(str(one["代码"]))


def _choose(code: str) -> None:
    st.query_params[PARAMETER] = code


def listing(
    villages: Iterable[Row],
    chosen: str | None,
    lines: tuple[int, ...],
    line: int,
    income: tuple[str, str],
    doubted: Doubts,
) -> None:
    """The villages beside the map, the chosen one and then the poorest first; choosing a row marks
    it on the map. `doubted`: what waits to be checked."""
    head, column = income

    def place(row: Row) -> tuple[bool, bool, int, str]:
        total, code = row[column], row["village"]
        return code != chosen, total is None, total or 0, code

    rows = sorted(villages, key=place)
    frame = pd.DataFrame([_row(row, chosen, lines, line, income, doubted) for row in rows])
    # Another choice is another table: a click on the map must not leave an old row marked here.
    key = f"map_list_{chosen}"
    codes = [row["village"] for row in rows]
    right = st.column_config.TextColumn(alignment="right")
    st.dataframe(
        frame,
        hide_index=True,
        height=min(_HEAD + _ROW * max(len(frame), 1), HEIGHT - 60),
        row_height=_ROW,
        on_select=lambda: _from_list(key, codes),
        selection_mode="single-row",
        key=key,
        column_config={f"{head}(万元)": right, "距线(万元)": right, "农户(户)": right},
    )


def _row(
    row: Mapping[str, Any],
    chosen: str | None,
    lines: tuple[int, ...],
    line: int,
    income: tuple[str, str],
    doubted: Doubts,
) -> dict[str, str]:
    head, column = income
    total = row[column]
    # Last year's income is not what is asked about.
    mark = doubted.mark(row["village"], VILLAGE_INCOME) if column == picture.THIS_YEAR else ""
    away = "" if total is None else wan_text(int(total) - line, 1, (0,))
    return {
        "村": f"{'▶ ' if row['village'] == chosen else ''}{row['name']}",
        f"{head}(万元)": NOT_TOLD if total is None else wan_text(int(total), 1, lines) + mark,
        "距线(万元)": away if away.startswith("-") or not away else f"+{away}",
        "农户(户)": "—" if row["households"] is None else f"{int(row['households']):,}",
    }


def _from_list(key: str, codes: list[str]) -> None:
    picked = st.session_state[key].selection.rows
    if picked:
        _choose(codes[picked[0]])


def card(scene: Scene, villages: Iterable[Row], chosen: str | None, doubted: Doubts) -> None:
    """The village that was chosen, in words, and the way to its page."""
    row = next((row for row in villages if row["village"] == chosen), None)
    if row is None:
        st.caption("点击地图上的村,或在下表中选择一行。")
        return
    with st.container(border=True):
        marks = [
            word
            for word, holds in (
                *((name, FILTERS[name](row)) for name in ("经济一般村", "已退出", "没有第一书记")),
            )
            if holds
        ]
        said = picture.said(row, scene.settings.policy.village_lines, doubted)
        st.markdown(f"**{row['name']}** {' · '.join(marks)}  \n{said}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.page_link(
                scene.pages["unit"],
                label=f"查看{row['name']}",
                icon=":material/arrow_forward:",
                query_params=focus_bar.address(scene, str(chosen)),
            )
            asking.beside("V03", str(chosen), "收入的来源")


def notes(district: DistrictConfig, period: Period, income_name: str) -> list[str]:
    """What must stand under a map: its approval number or 示意图, and how to read it."""
    number = district.map_approval_number
    found = [
        (f"审图号:{number}" if number else "示意图,界线不作划界依据")
        + ";圆点越大,低收入农户越多;空心圆为没有填报收入的村。"
    ]
    if income_name == next(iter(INCOMES)) and not period.closes_year:
        found.append("本年累计到年底才能与全年标准线相比;年内看去年的底数,可选“上年全年”。")
    return found


def mark_notes(shown: Picture, villages: Iterable[Row], doubted: Doubts) -> list[str]:
    """What the marks mean, where the map, or the list beside it, has them."""
    is_doubted = any((row["village"], VILLAGE_INCOME) in doubted for row in villages)
    areas = "".join(shape.said for shape in shown.shapes)
    notes = {
        f"\\{PARTIAL_NOTE}": "*" in areas,
        DOUBT_NOTE: is_doubted or DOUBT in areas,
        NOT_PUBLIC_NOTE: NOT_PUBLIC in areas,
    }
    return [note for note, is_there in notes.items() if is_there]
