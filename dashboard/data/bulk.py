"""Many rows at once, by the fastest way that a database has.

PostgreSQL takes a stream of rows with COPY; one INSERT a row costs it, and Citus more so, several
times as much. SQLite has no faster way than prepared INSERTs.
Source: PostgreSQL documentation, 14.4 Populating a Database.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Error
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, Table, insert
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
    if connection.dialect.name != "postgresql" or len(rows) <= _FEW:
        connection.execute(insert(table), [dict(row) for row in rows])
        return
    names = list(rows[0])
    into = SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(table.name), SQL(", ").join(map(Identifier, names))
    )
    binds = [_bind(connection, table, name) for name in names]
    driver: Any = connection.connection.driver_connection
    try:
        with (
            deadline.within(driver, _LONGEST_S),
            driver.cursor() as cursor,
            cursor.copy(into) as copy,
        ):
            for row in rows:
                copy.write_row(
                    [
                        row[name] if bind is None else bind(row[name])
                        for name, bind in zip(names, binds, strict=True)
                    ]
                )
    except Error as error:
        if driver.broken:
            connection.invalidate(error)
        raise DBAPIError.instance(
            f"COPY {table.name}", None, error, Error, dialect=connection.dialect
        ) from error


def _bind(connection: Connection, table: Table, name: str) -> Any:
    """What makes a value ready for the driver (JSON to text); None where it is ready."""
    kind = table.c[name].type
    return kind.dialect_impl(connection.dialect).bind_processor(connection.dialect)
