"""Spreading the store over several machines with Citus, an extension of PostgreSQL.

Tables marked "distributed" in the schema are split by district_code and lie together: a district
is one shard, whatever is asked of it. "reference" tables are copied to every machine. "local" ones
stay where the connection leads: they are guarded by triggers, or small and written by everyone.
"""

from collections.abc import Container, Iterator

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from dashboard.data import schema
from dashboard.data.store import Store

_FIRST = schema.unit.name
"""The table that all others are put beside."""


class CannotDistribute(ValueError):
    """The store cannot be spread; the message is a Chinese sentence."""


def require(store: Store) -> None:
    """Raises CannotDistribute where the database has no Citus. Changes nothing."""
    if store.is_sqlite:
        raise CannotDistribute(
            "分布式存储需要带 Citus 扩展的 PostgreSQL,而 STORE_URL 指向 SQLite;没有改动任何数据。"
        )
    with store.reading() as connection:
        if not _has_citus(connection):
            raise CannotDistribute(
                "这个 PostgreSQL 数据库没有 Citus 扩展:请先安装并写入 shared_preload_libraries,"
                "再在数据库中执行 CREATE EXTENSION citus;没有改动任何数据。"
            )


def is_distributed(store: Store) -> bool:
    """Whether the units are spread already."""
    if store.is_sqlite:
        return False
    with store.reading() as connection:
        return _has_citus(connection) and _FIRST in _spread(connection)


def distribute(store: Store) -> list[str]:
    """Spread every table that is not spread yet; the names of those. May be run again.

    The schema must be there. Raises CannotDistribute without Citus or where it refuses a table.
    """
    require(store)
    with store.reading() as connection:
        already = _spread(connection)
    done = []
    # Table by table, each a transaction of its own: what stands in a table is moved with it.
    for name, statement in calls(already):
        try:
            with store.engine.begin() as connection:
                connection.execute(text(statement))
        except DBAPIError as error:
            raise CannotDistribute(f"Citus 拒绝分布表 {name}:{error.orig}") from error
        done.append(name)
    return done


def calls(already: Container[str] = ()) -> Iterator[tuple[str, str]]:
    """(table, the call that spreads it), referred tables before those that refer to them.

    Names stand in the text: Citus takes a table's name as a constant, not as a typed parameter.
    """
    tables = [table for table in schema.metadata.sorted_tables if table.name not in already]
    tables.sort(key=lambda table: table.name != _FIRST)
    for table in tables:
        if table.info["placement"] == "reference":
            yield table.name, f"SELECT create_reference_table('{table.name}')"
    for table in tables:
        if table.info["placement"] == "distributed":
            beside = "default" if table.name == _FIRST else _FIRST
            yield (
                table.name,
                f"SELECT create_distributed_table('{table.name}', 'district_code', "
                f"colocate_with => '{beside}')",
            )


def _has_citus(connection: Connection) -> bool:
    found = connection.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'citus'"))
    return found.first() is not None


def _spread(connection: Connection) -> set[str]:
    rows = connection.execute(text("SELECT logicalrelid::text FROM pg_dist_partition"))
    return {str(name).removeprefix("public.") for name in rows.scalars()}
