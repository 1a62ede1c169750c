"""The gate: streamlit-authenticator over the account table, with what it lacks.

Its cookie carries a name and an expiry only, and any script on a page may read it. Ours is the
server's to set (login_cookie) and also carries the account's session number, which is compared with
the account on every run: disabling an account, or a new password, ends its sessions at once, open
ones and copied cookies alike. Logging out ends the cookie itself, and so does half an hour without
a click.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit_authenticator import Authenticate
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel

from dashboard import login_cookie
from dashboard.components import demo_mark, errors, meeting, sign_on
from dashboard.data import accounts, audit, sessions
from dashboard.data.accounts import Account, AccountError
from dashboard.data.store import Store, StoreAway
from dashboard.policy import idle
from dashboard.policy.access import Role
from dashboard.settings import Settings

_FIELDS = {"Form name": "登录", "Username": "用户名", "Password": "密码", "Login": "登录"}
_INSIDE = "inside"
_DESK = "has_desk"
_TOKEN = "login_token"  # noqa: S105 (the name under which a session keeps its own)
_REFUSED = "password_refused"
_ERRAND = "login_errand"
"""The name under which a session keeps what its browser has not asked for yet (login_cookie)."""
_LEFT = "has_left"
_TICK = timedelta(seconds=30)
_CHANGE_FIELDS = {
    "原密码": "old_password",
    "新密码(至少10位)": "new_password",
    "再输一次新密码": "new_password_again",
}


class _Cookie:
    """In place of the library's: read as the browser sent it, set by what `_deliver` draws."""

    def __init__(self, store: Store, root: str) -> None:
        self._store, self._root = store, root

    def get_cookie(self) -> dict[str, Any] | None:
        """What the cookie says, unless its session has ended."""
        token = st.context.cookies.get(sessions.COOKIE)
        if not token or st.session_state["logout"]:
            return None
        said = sessions.claims(self._store, self._root, token)
        if said:
            st.session_state[sessions.NUMBER] = said[sessions.NUMBER]
        return said

    def set_cookie(self) -> None:
        """Not by the library: its picture would stand in the login form and be cleared with it."""


class _StoreAccounts(AuthenticationModel):  # type: ignore[misc]
    """The library's accounts with the store as the judge of a password."""

    def __init__(
        self, plain: AuthenticationModel, store: Store, root: str, roles: frozenset[Role]
    ) -> None:
        self.__dict__.update(plain.__dict__)
        self._store, self._root, self._roles = store, root, roles

    def check_credentials(self, username: str, password: str) -> bool:
        origin = st.context.ip_address or ""
        roles = self._roles
        return accounts.verify(self._store, self._root, username, password, origin, roles)


class _Gate(Authenticate):  # type: ignore[misc]
    """The library's login, over the account table and with the cookie that the server sets.

    Not begun as the library begins it: that draws the component of its own cookie.
    """

    def __init__(
        self, store: Store, root: str, roles: frozenset[Role], credentials: dict[str, Any]
    ) -> None:
        self.attrs, self.path = {"login_sleep_time": 0}, None
        self.cookie_controller = _Cookie(store, root)
        self.authentication_controller = AuthenticationController(
            credentials, auto_hash=False, secret_key=sessions.cookie_key(store)
        )
        plain = self.authentication_controller.authentication_model
        mine = _StoreAccounts(plain, store, root, roles)
        self.authentication_controller.authentication_model = mine


def is_inside() -> bool:
    """Whether this session has passed the gate, or brings a cookie that is likely to.

    Decides on the navigation's place only, before the gate has looked: nothing is shown by it.
    """
    return bool(st.session_state.get(_INSIDE, sessions.COOKIE in st.context.cookies))


def has_desk() -> bool:
    """Whether this session's account works at the desk: decides on the navigation only."""
    return bool(st.session_state.get(_DESK, False))


def account_of_this_session(store: Store, settings: Settings) -> Account | None:
    """The account that is logged in here; else draws the login page and returns None."""
    root = settings.district.root_unit
    # Their places are the same in every run: what follows on the page is not drawn anew for them.
    carrier, place = st.empty(), st.empty()
    gate = _gate(store, root, settings.sign_on.password_roles)
    account = _current(store, root) or _by_cookie(gate, store, root)
    account = account or _enter(gate, store, settings)
    if account is not None:
        _way_out(gate, store, root, account)
    elif st.session_state.pop(_LEFT, False):
        sign_on.leave(settings)
    with carrier:
        _deliver()
    if account is not None and account.must_change:
        _change_password(place, store, root, account.username)
        account = None
    st.session_state[_INSIDE] = account is not None
    st.session_state[_DESK] = account is not None and account.role in (Role.OFFICE, Role.TOWN)
    return account


