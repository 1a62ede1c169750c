"""What the office does with a finding, and what was decided before."""

from datetime import date, timedelta

import streamlit as st

from dashboard.components import tables
from dashboard.components.scene import Scene
from dashboard.data import reviews
from dashboard.data.queries.authenticity import Lead, Look
from dashboard.data.reviews import Action, Review
from dashboard.figures import moment

_SAID = "finding_said"
_DAYS = 10
_CHOICES = {
    "说明理由,不再提示": Action.ACCEPTED,
    "退回镇(街道)更正": Action.RETURNED,
    "办结,记录结果": Action.CLOSED,
}


def told() -> None:
    """What was just done, once."""
    if said := st.session_state.pop(_SAID, None):
        st.success(said, icon=":material/task_alt:")


def decided(review: Review) -> None:
    """The newest decision on a finding."""
    due = "" if review.due_on is None else f",{tables.day(review.due_on)}前更正"
    st.markdown(
        f"{review.action.label}{due}:{review.reason} "
        f":gray[{review.decided_by},{moment(review.decided_at)}]"
    )


def form(scene: Scene, look: Look, lead: Lead) -> None:
    """For the office, on the district's page: accept, send back or close."""
    finding = lead.finding
    if not scene.viewer.may_import or scene.focus.unit.level != "district":
        return
    towns = _towns(look, lead)
    can_return = bool(towns and reviews.sendable(finding))
    choices = [c for c, a in _CHOICES.items() if can_return or a is not Action.RETURNED]
    with st.popover("处理", icon=":material/rule:"):
        choice = st.radio("处理方式", choices, key=f"choice_{lead.key}")
        action = _CHOICES[choice or choices[0]]
        with st.form(f"decide_{lead.key}", border=False):
            reason = st.text_area("原因或结果(镇里能看到)", max_chars=500)
            chosen, due_on = list(towns), None
            if action is Action.RETURNED:
                chosen = st.multiselect(
                    "退回给", towns, default=towns, format_func=lambda code: look.names[code]
                )
                day = st.date_input(
                    "更正期限", value=date.today() + timedelta(days=_DAYS), format="YYYY-MM-DD"
                )
                due_on = day if isinstance(day, date) else None
            if st.form_submit_button("确定", icon=":material/check:"):
                _decide(scene, lead, action, reason, due_on, chosen)


def _towns(look: Look, lead: Lead) -> list[str]:
    """The towns whose figures a finding names."""
    codes = (row.unit for row in lead.finding.rows)
    return [code for code in dict.fromkeys(look.towns.get(c, c) for c in codes) if code]


def _decide(
    scene: Scene, lead: Lead, action: Action, reason: str, due_on: date | None, towns: list[str]
) -> None:
    try:
        reviews.decide(
            scene.store, scene.viewer, scene.focus, lead.finding, action, reason, due_on, towns
        )
    except ValueError as error:
        st.error(str(error), icon=":material/block:")
        return
    st.session_state[_SAID] = f"“{lead.finding.title}”:{action.label[2:]}。"
    st.rerun()
