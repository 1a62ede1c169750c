"""The mark that nothing on the screen is real."""

import streamlit as st

TEXT = "演示数据"


def show(is_demo: bool) -> None:
    if is_demo:
        st.warning(f"**{TEXT}**:本页所有数字和村名均为虚构,仅供演示。", icon=":material/science:")


def badge(is_demo: bool) -> None:
    """The mark where a screen's height is dear: one word, the rest on pointing at it."""
    if is_demo:
        st.badge(
            TEXT,
            icon=":material/science:",
            color="orange",
            help="本页所有数字和村名均为虚构,仅供演示。",
        )


def suffix(is_demo: bool) -> str:
    """For titles and file names."""
    return f"({TEXT})" if is_demo else ""
