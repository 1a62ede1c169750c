"""Who did what, when, from where: filtered, and as a file."""

import json
from datetime import date, datetime, time, timedelta

import streamlit as st

from dashboard.components import downloads
from dashboard.components.scene import Scene
from dashboard.data.queries import desk
from dashboard.figures import moment
from dashboard.policy.periods import CHINA_TIME

_ACTIONS = {
    "login": "登录",
    "login_failed": "登录失败",
    "login_locked": "锁定中的登录",
    "sign_on_refused": "统一认证未准入",
    "logout": "退出",
    "account_added": "新增账号",
    "account_changed": "账号权限变动",
    "account_disabled": "停用账号",
    "account_enabled": "启用账号",
    "password_changed": "修改密码",
    "password_reset": "重置密码",
    "import": "导入",
    "returned": "退回填报",
    "finding": "处理核查线索",
    "viewed": "查看农户",
    "exported": "下载文件",
    "publish": "发布通报",
    "undo": "撤销导入",
    "upload": "上报文件",
    "upload_approved": "审核通过",
    "upload_declined": "退回文件",
    "upload_withdrawn": "撤回文件",
}
_DAYS = 30


def show(scene: Scene) -> None:
    """The last thirty days unless told otherwise, newest first."""
    today = datetime.now(CHINA_TIME).date()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        span = st.date_input(
            "日期", value=(today - timedelta(days=_DAYS), today), format="YYYY-MM-DD", width=260
        )
        known = desk.actions(scene.store, scene.viewer)
        action = st.selectbox(
            "事项",
            ["", *known],
            format_func=lambda one: _ACTIONS.get(one, one) or "全部",
            width=200,
        )
        username = st.text_input("用户名", width=200, max_chars=60)
    if not isinstance(span, tuple) or len(span) != 2:
        st.caption("请选择起止日期。")
        return
    frame = desk.trail(
        scene.store,
        scene.viewer,
        _midnight(span[0]),
        _midnight(span[1] + timedelta(days=1)),
        action,
        username.strip(),
    )
    if frame.empty:
        st.info("这段时间没有记录。", icon=":material/inbox:")
        return
    shown = frame.assign(
        happened_at=frame["happened_at"].map(moment),
        action=frame["action"].map(lambda one: _ACTIONS.get(one, one)),
        detail=frame["detail"].map(lambda one: json.dumps(one, ensure_ascii=False) if one else ""),
    ).set_axis(["时间", "用户名", "来自", "事项", "详情"], axis=1)
    st.dataframe(shown, hide_index=True)
    downloads.bar(
        scene.store,
        scene.viewer,
        downloads.File(
            "操作日志",
            downloads.file_name(scene.focus, "操作日志", "csv", scene.is_demo),
            "text/csv",
            lambda: downloads.csv(shown),
        ),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA_TIME)
