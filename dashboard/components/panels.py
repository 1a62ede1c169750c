"""Panels that more than one page has."""

from collections.abc import Sequence

import streamlit as st

from dashboard.components import charts
from dashboard.components.scene import Scene
from dashboard.data.frames import Row
from dashboard.data.queries.doubts import Doubts
from dashboard.policy.periods import Period

_ABOVE_VILLAGES = ("V02", "V01", "V03")
_OF_A_VILLAGE = ("V03", "H01")


def courses(scene: Scene, trend: Sequence[Row], since: Period, doubted: Doubts) -> None:
    """The main figures quarter by quarter, one chart each, the quarters below the last."""
    focus, catalogue = scene.focus, scene.settings.catalogue
    wanted = _OF_A_VILLAGE if focus.unit.is_village else _ABOVE_VILLAGES
    entries = [catalogue[code] for code in wanted if code in catalogue.by_code]
    with st.container(gap="xxsmall"):
        for entry in entries:
            chart = charts.course(
                entry,
                trend,
                since,
                focus.period,
                lines=scene.settings.policy.village_lines,
                with_quarters=entry is entries[-1],
                mark=doubted.mark(focus.unit.code, entry.code),
            )
            chart.show()
