"""Tells Streamlit of the office's single sign-on, when the server starts.

Streamlit reads a file of secrets: it is made anew at every start, in a folder of the process's own,
and gone with it. Nothing of it is in config/ or in the store.
"""

import hashlib
import hmac
import json
import os
import tempfile
from functools import cache
from pathlib import Path

from streamlit import config as streamlit_config

from dashboard.data import sessions
from dashboard.data.store import Store
from dashboard.settings import ConfigError, Settings

SECRET = "DASHBOARD_OIDC_SECRET"  # noqa: S105 (the name of the variable)


def prepare(settings: Settings, store: Store) -> None:
    """Nothing where it is off. Raises ConfigError where the client's secret is not given."""
    entry = settings.sign_on
    if not entry.enabled:
        return
    secret = os.environ.get(SECRET, "")
    if not secret:
        raise ConfigError(f"config/sign_on.yaml 已启用统一身份认证,但没有环境变量 {SECRET}")
    # All processes of one dashboard sign alike, and with another key than the login's own.
    key = hmac.new(sessions.cookie_key(store).encode(), b"sign-on", hashlib.sha256).hexdigest()
    told = {
        "redirect_uri": entry.address.rstrip("/") + "/oauth2callback",
        "cookie_secret": key,
        "client_id": entry.client_id,
        "client_secret": secret,
        "server_metadata_url": entry.metadata_url,
    }
    lines = ["[auth]", *(f"{name} = {json.dumps(value)}" for name, value in told.items())]
    lines += ["[auth.client_kwargs]", f"scope = {json.dumps(entry.scope)}"]
    path = Path(_folder().name) / "secrets.toml"
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    streamlit_config.set_option("secrets.files", [str(path)])


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="sign-on-")
