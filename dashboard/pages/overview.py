"""总览: will the year's targets be met, who lags, and what needs attention now.

Source: 武发〔2016〕68号 二(三) (为精准扶贫提供决策依据), 四(五) (动态跟踪、全程督办).
"""

import streamlit as st

from dashboard.components import charts, empty, focus_bar, overview, panels, tables, tiles
from dashboard.components.scene import Scene
from dashboard.data.queries import attention, decomposition, doubts, progress, sources
from dashboard.policy.periods import Period

_SHOWN_NOTICES = 11


def render(scene: Scene) -> None:
    """Large figures, the core targets, the trend, who is ahead, what needs attention."""
    store, viewer, focus = scene.store, scene.viewer, scene.focus
    catalogue, policy = scene.settings.catalogue, scene.settings.policy
    since = Period(scene.settings.district.first_year, 1)
    trend = progress.trend(store, viewer, focus, since)
    children = progress.of_children(store, viewer, focus)
    doubted = doubts.doubts(store, viewer, focus, scene.settings)
    waiting = doubted.of(focus.unit.code)
    now = overview.figures(catalogue, trend, focus.period, policy.village_lines, waiting)
    late = overview.unreported(children, catalogue)
    if all(figure.value is None for figure in now.values()):
        empty.nothing_reported(scene, [name for _, name in late])
        return
    core = [entry.code for entry in catalogue.core]
    ranks = overview.standings(children, core, doubted)
    checked = decomposition.check(store, viewer, focus, catalogue)
    changed = attention.changed_villages(
        store, viewer, focus, overview.crossing_indicators(catalogue)
    )
    crossed = overview.crossings(catalogue, policy, changed, doubted)
    headlines = [now[code] for code in overview.HEADLINES if code in now]
    mark = doubted.mark(focus.unit.code, *core)
    tiles.row(scene, headlines, overview.core_lights(now), mark)
    left, middle, right = st.columns([1.38, 1, 0.92])
    with left:
        tables.core(scene, now, all_rows=not focus.unit.is_village)
    with middle:
        panels.courses(scene, trend, since, doubted)
        if ranks:
            charts.standing_bars(overview.ends(ranks), ranks).show()
    with right:
        _attention(scene, overview.notices(now, late, checked, ranks, crossed))
    tables.source(sources.newest(store, viewer, focus))


def _attention(scene: Scene, notices: list[overview.Notice]) -> None:
    st.subheader("需要关注", anchor=False)
    if not notices:
        st.markdown(":material/check_circle: 没有需要特别关注的事项。")
    for notice in notices[:_SHOWN_NOTICES]:
        st.page_link(
            scene.pages[notice.path],
            label=notice.text,
            icon=notice.icon,
            query_params=focus_bar.address(scene, notice.unit)
            | ({"indicator": notice.indicator} if notice.indicator else {}),
        )
