"""Whether the viewer's browser can draw the map with its graphics card."""

import streamlit as st

_ASK = """
export default function (component) {
  const canvas = document.createElement("canvas");
  if (!canvas.getContext("webgl2")) component.setStateValue("missing", true);
}
"""
_KEY = "webgl"


def is_missing() -> bool:
    """True once the browser has said that it cannot. One that can says nothing: its answer would
    run the page again, and a press at that moment would be lost."""
    ask = st.components.v2.component("webgl", js=_ASK)
    answer = ask(key=_KEY, on_missing_change=_heard, height="content")
    return bool(getattr(answer, "missing", None))


def _heard() -> None:
    """The answer is read from the component's state; the change only asks for a new run."""
