"""Looks at rows of households are noted: who, where, when."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from dashboard.components.scene import Scene
from dashboard.data import audit

_SEEN = "households_seen"
_ONE_LOOK = timedelta(minutes=10)


def households(scene: Scene, count: int) -> None:
    """To be called before the rows of `count` households are drawn: what cannot be noted is not
    shown. One look at a unit's rows is one note, however often the page is drawn anew meanwhile.
    """
    if not count:
        return
    unit, now = scene.focus.unit.code, datetime.now(UTC)
    what = (scene.path, unit, str(scene.focus.period))
    seen: dict[tuple[str, str, str], datetime] = st.session_state.setdefault(_SEEN, {})
    if what in seen and now - seen[what] < _ONE_LOOK:
        return
    viewer = scene.viewer
    detail = {"page": what[0], "unit": unit, "period": what[2], "households": count}
    audit.record(
        scene.store, viewer.unit_code, viewer.username, audit.VIEWED, viewer.origin, detail
    )
    seen[what] = now
