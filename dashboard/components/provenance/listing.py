"""Rows as the workbook has them, their files, and what stood in them before."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components.provenance import wording
from dashboard.components.scene import Scene
from dashboard.data.ingest.sheets import Sheet
from dashboard.data.origins import Origin, Span
from dashboard.figures import moment

RIGHT = st.column_config.TextColumn(alignment="right")
_ROW, _HEAD, _MOST_ROWS = 34, 38, 16
_FEW = 4
"""So many rows are told in full, not in a table."""


def table(told: Sequence[Mapping[str, str]], look: Mapping[str, Any] | None = None) -> None:
    """Rows by heads in a table as high as they need, up to a screen; `look`: columns' settings."""
    st.dataframe(
        pd.DataFrame(told, dtype=object),
        hide_index=True,
        row_height=_ROW,
        height=_HEAD + _ROW * min(len(told), _MOST_ROWS),
        column_config=dict(look or {}),
    )


def rows(scene: Scene, origins: Sequence[Origin], adds: Sequence[str] = ()) -> None:
    """The rows; `adds`: what each adds to the figure, where that is to be said."""
    known = wording.of_tables(scene.settings.policy)
    told = [
        ({"计入": adds[at]} if adds else {}) | _row(scene, one, known)
        for at, one in enumerate(origins)
    ]
    if len(told) <= _FEW:
        for row in told:
            st.markdown(_card(row))
    else:
        table(told, {"计入": RIGHT, "内容": st.column_config.TextColumn(width=330)})


def _row(scene: Scene, one: Origin, known: Mapping[str, Sheet]) -> dict[str, str]:
    """A row by heads: what it says, and its way here."""
    catalogue, lines = scene.settings.catalogue, scene.settings.policy.village_lines
    at, batch = one.part.row["source_row"], one.batch
    return {
        "内容": wording.told(one.part.table, one.part.row, known, catalogue, lines),
        "文件": "—" if batch is None else batch.file,
        "工作表和行": wording.where(one.part, known) + ("" if at is None else f" 第{at}行"),
        "报送时间": "—" if batch is None else moment(batch.imported_at),
        "经手": "—" if batch is None else batch.imported_by,
        "批次": one.part.batch,
    }


def _card(row: Mapping[str, str]) -> str:
    """A row where there are few: nothing of it is cut off."""
    adds = row.get("计入")
    said = "" if adds is None else f"**{adds if adds == wording.BASIS else f'计入 {adds}'}**:"
    return (
        f"- {said}{row['内容']}  \n"
        f"  文件“{row['文件']}” · {row['工作表和行']} · {row['报送时间']} · 经手:{row['经手']} · "
        f":gray[批次 {row['批次']}]"
    )


def files(span: Span) -> None:
    """The files alone, where their rows may not be shown."""
    if span.batches:
        table(
            [
                {
                    "文件": batch.file,
                    "报送时间": moment(batch.imported_at),
                    "经手": batch.imported_by,
                    "批次": batch.id,
                }
                for batch in span.batches
            ]
        )


def earlier(scene: Scene, origins: Sequence[Origin]) -> None:
    """Values that were overwritten: nothing is lost, and nobody corrects unseen."""
    catalogue, lines = scene.settings.catalogue, scene.settings.policy.village_lines
    known = wording.of_tables(scene.settings.policy)
    told = [
        {
            "工作表": wording.where(one.part, known),
            "以前的内容": wording.told(one.part.table, was.row, known, catalogue, lines),
            "来自文件": "—" if was.batch is None else was.batch.file,
            "更改时间": moment(was.replaced_at),
            "被哪个文件更改": "—" if was.replaced_by is None else was.replaced_by.file,
            "经手": "—" if was.replaced_by is None else was.replaced_by.imported_by,
        }
        for one in origins
        for was in one.earlier
    ]
    if told:
        st.markdown(f"**以前的值**({len(told)}次更改)")
        table(told, {"以前的内容": st.column_config.TextColumn(width=360)})
