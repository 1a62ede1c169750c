"""通报: the quarter's bulletin as published or as a draft, as documents, and what differs since.

Source: 武发〔2016〕68号 四(五) (每季度组织情况通报或实例讲评).
"""

import streamlit as st

from dashboard.briefing import issues
from dashboard.briefing.content import Bulletin, Kind
from dashboard.briefing.facts import NothingToTell
from dashboard.briefing.issues import Standing
from dashboard.components import empty
from dashboard.components.bulletin import documents, publishing, state
from dashboard.components.scene import Scene

_DRAFT = "草稿(按现在的数据)"


def show(scene: Scene) -> None:
    """Which kind, which issue, its documents, its pages; for the office, publishing."""
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.markdown(f"## {scene.focus.unit.name}{scene.focus.period.label}", width="content")
    kind = Kind(
        bar.segmented_control(
            "种类",
            list(Kind),
            default=Kind.BULLETIN,
            required=True,
            key="bulletin_kind",
            label_visibility="collapsed",
        )
    )
    try:
        found = issues.standing(scene.store, scene.viewer, scene.focus, scene.settings, kind)
    except NothingToTell as error:
        st.info(str(error), icon=":material/description:")
        return
    named = _named(found)
    if not named:
        empty.nothing_reported(scene)
        return
    bar.space("stretch")
    key = f"issue_{scene.focus.unit.code}_{scene.focus.period}_{kind.name}_{len(named)}"
    name = bar.selectbox("哪一份", list(named), key=key, label_visibility="collapsed", width=320)
    with bar:
        documents.files(scene, named[name])
    left, right = st.columns([1.6, 1])
    with left:
        documents.pages(scene.viewer, named[name])
    with right:
        if scene.viewer.may_import:
            publishing.form(scene, kind, found)
        state.show(scene, found, named[name])


def _named(found: Standing) -> dict[str, Bulletin]:
    """The issues that may be shown, newest first, then the draft, then the district's."""
    named = {one.document_number: one for one in reversed(found.editions)}
    if found.today.sections:
        named[_DRAFT] = found.today
    return named | {f"{one.document_number}({one.unit_name})": one for one in found.above}
