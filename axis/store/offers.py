"""What a door that tells systems of deliveries asks of the records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

import sqlalchemy as sa

from axis.directory.values import ReceivesBy, SystemState
from axis.store.deliveries import OPEN_VALUES, Waiting, record_of
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.directory import SYSTEM

#: Offered is kept as routed with an instant.


def still_waiting(
    connection: sa.Connection, system_id: str, delivery_ids: Collection[UUID]
) -> Mapping[UUID, Waiting]:
    """Return those of the deliveries that still wait for the system, with what is shown of them."""
    query = (
        sa.select(
            DELIVERY,
            PACKAGE.c.digest,
            PACKAGE.c.size_bytes,
            PACKAGE.c.kind,
            PACKAGE.c.sender,
            PACKAGE.c.sign,
            PACKAGE.c.subject,
            PACKAGE.c.status_code.label("package_status"),
            PACKAGE.c.document_id,
        )
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(DELIVERY.c.id.in_(delivery_ids), DELIVERY.c.system_id == system_id)
        .where(DELIVERY.c.state.in_(OPEN_VALUES))
    )
    return {
        row.id: Waiting(
            delivery=record_of(row),
            digest=row.digest,
            size_bytes=row.size_bytes,
            kind=row.kind,
            sender=row.sender,
            sign=row.sign,
            subject=row.subject,
            status_code=row.package_status,
            document_id=row.document_id,
        )
        for row in connection.execute(query)
    }


def systems_receiving_by(connection: sa.Connection, receives_by: ReceivesBy) -> frozenset[str]:
    """Return the systems that receive in this way now and are not closed."""
    query = sa.select(SYSTEM.c.system_id).where(
        SYSTEM.c.until_version.is_(None),
        SYSTEM.c.receives_by == receives_by.value,
        SYSTEM.c.state != SystemState.CLOSED.value,
    )
    return frozenset(connection.scalars(query))


def way_of_system(connection: sa.Connection, system_id: str) -> ReceivesBy | None:
    """Return how a system receives now, or None: there is no such system."""
    query = sa.select(SYSTEM.c.receives_by).where(
        SYSTEM.c.until_version.is_(None), SYSTEM.c.system_id == system_id
    )
    found = connection.scalar(query)
    return None if found is None else ReceivesBy(found)


def count_waiting(connection: sa.Connection, system_id: str) -> Mapping[str, int]:
    """Return how many documents and statuses wait for a system, by kind of package."""
    query = (
        sa.select(PACKAGE.c.kind, sa.func.count())
        .join(DELIVERY, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(DELIVERY.c.system_id == system_id, DELIVERY.c.state.in_(OPEN_VALUES))
        .group_by(PACKAGE.c.kind)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def deliveries_between(
    connection: sa.Connection, system_id: str, first: UUID, last: UUID
) -> list[UUID]:
    """Return the deliveries of a system whose ids lie in a range; two are enough to tell."""
    query = sa.select(DELIVERY.c.id).where(
        DELIVERY.c.id.between(first, last), DELIVERY.c.system_id == system_id
    )
    return list(connection.scalars(query.limit(2)))


def packages_between(
    connection: sa.Connection, system_id: str, first: UUID, last: UUID
) -> list[UUID]:
    """Return the packages that a system sent whose ids lie in a range; two are enough to tell."""
    query = sa.select(PACKAGE.c.id).where(
        PACKAGE.c.id.between(first, last), PACKAGE.c.system_id == system_id
    )
    return list(connection.scalars(query.limit(2)))