def _way_out(gate: Authenticate, store: Store, root: str, account: Account) -> None:
    """Draws who is in, and the button that leads out."""
    with st.sidebar:
        is_named = account.display_name not in ("", account.role.label)
        name = account.display_name if is_named else account.username
        st.caption(f"{name} · {account.role.label}")
        # A callback: the run of a press may be cut short by the next press, and half a logout would
        # be none, the cookie being still there.
        st.button(
            "退出登录",
            key="logout_button",
            width="stretch",
            on_click=errors.pressed(_leave),
            args=(gate, store, root, account.username),
        )


def _leave(gate: Authenticate, store: Store, root: str, username: str) -> None:
    gate.authentication_controller.logout()
    st.session_state[_ERRAND] = login_cookie.hand_out("")
    st.session_state[_LEFT] = True
    # The browser deletes its cookie in its own time, and a copy is never deleted: neither opens
    # anything from here on.
    for token in (st.session_state.pop(_TOKEN, None), st.context.cookies.get(sessions.COOKIE)):
        if token:
            sessions.end(store, token)
    if not store.recalls:
        audit.record(store, root, username, "logout", st.context.ip_address or "")


def _gate(store: Store, root: str, roles: frozenset[Role]) -> "_Gate":
    # Who is in already needs no list of those who may come in; while the store is away nobody does.
    is_in = st.session_state.get("authentication_status") or store.recalls
    credentials = {"usernames": {}} if is_in else accounts.credentials(store, root)
    return _Gate(store, root, roles, credentials)


def _current(store: Store, root: str) -> Account | None:
    """The logged-in account, its session still being good; ends the session where it is not."""
    if not st.session_state.get("authentication_status"):
        return None
    token = _token()
    found = sessions.look(store, root, str(st.session_state.get("username")), token)
    account = found.account
    is_over = st.session_state.get(sessions.NUMBER) != getattr(account, "session_number", None)
    # Another tab with the same cookie may have logged out, or been forgotten.
    if account is None or account.disabled or is_over or found.is_over:
        for key in ("authentication_status", "username", "name", "roles", sessions.NUMBER, _TOKEN):
            st.session_state[key] = None
        st.session_state[_INSIDE] = False
        st.info(
            f"登录已失效({_minutes()}分钟没有操作、已在别处退出、密码已修改或账号已停用),"
            "请重新登录。",
            icon=":material/logout:",
        )
        return None
    if token and found.seen_at:
        sessions.use(store, token, found.seen_at)
    return account


def _token() -> str | None:
    token: str | None = st.session_state.get(_TOKEN) or st.context.cookies.get(sessions.COOKIE)
    return token


def _minutes() -> str:
    return f"{sessions.limit() / timedelta(minutes=1):g}"


def watch(store: Store) -> None:
    """Drawn last on every page: clears the screen when the login has rested too long.

    Ticks are no use of the login: only a click, which runs the whole script, is. A meeting's page
    is looked at without a click, so there a tick keeps the login for as long as meetings last.
    """
    drawn_at = datetime.now(UTC)
    tick = max(min(_TICK, sessions.limit() / 4), timedelta(seconds=1))

    @st.fragment(run_every=tick)
    def look_at_the_clock() -> None:
        now = datetime.now(UTC)
        if now - drawn_at < tick / 2:
            return  # part of a whole run, which has just looked
        try:
            _tick(store.for_a_look(), now, now - drawn_at)
        except StoreAway:
            return  # the page's own notice tells of that

    look_at_the_clock()


def _tick(store: Store, now: datetime, since_click: timedelta) -> None:
    token = _token()
    seen_at = sessions.seen(store, token) if token else None
    if seen_at and token and meeting.is_on() and since_click < idle.MEETING:
        sessions.use(store, token, seen_at)
        return
    left = idle.time_left(seen_at, now, sessions.limit()) if seen_at else timedelta()
    if left <= timedelta():
        st.rerun()
    elif left <= min(idle.WARNING, sessions.limit() / 4):
        st.toast("即将因长时间没有操作而退出登录;点一下页面上的任意按钮即可继续。")


