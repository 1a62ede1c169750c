"""镇村详情: a town with its targets and villages; a village with its income and its support.

Source: 武发〔2016〕68号 二(二) (逐镇、逐村、逐户), 四(二) (造血功能).
"""

import streamlit as st

from dashboard.components import charts, empty, overview, tables, unit_detail
from dashboard.components.scene import Scene
from dashboard.data.queries import progress, registers, villages
from dashboard.policy.periods import Period


def render(scene: Scene) -> None:
    """By level: a village, a town, or whatever has towns under it."""
    unit = scene.focus.unit
    st.subheader(f"{unit.name} {scene.focus.period.label}", anchor=False)
    if unit.is_village:
        _village(scene)
    else:
        _above_villages(scene)


def _above_villages(scene: Scene) -> None:
    focus, catalogue = scene.focus, scene.settings.catalogue
    since = Period(scene.settings.district.first_year, 1)
    trend = progress.trend(scene.store, scene.viewer, focus, list(catalogue.by_code), since)
    now = overview.figures(catalogue, trend, focus.period)
    nothing = all(figure.value is None for figure in now.values())
    if nothing:
        empty.nothing_reported(scene)
    left, right = st.columns([1, 1])
    with left:
        tables.core(now)
        if not nothing:
            st.altair_chart(charts.villages_by_quarter(trend), theme=None)
    with right:
        frame = villages.incomes(scene.store, scene.viewer, focus, scene.settings.policy)
        if focus.unit.level == "town":
            unit_detail.villages(scene, frame)
            unit_detail.tasks(registers.tasks(scene.store, scene.viewer, focus))
        else:
            children = progress.of_children(scene.store, scene.viewer, focus)
            ranks = overview.standings(children, [entry.code for entry in catalogue.core])
            if ranks:
                st.altair_chart(charts.standing_bars(ranks, 60 + 30 * len(ranks)), theme=None)
    unit_detail.households(registers.households(scene.store, scene.viewer, focus))


def _village(scene: Scene) -> None:
    focus, store, viewer = scene.focus, scene.store, scene.viewer
    since = Period(scene.settings.district.first_year - 1, 4)
    frame = villages.incomes(store, viewer, focus, scene.settings.policy)
    now = frame.iloc[0].to_dict() if len(frame) else None
    left, right = st.columns([1.5, 1])
    with left:
        unit_detail.income(scene, villages.history(store, viewer, focus, since), now)
        unit_detail.projects(registers.projects(store, viewer, focus))
    with right:
        weak = unit_detail.is_weak_village(scene, now)
        unit_detail.pairings(registers.pairings(store, viewer, focus), weak)
        unit_detail.households(registers.households(store, viewer, focus))
        unit_detail.timeline(registers.timeline(store, viewer, focus))
