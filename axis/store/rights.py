"""What the user of a database connection is allowed, as far as roles say it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One user's relation to one role."""

    user: str  #: who connected, whatever role was set since
    has_role: bool
    is_superuser: bool


def right_of(connection: sa.Connection, role: str) -> Right:
    """Tell what the user of this connection has to do with ``role``; SQLite has no roles."""
    if connection.dialect.name != "postgresql":
        return Right(user="", has_role=False, is_superuser=False)
    row = connection.execute(
        sa.text(
            "select session_user::text as name, u.rolsuper,"
            " coalesce(pg_has_role(session_user, r.oid, 'member'), false) as has"
            " from pg_roles u left join pg_roles r on r.rolname = :role"
            " where u.rolname = session_user"
        ),
        {"role": role},
    ).one()
    return Right(user=row.name, has_role=row.has, is_superuser=row.rolsuper)
