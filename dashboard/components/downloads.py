"""Buttons that hand out files. A file is made when its button is pressed, not before."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import figures, handed_out
from dashboard.data import audit
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.plain_text import harmless
from dashboard.policy.access import Viewer

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORBIDDEN = str.maketrans(dict.fromkeys('\\/:*?"<>|', "_"))
"""What a Windows file name may not hold."""


@dataclass(frozen=True)
class File:
    """A file on offer. `build` is run in a thread of its own once the button is pressed: it must
    read through the store and touch nothing of the screen."""

    label: str
    name: str
    mime: str
    build: Callable[[], bytes]


def file_name(focus: Focus, what: str, suffix: str, is_demo: bool) -> str:
    """武进区_2016年第三季度_目标任务分解完成情况表_演示数据.xlsx"""
    parts = [focus.unit.name, focus.period.label, what]
    parts += [figures.as_of(focus.as_of)] if focus.as_of else []
    parts += ["演示数据"] if is_demo else []
    return "_".join(parts).translate(_FORBIDDEN) + f".{suffix}"


def safe(name: str) -> str:
    """A name that every computer takes."""
    return name.translate(_FORBIDDEN)


def bar(store: Store, viewer: Viewer, *files: File) -> None:
    """Download buttons side by side. That a file holds demo data is said in it and in its name.

    Who takes a file is noted before it is made.
    """
    with st.container(horizontal=True, width="content"):
        for file in files:
            st.download_button(
                file.label,
                data=partial(noted, store, viewer, file),
                file_name=file.name,
                mime=file.mime,
                key=f"download_{file.name}",
                icon=":material/download:",
                on_click="ignore",
                disabled=store.recalls,
                help="数据库恢复后才能下载" if store.recalls else None,
            )


def noted(store: Store, viewer: Viewer, file: File) -> bytes:
    """The file, once the trail says who takes it. Raises StoreAway."""
    detail = {"file": file.name}
    audit.record(store, viewer.unit_code, viewer.username, audit.EXPORTED, viewer.origin, detail)
    return handed_out.give(viewer.username, file.build())


def csv(frame: pd.DataFrame) -> bytes:
    """UTF-8 with BOM, as spreadsheets expect it; text that they would run stays text."""
    heads = [harmless(str(head)) for head in frame.columns]
    cells = frame.map(lambda value: harmless(value) if isinstance(value, str) else value)
    return cells.set_axis(heads, axis=1).to_csv(index=False).encode("utf-8-sig")
