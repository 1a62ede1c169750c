"""Whether the viewer's browser can draw the map with its graphics card."""

import streamlit as st

_ASK = """
export default function (component) {
  const canvas = document.createElement("canvas");
  const works = !!canvas.getContext("webgl2");
  component.setStateValue("works", works);
}
"""
_KEY = "webgl"


def works() -> bool | None:
    """True or False once the browser has answered, None before."""
    ask = st.components.v2.component("webgl", js=_ASK)
    answer = ask(key=_KEY, on_works_change=_heard, height="content")
    said = getattr(answer, "works", None)
    return None if said is None else bool(said)


def _heard() -> None:
    """The answer is read from the component's state; the change only asks for a new run."""
