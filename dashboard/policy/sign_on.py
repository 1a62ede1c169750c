"""From what the office's single sign-on says of a person to what the person may see here.

Pure: the provider has been asked and its signature checked before. Nobody gets in by default: who
has none of the values that config/sign_on.yaml names is not let in.
Source: OpenID Connect Core 1.0, 2 and 5.1 (claims); OWASP ASVS 5 V10.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.policy.access import Role

_FRESH_S, _SKEW_S = 600, 120
"""From the provider's answer to the first look, and how far the two clocks may differ."""


@dataclass(frozen=True)
class Grant:
    """Who has `value` in the claim gets the role. Unit and organisation are given here, or named
    by a claim of their own."""

    value: str
    role: Role
    unit: str | None = None
    unit_claim: str | None = None
    organisation: str | None = None
    organisation_claim: str | None = None


@dataclass(frozen=True)
class Claims:
    """Which claims say who somebody is and which groups or posts the person has."""

    username: str
    groups: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class Person:
    """Somebody who is let in. `identity` tells the person for good, whatever the name is."""

    identity: str
    username: str
    role: Role
    unit_code: str
    organisation: str | None = None


def person(said: Mapping[str, Any], claims: Claims) -> Person | None:
    """The first grant that fits, in the order of the file; None for who is not to be let in."""
    issuer, subject = said.get("iss"), said.get("sub")
    username = said.get(claims.username)
    if not (issuer and subject and isinstance(username, str) and username):
        return None
    groups = _texts(said.get(claims.groups))
    for grant in claims.grants:
        if grant.value not in groups:
            continue
        unit = grant.unit or _text(said, grant.unit_claim)
        organisation = grant.organisation or _text(said, grant.organisation_claim)
        if unit is None or (grant.role is Role.DEPARTMENT and organisation is None):
            continue
        return Person(
            _digest(f"{issuer}\n{subject}"), username.lower(), grant.role, unit, organisation
        )
    return None


def is_fresh(said: Mapping[str, Any], now: datetime) -> bool:
    """Whether the provider has said it just now: a cookie that was copied earlier opens nothing."""
    issued = said.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        return False
    return -_SKEW_S <= now.timestamp() - issued <= _FRESH_S


def once(said: Mapping[str, Any]) -> str:
    """A name for this very answer of the provider: it opens one session and no other."""
    parts = [str(said.get(name, "")) for name in ("iss", "sub", "iat", "exp", "nonce", "jti")]
    return _digest("\n".join(parts))


def _texts(value: Any) -> Sequence[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _text(said: Mapping[str, Any], claim: str | None) -> str | None:
    value = said.get(claim) if claim else None
    return value if isinstance(value, str) and value else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:48]
