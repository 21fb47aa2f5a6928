"""Fetch and confirm: at least once for the network, once in effect for the office.

A delivery stays in the mailbox until it is confirmed; a fetch alone proves nothing about what the
system has kept. Fetching or confirming again is no news.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from axis.bodies import DiskBodies
from axis.delivery.errors import DeliveryUnknownError
from axis.delivery.states import Event as Step
from axis.delivery.states import State, advance
from axis.ledger.entry import Entry, Sealer
from axis.ledger.events import Event
from axis.store.deliveries import (
    DeliveryRecord,
    Waiting,
    delivery_for,
    mailbox,
    mark_confirmed,
    mark_fetched,
)
from axis.store.engine import transaction
from axis.store.ledger import append


def waiting(
    engine: sa.Engine, system_id: str, *, office_id: str | None = None, limit: int = 100
) -> list[Waiting]:
    """Return what waits for a system: express first, then oldest.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    with transaction(engine) as connection:
        return mailbox(connection, system_id, office_id=office_id, limit=limit)


def fetch(
    engine: sa.Engine,
    bodies: DiskBodies,
    sealer: Sealer,
    *,
    delivery_id: UUID,
    system_id: str,
    now: datetime,
) -> tuple[DeliveryRecord, bytes]:
    """Return a delivery and the exact bytes that its sender signed.

    Raises:
        DeliveryUnknownError: this system has no such delivery.
        TransitionRefusedError: the delivery is held, recalled or over.
        BodyMissingError, BodyCorruptError: the store is damaged; nothing is given out.
    """
    # 1. The bytes, checked against their digest, before anything says that they were given out.
    with transaction(engine) as connection:
        delivery, digest = _find(connection, delivery_id, system_id)
    advance(delivery.state, Step.FETCH)
    body = bodies.read(digest)
    # 2. The record. If the answer is lost after this, the system fetches again.
    with transaction(engine) as connection:
        delivery, _ = _find(connection, delivery_id, system_id)
        state = advance(delivery.state, Step.FETCH)
        if delivery.fetched_at is None:
            entry = sealer.seal(
                Entry(
                    event=Event.CONTENT_FETCH,
                    at=now,
                    package_id=delivery.package_id,
                    delivery_id=delivery.id,
                    prev=delivery.last_entry,
                    body_sha256=digest,
                    recipient=delivery.address,
                    system=system_id,
                )
            )
            append(connection, [entry])
            mark_fetched(connection, delivery.id, state=state, at=now, entry=entry.entry_id)
    return delivery, body


def confirm(
    engine: sa.Engine, sealer: Sealer, *, delivery_id: UUID, system_id: str, now: datetime
) -> DeliveryRecord:
    """Record that a system keeps what it fetched; from here the axis has done its part.

    Raises:
        DeliveryUnknownError: this system has no such delivery.
        TransitionRefusedError: it was not fetched.
    """
    with transaction(engine) as connection:
        delivery, digest = _find(connection, delivery_id, system_id)
        state = advance(delivery.state, Step.CONFIRM)
        if delivery.state is not State.CONFIRMED:
            entry = sealer.seal(
                Entry(
                    event=Event.CONTENT_HANDOVER,
                    at=now,
                    package_id=delivery.package_id,
                    delivery_id=delivery.id,
                    prev=delivery.last_entry,
                    body_sha256=digest,
                    recipient=delivery.address,
                    system=system_id,
                )
            )
            append(connection, [entry])
            mark_confirmed(connection, delivery.id, state=state, at=now, entry=entry.entry_id)
    return delivery


def _find(
    connection: sa.Connection, delivery_id: UUID, system_id: str
) -> tuple[DeliveryRecord, bytes]:
    found = delivery_for(connection, delivery_id, system_id)
    if found is None:
        raise DeliveryUnknownError(delivery_id=str(delivery_id), system_id=system_id)
    return found
