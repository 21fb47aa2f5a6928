"""How systems take what they are told: a row for each that does not; and what waits for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from axis.delivery.backoff import Health
from axis.delivery.states import State
from axis.store.deliveries import DeliveryRecord, record_of
from axis.store.tables.delivery import DELIVERY
from axis.store.tables.life import SYSTEM_HEALTH

_OPEN = (State.ROUTED.value, State.FETCHED.value)


def healths(connection: sa.Connection) -> Mapping[str, Health]:
    """Return the health of every system that is not well."""
    return {
        row.system_id: Health(
            failures=row.failures, next_try_at=row.next_try_at, opened_at=row.opened_at
        )
        for row in connection.execute(sa.select(SYSTEM_HEALTH))
    }


def save_health(connection: sa.Connection, system_id: str, health: Health, reason: str) -> None:
    """Record that a system did not take what it was told."""
    recover(connection, system_id)
    connection.execute(
        sa.insert(SYSTEM_HEALTH).values(
            system_id=system_id,
            failures=health.failures,
            next_try_at=health.next_try_at,
            opened_at=health.opened_at,
            reason=reason,
        )
    )


def recover(connection: sa.Connection, system_id: str) -> None:
    """Record that a system is well."""
    connection.execute(sa.delete(SYSTEM_HEALTH).where(SYSTEM_HEALTH.c.system_id == system_id))


def waiting_systems(
    connection: sa.Connection,
    system_ids: Collection[str],
    *,
    untold: datetime,
    unanswered: datetime,
) -> list[str]:
    """Return the systems that must be told of something: never told, or not answered for long."""
    query = (
        sa.select(DELIVERY.c.system_id)
        .distinct()
        .where(DELIVERY.c.state.in_(_OPEN), DELIVERY.c.system_id.in_(system_ids))
        .where(
            sa.or_(
                sa.and_(
                    DELIVERY.c.state == State.ROUTED.value,
                    DELIVERY.c.offered_at.is_(None),
                    DELIVERY.c.routed_at < untold,
                ),
                DELIVERY.c.offered_at < unanswered,
            )
        )
        .order_by(DELIVERY.c.system_id)
    )
    return list(connection.scalars(query))


def waiting_counts(connection: sa.Connection) -> Mapping[str, tuple[int, datetime]]:
    """Return for each system how many deliveries it has not confirmed, and since when."""
    oldest = sa.func.min(DELIVERY.c.routed_at, type_=DELIVERY.c.routed_at.type)
    query = (
        sa.select(DELIVERY.c.system_id, sa.func.count(), oldest)
        .where(DELIVERY.c.state.in_(_OPEN), DELIVERY.c.system_id.is_not(None))
        .group_by(DELIVERY.c.system_id)
    )
    return {system_id: (count, at) for system_id, count, at in connection.execute(query)}


def parked_for(
    connection: sa.Connection, system_id: str, reason: str, *, limit: int
) -> list[DeliveryRecord]:
    """Return deliveries of a system that are parked for a reason, oldest first, locked."""
    query = (
        sa.select(DELIVERY)
        .where(
            DELIVERY.c.system_id == system_id,
            DELIVERY.c.state == State.PARKED.value,
            DELIVERY.c.held_reason == reason,
        )
        .order_by(DELIVERY.c.routed_at, DELIVERY.c.id)
        .limit(limit)
        .with_for_update()
    )
    return [record_of(row) for row in connection.execute(query)]


def systems_with_parked(connection: sa.Connection, reason: str) -> list[str]:
    """Return the systems that have deliveries parked for a reason."""
    query = (
        sa.select(DELIVERY.c.system_id)
        .distinct()
        .where(DELIVERY.c.state == State.PARKED.value, DELIVERY.c.held_reason == reason)
        .where(DELIVERY.c.system_id.is_not(None))
    )
    return sorted(connection.scalars(query))
