"""The uploads that have begun: whose they are and what was announced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from axis.store.tables.parts import PART_UPLOAD


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRecord:
    """An upload that began lately."""

    id: UUID
    system_id: str
    size_bytes: int | None  #: what was announced
    digest: bytes | None  #: likewise, SHA-256
    completed: bytes | None = None  #: SHA-256 of what came, once all of it is there
    created_at: datetime
    touched_at: datetime


def add_upload(connection: sa.Connection, upload: UploadRecord) -> None:
    """Record that an upload begins."""
    values = {name: getattr(upload, name) for name in UploadRecord.__slots__}
    connection.execute(sa.insert(PART_UPLOAD).values(values))


def upload_of(connection: sa.Connection, upload_id: UUID, system_id: str) -> UploadRecord | None:
    """Return an upload of a system; None where this system has no such upload."""
    query = sa.select(PART_UPLOAD).where(
        PART_UPLOAD.c.id == upload_id, PART_UPLOAD.c.system_id == system_id
    )
    row = connection.execute(query).first()
    return UploadRecord(**row._asdict()) if row else None


def count_uploads(connection: sa.Connection, system_id: str) -> int:
    """Return how many uploads of a system are under way."""
    query = sa.select(sa.func.count()).where(
        PART_UPLOAD.c.system_id == system_id, PART_UPLOAD.c.completed.is_(None)
    )
    return int(connection.scalar(query) or 0)


def touch_upload(connection: sa.Connection, upload_id: UUID, *, at: datetime) -> None:
    """Record that bytes came."""
    connection.execute(
        sa.update(PART_UPLOAD).where(PART_UPLOAD.c.id == upload_id).values(touched_at=at)
    )


def mark_completed(
    connection: sa.Connection, upload_id: UUID, digest: bytes, *, at: datetime
) -> None:
    """Record what an upload's bytes are, all of which have come."""
    connection.execute(
        sa.update(PART_UPLOAD)
        .where(PART_UPLOAD.c.id == upload_id)
        .values(completed=digest, touched_at=at)
    )


def forget_upload(connection: sa.Connection, upload_id: UUID) -> None:
    """Take away the row of an upload that has ended."""
    connection.execute(sa.delete(PART_UPLOAD).where(PART_UPLOAD.c.id == upload_id))


def idle_uploads(connection: sa.Connection, *, before: datetime, limit: int) -> list[UUID]:
    """Return uploads to which nothing came since ``before``."""
    query = (
        sa.select(PART_UPLOAD.c.id)
        .where(PART_UPLOAD.c.touched_at < before)
        .order_by(PART_UPLOAD.c.touched_at)
        .limit(limit)
    )
    return list(connection.scalars(query))
