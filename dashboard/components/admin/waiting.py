"""Files that towns have sent: the office decides, the town sees what became of its own."""

import streamlit as st

from dashboard.components import downloads
from dashboard.components.admin import importing
from dashboard.components.scene import Scene
from dashboard.data import uploads
from dashboard.data.ingest.problems import ImportRefused
from dashboard.data.uploads import APPROVED, DECLINED, WAITING, WITHDRAWN, Upload, UploadError
from dashboard.figures import moment

_STATES = {
    WAITING: ("待审", ":material/hourglass_top:"),
    APPROVED: ("已通过", ":material/task_alt:"),
    DECLINED: ("已退回", ":material/undo:"),
    WITHDRAWN: ("已撤回", ":material/remove_circle:"),
}
_SAID = "waiting_said"


def show(scene: Scene) -> None:
    """Those that wait, each with what it would change; then those decided on."""
    if said := st.session_state.pop(_SAID, None):
        st.success(said, icon=":material/task_alt:")
    every = uploads.listing(scene.store, scene.viewer)
    waiting = [one for one in every if one.status == WAITING]
    if not every:
        st.info("还没有上报的文件。", icon=":material/inbox:")
        return
    if not waiting:
        st.markdown("没有等待审核的文件。")
    for one in waiting:
        with st.container(border=True):
            _waiting(scene, one)
    decided = [one for one in every if one.status != WAITING]
    if decided:
        st.markdown("**已处理**")
    for one in decided:
        label, icon = _STATES[one.status]
        when = moment(one.decided_at) if one.decided_at else ""
        reason = f",原因:{one.reason}" if one.reason else ""
        st.markdown(
            f"{icon} {label} {one.unit_name}《{one.file_name}》,"
            f"{moment(one.uploaded_at)}上报,{when}由{one.decided_by}处理{reason}"
        )


def _waiting(scene: Scene, one: Upload) -> None:
    st.markdown(
        f"**{one.unit_name}《{one.file_name}》** {moment(one.uploaded_at)}由{one.uploaded_by}上报"
    )
    st.markdown(
        ";".join(
            f"{sheet}:新增{c['new']:,}行,更改{c['changed']:,}行" for sheet, c in one.sheets.items()
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        downloads.bar(
            scene.store,
            scene.viewer,
            downloads.File(
                "查看文件",
                downloads.safe(one.file_name),
                "application/octet-stream",
                lambda: uploads.content(scene.store, scene.viewer, one.id)[1],
            ),
        )
        if not scene.viewer.may_import:
            if st.button("撤回", key=f"withdraw_{one.id}", icon=":material/undo:"):
                uploads.withdraw(scene.store, scene.viewer, one.id)
                _done("已撤回,可以重新上报。")
            return
        reason = st.text_input("退回原因", key=f"reason_{one.id}", width=360, max_chars=200)
        if st.button("退回", key=f"decline_{one.id}", icon=":material/undo:"):
            _decline(scene, one, reason)
        if st.button("通过并导入", key=f"approve_{one.id}", type="primary"):
            _approve(scene, one)


def _decline(scene: Scene, one: Upload, reason: str) -> None:
    try:
        uploads.decline(scene.store, scene.viewer, one.id, reason)
    except UploadError as error:
        st.error(str(error), icon=":material/block:")
        return
    _done(f"已退回{one.unit_name}《{one.file_name}》。")


def _approve(scene: Scene, one: Upload) -> None:
    content = uploads.content(scene.store, scene.viewer, one.id)
    try:
        result = uploads.approve(
            scene.store,
            scene.settings,
            scene.viewer,
            one.id,
            importing.progress("正在导入……"),
        )
    except ImportRefused as refusal:
        importing.problems(scene.store, scene.viewer, refusal.problems, [content])
        return
    except UploadError as error:
        st.error(str(error), icon=":material/block:")
        return
    _done("\n".join(f"- {line}" for line in result.report))


def _done(said: str) -> None:
    st.session_state[_SAID] = said
    st.rerun()
