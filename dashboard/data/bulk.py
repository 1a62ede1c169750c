"""Many rows at once, by the fastest way that a database has.

PostgreSQL takes a stream of rows with COPY; one INSERT a row costs it, and Citus more so, several
times as much. SQLite has no faster way than one prepared INSERT.
Source: PostgreSQL documentation, 14.4 Populating a Database.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from psycopg import Error
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, Date, Table, insert
from sqlalchemy.exc import DBAPIError

from dashboard.data import deadline

_FEW = 200
"""Up to so many rows an INSERT is as quick."""
_LONGEST_S = 1800.0


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all with the same columns; columns left out take the schema's default.

    Raises SQLAlchemy's errors, as an insert does.
    """
    if not rows:
        return
    if len(rows) <= _FEW:
        connection.execute(insert(table), [dict(row) for row in rows])
        return
    names = list(rows[0])
    ready = _ready(rows, names, [_bind(connection, table, name) for name in names])
    if connection.dialect.name == "postgresql":
        _copy(connection, table, names, ready)
    else:
        # By the driver itself: SQLAlchemy prepares every row anew, which takes twice as long.
        places = ", ".join("?" * len(names))
        columns = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in names)
        into = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"INSERT INTO {into} ({columns}) VALUES ({places})", list(ready))  # noqa: S608 (names of the schema)


def _ready(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], binds: Sequence[Any]
) -> Iterator[tuple[Any, ...]]:
    """Rows as the driver takes them."""
    of_row = itemgetter(*names)
    bound = [(place, bind) for place, bind in enumerate(binds) if bind is not None]
    for row in rows:
        values = list(of_row(row))
        for place, bind in bound:
            values[place] = bind(values[place])
        yield tuple(values)


def _copy(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    into = SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(table.name), SQL(", ").join(map(Identifier, names))
    )
    driver: Any = connection.connection.driver_connection
    try:
        with (
            deadline.within(driver, _LONGEST_S),
            driver.cursor() as cursor,
            cursor.copy(into) as copy,
        ):
            for row in rows:
                copy.write_row(row)
    except Error as error:
        if driver.broken:
            connection.invalidate(error)
        raise DBAPIError.instance(
            f"COPY {table.name}", None, error, Error, dialect=connection.dialect
        ) from error


def _bind(connection: Connection, table: Table, name: str) -> Any:
    """What makes a value ready for the driver (JSON to text); None where it is ready."""
    kind = table.c[name].type
    bind = kind.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    # The days of a large file come back row after row.
    return lru_cache(maxsize=4096)(bind) if bind is not None and isinstance(kind, Date) else bind
