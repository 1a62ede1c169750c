"""The public page's parts: figures as published, and the documents that have them."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.briefing.content import Bulletin
from dashboard.components.tables import day
from dashboard.config_models import Catalogue, IndicatorEntry
from dashboard.policy.periods import Period

_TILES = 5


def figures(published: Bulletin, catalogue: Catalogue) -> list[tuple[IndicatorEntry, str, str]]:
    """(indicator, figure, target) of the district's core indicators that the bulletin tells; the
    texts are the published ones, — for a target that it does not name."""
    told = {
        (used.indicator, used.measure): used.text
        for used in published.figures
        if used.unit_code == published.unit_code
    }
    return [
        (entry, told[entry.code, "value"], told.get((entry.code, "target"), "—"))
        for entry in catalogue.core
        if (entry.code, "value") in told
    ]


def progress(published: Bulletin, catalogue: Catalogue) -> None:
    """The first figures large, all in a table."""
    found = figures(published, catalogue)
    for column, (entry, value, target) in zip(st.columns(_TILES), found[:_TILES], strict=False):
        with column:
            st.metric(entry.short, f"{value} {entry.unit}", border=True)
            st.caption(f"全年目标{target}" if target != "—" else "未列目标")
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "指标": entry.name,
                    "实际": value,
                    "全年目标": target,
                    "单位": entry.unit,
                    "口径": entry.formula,
                }
                for entry, value, target in found
            ]
        ),
        hide_index=True,
        column_config={
            head: st.column_config.TextColumn(alignment="right") for head in ("实际", "全年目标")
        },
    )


def documents(issues: Sequence[Bulletin]) -> None:
    """Every issue, newest first, with its files."""
    st.subheader("通报", anchor=False)
    for issue in issues:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_named(issue), width="stretch")
            for suffix, label in (("html", "网页"), ("pdf", "PDF")):
                st.link_button(
                    label,
                    f"/documents/{issue.year}/{issue.number}.{suffix}",
                    icon=":material/download:",
                )


def _named(issue: Bulletin) -> str:
    said = f"**{issue.title}**  \n{issue.document_number},{day(issue.issued_on)}"
    return f"{said},更正{issue.corrects}" if issue.corrects else said


def newest(issues: Sequence[Bulletin], kind: str) -> dict[Period, Bulletin]:
    """By quarter, newest quarter first, the issue of a kind that holds: the newest one."""
    found: dict[Period, Bulletin] = {}
    for issue in issues:
        if issue.kind == kind:
            found.setdefault(Period.parse(issue.period), issue)
    return dict(sorted(found.items(), reverse=True))
