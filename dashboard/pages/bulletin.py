"""通报: the quarter's bulletin as published or as a draft, as documents, and what differs since.

Source: 武发〔2016〕68号 四(五) (每季度组织情况通报).
"""

from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.briefing import issues, pdf, render
from dashboard.briefing.content import Bulletin, canonical, from_json
from dashboard.briefing.fonts import NoChineseFont
from dashboard.briefing.issues import Standing
from dashboard.components import downloads, empty
from dashboard.components.scene import Scene
from dashboard.data.bulletins import BulletinError
from dashboard.policy.periods import Period

_DRAFT = "草稿(按现在的数据)"
_SAID = "bulletin_said"


def show(scene: Scene) -> None:
    """Which issue, its documents, its pages; for the office, publishing."""
    focus = scene.focus
    found = issues.standing(scene.store, scene.viewer, focus, scene.settings)
    if not found.today.figures and not found.published:
        empty.nothing_reported(scene)
        return
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.markdown(f"#### {focus.unit.name}{focus.period.label}通报", width="content")
    bar.space("stretch")
    names = [*(one.document_number for one in reversed(found.published)), _DRAFT]
    key = f"issue_{focus.unit.code}_{focus.period}_{len(names)}"
    name = bar.selectbox("哪一份", names, key=key, label_visibility="collapsed", width=300)
    shown = next((one for one in found.published if one.document_number == name), found.today)
    with bar:
        downloads.bar(
            *(
                downloads.File(
                    each.label,
                    downloads.safe(render.file_name(shown, suffix)),
                    each.mime,
                    partial(each.render, shown),
                )
                for suffix, each in render.FORMATS.items()
            )
        )
    left, right = st.columns([1.6, 1])
    with left:
        _pages(shown)
    with right:
        if scene.viewer.may_import:
            _publishing(scene, found)
        _state(scene, found, shown)


def _pages(shown: Bulletin) -> None:
    """Each page as it will be printed, two side by side."""
    try:
        with st.spinner("正在排版……"):
            pictures = _pictures(canonical(_timeless(shown)))
    except NoChineseFont as error:
        st.warning(str(error), icon=":material/font_download_off:")
        return
    for start in range(0, len(pictures), 2):
        for place, (column, picture) in enumerate(
            zip(st.columns(2), pictures[start : start + 2], strict=False), start=start + 1
        ):
            column.image(picture, caption=f"第{place}页,共{len(pictures)}页", width="stretch")


def _timeless(shown: Bulletin) -> Bulletin:
    """A draft is of this second, which no page shows: set anew only when its words change."""
    if not shown.is_draft:
        return shown
    end = Period.parse(shown.period).last_day
    return shown.model_copy(update={"cut_off": datetime(end.year, end.month, end.day, tzinfo=UTC)})


@st.cache_data(max_entries=16, show_spinner=False)
def _pictures(text: str) -> list[bytes]:
    """By the content alone: who may not see a bulletin does not come to have its text."""
    return pdf.pages(from_json(text))


def _publishing(scene: Scene, found: Standing) -> None:
    """For the office: publish the draft, or a correction; asked twice: it cannot be undone."""
    word = "更正" if found.published else "发布"
    if said := st.session_state.pop(_SAID, None):
        st.success(said, icon=":material/task_alt:")
    if refused := st.session_state.pop(f"{_SAID}_not", None):
        st.error(refused, icon=":material/block:")
    with st.form(f"publish_{scene.focus.unit.code}_{scene.focus.period}", border=True):
        st.markdown(f"**{word}**:发布后编号、冻结,不能修改或撤回;有错只能另发更正。")
        sure = f"publish_sure_{len(found.published)}"
        st.checkbox("已核对,确认发布", key=sure)
        st.form_submit_button(
            f"{word}本季度通报",
            icon=":material/publish:",
            on_click=_publish,
            args=(scene, found, sure),
        )


def _publish(scene: Scene, found: Standing, sure: str) -> None:
    if not st.session_state.get(sure):
        st.session_state[f"{_SAID}_not"] = "请先核对并勾选“已核对,确认发布”。"
        return
    try:
        issue = issues.publish(
            scene.store,
            scene.viewer,
            scene.focus,
            scene.settings,
            is_correction=bool(found.published),
        )
    except BulletinError as error:
        st.session_state[f"{_SAID}_not"] = str(error)
        return
    number = from_json(issue.content).document_number
    st.session_state[_SAID] = f"已发布{number},校验值{issue.sha256[:16]}…"


def _state(scene: Scene, found: Standing, shown: Bulletin) -> None:
    """What has moved since publishing, and which sentences were left out."""
    catalogue = scene.settings.catalogue
    if found.published:
        count = len(found.differing)
        newest = found.published[-1].document_number
        st.markdown(
            f"**与{newest}相比**:" + (f"有{count}个数已经变动。" if count else "没有变动。")
        )
        rows = [
            {
                "单位": one.then.unit_code,
                "指标": catalogue[one.then.indicator].short,
                "发布时": one.then.text,
                "现在": one.now.text if one.now else "—",
            }
            for one in found.differing
        ]
        if rows:
            st.dataframe(pd.DataFrame(rows), hide_index=True)
    if shown.omitted:
        st.markdown(f"**没有写的句子({len(shown.omitted)}句)**:缺少所用的数")
        for omitted in shown.omitted:
            st.caption(f"缺{omitted.missing}")
