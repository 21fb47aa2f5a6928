"""The deliveries: one row for each package and addressed office, with its transport state."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.lanes import Lane
from axis.delivery.states import OPEN, State
from axis.delivery.statuses import Addressed
from axis.store.bulk import insert_rows
from axis.store.tables.delivery import DELIVERY, PACKAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """One package for one addressed office."""

    id: UUID
    package_id: UUID
    position: int
    address: str  #: OrganId as the sender wrote it
    office_id: str  #: the office that is served
    system_id: str | None
    lane: Lane
    state: State
    held_reason: str | None
    routed_at: datetime
    last_entry: UUID  #: the ledger entry that the next one about this delivery follows
    fetched_at: datetime | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a mailbox shows of a delivery."""

    delivery: DeliveryRecord
    digest: bytes
    size_bytes: int
    kind: str
    sender: str
    sign: str | None
    subject: str | None
    status_code: str | None
    document_id: str | None


_OPEN_VALUES = [state.value for state in OPEN]


def add_deliveries(connection: sa.Connection, deliveries: Sequence[DeliveryRecord]) -> None:
    """Record where packages go."""
    insert_rows(connection, DELIVERY, [_row(delivery) for delivery in deliveries])


def deliveries_of(
    connection: sa.Connection, package_ids: Collection[UUID], *, only_open: bool = False
) -> list[DeliveryRecord]:
    """Return the deliveries of packages, in the order of the addressees."""
    query = sa.select(DELIVERY).where(DELIVERY.c.package_id.in_(package_ids))
    if only_open:
        query = query.where(DELIVERY.c.state.in_(_OPEN_VALUES))
    query = query.order_by(DELIVERY.c.package_id, DELIVERY.c.position)
    return [_record(row) for row in connection.execute(query)]


def mailbox(
    connection: sa.Connection, system_id: str, *, office_id: str | None = None, limit: int = 100
) -> list[Waiting]:
    """Return what waits for a system: express first, then oldest."""
    query = (
        sa.select(
            DELIVERY,
            PACKAGE.c.digest,
            PACKAGE.c.size_bytes,
            PACKAGE.c.kind,
            PACKAGE.c.sender,
            PACKAGE.c.sign,
            PACKAGE.c.subject,
            PACKAGE.c.status_code,
            PACKAGE.c.document_id,
        )
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(DELIVERY.c.system_id == system_id)
        .where(DELIVERY.c.state.in_(_OPEN_VALUES))
        .order_by(DELIVERY.c.lane, DELIVERY.c.routed_at, DELIVERY.c.id)  # "express" < "normal"
        .limit(limit)
    )
    if office_id is not None:
        query = query.where(DELIVERY.c.office_id == office_id)
    return [
        Waiting(
            delivery=_record(row),
            digest=row.digest,
            size_bytes=row.size_bytes,
            kind=row.kind,
            sender=row.sender,
            sign=row.sign,
            subject=row.subject,
            status_code=row.status_code,
            document_id=row.document_id,
        )
        for row in connection.execute(query)
    ]


def delivery_for(
    connection: sa.Connection, delivery_id: UUID, system_id: str
) -> tuple[DeliveryRecord, bytes] | None:
    """Return a delivery of this system and its body's digest, locked until the transaction ends."""
    query = (
        sa.select(DELIVERY, PACKAGE.c.digest)
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(DELIVERY.c.id == delivery_id, DELIVERY.c.system_id == system_id)
        .with_for_update(of=DELIVERY)
    )
    row = connection.execute(query).first()
    return (_record(row), row.digest) if row else None


def addressed_under(
    connection: sa.Connection, document_ids: Collection[str]
) -> Mapping[str, list[Addressed]]:
    """Return the deliveries of accepted document packages with these DocumentIds, oldest first."""
    query = (
        sa.select(
            PACKAGE.c.document_id,
            PACKAGE.c.sender_office,
            DELIVERY.c.id,
            DELIVERY.c.package_id,
            DELIVERY.c.office_id,
            DELIVERY.c.address,
        )
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(PACKAGE.c.document_id.in_(document_ids), PACKAGE.c.kind == "document")
        .order_by(PACKAGE.c.decided_at, PACKAGE.c.id, DELIVERY.c.position)
    )
    found: dict[str, list[Addressed]] = {}
    for row in connection.execute(query):
        found.setdefault(row.document_id, []).append(
            Addressed(
                package_id=row.package_id,
                delivery_id=row.id,
                sender_office=row.sender_office,
                office_id=row.office_id,
                address=row.address,
            )
        )
    return found


def last_entries(connection: sa.Connection, delivery_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    """Return the last ledger entry about each delivery, locked until the transaction ends."""
    query = (
        sa.select(DELIVERY.c.id, DELIVERY.c.last_entry)
        .where(DELIVERY.c.id.in_(delivery_ids))
        .order_by(
            DELIVERY.c.id
        )  # one order for all workers, so that none waits in a ring
        .with_for_update()
    )
    return {row.id: row.last_entry for row in connection.execute(query)}


def mark_fetched(
    connection: sa.Connection, delivery_id: UUID, *, state: State, at: datetime, entry: UUID
) -> None:
    """Record that the system took the bytes."""
    _mark(connection, delivery_id, state=state.value, fetched_at=at, last_entry=entry)


def mark_confirmed(
    connection: sa.Connection, delivery_id: UUID, *, state: State, at: datetime, entry: UUID
) -> None:
    """Record that the system keeps the bytes."""
    _mark(connection, delivery_id, state=state.value, confirmed_at=at, last_entry=entry)


def mark_entry(connection: sa.Connection, delivery_id: UUID, *, entry: UUID) -> None:
    """Record which ledger entry the next one about this delivery follows."""
    _mark(connection, delivery_id, last_entry=entry)


def _mark(connection: sa.Connection, delivery_id: UUID, **values: Any) -> None:
    connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == delivery_id).values(**values))


def _row(delivery: DeliveryRecord) -> dict[str, Any]:
    row = {name: getattr(delivery, name) for name in DeliveryRecord.__slots__}
    row["lane"] = delivery.lane.value
    row["state"] = delivery.state.value
    return row


def _record(row: sa.Row[Any]) -> DeliveryRecord:
    values = {name: getattr(row, name) for name in DeliveryRecord.__slots__}
    values["lane"] = Lane(values["lane"])
    values["state"] = State(values["state"])
    return DeliveryRecord(**values)
