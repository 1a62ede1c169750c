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

from dashboard.components import theme
from dashboard.components.decomposition import wording
from dashboard.components.decomposition.table import Cell, Decomposition, State, UnitRow
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

    def address(unit: str, indicator: str) -> str:
        return "?" + urlencode({"unit": unit, "period": str(focus.period), PARAMETER: indicator})

    def cell_face(row: UnitRow, entry: IndicatorEntry) -> CellFace:
        return _face(table.cell(row.code, entry.code), row, entry, face, table.lines)

    return _template().render(
        table=table,
        chosen=chosen,
        address=address,
        face=cell_face,
        head=level or "单位",
        colours={light.value: colour for light, colour in theme.LIGHT_COLOURS.items()},
        paper=f"light-dark({_paper('light')}, {_paper('dark')})",
    )


def _paper(mode: str) -> str:
    """The page's background: what a column that stays in sight lies on."""
    return str(st.get_option(f"theme.{mode}.backgroundColor") or "Canvas")


def _face(
    cell: Cell, row: UnitRow, entry: IndicatorEntry, face: Face, lines: tuple[int, ...]
) -> CellFace:
    hint = wording.sentence(cell, row, entry, lines)
    if cell.state is not State.FIGURE:
        goal = "" if cell.target is None else wording.goal(cell.target, entry)
        return CellFace(cell.state.value, goal, "none", "", "", hint, is_void=True)
    mark = "*" if cell.is_partial else ""
    actual = wording.figure(cell.value, entry, lines)
    if cell.target is None:
        return CellFace(actual + mark, "无目标", "none", "", "", hint, is_void=False)
    # A rate without meaning (1 task overdue of 0 allowed) leaves the figure to speak.
    if face is Face.RATE and cell.rate is not None:
        first, second = wording.rate(cell.rate), wording.basis(cell, entry, lines)
    else:
        first, second = actual, wording.goal(cell.target, entry)
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
