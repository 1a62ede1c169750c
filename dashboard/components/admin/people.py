"""Accounts: who may enter, made, shut and opened again, with a fresh password shown once."""

import pandas as pd
import streamlit as st

from dashboard.components.scene import Scene
from dashboard.data import accounts
from dashboard.data.accounts import Account, AccountError
from dashboard.data.units import children
from dashboard.policy.access import Role

_SAID = "account_said"
_REFUSED = "account_refused"


def show(scene: Scene) -> None:
    """The list, what can be done with one, and a form for a new one."""
    if said := st.session_state.pop(_SAID, None):
        st.success(said, icon=":material/key:")
    if refused := st.session_state.pop(_REFUSED, None):
        st.error(refused, icon=":material/block:")
    every = accounts.listing(scene.store, scene.settings.district.root_unit)
    frame = pd.DataFrame(
        [
            {
                "用户名": one.username,
                "角色": one.role.label,
                "单位代码": one.unit_code,
                "帮扶单位": one.organisation or "",
                "状态": "停用" if one.disabled else "须改密码" if one.must_change else "启用",
            }
            for one in every
        ]
    )
    state = st.dataframe(frame, hide_index=True, on_select="rerun", selection_mode="single-row")
    picked = state.selection.get("rows", []) if state else []
    if picked:
        _one(scene, every[picked[0]])
    else:
        st.caption("选中一行可以停用、启用或重置密码。")
    with st.expander("新增账号"):
        _form(scene)


def _one(scene: Scene, one: Account) -> None:
    root = scene.settings.district.root_unit
    by = scene.viewer.username, scene.viewer.origin
    if one.username == scene.viewer.username:
        st.caption("自己的账号请由另一位管理人员处理。")
        return
    with st.container(horizontal=True):
        st.markdown(f"**{one.username}**({one.role.label})", width="content")
        if one.disabled and st.button("启用", icon=":material/lock_open:"):
            accounts.enable(scene.store, root, one.username, *by)
            _done(f"已启用账号 {one.username}。")
        if not one.disabled and st.button("停用", icon=":material/block:"):
            accounts.disable(scene.store, root, one.username, *by)
            _done(f"已停用账号 {one.username},其登录已结束。")
        if st.button("重置密码", icon=":material/key:"):
            try:
                fresh = accounts.reset_password(scene.store, root, one.username, *by)
            except AccountError as error:
                st.error(str(error), icon=":material/key_off:")
                return
            _done(f"账号 {one.username} 的新密码:`{fresh}`(只显示这一次,下次登录须修改)")


def _form(scene: Scene) -> None:
    root = scene.settings.district.root_unit
    units = {root: scene.settings.district.name}
    if scene.focus.unit.code == root:
        units |= {unit.code: unit.name for unit in children(scene.store, scene.viewer, scene.focus)}
    with st.form("account", clear_on_submit=True, border=False):
        name = st.text_input("用户名(小写字母、数字)", max_chars=40)
        role = st.selectbox(
            "角色",
            [Role.LEADER, Role.OFFICE, Role.TOWN, Role.DEPARTMENT],
            format_func=lambda one: one.label,
        )
        unit = st.selectbox("单位", list(units), format_func=lambda code: units[code])
        organisation = st.text_input("帮扶单位名称(只有帮扶单位账号填写)", max_chars=100)
        if not st.form_submit_button("新增", icon=":material/person_add:"):
            return
    try:
        if role is Role.TOWN and unit == root:
            raise AccountError("镇(街道)账号应选择所属的镇(街道)")
        fresh = accounts.add(
            scene.store,
            root,
            name.strip(),
            role,
            unit,
            organisation=organisation.strip() or None,
            actor=scene.viewer.username,
            origin=scene.viewer.origin,
        )
    except AccountError as error:
        st.session_state[_REFUSED] = str(error)
        st.rerun()
    _done(f"已新增账号 {name.strip()},密码:`{fresh}`(只显示这一次,首次登录须修改)")


def _done(said: str) -> None:
    st.session_state[_SAID] = said
    st.rerun()
