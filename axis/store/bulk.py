"""Puts many rows into a table at once: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import sqlalchemy as sa


def insert_rows(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert ``rows``, which all have the same keys, in the caller's transaction.

    Raises:
        sqlalchemy.exc.IntegrityError: a row is there already; the transaction must be given up.
    """
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(sa.insert(table), rows)
        return
    names = list(rows[0])
    dialect = connection.dialect
    binds = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    columns = ", ".join(names)
    statement = f"copy {table.name} ({columns}) from stdin"
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101  a connection that is checked out has its driver's
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(
                    [
                        bind(row[name]) if bind is not None else row[name]
                        for name, bind in zip(names, binds, strict=True)
                    ]
                )
    except driver_errors() as error:
        raise sa.exc.DBAPIError.instance(
            statement, None, error, driver_errors(), dialect=dialect
        ) from error


#: What PostgreSQL calls a column's type; the first that fits.
_TYPES: Final = (
    (sa.Uuid, "uuid"),
    (sa.LargeBinary, "bytea"),
    (sa.DateTime, "timestamptz"),
    (sa.Date, "date"),
    (sa.Boolean, "bool"),
    (sa.SmallInteger, "int2"),
    (sa.BigInteger, "int8"),
    (sa.Text, "text"),
    (sa.String, "varchar"),
)


@cache
def driver_types(table: sa.Table, names: Sequence[str]) -> Mapping[str, str]:
    """Return the PostgreSQL types of columns, for :func:`copy_rows`."""

    def type_of(name: str) -> str:
        given: Any = table.c[name].type
        given = given.impl if isinstance(given, sa.types.TypeDecorator) else given
        return next(name for kind, name in _TYPES if isinstance(given, kind))

    return {name: type_of(name) for name in names}


def driver_errors() -> type[Exception]:
    """Return the root of the PostgreSQL driver's errors."""
    import psycopg

    return psycopg.Error


def copy_rows(
    connection: sa.Connection,
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Insert many rows on PostgreSQL by binary COPY, in the caller's transaction.

    Args:
        connection: to PostgreSQL.
        table: its name.
        columns: name → PostgreSQL type; the types spare asking for each value how it is written.
        rows: values in the order of the columns, of the driver's own types.

    Raises:
        sqlalchemy.exc.IntegrityError: a row is there already; the transaction must be given up.
    """
    statement = f"copy {table} ({', '.join(columns)}) from stdin (format binary)"
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101  a connection that is checked out has its driver's
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(list(columns.values()))
            for row in rows:
                copy.write_row(row)
    except driver_errors() as error:
        raise sa.exc.DBAPIError.instance(
            statement, None, error, driver_errors(), dialect=connection.dialect
        ) from error
