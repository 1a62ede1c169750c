"""The cookie of a login: what signs it, and whether the session that it names is still open.

The store knows every open session by a hash of its token and when it was used last. A token that
it does not know opens nothing, whoever signed it.
Apart from the screen: what is asked for outside of a page's run is let through by it too.
"""

import hashlib
import logging
import os
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cachetools import TTLCache
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from dashboard.data import accounts
from dashboard.data.accounts import Account
from dashboard.data.health import Away
from dashboard.data.schema import account, store_info
from dashboard.data.store import Store, StoreAway, set_info
from dashboard.policy.codes import district_of
from dashboard.policy.idle import is_worth_noting, time_left
from dashboard.settings import ConfigError

COOKIE = "dashboard_login"
NUMBER = "session_number"
"""The claim that ends all of an account's sessions when the account's own number moves on."""
LONGEST = timedelta(days=1)
"""Then a login ends, used or not."""
_KEY_BYTES = 32
_MOST_MINUTES = 480
_OPEN = "open:"
_TAKEN = "taken:"
_AWAY_MINUTES = 10
_REMEMBERING = threading.Lock()
# Sessions as the store had them when it was asked last; forgotten soon: who is disabled meanwhile
# is out when the store is back, or after these minutes.
_FOUND: TTLCache[tuple[str, str, str], "Session"] = TTLCache(4096, _AWAY_MINUTES * 60)
_ENDED_HERE: TTLCache[str, bool] = TTLCache(4096, LONGEST.total_seconds())
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Session:
    """Who is logged in, None for nobody, and when the browser's token was used last.

    `is_over`: it opens nothing, because it was never begun, has ended, or was not used.
    """

    account: Account | None
    seen_at: datetime | None

    @property
    def is_over(self) -> bool:
        return _left(self.seen_at) <= timedelta()


def begin(store: Store, token: str) -> None:
    """Let a token open the store's pages from now on, until it ends or is not used."""
    now = datetime.now(UTC)
    with store.noting() as connection:
        old = (now - LONGEST).isoformat()
        is_old = store_info.c.key.startswith(_OPEN) & (store_info.c.value < old)
        connection.execute(delete(store_info).where(is_old))
        set_info(connection, _key(token), now.isoformat())


def token_for(store: Store, root: str, username: str) -> tuple[str, int]:
    """A new token that opens the account's pages, begun; and the account's session number.

    Raises StoreAway.
    """
    account = accounts.find(store, root, username)
    number = account.session_number if account else 0
    until = time.time() + LONGEST.total_seconds()
    said = {"username": username, "exp_date": until, NUMBER: number}
    token = jwt.encode(said, cookie_key(store), algorithm="HS256")
    begin(store, token)
    return token, number


def take(store: Store, answer: str) -> bool:
    """Whether an answer of the single sign-on is new here: it opens one session and no other, for
    all processes. Kept for twice as long as a login may last."""
    now = datetime.now(UTC)
    try:
        with store.noting() as connection:
            old = store_info.c.key.startswith(_TAKEN) & (
                store_info.c.value < (now - 2 * LONGEST).isoformat()
            )
            connection.execute(delete(store_info).where(old))
            connection.execute(
                insert(store_info).values(key=(_TAKEN + answer)[:40], value=now.isoformat())
            )
    except IntegrityError:
        return False
    return True


def end(store: Store, token: str) -> None:
    """The token, and every copy of it, opens nothing any more.

    While the store is away this process knows it alone; the store is told at the token's next use.
    """
    _ENDED_HERE[_key(token)] = True
    try:
        with store.noting() as connection:
            connection.execute(delete(store_info).where(store_info.c.key == _key(token)))
    except StoreAway:
        _log.warning("a session's end is not in the store yet: the store is away")
        return
    _ENDED_HERE.pop(_key(token), None)


# Every run of a page asks it: built once.
_LOOKED = select(
    account,
    *(
        select(store_info.c.value)
        .where(store_info.c.key == bindparam(name))
        .scalar_subquery()
        .label(name)
        for name in ("version", "is_demo", "seen")
    ),
).where(account.c.district_code == bindparam("district"), account.c.username == bindparam("name"))


