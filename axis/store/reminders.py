"""Deliveries that are late and of whom nobody was told yet; each is told of once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.lanes import Lane
from axis.store.deliveries import DeliveryRecord, record_of
from axis.store.due import UNFINISHED
from axis.store.tables.delivery import DELIVERY
from axis.store.tables.life import REMINDER


def unreminded(
    connection: sa.Connection, kind: str, lane: Lane, *, before: datetime, limit: int
) -> list[DeliveryRecord]:
    """Return deliveries routed before an instant of which there is no reminder of this kind yet."""
    told = sa.exists().where(REMINDER.c.delivery_id == DELIVERY.c.id, REMINDER.c.kind == kind)
    query = (
        sa.select(DELIVERY)
        .where(
            DELIVERY.c.state.in_(UNFINISHED),
            DELIVERY.c.lane == lane.value,
            DELIVERY.c.routed_at < before,
            ~told,
        )
        .order_by(DELIVERY.c.routed_at, DELIVERY.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [record_of(row) for row in connection.execute(query)]


def reminders_of(
    connection: sa.Connection, deliveries: Collection[UUID]
) -> dict[UUID, dict[str, datetime]]:
    """Return when somebody was told of each delivery, by kind."""
    found: dict[UUID, dict[str, datetime]] = {}
    query = sa.select(REMINDER).where(REMINDER.c.delivery_id.in_(list(deliveries)))
    for row in connection.execute(query):
        found.setdefault(row.delivery_id, {})[row.kind] = row.at
    return found


def add_reminders(
    connection: sa.Connection,
    reminders: Sequence[tuple[UUID, str]],
    *,
    kind: str,
    at: datetime,
) -> None:
    """Record who was told of what: (delivery, contact)."""
    if reminders:
        connection.execute(
            sa.insert(REMINDER),
            [
                {"delivery_id": one, "kind": kind, "at": at, "contact": contact}
                for one, contact in reminders
            ],
        )
