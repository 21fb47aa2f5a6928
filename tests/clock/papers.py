"""Deliveries put into the records without a relay, thousands at once."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import uuid5

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.intake.identity import NAMESPACE, delivery_id_of, package_id_of
from axis.store.deliveries import DeliveryRecord, add_deliveries
from axis.store.engine import transaction
from axis.store.packages import PackageRecord, add_packages
from tests.relay.installation import Installation
from tests.relay.papers import G22, H41


def put(
    axis: Installation,
    count: int,
    *,
    at: datetime,
    system: str | None = "nghean",
    state: State = State.ROUTED,
    lane: Lane = Lane.NORMAL,
    address: str = H41,
    first: int = 0,
    held_reason: str | None = None,
) -> list[DeliveryRecord]:
    """Record packages with one delivery each and return the deliveries."""
    packages, deliveries = [], []
    for number in range(first, first + count):
        digest = hashlib.sha256(f"body {number}".encode()).digest()
        package_id = package_id_of("vpcp", digest)
        packages.append(
            PackageRecord(
                id=package_id,
                system_id="vpcp",
                digest=digest,
                size_bytes=10,
                door="test",
                received_at=at,
                decided_at=at,
                accepted=True,
                kind="document",
                document_id=f"{G22},2015/09/30,{number}/VPCP-TTĐT",
                sign=f"{number}/VPCP-TTĐT",
                sender=G22,
                sender_office="office",
                business_type=0,
                priority=1 if lane is Lane.EXPRESS else 0,
            )
        )
        deliveries.append(
            DeliveryRecord(
                id=delivery_id_of(package_id, address),
                package_id=package_id,
                position=0,
                address=address,
                office_id="office",
                system_id=system,
                lane=lane,
                state=state,
                held_reason=held_reason,
                routed_at=at,
                last_entry=uuid5(NAMESPACE, str(number)),
            )
        )
    with transaction(axis.engine) as connection:
        add_packages(connection, packages)
        add_deliveries(connection, deliveries)
    return deliveries
