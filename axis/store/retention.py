"""What may be purged, what must be kept, and what is on its way out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from axis.store.due import UNFINISHED
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.life import BODY_PURGE, LEGAL_HOLD
from axis.store.tables.parts import PART


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A package whose body is looked at."""

    package_id: UUID
    digest: bytes
    size_bytes: int


#: As the index has it, word for word, so that both databases see that it is meant.
_UNPURGED = sa.text("not package.purged")


def purgeable(
    connection: sa.Connection, *, kind: str | None, accepted: bool, before: datetime, limit: int
) -> list[Body]:
    """Return packages of a class whose bodies may go: old, over, not held; oldest first.

    Args:
        connection: the transaction.
        kind: the message type; None where it could not be read.
        accepted: the verdict.
        before: decided, and ended everywhere, before this instant.
        limit: at most so many.
    """
    query = (
        sa.select(PACKAGE.c.id, PACKAGE.c.digest, PACKAGE.c.size_bytes)
        .where(*_may_go(kind, accepted=accepted, before=before))
        .order_by(PACKAGE.c.decided_at, PACKAGE.c.id)
        .limit(limit)
    )
    return [
        Body(package_id=row.id, digest=row.digest, size_bytes=row.size_bytes)
        for row in connection.execute(query)
    ]


def count_purgeable(
    connection: sa.Connection, *, kind: str | None, accepted: bool, before: datetime
) -> tuple[int, int]:
    """Return how many :func:`purgeable` would return without a limit, and their bytes."""
    query = sa.select(
        sa.func.count(), sa.func.coalesce(sa.func.sum(PACKAGE.c.size_bytes), 0)
    ).where(*_may_go(kind, accepted=accepted, before=before))
    count, size_bytes = connection.execute(query).one()
    return int(count), int(size_bytes)


def _may_go(
    kind: str | None, *, accepted: bool, before: datetime
) -> tuple[sa.ColumnElement[bool], ...]:
    under_way = sa.exists().where(
        DELIVERY.c.package_id == PACKAGE.c.id, DELIVERY.c.state.in_(UNFINISHED)
    )
    lately = sa.exists().where(
        DELIVERY.c.package_id == PACKAGE.c.id,
        sa.func.coalesce(DELIVERY.c.confirmed_at, DELIVERY.c.ended_at) >= before,
    )
    held = sa.exists().where(
        LEGAL_HOLD.c.package_id == PACKAGE.c.id, LEGAL_HOLD.c.lifted_at.is_(None)
    )
    return (
        PACKAGE.c.decided_at < before,
        PACKAGE.c.accepted.is_(accepted),
        PACKAGE.c.kind == kind if kind is not None else PACKAGE.c.kind.is_(None),
        sa.literal_column(_UNPURGED.text, sa.Boolean),
        ~under_way,
        ~lately,
        ~held,
    )


def record_purge(
    connection: sa.Connection, bodies: Sequence[Body], *, retention: str, at: datetime
) -> None:
    """Record that bodies are to go; from here they are not given out."""
    if bodies:
        connection.execute(
            sa.update(PACKAGE)
            .where(PACKAGE.c.id.in_([one.package_id for one in bodies]))
            .values(purged=True)
        )
        connection.execute(
            sa.insert(BODY_PURGE),
            [
                {
                    "package_id": one.package_id,
                    "digest": one.digest,
                    "retention": retention,
                    "recorded_at": at,
                }
                for one in bodies
            ],
        )


def left_to_remove(
    connection: sa.Connection, *, after: UUID | None, limit: int
) -> list[tuple[UUID, bytes, bool]]:
    """Return purged packages whose files may still be there, and whether another needs the file."""
    other = PACKAGE.alias("other")
    needed = (
        sa.exists()
        .where(other.c.digest == BODY_PURGE.c.digest, other.c.id != BODY_PURGE.c.package_id)
        .where(~sa.exists(sa.text("1 from body_purge b where b.package_id = other.id")))
    )
    part = sa.exists().where(PART.c.digest == BODY_PURGE.c.digest)  # somebody's attachment is it
    query = (
        sa.select(
            BODY_PURGE.c.package_id, BODY_PURGE.c.digest, sa.or_(needed, part).label("needed")
        )
        .where(BODY_PURGE.c.removed_at.is_(None))
        .order_by(BODY_PURGE.c.package_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(BODY_PURGE.c.package_id > after)
    return [(row.package_id, row.digest, row.needed) for row in connection.execute(query)]


def mark_removed(connection: sa.Connection, package_ids: Sequence[UUID], *, at: datetime) -> None:
    """Record that files are gone."""
    if package_ids:
        connection.execute(
            sa.update(BODY_PURGE)
            .where(BODY_PURGE.c.package_id.in_(package_ids))
            .values(removed_at=at)
        )


def is_purged(connection: sa.Connection, package_id: UUID) -> bool:
    """Say whether a package's body was purged."""
    query = sa.select(BODY_PURGE.c.package_id).where(BODY_PURGE.c.package_id == package_id)
    return connection.execute(query).first() is not None


def purged_among(connection: sa.Connection, digests: Collection[bytes]) -> set[bytes]:
    """Return those of ``digests`` whose bytes were to go for some package."""
    query = sa.select(BODY_PURGE.c.digest).where(BODY_PURGE.c.digest.in_(digests))
    return {bytes(digest) for digest in connection.scalars(query)}


def holds_on(connection: sa.Connection, package_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the packages that must be kept, each with the id of its hold."""
    query = sa.select(LEGAL_HOLD.c.package_id, LEGAL_HOLD.c.id).where(
        LEGAL_HOLD.c.package_id.in_(package_ids), LEGAL_HOLD.c.lifted_at.is_(None)
    )
    return {row.package_id: row.id for row in connection.execute(query)}


def set_hold(
    connection: sa.Connection, *, hold_id: UUID, package_id: UUID, at: datetime, by: str, why: str
) -> None:
    """Record that a package must be kept."""
    connection.execute(
        sa.insert(LEGAL_HOLD).values(
            id=hold_id, package_id=package_id, set_at=at, set_by=by, why=why
        )
    )


def lift_hold(connection: sa.Connection, hold_id: UUID, *, at: datetime, by: str) -> None:
    """Record that a package need not be kept any more."""
    connection.execute(
        sa.update(LEGAL_HOLD)
        .where(LEGAL_HOLD.c.id == hold_id, LEGAL_HOLD.c.lifted_at.is_(None))
        .values(lifted_at=at, lifted_by=by)
    )
