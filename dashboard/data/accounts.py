"""Who may enter: accounts, their passwords, and what happens to them.

Passwords are kept as bcrypt hashes. Only a demo store keeps its demo accounts' passwords readable,
to show them on the login page; a real store refuses.
"""

import json
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import bcrypt
from sqlalchemy import Connection, insert, select, update

from dashboard.data import attempts, audit
from dashboard.data.schema import account, unit
from dashboard.data.store import Store, get_info, set_info
from dashboard.data.units import lineage_of
from dashboard.policy.access import Role, Viewer
from dashboard.policy.codes import district_of
from dashboard.policy.sign_on import Person
from dashboard.settings import Settings

_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without letters and figures that are taken for each other (0 O 1 l I i o)."""
_FRESH_LENGTH = 14
_SHORTEST = 10
_LONGEST_BYTES = 72
_USERNAME = re.compile(r"[a-z0-9][a-z0-9_.-]{1,39}")
_DEMO_ACCOUNTS = "demo_accounts"
_SIGNED_ON = "sign_on:"
"""In the place of a password's hash: whose account it is, at the office's own sign-on."""


class AccountError(ValueError):
    """What was asked for is not possible; the message is a Chinese sentence."""


@dataclass(frozen=True)
class Account:
    username: str
    role: Role
    unit_code: str
    organisation: str | None
    display_name: str
    must_change: bool
    disabled: bool
    session_number: int

    def viewer(self, origin: str = "") -> Viewer:
        """Who looks, from that address."""
        return Viewer(self.username, self.role, self.unit_code, self.organisation, origin)


def add(
    store: Store,
    root: str,
    username: str,
    role: Role,
    unit_code: str,
    password: str | None = None,
    organisation: str | None = None,
    display_name: str = "",
    must_change: bool = True,
    actor: str = "",
    origin: str = "",
) -> str:
    """Make an account under the root unit; its password, freshly made where none is given.

    Raises AccountError for a name that is taken or malformed, a unit that is not there, or a
    password that is too weak. The root unit itself may come later: the first account imports it.
    """
    if not _USERNAME.fullmatch(username):
        raise AccountError("用户名应为2至40位小写字母、数字或 . _ -,以字母或数字开头")
    if role is Role.DEPARTMENT and not organisation:
        raise AccountError("帮扶单位的账号应写明单位名称(--organisation)")
    fresh = fresh_password() if password is None else password
    check_password(username, fresh)
    with store.writing(changes_figures=False) as connection:
        if _row(connection, root, username) is not None:
            raise AccountError(f"账号 {username} 已经存在")
        _check_unit(connection, root, unit_code)
        _insert(
            connection,
            root,
            username,
            _hash(fresh),
            must_change=must_change,
            display_name=display_name or role.label,
            role=role.value,
            unit_code=unit_code,
            organisation=organisation,
        )
        detail = {"account": username, "role": role.value, "unit": unit_code}
        audit.add(connection, root, actor or username, "account_added", detail, origin)
    return fresh


def _check_unit(connection: Connection, root: str, unit_code: str) -> None:
    above = {unit.code for unit in lineage_of(connection, unit_code)}
    if unit_code != root and root not in above:
        raise AccountError(f"没有代码为“{unit_code[:20]}”的单位,请先导入“单位”表")


def _insert(
    connection: Connection, root: str, username: str, password_hash: str, **values: Any
) -> None:
    connection.execute(
        insert(account).values(
            district_code=district_of(root),
            username=username,
            password_hash=password_hash,
            disabled=False,
            session_number=1,
            created_at=datetime.now(UTC),
            **{"display_name": "", **values},
        )
    )


def disable(store: Store, root: str, username: str, actor: str = "", origin: str = "") -> None:
    """Shut an account and end its sessions. Raises AccountError for an unknown name."""
    with store.writing(changes_figures=False) as connection:
        _change(connection, root, username, "account_disabled", {"disabled": True}, actor, origin)


def enable(store: Store, root: str, username: str, actor: str = "", origin: str = "") -> None:
    """Open an account again. Raises AccountError for an unknown name."""
    with store.writing(changes_figures=False) as connection:
        _change(connection, root, username, "account_enabled", {"disabled": False}, actor, origin)


def reset_password(
    store: Store, root: str, username: str, actor: str = "", origin: str = ""
) -> str:
    """A fresh password that must be changed at the next login; all sessions end, the door is open.

    Raises AccountError for an unknown name, and for an account of the single sign-on, which has no
    password: with one, the sign-on would take it for somebody else's.
    """
    fresh = fresh_password()
    values = {"password_hash": _hash(fresh), "must_change": True}
    with store.writing(changes_figures=False) as connection:
        row = _row(connection, root, username)
        if row is not None and row.password_hash.startswith(_SIGNED_ON):
            raise AccountError(
                f"账号 {username} 从统一身份认证登录,没有密码可以重置;不再使用的请停用"
            )
        _change(connection, root, username, "password_reset", values, actor, origin)
    attempts.forgive(store, root, username, "")
    return fresh


def change_password(
    store: Store, root: str, username: str, old: str, new: str, origin: str = ""
) -> None:
    """Replace a password by its owner and end all other sessions. Raises AccountError."""
    with store.reading() as connection:
        row = _row(connection, root, username)
    if row is None or not bcrypt.checkpw(_bytes(old), row.password_hash.encode()):
        raise AccountError("原密码不对")
    check_password(username, new)
    if old == new:
        raise AccountError("新密码应与原密码不同")
    values = {"password_hash": _hash(new), "must_change": False}
    with store.writing(changes_figures=False) as connection:
        now = _row(connection, root, username)
        if now is None or now.password_hash != row.password_hash:
            raise AccountError("密码刚刚被重置,请用新发的密码登录")
        _change(connection, root, username, "password_changed", values, origin=origin)


def sign_on(store: Store, root: str, person: Person, origin: str = "") -> Account:
    """The account of a person whom the office's single sign-on has sent, made at the first time.

    Role, unit and organisation are what the sign-on says now; a change ends the sessions of before.
    Raises AccountError for a disabled account, a name that belongs to somebody else (an account
    with a password among them), a malformed one, and a unit that is not there.
    """
    if not _USERNAME.fullmatch(person.username):
        raise AccountError("统一身份认证给出的用户名不能用,应为2至40位小写字母、数字或 . _ -")
    whose = _SIGNED_ON + person.identity
    says = {
        "role": person.role.value,
        "unit_code": person.unit_code,
        "organisation": person.organisation,
    }
    with store.writing(changes_figures=False) as connection:
        row = _row(connection, root, person.username)
        if row is not None and row.password_hash != whose:
            raise AccountError(f"用户名 {person.username} 已是别人的账号,请与扶贫办联系")
        if row is not None and row.disabled:
            raise AccountError("账号已停用,请与扶贫办联系")
        _check_unit(connection, root, person.unit_code)
        if row is None:
            _insert(connection, root, person.username, whose, must_change=False, **says)
            audit.add(connection, root, person.username, "account_added", says, origin)
        elif any(row._mapping[name] != value for name, value in says.items()):
            connection.execute(
                update(account)
                .where(
                    account.c.district_code == district_of(root),
                    account.c.username == person.username,
                )
                .values(session_number=account.c.session_number + 1, **says)
            )
            audit.add(connection, root, person.username, "account_changed", says, origin)
        audit.add(connection, root, person.username, "login", {"by": "sign_on"}, origin)
        return from_row(_row(connection, root, person.username))


def verify(
    store: Store,
    root: str,
    username: str,
    password: str,
    origin: str = "",
    roles: Collection[Role] = tuple(Role),
) -> bool:
    """Whether the password opens the account. Every attempt is noted with where it came from.

    False for a wrong password, an unknown, a disabled and a locked account alike, for one of the
    single sign-on and one whose role is not among `roles`, and after the same work: neither the
    answer nor its time tells which it was.
    """
    nobodys = _nobodys_hash()  # made once, at whoever's first try: none takes longer for it
    is_admitted = attempts.admit(store, root, username, origin)
    with store.reading() as connection:
        row = _row(connection, root, username)
    has_password = row is not None and not row.password_hash.startswith(_SIGNED_ON)
    kept = row.password_hash.encode() if has_password else nobodys
    fits = len(password.encode()) <= _LONGEST_BYTES and bcrypt.checkpw(_bytes(password), kept)
    may = has_password and not row.disabled and Role(row.role) in roles
    opens = fits and may and is_admitted
    if opens:
        attempts.forgive(store, root, username, origin)
    action = "login" if opens else "login_failed" if is_admitted else "login_locked"
    audit.record(store, root, username, action, origin)
    return opens


@cache
def _nobodys_hash() -> bytes:
    return _hash(fresh_password()).encode()


def check_password(username: str, password: str) -> None:
    """Raises AccountError where a password is too weak to hold."""
    if len(password) < _SHORTEST:
        raise AccountError(f"密码至少{_SHORTEST}位")
    if len(password.encode()) > _LONGEST_BYTES:
        raise AccountError(f"密码不超过{_LONGEST_BYTES}个字节")
    if username.lower() in password.lower():
        raise AccountError("密码不应包含用户名")
    if password != password.strip():
        raise AccountError("密码的开头和结尾不能是空格")
    if len(set(password)) < _SHORTEST // 2:
        raise AccountError("密码过于简单,请多用几种不同的字符")


def fresh_password() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_FRESH_LENGTH))


def listing(store: Store, root: str) -> list[Account]:
    """The accounts of the root unit's district by name; passwords' hashes are not read for it."""
    shown = [column for column in account.columns if column is not account.c.password_hash]
    with store.reading() as connection:
        rows = connection.execute(
            select(*shown)
            .where(account.c.district_code == district_of(root))
            .order_by(account.c.username)
        ).all()
    return [from_row(row) for row in rows]


def find(store: Store, root: str, username: str) -> Account | None:
    with store.reading() as connection:
        row = _row(connection, root, username)
    return None if row is None else from_row(row)


def credentials(store: Store, root: str) -> dict[str, dict[str, dict[str, Any]]]:
    """The enabled accounts in the form that streamlit-authenticator reads."""
    with store.reading() as connection:
        rows = connection.execute(
            select(account).where(
                account.c.district_code == district_of(root), account.c.disabled.is_(False)
            )
        ).all()
    users = {
        row.username: {
            "name": row.display_name,
            "first_name": row.display_name,
            "last_name": "",
            "email": "",
            "password": row.password_hash,
            "roles": [row.role],
        }
        for row in rows
    }
    return {"usernames": users}


def create_demo_accounts(store: Store, settings: Settings) -> dict[str, str]:
    """One account a role, by name with its fresh password. Raises AccountError on real data."""
    if not store.is_demo:
        raise AccountError("库中不是演示数据,不能建立演示账号")
    root = settings.district.root_unit
    with store.reading() as connection:
        town = connection.scalar(
            select(unit.c.code)
            .where(unit.c.district_code == district_of(root), unit.c.level == "town")
            .order_by(unit.c.code)
            .limit(1)
        )
    wanted = (
        ("leader", Role.LEADER, root, None),
        ("office", Role.OFFICE, root, None),
        ("town", Role.TOWN, town or root, None),
        ("department", Role.DEPARTMENT, root, "区财政局"),
    )
    made: dict[str, str] = {}
    for username, role, unit_code, organisation in wanted:
        if find(store, root, username) is None:
            made[username] = add(
                store,
                root,
                username,
                role,
                unit_code,
                organisation=organisation,
                must_change=False,
            )
    with store.writing(changes_figures=False) as connection:
        known = json.loads(get_info(connection, _DEMO_ACCOUNTS) or "{}")
        set_info(connection, _DEMO_ACCOUNTS, json.dumps(known | made))
    return made


def demo_accounts(store: Store) -> dict[str, str]:
    """Names and passwords that the login page of a demo store shows; empty on a real store."""
    if not store.is_demo:
        return {}
    return dict(json.loads(store.info(_DEMO_ACCOUNTS) or "{}"))


def _change(
    connection: Connection,
    root: str,
    username: str,
    action: str,
    values: dict[str, Any],
    actor: str = "",
    origin: str = "",
) -> None:
    """Ends the account's sessions as well. Raises AccountError for an unknown name."""
    changed = connection.execute(
        update(account)
        .where(account.c.district_code == district_of(root), account.c.username == username)
        .values(session_number=account.c.session_number + 1, **values)
    )
    if changed.rowcount == 0:
        raise AccountError(f"没有账号 {username}")
    audit.add(connection, root, actor or username, action, {"account": username}, origin)


def _row(connection: Connection, root: str, username: str) -> Any:
    return connection.execute(
        select(account).where(
            account.c.district_code == district_of(root), account.c.username == username
        )
    ).one_or_none()


def from_row(row: Any) -> Account:
    return Account(
        row.username,
        Role(row.role),
        row.unit_code,
        row.organisation,
        row.display_name,
        row.must_change,
        row.disabled,
        row.session_number,
    )


def _hash(password: str) -> str:
    return bcrypt.hashpw(_bytes(password), bcrypt.gensalt()).decode()


def _bytes(password: str) -> bytes:
    return password.encode()[:_LONGEST_BYTES]
