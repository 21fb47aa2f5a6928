"""Enrolments: one row for each bundle that was given out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from axis.store.tables.courier import ENROLLMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """An office's way to its place; ``state`` says how far it is."""

    id: str
    digest: bytes  #: SHA-256 of the secret part of the code
    office_code: str
    system_id: str
    state: str  #: offered, requested, approved, rejected or collected
    created_at: datetime
    created_by: str
    expires_at: datetime
    spki: bytes | None = None
    request_pem: str | None = None
    certificate_der: bytes | None = None
    requested_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    why: str | None = None
    token_id: str | None = None


def add_enrollment(connection: sa.Connection, one: Enrollment) -> None:
    """Write a new one."""
    connection.execute(sa.insert(ENROLLMENT).values(**_values(one)))


def save_enrollment(connection: sa.Connection, one: Enrollment) -> None:
    """Write one as it is now."""
    connection.execute(
        sa.update(ENROLLMENT).where(ENROLLMENT.c.id == one.id).values(**_values(one))
    )


def enrollment_by_id(connection: sa.Connection, enrollment_id: str) -> Enrollment | None:
    """Return one, locked until the transaction ends."""
    query = sa.select(ENROLLMENT).where(ENROLLMENT.c.id == enrollment_id).with_for_update()
    row = connection.execute(query).first()
    return None if row is None else _enrollment(row)


def list_enrollments(connection: sa.Connection) -> list[Enrollment]:
    """Return all, the newest first."""
    query = sa.select(ENROLLMENT).order_by(ENROLLMENT.c.created_at.desc(), ENROLLMENT.c.id)
    return [_enrollment(row) for row in connection.execute(query)]


def _enrollment(row: sa.Row[Any]) -> Enrollment:
    return Enrollment(**{name: getattr(row, name) for name in Enrollment.__slots__})


def _values(one: Enrollment) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Enrollment.__slots__}
