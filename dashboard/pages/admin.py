"""工作台: the office's desk; for a town, its own reports.

Source: 武发〔2016〕68号 四(五) (建立扶贫信息平台, 动态管理).
"""

from collections.abc import Callable

import streamlit as st

from dashboard.components.admin import batches, calendar, importing, people, trail, waiting
from dashboard.components.scene import Scene
from dashboard.policy.access import NotAllowed, Role

Part = Callable[[Scene], None]
_PARTS: dict[Role, dict[str, Part]] = {
    Role.OFFICE: {
        "导入数据": importing.office,
        "待审文件": waiting.show,
        "填报进度": calendar.show,
        "导入记录": batches.show,
        "账号": people.show,
        "操作日志": trail.show,
    },
    Role.TOWN: {
        "上报数据": importing.town,
        "我的上报": waiting.show,
        "填报进度": calendar.show,
    },
}


def render(scene: Scene) -> None:
    """One part of the desk at a time."""
    parts = _PARTS.get(scene.viewer.role)
    if parts is None:
        raise NotAllowed("工作台只供扶贫办和镇(街道)使用")
    names = list(parts)
    chosen = st.segmented_control(
        "工作台",
        names,
        default=names[0],
        required=True,
        key="admin_part",
        label_visibility="collapsed",
    )
    parts[str(chosen)](scene)
