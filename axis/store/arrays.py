"""Questions and changes about many ids at once on PostgreSQL: the ids travel as one array.

A list of parameters makes a statement of its own for each length, which is written out, parsed and
planned anew; a change for each row is a statement for each row. Here every statement has one text,
which the driver prepares once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa


def is_postgresql(connection: sa.Connection) -> bool:
    """Say whether these statements are understood."""
    return connection.dialect.name == "postgresql"


def rows_among(
    connection: sa.Connection, statement: str, ids: Collection[UUID] | Collection[str]
) -> Sequence[Sequence[Any]]:
    """Return the rows of a statement whose one parameter, ``%b``, is an array."""
    return connection.exec_driver_sql(statement, (list(ids),)).fetchall()


def among(table: sa.Table, columns: Sequence[str], *, locked: bool) -> str:
    """Return the statement for rows by their ``id``, locked in one order for all processes."""
    ending = " order by id for update" if locked else ""
    return f"select {', '.join(columns)} from {table.name} where id = any(%b::uuid[]){ending}"  # noqa: S608  constants only


def change(table: sa.Table, columns: dict[str, str]) -> str:
    """Return the statement that changes rows by their ``id``: an array of ids, then one a column.

    Args:
        table: whose rows.
        columns: name → PostgreSQL type.
    """
    names = list(columns)
    arrays = ", ".join(f"%b::{kind}[]" for kind in ("uuid", *columns.values()))
    return (
        f"update {table.name} set {', '.join(f'{name} = new.{name}' for name in names)} "  # noqa: S608  constants only
        f"from unnest({arrays}) as new(key, {', '.join(names)}) where id = new.key"
    )


#: A row of deliveries that RabbitMQ has the notices of, where nobody holds it and nobody took it.
MARK_OFFERED: Final = """
update delivery set offered_at = %b::timestamptz where id in (
  select id from delivery
  where id = any(%b::uuid[]) and state = 'routed' and offered_at is null
  order by id for update skip locked
)
"""
