"""Documents, deliveries and statuses put into the records without a relay."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from itertools import count
from uuid import uuid5

import sqlalchemy as sa

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.delivery.workdays import VIETNAM
from axis.intake.identity import NAMESPACE, delivery_id_of, package_id_of
from axis.store.answers import add_answers
from axis.store.deliveries import DeliveryRecord, add_deliveries
from axis.store.engine import transaction
from axis.store.packages import PackageRecord, add_packages
from axis.store.tables.delivery import DELIVERY

NUMBERS = count(1)


def at(text: str) -> datetime:
    """``09 08:00`` of November 2026 in Vietnam."""
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=VIETNAM)


def package(sender: str, when: datetime, **facts: object) -> PackageRecord:
    """A document that was accepted."""
    number = next(NUMBERS)
    digest = hashlib.sha256(str(number).encode()).digest()
    signed: date = facts.pop("signed", when.date())  # type: ignore[assignment]
    values: dict[str, object] = {
        "id": package_id_of("s", digest),
        "system_id": "s",
        "digest": digest,
        "size_bytes": 10,
        "door": "test",
        "received_at": when,
        "decided_at": when,
        "accepted": True,
        "kind": "document",
        "document_id": f"G22,{signed:%Y/%m/%d},{number}/VPCP",
        "sender": "G22",
        "sender_office": sender,
        "business_type": 0,
        "priority": 0,
    }
    return PackageRecord(**(values | facts))  # type: ignore[arg-type]


def delivery(of: PackageRecord, to: str, position: int = 0, **facts: object) -> DeliveryRecord:
    """Its delivery to an office."""
    values: dict[str, object] = {
        "id": delivery_id_of(of.id, to),
        "package_id": of.id,
        "position": position,
        "address": to,
        "office_id": to,
        "system_id": "t",
        "lane": Lane.NORMAL,
        "state": State.ROUTED,
        "held_reason": None,
        "routed_at": of.decided_at,
        "last_entry": uuid5(NAMESPACE, f"{of.id} {to}"),
    }
    if "confirmed_at" in facts:
        values["state"] = State.CONFIRMED
    return DeliveryRecord(**(values | facts))  # type: ignore[arg-type]


def status(code: str, about: DeliveryRecord, when: datetime) -> PackageRecord:
    """What an office says about a delivery."""
    return package(
        about.office_id,
        when,
        kind="status",
        status_code=code,
        business_type=None,
        about_package_id=about.package_id,
        about_delivery_id=about.id,
    )


def keep(
    engine: sa.Engine,
    *rows: PackageRecord | DeliveryRecord,
    answers: dict[PackageRecord, str] | None = None,
) -> None:
    """Put rows into the records."""
    with transaction(engine) as connection:
        add_packages(connection, [one for one in rows if isinstance(one, PackageRecord)])
        deliveries = [one for one in rows if isinstance(one, DeliveryRecord)]
        add_deliveries(connection, deliveries)
        for one in deliveries:
            ends = {"confirmed_at": one.confirmed_at, "ended_at": one.ended_at}
            connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == one.id).values(**ends))
        add_answers(
            connection, {one.id: [document_id] for one, document_id in (answers or {}).items()}
        )
