"""The office's own single sign-on: Streamlit asks the provider, the session that follows is ours.

What the provider says is taken once: from then on the login is the one that a password opens, with
its cookie, its idle end, its logout and its account, which the office can disable.
"""

from datetime import UTC, datetime

import streamlit as st

from dashboard.data import accounts, audit, sessions
from dashboard.data.accounts import Account, AccountError
from dashboard.data.store import Store
from dashboard.policy import sign_on as rules
from dashboard.settings import Settings

_REFUSED = "sign_on_refused"
_NOT_GRANTED = "统一身份认证已通过,但您的岗位没有使用本系统的权限,请与扶贫办联系。"


def arrived(store: Store, settings: Settings) -> Account | None:
    """The account of somebody who comes back from the provider; None for all others.

    Why somebody is not let in is said by `button`.
    """
    if not settings.sign_on.enabled or store.recalls or not st.user.is_logged_in:
        return None
    said = st.user.to_dict()
    if not rules.is_fresh(said, datetime.now(UTC)) or not sessions.take(store, rules.once(said)):
        return None
    root, origin = settings.district.root_unit, st.context.ip_address or ""
    person = rules.person(said, settings.sign_on.claims)
    if person is None:
        audit.record(store, root, "", "sign_on_refused", origin, {"why": "no grant"})
        st.session_state[_REFUSED] = _NOT_GRANTED
        return None
    try:
        account = accounts.sign_on(store, root, person, origin)
    except AccountError as error:
        detail = {"why": str(error)}
        audit.record(store, root, person.username, "sign_on_refused", origin, detail)
        st.session_state[_REFUSED] = f"{error}。"
        return None
    st.session_state.pop(_REFUSED, None)
    return account


def button(settings: Settings) -> None:
    """The way to the provider, on the login page."""
    if not settings.sign_on.enabled:
        return
    refused = st.session_state.get(_REFUSED)
    if refused:
        st.error(refused, icon=":material/lock:")
    if st.button(
        settings.sign_on.label,
        type="primary",
        icon=":material/passkey:",
        width="stretch",
        key="sign_on",
    ):
        st.login()


def leave(settings: Settings) -> None:
    """After our own session has ended: the provider's, and its cookie."""
    if settings.sign_on.enabled and st.user.is_logged_in:
        st.logout()
