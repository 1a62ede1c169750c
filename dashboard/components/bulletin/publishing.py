"""Publishing by the office: asked twice, because it cannot be undone."""

import streamlit as st

from dashboard.briefing import issues
from dashboard.briefing.content import Kind, from_json
from dashboard.briefing.issues import Standing
from dashboard.components import errors
from dashboard.components.scene import Scene
from dashboard.data.bulletins import BulletinError

_SAID = "bulletin_said"
_REFUSED = "bulletin_refused"


def form(scene: Scene, kind: Kind, found: Standing) -> None:
    """Publish the draft, or a correction where there is an issue that it differs from."""
    _last_word()
    if not found.today.sections:
        return
    if found.published and not found.is_worth_correcting:
        return
    word = "更正" if found.published else "发布"
    place = f"{scene.focus.unit.code}_{scene.focus.period}_{kind.name}_{len(found.published)}"
    with st.form(f"publish_{place}", border=True):
        st.markdown(f"**{word}**:发布后编号、冻结,不能修改或撤回;有错只能另发更正。")
        sure, signatory = f"publish_sure_{place}", f"publish_by_{place}"
        st.text_input("署名", value=found.today.signatory, max_chars=60, key=signatory)
        st.checkbox("已核对,确认发布", key=sure)
        st.form_submit_button(
            f"{word}本季度{'讲评' if kind is Kind.CASES else '通报'}",
            icon=":material/publish:",
            on_click=errors.pressed(_publish),
            args=(scene, kind, bool(found.published), sure, signatory),
        )


def _last_word() -> None:
    if said := st.session_state.pop(_SAID, None):
        st.success(said, icon=":material/task_alt:")
    if refused := st.session_state.pop(_REFUSED, None):
        st.error(refused, icon=":material/block:")


def _publish(scene: Scene, kind: Kind, is_correction: bool, sure: str, signatory: str) -> None:
    if not st.session_state.get(sure):
        st.session_state[_REFUSED] = "请先核对并勾选“已核对,确认发布”。"
        return
    try:
        issue = issues.publish(
            scene.store,
            scene.viewer,
            scene.focus,
            scene.settings,
            kind,
            is_correction=is_correction,
            signatory=str(st.session_state.get(signatory) or "").strip(),
        )
    except BulletinError as error:
        st.session_state[_REFUSED] = str(error)
        return
    number = from_json(issue.content).document_number
    st.session_state[_SAID] = f"已发布{number},校验值{issue.sha256[:16]}…"
