"""Wrong passwords counted by account and by address, for all processes together."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from dashboard.data.schema import login_attempt
from dashboard.data.store import Store
from dashboard.policy.codes import district_of
from dashboard.policy.lockout import ACCOUNT, KEPT, ORIGIN, shut_for

_LONGEST = 60


def admit(store: Store, root: str, username: str, origin: str) -> bool:
    """Count an attempt before its password is looked at; False where the door is shut.

    Counted first, in one transaction: else many processes at once would try many passwords before
    the first failure is written. An attempt at a shut door is not counted, or it would never open.
    """
    now, doors = datetime.now(UTC), _doors(username, origin)
    with store.noting(alone=True) as connection:
        _forget(connection, root, now)
        rows = {door: _row(connection, root, door) for door in doors}
        if any(row is not None and _is_shut(row, now) for row in rows.values()):
            return False
        for door, row in rows.items():
            _count(connection, root, door, row, now)
    return True


def forgive(store: Store, root: str, username: str, origin: str) -> None:
    """The password was right: the account begins anew, the address has one less."""
    with store.noting(alone=True) as connection:
        for door in _doors(username, origin):
            left = 0 if door[0] == ACCOUNT else login_attempt.c.failures - 1
            connection.execute(update(login_attempt).where(*_is(root, door)).values(failures=left))


_Door = tuple[str, str]
"""Kind and key."""


def _doors(username: str, origin: str) -> list[_Door]:
    return [(ACCOUNT, username[:_LONGEST])] + ([(ORIGIN, origin[:_LONGEST])] if origin else [])


def _is(root: str, door: _Door) -> list[ColumnElement[bool]]:
    columns = login_attempt.c
    return [
        columns.district_code == district_of(root),
        columns.kind == door[0],
        columns.key == door[1],
    ]


def _row(connection: Connection, root: str, door: _Door) -> Row[Any] | None:
    return connection.execute(select(login_attempt).where(*_is(root, door))).one_or_none()


def _is_shut(row: Row[Any], now: datetime) -> bool:
    last_at = row.last_at if row.last_at.tzinfo else row.last_at.replace(tzinfo=UTC)
    return bool(now < last_at + shut_for(row.kind, row.failures))


def _count(
    connection: Connection,
    root: str,
    door: _Door,
    row: Row[Any] | None,
    now: datetime,
) -> None:
    if row is None:
        names = ("district_code", "kind", "key", "failures", "last_at")
        values = (district_of(root), *door, 1, now)
        connection.execute(insert(login_attempt), [dict(zip(names, values, strict=True))])
    else:
        changed = {"failures": row.failures + 1, "last_at": now}
        connection.execute(update(login_attempt).where(*_is(root, door)).values(changed))


def _forget(connection: Connection, root: str, now: datetime) -> None:
    """What is old: the table does not grow with what strangers type."""
    old = [
        and_(login_attempt.c.kind == kind, login_attempt.c.last_at < now - kept)
        for kind, kept in KEPT.items()
    ]
    here = login_attempt.c.district_code == district_of(root)
    connection.execute(delete(login_attempt).where(here, or_(*old)))
