"""The reading role: a login to PostgreSQL that may only look, and sees what its viewer may see.

The program asks `may_see` before every question. With STORE_READ_URL set, PostgreSQL asks again:
pages read over a role that can only SELECT, and row-level security compares each row with who looks
(`settings`). Whoever forgets a filter in a query, or finds a way to run one of their own, is shown
no other district's row; a connection that names nobody is shown nothing at all.
Source: 武发〔2016〕68号 三(一) (供帮扶单位和社会各界查询, 公开、公正); OWASP ASVS 5 V8.
"""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, Table, text

from dashboard.data import schema
from dashboard.data.store import Store, set_info

ROLE = "reading_role"
"""The mark in store_info: an upgrade gives its new tables to the same role."""
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_POLICY = "seen_by_viewer"

_INSIDE = "current_setting('app.role', true) IN ('leader', 'office', 'town', 'department')"
_DISTRICT = "starts_with(district_code, current_setting('app.district', true))"
_IS_OFFICE = "current_setting('app.role', true) = 'office'"
_OWN = "starts_with({column}, current_setting('app.subtree', true))"

_NOT_ANOTHERS_VILLAGE = f"(char_length({{column}}) < 12 OR {_OWN})"
"""A town is shown its own villages; of other towns what a ranking needs, their totals."""
_OPEN_TO_THE_DISTRICT = (schema.boundary, schema.returned, schema.submission)
"""Where things are, and who has reported when."""

_OF_SEEN_HOUSEHOLD = (
    "(current_setting('app.subtree', true) = current_setting('app.district', true) OR EXISTS"
    " (SELECT 1 FROM household h WHERE h.district_code = household_income.district_code"
    " AND h.number = household))"
)
"""By the household, which is shown under its own rule; not asked where all of them are shown."""


class CannotGrant(ValueError):
    """The role cannot be the reading one; the message is a Chinese sentence."""


def grant(store: Store, role: str) -> None:
    """Let `role` read, and let every table be read by who may see it only. May be run again.

    Raises CannotGrant for SQLite, a role that is not there, and one that could do more than read.
    """
    if store.is_sqlite:
        raise CannotGrant("只读角色需要 PostgreSQL,而 STORE_URL 指向 SQLite;没有改动任何数据")
    if not _NAME.fullmatch(role):
        raise CannotGrant("角色名应为小写字母、数字和下划线,以字母或下划线开头")
    with store.writing(changes_figures=False) as connection:
        _refuse_the_mighty(connection, role)
        for statement in _statements(role):
            connection.execute(text(statement))
        set_info(connection, ROLE, role)


def _refuse_the_mighty(connection: Connection, role: str) -> None:
    found = connection.execute(
        text(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole, rolname = current_user"
            " FROM pg_roles WHERE rolname = :role"
        ),
        {"role": role},
    ).first()
    if found is None:
        raise CannotGrant(f"数据库里没有角色 {role}:请先执行 CREATE ROLE {role} LOGIN PASSWORD '…'")
    if found[0] or found[1]:
        raise CannotGrant(f"角色 {role} 是表的属主或有超出读取的权限,不能作只读角色")


def _statements(role: str) -> Iterator[str]:
    # Names are checked, and conditions our own: nothing here comes from data.
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    for table in schema.metadata.sorted_tables:
        condition = _condition(table)
        yield f"REVOKE ALL ON {table.name} FROM {role}"
        if condition is None:
            continue
        columns = ", ".join(c.name for c in table.columns if c.name != "password_hash")
        yield f"GRANT SELECT ({columns}) ON {table.name} TO {role}"
        yield f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS {_POLICY} ON {table.name}"
        yield f"CREATE POLICY {_POLICY} ON {table.name} FOR SELECT TO {role} USING ({condition})"


def _condition(table: Table) -> str | None:
    """Which rows of a table a viewer is shown; None where it is not read over this role at all."""
    if table is schema.login_attempt:
        return None
    if table is schema.store_info:
        return "key IN ('version', 'is_demo')"
    if table is schema.indicator:
        return "true"
    if table is schema.unit:
        # Names and places of units are no secret, and the way up from a district leads beyond it.
        return _INSIDE
    if table is schema.bulletin:
        # Published: everybody who names the district, the public included.
        return f"current_setting('app.role', true) <> '' AND {_DISTRICT}"
    inside = f"{_INSIDE} AND {_DISTRICT}"
    if table in (schema.account, schema.audit_event):
        return f"{inside} AND {_IS_OFFICE}"
    if table is schema.upload:
        own = "unit_code = current_setting('app.unit', true)"
        return f"{inside} AND ({_IS_OFFICE} OR {own})"
    if table is schema.household:
        return f"{inside} AND {_OWN.format(column='village_code')}"
    if table is schema.household_income:
        return f"{inside} AND {_OF_SEEN_HOUSEHOLD}"
    column = next((name for name in ("village_code", "unit_code") if name in table.c), None)
    if column is None or table in _OPEN_TO_THE_DISTRICT:
        return inside
    return f"{inside} AND {_NOT_ANOTHERS_VILLAGE.format(column=column)}"
