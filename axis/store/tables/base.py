"""What all tables share: one metadata with named constraints, and the column types.

The same tables stand on PostgreSQL and on SQLite; a type says here how it does on each.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

METADATA: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC instant: ``timestamptz`` on PostgreSQL, microseconds since 1970 on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.BigInteger())
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write an instant; a naive one is our bug."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read an instant as aware UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            past: timedelta = value * _MICROSECOND
            return _EPOCH + past
        instant: datetime = value.astimezone(UTC)
        return instant


#: A row number that the database gives; SQLite counts only in columns declared INTEGER.
Serial: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: JSON that is only shown, never searched.
Facts: Final = sa.JSON(none_as_null=True)

Digest: Final = sa.LargeBinary(32)
