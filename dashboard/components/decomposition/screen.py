"""The 目标任务分解表 on the screen: merged heads, one row a unit, all on one 1080p screen.

A table of HTML, because no native widget merges heads, sets two lines in a cell and lets each row
be a link. Jinja2 writes it with autoescape on, and st.html sanitises what it is given.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from streamlit.delta_generator import DeltaGenerator

from dashboard.components import as_of, meeting, theme
from dashboard.components.decomposition import wording
from dashboard.components.decomposition.table import Decomposition, State, UnitRow
from dashboard.components.provenance import asking
from dashboard.config_models import IndicatorEntry

PARAMETER = "indicator"
_KEY = "targets_indicator"


class Face(StrEnum):
    """What a cell shows large: the completion rate, or the figure itself."""

    RATE = "完成率"
    FIGURE = "实际/目标"


@dataclass(frozen=True)
class CellFace:
    """A cell as it is read: a large line, a small one, its light, and the whole in words."""

    first: str
    second: str
    light: str
    glyph: str
    label: str
    hint: str
    is_void: bool


def show(table: Decomposition, face: Face, chosen: str) -> None:
    """Put the table on the screen. `chosen` is the code of the indicator that is looked into."""
    st.html(markup(table, face, chosen))


def choose(bar: DeltaGenerator, table: Decomposition) -> IndicatorEntry:
    """Which indicator to look into: kept in the address, where the table's heads link to it."""
    codes = [entry.code for entry in table.entries]
    asked = st.query_params.get(PARAMETER)
    code = bar.selectbox(
        "查看指标",
        codes,
        label_visibility="collapsed",
        index=codes.index(asked) if asked in codes else 0,
        format_func=lambda code: table.entry(code).short,
        key=_KEY,
        on_change=_keep_in_address,
        width=220,
    )
    return table.entry(code)


def _keep_in_address() -> None:
    st.query_params[PARAMETER] = st.session_state[_KEY]


def markup(table: Decomposition, face: Face, chosen: str) -> str:
    """The table as HTML; every name and figure escaped."""
    focus = table.focus
    level = "镇(街道)" if focus.unit.level == "district" else "村" if len(table.rows) > 1 else ""
    kept = as_of.said(focus.as_of) | meeting.carried()

    def address(unit: str, indicator: str) -> str:
        query = {"unit": unit, "period": str(focus.period), PARAMETER: indicator}
        return "?" + urlencode(query | kept)

    here = address(focus.unit.code, chosen)

    def origin(unit: str, indicator: str) -> str:
        """Where one figure comes from, asked on this very page."""
        return f"{here}&{urlencode({asking.FIGURE: indicator, asking.OF: unit})}"

    def cell_face(row: UnitRow, entry: IndicatorEntry) -> CellFace:
        return _face(table, row, entry, face)

    return _template().render(
        table=table,
        chosen=chosen,
        address=address,
        origin=origin,
        face=cell_face,
        head=level or "单位",
        colours={light.value: colour for light, colour in theme.LIGHT_COLOURS.items()},
        paper=f"light-dark({_paper('light')}, {_paper('dark')})",
    )


def _paper(mode: str) -> str:
    """The page's background: what a column that stays in sight lies on."""
    return str(st.get_option(f"theme.{mode}.backgroundColor") or "Canvas")


def _face(table: Decomposition, row: UnitRow, entry: IndicatorEntry, face: Face) -> CellFace:
    cell, lines, places = table.cell(row.code, entry.code), table.lines, table.money_places
    hint = wording.sentence(cell, row, entry, lines)
    goal = "无目标" if cell.target is None else wording.goal(cell.target, entry, places)
    if cell.state is not State.FIGURE:
        second = "" if cell.target is None else goal
        return CellFace(cell.state.value, second, "none", "", "", hint, is_void=True)
    mark = cell.marks
    actual = wording.figure(cell.value, entry, lines, places)
    if cell.target is None:
        return CellFace(actual + mark, goal, "none", "", "", hint, is_void=False)
    if face is Face.FIGURE or cell.rate is None:
        first, second = actual, goal
    elif entry.direction == "down":
        # Of what should fall the number left is what counts; its rate adds something on the way.
        done = f"·{wording.rate(cell.rate)}" if 0 <= cell.rate < 1 else ""
        first, second = actual, goal + done
    else:
        first, second = wording.rate(cell.rate), wording.basis(cell, entry, lines, places)
    light = cell.light
    return CellFace(first + mark, second, light.value, light.glyph, light.label, hint, False)


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("table.html.jinja")
