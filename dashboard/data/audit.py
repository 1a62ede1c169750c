"""What was done, by whom, from where: rows that are added and never changed."""

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert

from dashboard.data.schema import audit_event
from dashboard.data.store import Store
from dashboard.policy.codes import district_of

VIEWED, EXPORTED = "viewed", "exported"


def add(
    connection: Connection,
    root: str,
    username: str,
    action: str,
    detail: dict[str, Any],
    origin: str = "",
) -> None:
    """Part of the transaction that does the thing: both happen, or neither."""
    connection.execute(
        insert(audit_event).values(
            district_code=district_of(root),
            id=f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(6)}",
            happened_at=datetime.now(UTC),
            username=username[:60],
            origin=origin[:60],
            action=action,
            detail=detail,
        )
    )


def record(
    store: Store,
    root: str,
    username: str,
    action: str,
    origin: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """What changes nothing but has to be known: a login, a look at households, a file taken away.

    Called before the thing is done: what cannot be noted is not shown. Raises StoreAway.
    """
    with store.noting() as connection:
        add(connection, root, username, action, detail or {}, origin)