def _by_cookie(gate: Authenticate, store: Store, root: str) -> Account | None:
    """The account whose cookie the browser brings. Looked at before anything is drawn: else the
    login page would flash up, or stay, in front of someone who is in already."""
    token = gate.cookie_controller.get_cookie()
    if not token:
        return None
    if store.recalls:
        # The library would look for the account among those in the store.
        found = sessions.look(store, root, token["username"], _token()).account
        if found is not None:
            st.session_state.update(authentication_status=True, username=found.username)
        return found
    gate.authentication_controller.login(token=token)
    return accounts.find(store, root, token["username"])


def _enter(gate: Authenticate, store: Store, settings: Settings) -> Account | None:
    """The login page; the account once the password has been accepted."""
    root = settings.district.root_unit
    known = sign_on.arrived(store, settings)
    if known is not None:
        st.session_state.update(authentication_status=True, username=known.username)
        _open(store, root, known.username)
        return known
    place = st.empty()
    with place.container():
        _left, middle, _right = st.columns([1, 1.2, 1])
    with middle:
        st.markdown(f"##### {settings.district.name}")
        st.title("扶贫开发领导驾驶舱", anchor=False)
        demo_mark.show(store.is_demo)
        demo = accounts.demo_accounts(store)
        chosen = _demo_buttons(demo)
        sign_on.button(settings)
        if chosen is not None:
            gate.authentication_controller.login(chosen, demo[chosen])
        elif settings.sign_on.password_roles:
            gate.login(fields=_FIELDS, key="login")
        if st.session_state.get("authentication_status") is False:
            st.error("用户名或密码不对,或账号已停用。", icon=":material/lock:")
    if not st.session_state.get("authentication_status"):
        return None
    place.empty()
    username = str(st.session_state["username"])
    _open(store, root, username)
    return accounts.find(store, root, username)


def _open(store: Store, root: str, username: str) -> None:
    """A session of the account's, and its cookie on the way to the browser."""
    token, number = sessions.token_for(store, root, username)
    st.session_state[_TOKEN], st.session_state[sessions.NUMBER] = token, number
    st.session_state[_ERRAND] = login_cookie.hand_out(token)


def _deliver() -> None:
    """In every run until the browser has asked for it: a run may be cut short, and what it has sent
    be lost."""
    errand = st.session_state.get(_ERRAND)
    if errand and login_cookie.is_waiting(errand):
        st.html(f'<img src="{login_cookie.PLACE}/{errand}" alt="">')
    else:
        st.session_state.pop(_ERRAND, None)


def _demo_buttons(demo: dict[str, str]) -> str | None:
    """The demo accounts, one a role; the name of the one pressed."""
    if not demo:
        return None
    st.caption("演示账号(点按即可登录,只有演示数据才有):")
    with st.container(horizontal=True):
        pressed = {
            username: st.button(
                Role(username).label if username in list(Role) else username,
                key=f"demo_{username}",
                help=f"用户名 {username},密码 {password}",
            )
            for username, password in demo.items()
        }
    return next((name for name, is_pressed in pressed.items() if is_pressed), None)


def _change_password(place: DeltaGenerator, store: Store, root: str, username: str) -> None:
    """The first login: nothing else until the password is the owner's own."""
    with place.container():
        _left, middle, _right = st.columns([1, 1.2, 1])
    with middle, st.form("change_password"):
        st.subheader("首次登录,请修改密码", anchor=False)
        for label, key in _CHANGE_FIELDS.items():
            st.text_input(label, type="password", key=key)
        # A callback: the gate, passed before the form is drawn, sees the new password.
        st.form_submit_button(
            "修改密码",
            type="primary",
            on_click=errors.pressed(_take_password),
            args=(store, root, username),
        )
        refused = st.session_state.pop(_REFUSED, None)
        if refused:
            st.error(refused)


def _take_password(store: Store, root: str, username: str) -> None:
    old, new, again = (str(st.session_state.get(key, "")) for key in _CHANGE_FIELDS.values())
    try:
        if new != again:
            raise AccountError("两次输入的新密码不一致")
        accounts.change_password(store, root, username, old, new, st.context.ip_address or "")
    except AccountError as error:
        st.session_state[_REFUSED] = str(error)
        return
    # This session goes on, with a new cookie; every other has ended with the old number.
    _open(store, root, username)
