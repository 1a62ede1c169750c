"""How a figure is asked where it comes from: by the address, so that a question can be sent on.

`?figure=V01` asks of the focus unit, `?figure=V01&of=320412104` of another one below it. Nothing is
read before it is asked: links cost a page no statement.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.components.scene import Scene

FIGURE, OF = "figure", "of"
LABEL = "数据来源"
ICON = ":material/search:"
_HELP = "口径、条款、由哪些单位和行组成、来自哪个文件、何时由谁报送、以前的值"


def asked() -> tuple[str, str]:
    """(what is asked about, of which unit: "" for the focus unit); ("", "") where nothing is."""
    return st.query_params.get(FIGURE, "").strip(), st.query_params.get(OF, "").strip()


def ask(figure: str, unit: str = "") -> None:
    """Ask about another figure, or of another unit; the address says so from then on."""
    st.query_params[FIGURE] = figure
    if unit:
        st.query_params[OF] = unit
    else:
        st.query_params.pop(OF, None)


def stop() -> None:
    """The question is answered."""
    for name in (FIGURE, OF):
        st.query_params.pop(name, None)


def beside(figure: str, unit: str = "", label: str = "来源", *, key: str = "") -> None:
    """A quiet button beside a figure: an indicator's code or a register's table.

    `unit`: another one than the focus unit; `key` tells two of them apart on one page.
    """
    st.button(
        f":small[{label}]",
        icon=ICON,
        type="tertiary",
        key=f"provenance_{figure}_{unit}_{key}",
        help=f"{LABEL}:{_HELP}",
        on_click=ask,
        args=(figure, unit),
    )


def button(scene: Scene) -> None:
    """In the bar at the head of every page: where its figures come from."""
    st.button(
        LABEL,
        icon=ICON,
        type="tertiary",
        key="provenance",
        help=_HELP,
        on_click=ask,
        args=(_first(scene),),
    )


def _first(scene: Scene) -> str:
    """The figure that a page is about first: the first one whose rows it lists."""
    catalogue = scene.settings.catalogue
    entries = [*catalogue.core, *catalogue.indicators]
    return next((e.code for e in entries if e.page == scene.path), entries[0].code)


def column(head: str, key: str, cells: Sequence[tuple[str, str] | None], **look: Any) -> Any:
    """A column of a table whose figures can be pressed; `cells`: (figure, unit) row by row."""

    def pressed() -> None:
        chosen = cells[int(st.session_state[key]["row"])]
        if chosen is not None:
            ask(*chosen)

    return st.column_config.ButtonColumn(
        head, type="tertiary", key=key, on_click=pressed, help=f"点击查看{LABEL}", **look
    )
