"""The cookie of a login: what signs it, and whether the session that it names is still open.

Apart from the screen: what is asked for outside of a page's run is let through by it too.
"""

import os
import secrets
import time
from pathlib import Path

import jwt

from dashboard.data import accounts
from dashboard.data.store import Store

COOKIE = "dashboard_login"
NUMBER = "session_number"
"""The claim that ends all of an account's sessions when the account's own number moves on."""
_KEY_BYTES = 32


def opens(store: Store, root: str, token: str) -> bool:
    """Whether a cookie is that of a session that is still open: for what is asked outside a run."""
    try:
        claims = jwt.decode(token, cookie_key(store), algorithms=["HS256"])
    except jwt.InvalidTokenError:
        return False
    account = accounts.find(store, root, str(claims.get("username", "")))
    if account is None or account.disabled or claims.get(NUMBER) != account.session_number:
        return False
    is_over = float(claims.get("exp_date", 0)) <= time.time()
    return not is_over and not accounts.is_ended(store, token)


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
