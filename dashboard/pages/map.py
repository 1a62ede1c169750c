"""地图: where the weak villages are, and how each town does in one indicator.

Source: 武发〔2016〕68号 二(一) (经济一般村), 四(三), 三(二) (第一书记).
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.components import empty
from dashboard.components.decomposition.table import Cell
from dashboard.components.maps import panel, picture, plain, webgl
from dashboard.components.maps.picture import Picture
from dashboard.components.scene import Scene
from dashboard.config_models import IndicatorEntry
from dashboard.data.queries import doubts, places
from dashboard.data.queries.doubts import Doubts
from dashboard.data.units import Focus

_GPU, _PLAIN, _NONE = "交互地图", "静态图", "不着色"


def render(scene: Scene) -> None:
    """Filters and the quarter above, the map at the left, the villages at the right."""
    store, viewer, focus = scene.store, scene.viewer, scene.focus
    policy, district = scene.settings.policy, scene.settings.district
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.markdown(f"## {focus.unit.name}地图 {focus.period.label}", width="content")
    areas = places.outlines(store, viewer, focus)
    villages = None
    if focus.is_in_a_district:
        villages = places.villages(store, viewer, focus, scene.settings)
    has_dots = any(row["lon"] is not None for row in villages or ())
    if not has_dots and not any(area.geometry for area in areas):
        empty.no_map(scene.viewer.may_import)
        return
    # What is drawn around a village is its town.
    around = (focus.above if focus.unit.is_village else None) or focus
    doubted = doubts.doubts(store, viewer, around, scene.settings)
    entry, cells = _shading(scene, bar, around, doubted)
    filters = bar.pills(
        "筛选",
        list(panel.FILTERS),
        selection_mode="multi",
        key="map_filters",
        label_visibility="collapsed",
    )
    income = panel.income(bar)
    is_plain = _is_plain(bar)
    panel.quarter(scene, bar)
    chosen = st.query_params.get(panel.PARAMETER)
    if villages is not None:
        villages = panel.kept(villages, filters)
    names = {area.code: area.name for area in areas}
    shown = Picture(
        picture.shapes(areas, cells, entry),
        picture.dots(villages or (), names, policy, income[1], doubted),
        chosen,
        picture.bands(policy.village_lines),
    )
    left, right = st.columns([2.4, 1])
    with left:
        panel.draw(shown, district.map_tiles, is_plain=is_plain)
        plain.legend(shown, entry is not None).show()
        notes = panel.notes(district, focus.period, income[0])
        st.caption("  \n".join([*notes, *panel.mark_notes(shown, villages or (), doubted)]))
    with right:
        if villages is None:
            return
        panel.card(scene, villages, chosen, doubted)
        line = policy.threshold("weak_village")
        st.caption(f"共{len(villages)}个村,按收入从低到高;距线:与{line.fen // 1_000_000}万元之差。")
        panel.listing(villages, chosen, policy.village_lines, line.fen, income, doubted)


def _shading(
    scene: Scene, bar: DeltaGenerator, around: Focus, doubted: Doubts
) -> tuple[IndicatorEntry | None, dict[str, Cell]]:
    """The indicator that colours the areas, and what is told of it by unit."""
    catalogue = scene.settings.catalogue
    code = bar.selectbox(
        "镇(街道)按指标着色",
        ["", *(entry.code for entry in catalogue.core)],
        index=1,
        format_func=lambda code: catalogue[code].short if code else _NONE,
        key="map_indicator",
        label_visibility="collapsed",
        width=200,
    )
    if not code:
        return None, {}
    rows = places.of_areas(scene.store, scene.viewer, around)
    return catalogue[code], picture.cells(rows, catalogue[code], around.period, doubted)


def _is_plain(bar: DeltaGenerator) -> bool:
    """Whether to draw without the graphics card: chosen by hand, or because there is none."""
    is_missing = webgl.is_missing()
    chosen = bar.segmented_control(
        "画法",
        [_GPU, _PLAIN],
        default=_PLAIN if is_missing else _GPU,
        required=True,
        key=f"map_face_{is_missing}",
        label_visibility="collapsed",
    )
    return chosen == _PLAIN