def look(store: Store, root: str, username: str, token: str | None) -> Session:
    """What every run of a page asks first, in one statement; the store has then seen its version.

    `token` is the cookie's, None where the browser has none.
    """
    if store.recalls:
        return _looked_before(store, username, token)
    asked = {"version": "version", "is_demo": "is_demo", "seen": _key(token or "")}
    who = {"district": district_of(root), "name": username}
    with store.reading() as connection:
        row = connection.execute(_LOOKED, asked | who).first()
    if row is None:
        return Session(None, None)
    found = Session(accounts.from_row(row), _moment(row.seen))
    if _key(token or "") in _ENDED_HERE:
        end(store, token or "")
        return Session(found.account, None)
    scope = found.account.viewer().scope if found.account else None
    store.see(int(row.version or 0), is_demo=row.is_demo == "yes", scope=scope)
    with _REMEMBERING:
        _FOUND[_looked_at(store, username, token)] = found
    return found


def _looked_before(store: Store, username: str, token: str | None) -> Session:
    """While the store is away, who was inside stays inside for a while: as the last look had it.

    Raises Away for everybody else: nobody comes in meanwhile.
    """
    with _REMEMBERING:
        found = _FOUND.get(_looked_at(store, username, token))
    if found is None or _key(token or "") in _ENDED_HERE:
        raise Away("数据库暂时连不上,现在不能登录")
    return found


def _looked_at(store: Store, username: str, token: str | None) -> tuple[str, str, str]:
    return store.url.render_as_string(), username, _key(token or "")


def use(store: Store, token: str, seen_at: datetime) -> None:
    """The token, used last at `seen_at`, is in use: its time begins anew.

    Given up where the store is busy writing: the next use notes it as well.
    """
    now = datetime.now(UTC)
    if not is_worth_noting(seen_at, now, limit()):
        return
    try:
        with store.noting(wait_s=0) as connection:
            # Changed, never added: a logout at the same moment is not undone.
            connection.execute(
                update(store_info)
                .where(store_info.c.key == _key(token))
                .values(value=now.isoformat())
            )
    except StoreAway:
        _log.info("a session's use was not noted: the store is busy")


def seen(store: Store, token: str) -> datetime | None:
    """When the token was used last; None where it opens nothing."""
    return _moment(store.info(_key(token)))


def claims(store: Store, root: str, token: str) -> dict[str, Any] | None:
    """What a cookie says, `username` and NUMBER among it; None where its session is not open.

    Raises Away for who was not inside before, while the store is away.
    """
    try:
        said: dict[str, Any] = jwt.decode(token, cookie_key(store), algorithms=["HS256"])
    except jwt.InvalidTokenError:
        return None
    found = look(store, root, str(said.get("username", "")), token)
    if found.account is None or found.is_over or found.account.disabled:
        return None
    is_expired = float(said.get("exp_date", 0)) <= time.time()
    is_open = said.get(NUMBER) == found.account.session_number and not is_expired
    return said if is_open else None


def whose(store: Store, root: str, token: str) -> str | None:
    """The account of a cookie whose session is open: for what is asked outside a run."""
    said = claims(store, root, token)
    return str(said["username"]) if said else None


def limit() -> timedelta:
    """How long a login may rest: DASHBOARD_IDLE_MINUTES, else half an hour. Raises ConfigError."""
    said = os.environ.get("DASHBOARD_IDLE_MINUTES", "30")
    try:
        minutes = float(said)
    except ValueError:
        minutes = 0
    if not 0 < minutes <= _MOST_MINUTES:
        raise ConfigError(f"环境变量 DASHBOARD_IDLE_MINUTES 应为1至{_MOST_MINUTES}的分钟数")
    return timedelta(minutes=minutes)


def _left(seen_at: datetime | None) -> timedelta:
    return time_left(seen_at, datetime.now(UTC), limit()) if seen_at else timedelta()


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _key(token: str) -> str:
    return _OPEN + hashlib.sha256(token.encode()).hexdigest()[:32]


def cookie_key(store: Store) -> str:
    """From the environment, or made once beside the embedded store, readable by its owner only."""
    given = os.environ.get("DASHBOARD_COOKIE_KEY")
    if given:
        return given
    path = _key_file(store)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(_KEY_BYTES))
        try:
            # Two processes may start at once: the first link wins, both then read the same key.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _key_file(store: Store) -> Path:
    database = store.url.database
    folder = Path(database).parent if store.is_sqlite and database else Path("var")
    return folder / "cookie.key"
