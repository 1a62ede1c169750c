"""What a page says when there is nothing to show."""

from collections.abc import Sequence

import streamlit as st

from dashboard.components.scene import Scene


def empty_store(unit_name: str, may_import: bool) -> None:
    """No units or no figures at all: how they get in."""
    st.header(unit_name)
    st.info("库中还没有任何数据。", icon=":material/inbox:")
    if may_import:
        st.markdown(
            "在“工作台”上传文件,或在服务器上用命令行:\n\n"
            "1. 导入“单位”表(区、镇、村):`python -m dashboard import 单位.xlsx`\n"
            "2. 导入“目标”和“月度计划”表\n"
            "3. 生成各镇的填报工作簿:"
            "`python -m dashboard template --unit 代码 --period 2016Q3 文件.xlsx`\n"
            "4. 导入各镇报送的工作簿:`python -m dashboard import *.xlsx`"
        )
    else:
        st.markdown("请联系扶贫办导入数据。")


def nothing_reported(scene: Scene, late: Sequence[str] = ()) -> None:
    """The quarter is empty: say so, and who is late."""
    focus = scene.focus
    st.info(
        f"{focus.unit.name}{focus.period.label}尚无填报数据。", icon=":material/hourglass_empty:"
    )
    if late:
        st.markdown(f"尚未填报({len(late)}个):{'、'.join(late)}")
    newest = max(scene.periods, default=None)
    if newest is not None and newest != focus.period:
        st.markdown(f"最近有数据的季度是{newest.label},可在右上角选择。")


def nothing_registered(scene: Scene) -> None:
    """No household is on the register by the quarter's end."""
    focus = scene.focus
    st.info(
        f"{focus.unit.name}到{focus.period.label}末没有登记低收入农户。", icon=":material/inbox:"
    )
    if scene.viewer.may_import:
        st.markdown(
            "导入“低收入农户”“农户收入”“状态变更”三张表:`python -m dashboard import 农户.xlsx`"
        )


def no_map(may_import: bool) -> None:
    """Neither outlines nor villages with a point."""
    st.info("库中还没有边界和村的坐标,无法绘制地图。", icon=":material/map:")
    if may_import:
        st.markdown(
            "导入边界(GeoJSON,属性“代码”):`python -m dashboard import 边界.geojson`;"
            "村的坐标填在“单位”表的经度、纬度两列。"
        )
