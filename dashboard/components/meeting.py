"""Whether a meeting is on: said by the address, and carried on by every link within a page."""

import streamlit as st

from dashboard.components import unseen

PRESENT, SLIDE, BACK = "present", "slide", "back"


def is_on() -> bool:
    return not unseen.is_unseen() and st.query_params.get(PRESENT) == "1"


def carried() -> dict[str, str]:
    """What keeps a meeting going over a link or another focus; empty outside of one."""
    if not is_on():
        return {}
    return {
        name: st.query_params[name] for name in (PRESENT, SLIDE, BACK) if name in st.query_params
    }
