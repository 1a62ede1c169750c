"""镇村详情: a town with its targets and villages; a village with its income and its support.

Source: 武发〔2016〕68号 二(二) (逐镇、逐村、逐户), 四(二) (造血功能).
"""

import streamlit as st

from dashboard.components import at_a_glance, charts, empty, overview, panels, tables, unit_detail
from dashboard.components.outlook import panels as panels_outlook
from dashboard.components.scene import Scene
from dashboard.data.queries import doubts, glance, outlook, progress, registers, villages
from dashboard.data.queries.doubts import Doubts
from dashboard.policy.periods import Period


def render(scene: Scene) -> None:
    """By level: a village, a town, or whatever has towns under it."""
    unit = scene.focus.unit
    st.header(f"{unit.name} {scene.focus.period.label}", anchor=False)
    doubted = doubts.doubts(scene.store, scene.viewer, scene.focus, scene.settings)
    if unit.is_village:
        _village(scene, doubted)
    elif unit.level == "town":
        _town(scene, doubted)
        _registers(scene)
    else:
        _above_towns(scene, doubted)


def _town(scene: Scene, doubted: Doubts) -> None:
    left, right = st.columns([1, 1])
    with left:
        _targets(scene, doubted)
    with right:
        frame = villages.incomes(scene.store, scene.viewer, scene.focus, scene.settings.policy)
        unit_detail.villages(scene, frame, doubted)
        unit_detail.tasks(registers.tasks(scene.store, scene.viewer, scene.focus))
    _year_end(scene, doubted)
    _households(scene)


def _above_towns(scene: Scene, doubted: Doubts) -> None:
    children = progress.of_children(scene.store, scene.viewer, scene.focus)
    core = [entry.code for entry in scene.settings.catalogue.core]
    ranks = overview.standings(children, core, doubted)
    left, right = st.columns([1, 1])
    with left:
        _targets(scene, doubted)
    with right:
        if ranks:
            charts.standing_bars(ranks, row=30).show()
    unit_detail.children(scene, children, ranks, doubted)
    _year_end(scene, doubted)
    _households(scene)
    if scene.focus.unit.level == "district":
        _registers(scene)


def _registers(scene: Scene) -> None:
    found = glance.glance(scene.store, scene.viewer, scene.focus, scene.settings)
    at_a_glance.show(scene, found)


def _year_end(scene: Scene, doubted: Doubts) -> None:
    policy = scene.settings.policy
    year_end = outlook.year_end(scene.store, scene.viewer, scene.focus, policy)
    panels_outlook.section(scene, year_end, doubted)


def _targets(scene: Scene, doubted: Doubts) -> None:
    focus, catalogue = scene.focus, scene.settings.catalogue
    since = Period(scene.settings.district.first_year, 1)
    trend = progress.trend(scene.store, scene.viewer, focus, since)
    lines = scene.settings.policy.village_lines
    waiting = doubted.of(focus.unit.code)
    now = overview.figures(catalogue, trend, focus.period, lines, waiting)
    nothing = all(figure.value is None for figure in now.values())
    if nothing:
        empty.nothing_reported(scene)
    tables.core(scene, now)
    if not nothing:
        panels.courses(scene, trend, since, doubted)


def _households(scene: Scene) -> None:
    frame = registers.households(scene.store, scene.viewer, scene.focus)
    unit_detail.households(frame, side_by_side=True)


def _village(scene: Scene, doubted: Doubts) -> None:
    focus, store, viewer = scene.focus, scene.store, scene.viewer
    policy = scene.settings.policy
    since = min(Period(scene.settings.district.first_year - 1, 4), focus.period.year_end(1))
    history = villages.history(store, viewer, focus, since)
    now = villages.year_so_far(history, focus.period, policy)
    left, right = st.columns([1.5, 1])
    with left:
        mark = doubted.mark(focus.unit.code, doubts.VILLAGE_INCOME)
        unit_detail.income(scene, history, now, mark)
        panels_outlook.village(outlook.year_end(store, viewer, focus, policy), mark)
        unit_detail.projects(registers.projects(store, viewer, focus))
    with right:
        weak = unit_detail.is_weak_village(scene, now)
        unit_detail.pairings(registers.pairings(store, viewer, focus), weak)
        unit_detail.households(registers.households(store, viewer, focus))
        unit_detail.timeline(registers.timeline(store, viewer, focus))
