"""Deliveries whose time has come, locked for whoever moves them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.store.deliveries import DeliveryRecord, record_of
from axis.store.tables.delivery import DELIVERY

#: As the column has them; offered stands in it as routed.
UNFINISHED = (
    State.HELD.value,
    State.ROUTED.value,
    State.FETCHED.value,
    State.PARKED.value,
)


def held_deliveries(
    connection: sa.Connection, *, after: UUID | None, limit: int
) -> list[DeliveryRecord]:
    """Return held deliveries in the order of their ids, locked."""
    query = sa.select(DELIVERY).where(DELIVERY.c.state == State.HELD.value)
    if after is not None:
        query = query.where(DELIVERY.c.id > after)
    query = query.order_by(DELIVERY.c.id).limit(limit).with_for_update(skip_locked=True)
    return [record_of(row) for row in connection.execute(query)]


def overdue(
    connection: sa.Connection, lane: Lane, *, before: datetime, limit: int
) -> list[DeliveryRecord]:
    """Return deliveries of a lane that were routed before an instant and are not over, locked."""
    query = (
        sa.select(DELIVERY)
        .where(
            DELIVERY.c.state.in_(UNFINISHED),
            DELIVERY.c.routed_at < before,
            DELIVERY.c.lane == lane.value,
        )
        .order_by(DELIVERY.c.routed_at, DELIVERY.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [record_of(row) for row in connection.execute(query)]
