"""The attachments of a delivery that came apart: the list, and each as a stream.

They are offered under the names and types that the sender signed. A name is for people and never a
path; the digest is what a receiver compares with the signature's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from axis.bodies import Bodies
from axis.delivery.errors import BodyPurgedError
from axis.delivery.states import Event as Step
from axis.delivery.states import advance
from axis.ledger.entry import Sealer
from axis.mailbox.take import find_delivery, take_step
from axis.parts.errors import PartUnknownError
from axis.store.engine import transaction
from axis.store.parts import PackagePart, parts_of_packages
from axis.store.retention import is_purged


def parts(engine: sa.Engine, *, delivery_id: UUID, system_id: str) -> list[PackagePart]:
    """Return the attachments of a delivery that came apart, in the order of the manifest.

    Raises:
        DeliveryUnknownError: this system has no such delivery.
        DatabaseUnavailableError: the database cannot be reached.
    """
    with transaction(engine) as connection:
        delivery, _ = find_delivery(connection, delivery_id, system_id)
        found = parts_of_packages(connection, [delivery.package_id])
        return found.get(delivery.package_id, [])


def fetch_part(
    engine: sa.Engine,
    bodies: Bodies,
    sealer: Sealer,
    *,
    delivery_id: UUID,
    system_id: str,
    content_id: str,
    now: datetime,
    start: int = 0,
) -> tuple[PackagePart, Iterator[bytes]]:
    """Return one attachment that came apart, and its bytes from ``start`` on, in small pieces.

    It counts as fetching the delivery, like :func:`axis.mailbox.fetch` of its envelope: what was
    given out cannot be recalled unseen. A system confirms when it keeps the envelope and all parts.
    From its beginning the digest is compared at the end of the iteration; from further on the
    receiver compares it.

    Raises:
        DeliveryUnknownError: this system has no such delivery.
        DeliveryOverError: it was recalled, refused, redirected, or is over otherwise.
        TransitionRefusedError: it is held or parked.
        PartUnknownError: the delivery has no such attachment apart.
        BodyPurgedError: it was confirmed long ago, and its bytes were removed.
        BodyMissingError, BodyCorruptError: the store is damaged; the latter at the end.
    """
    # 1. What it is, before anything says that it was given out.
    with transaction(engine) as connection:
        delivery, _ = find_delivery(connection, delivery_id, system_id)
        listed = parts_of_packages(connection, [delivery.package_id])
        purged = is_purged(connection, delivery.package_id)
    advance(delivery.state, Step.FETCH)
    part = next(
        (one for one in listed.get(delivery.package_id, ()) if one.content_id == content_id), None
    )
    if part is None:
        raise PartUnknownError(delivery_id=str(delivery_id), content_id=content_id)
    if purged:
        raise BodyPurgedError(delivery_id=str(delivery_id))
    bodies.size_of(part.digest)  # says so now, where the bytes are missing
    # 2. The record. If the answer is lost after this, the system fetches again.
    with transaction(engine) as connection:
        delivery, digest = find_delivery(connection, delivery_id, system_id)
        take_step(connection, delivery, Step.FETCH, sealer, now=now, digest=digest)
    return part, bodies.stream(part.digest, start=start)
