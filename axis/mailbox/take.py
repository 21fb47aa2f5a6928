"""Fetch and confirm: at least once for the network, once in effect for the office.

A delivery stays in the mailbox until it is confirmed; a fetch alone proves nothing about what the
system has kept. Fetching or confirming again is no news.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from axis.bodies import Bodies
from axis.delivery.errors import BodyPurgedError, DeliveryUnknownError
from axis.delivery.states import Event as Step
from axis.delivery.states import advance
from axis.dispatch.steps import move
from axis.ledger.entry import Sealer
from axis.store.deliveries import (
    DeliveryRecord,
    Waiting,
    delivery_for,
    mailbox,
    save_deliveries,
)
from axis.store.engine import transaction
from axis.store.ledger import append
from axis.store.retention import is_purged


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
    bodies: Bodies,
    sealer: Sealer,
    *,
    delivery_id: UUID,
    system_id: str,
    now: datetime,
) -> tuple[DeliveryRecord, bytes]:
    """Return a delivery and the exact bytes that its sender signed.

    Raises:
        DeliveryUnknownError: this system has no such delivery.
        DeliveryOverError: it was recalled, refused, redirected, or is over otherwise.
        TransitionRefusedError: it is held or parked.
        BodyPurgedError: it was confirmed long ago, and its bytes were removed.
        BodyMissingError, BodyCorruptError: the store is damaged; nothing is given out.
    """
    # 1. The bytes, checked against their digest, before anything says that they were given out.
    with transaction(engine) as connection:
        delivery, digest = find_delivery(connection, delivery_id, system_id)
        purged = is_purged(connection, delivery.package_id)
    advance(delivery.state, Step.FETCH)
    if purged:
        raise BodyPurgedError(delivery_id=str(delivery_id))
    body = bodies.read(digest)
    # 2. The record. If the answer is lost after this, the system fetches again.
    with transaction(engine) as connection:
        delivery, _ = find_delivery(connection, delivery_id, system_id)
        delivery = take_step(connection, delivery, Step.FETCH, sealer, now=now, digest=digest)
    return delivery, body


def confirm(
    engine: sa.Engine, sealer: Sealer, *, delivery_id: UUID, system_id: str, now: datetime
) -> DeliveryRecord:
    """Record that a system keeps what it fetched; from here the axis has done its part.

    Raises:
        DeliveryUnknownError: this system has no such delivery.
        DeliveryOverError: it has ended otherwise.
        TransitionRefusedError: it was not fetched.
    """
    with transaction(engine) as connection:
        delivery, digest = find_delivery(connection, delivery_id, system_id)
        return take_step(connection, delivery, Step.CONFIRM, sealer, now=now, digest=digest)


def refuse(
    engine: sa.Engine,
    sealer: Sealer,
    *,
    delivery_id: UUID,
    system_id: str,
    why: str,
    now: datetime,
) -> DeliveryRecord:
    """Record that a system cannot take a delivery; what its clerks refuse is status 02 instead.

    Raises:
        DeliveryUnknownError: this system has no such delivery.
        DeliveryOverError: it has ended otherwise.
        TransitionRefusedError: it was confirmed.
    """
    with transaction(engine) as connection:
        delivery, _ = find_delivery(connection, delivery_id, system_id)
        return take_step(
            connection,
            delivery,
            Step.REFUSE,
            sealer,
            now=now,
            reason="refused-by-system",
            why=why,
        )


def take_step(
    connection: sa.Connection,
    delivery: DeliveryRecord,
    step: Step,
    sealer: Sealer,
    *,
    now: datetime,
    digest: bytes | None = None,
    reason: str | None = None,
    why: str | None = None,
) -> DeliveryRecord:
    """Record one step of a delivery with its evidence; a step that is no news records nothing."""
    moved = move(
        delivery,
        step,
        sealer=sealer,
        now=now,
        body=digest,
        system=delivery.system_id,
        reason=reason,
        why=why,
    )
    if moved.entry is not None:
        append(connection, [moved.entry])
    if moved.delivery != delivery:
        save_deliveries(connection, [moved.delivery])
    return moved.delivery


def find_delivery(
    connection: sa.Connection, delivery_id: UUID, system_id: str
) -> tuple[DeliveryRecord, bytes]:
    """Return a delivery of a system and the digest of its package.

    Raises:
        DeliveryUnknownError: this system has no such delivery.
    """
    found = delivery_for(connection, delivery_id, system_id)
    if found is None:
        raise DeliveryUnknownError(delivery_id=str(delivery_id), system_id=system_id)
    return found
