"""Webhooks, what they are to be told of, and how they take it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from axis.delivery.backoff import Health
from axis.store.deliveries import OPEN_VALUES, Waiting
from axis.store.offers import still_waiting
from axis.store.tables.courier import WEBHOOK, WEBHOOK_HEALTH, WEBHOOK_PUSH
from axis.store.tables.delivery import DELIVERY

TOLD_LATELY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where a system wants to be told."""

    system_id: str
    url: str
    set_at: datetime
    set_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushes:
    """How far a system's pushes are."""

    waiting: int
    told: int
    last_told_at: datetime | None
    answer: str | None  #: what came back last, of those that wait


def set_webhook(connection: sa.Connection, webhook: Webhook) -> None:
    """Write a system's webhook in the place of the one before; its health begins anew."""
    connection.execute(sa.delete(WEBHOOK).where(WEBHOOK.c.system_id == webhook.system_id))
    connection.execute(
        sa.insert(WEBHOOK).values(
            system_id=webhook.system_id,
            url=webhook.url,
            set_at=webhook.set_at,
            set_by=webhook.set_by,
        )
    )
    recover_webhook(connection, webhook.system_id)


def remove_webhook(connection: sa.Connection, system_id: str) -> bool:
    """Remove a system's webhook and what it was to be told; False: there is none."""
    connection.execute(sa.delete(WEBHOOK_PUSH).where(WEBHOOK_PUSH.c.system_id == system_id))
    recover_webhook(connection, system_id)
    query = sa.delete(WEBHOOK).where(WEBHOOK.c.system_id == system_id)
    return bool(connection.execute(query).rowcount)


def list_webhooks(connection: sa.Connection) -> list[Webhook]:
    """Return all webhooks."""
    query = sa.select(WEBHOOK).order_by(WEBHOOK.c.system_id)
    return [
        Webhook(system_id=row.system_id, url=row.url, set_at=row.set_at, set_by=row.set_by)
        for row in connection.execute(query)
    ]


def note_pushes(
    connection: sa.Connection, system_id: str, delivery_ids: Collection[UUID], *, at: datetime
) -> None:
    """Write down what a system is to be told of; what it was told of a while ago is told again."""
    if not delivery_ids:
        return
    rows = [_row(delivery_id, system_id, at) for delivery_id in delivery_ids]
    connection.execute(_insert(connection, rows))
    connection.execute(
        sa.update(WEBHOOK_PUSH)
        .where(
            WEBHOOK_PUSH.c.delivery_id.in_(delivery_ids),
            WEBHOOK_PUSH.c.system_id == system_id,
            WEBHOOK_PUSH.c.due_at.is_(None),
            # A message that comes late is no reason to tell twice; the clock tells again in hours.
            WEBHOOK_PUSH.c.told_at < at - TOLD_LATELY,
        )
        .values(due_at=at, asked_at=at)
    )


def note_missed(connection: sa.Connection, system_id: str, *, at: datetime, limit: int) -> int:
    """Write down open deliveries that nobody spoke of; return how many."""
    known = sa.select(WEBHOOK_PUSH.c.delivery_id).where(WEBHOOK_PUSH.c.delivery_id == DELIVERY.c.id)
    query = (
        sa.select(DELIVERY.c.id)
        .where(DELIVERY.c.system_id == system_id, DELIVERY.c.state.in_(OPEN_VALUES))
        .where(~known.exists())
        .order_by(DELIVERY.c.lane, DELIVERY.c.routed_at)
        .limit(limit)
    )
    missed = list(connection.scalars(query))
    if missed:
        rows = [_row(delivery_id, system_id, at) for delivery_id in missed]
        connection.execute(_insert(connection, rows))
    return len(missed)


def claim_pushes(
    connection: sa.Connection, system_id: str, *, now: datetime, until: datetime, limit: int
) -> Sequence[Waiting]:
    """Return deliveries that are due, and keep other couriers from them until an instant.

    After a crash they come due again then. What is over meanwhile is not told.
    """
    # The lock on the webhook lets one courier after the other claim of this system.
    connection.execute(
        sa.select(WEBHOOK.c.system_id).where(WEBHOOK.c.system_id == system_id).with_for_update()
    )
    query = (
        sa.select(WEBHOOK_PUSH.c.delivery_id)
        .where(WEBHOOK_PUSH.c.system_id == system_id, WEBHOOK_PUSH.c.due_at <= now)
        .order_by(WEBHOOK_PUSH.c.due_at, WEBHOOK_PUSH.c.delivery_id)
        .limit(limit)
    )
    ids = list(connection.scalars(query))
    waiting = still_waiting(connection, system_id, ids) if ids else {}
    over = [one for one in ids if one not in waiting]
    if over:
        mine = WEBHOOK_PUSH.c.delivery_id.in_(over)
        connection.execute(sa.update(WEBHOOK_PUSH).where(mine).values(due_at=None, answer="over"))
    if waiting:
        mine = WEBHOOK_PUSH.c.delivery_id.in_(waiting)
        connection.execute(sa.update(WEBHOOK_PUSH).where(mine).values(due_at=until))
    return [waiting[one] for one in ids if one in waiting]


def due_systems(connection: sa.Connection, *, now: datetime) -> list[str]:
    """Return the systems with a webhook that are to be told of something now."""
    query = (
        sa.select(WEBHOOK_PUSH.c.system_id)
        .distinct()
        .join(WEBHOOK, WEBHOOK.c.system_id == WEBHOOK_PUSH.c.system_id)
        .where(WEBHOOK_PUSH.c.due_at <= now)
        .order_by(WEBHOOK_PUSH.c.system_id)
    )
    return list(connection.scalars(query))


def mark_told(
    connection: sa.Connection,
    delivery_ids: Collection[UUID],
    *,
    until: datetime,
    at: datetime,
    answer: str,
) -> None:
    """Record that an endpoint took a notice of these, which were claimed ``until`` then.

    What somebody asked to be told again meanwhile, and what was claimed anew, stays due.
    """
    connection.execute(
        sa.update(WEBHOOK_PUSH)
        .where(WEBHOOK_PUSH.c.delivery_id.in_(delivery_ids))
        .values(
            due_at=sa.case((WEBHOOK_PUSH.c.due_at == until, None), else_=WEBHOOK_PUSH.c.due_at),
            told_at=at,
            answer=answer,
            tries=WEBHOOK_PUSH.c.tries + 1,
        )
    )


def mark_failed(
    connection: sa.Connection, delivery_ids: Collection[UUID], *, due: datetime, answer: str
) -> None:
    """Record that an endpoint did not take a notice of these; they are due again then."""
    connection.execute(
        sa.update(WEBHOOK_PUSH)
        .where(WEBHOOK_PUSH.c.delivery_id.in_(delivery_ids))
        .values(due_at=due, answer=answer[:500], tries=WEBHOOK_PUSH.c.tries + 1)
    )


def replay_pushes(
    connection: sa.Connection,
    system_id: str,
    *,
    at: datetime,
    since: datetime | None = None,
    delivery_ids: Collection[UUID] = (),
) -> int:
    """Let a system be told again of what it has not confirmed; return of how many."""
    note_missed(connection, system_id, at=at, limit=1_000_000)
    open_ = sa.select(DELIVERY.c.id).where(
        DELIVERY.c.system_id == system_id, DELIVERY.c.state.in_(OPEN_VALUES)
    )
    if since is not None:
        open_ = open_.where(DELIVERY.c.routed_at >= since)
    if delivery_ids:
        open_ = open_.where(DELIVERY.c.id.in_(delivery_ids))
    query = (
        sa.update(WEBHOOK_PUSH)
        .where(WEBHOOK_PUSH.c.system_id == system_id, WEBHOOK_PUSH.c.delivery_id.in_(open_))
        .values(due_at=at, asked_at=at)
    )
    return connection.execute(query).rowcount


def pushes_of(connection: sa.Connection, system_id: str) -> Pushes:
    """Return how far a system's pushes are."""
    mine = WEBHOOK_PUSH.c.system_id == system_id
    row = connection.execute(
        sa.select(
            sa.func.count(WEBHOOK_PUSH.c.due_at),
            sa.func.count(WEBHOOK_PUSH.c.told_at),
        ).where(mine)
    ).one()
    last = connection.scalar(
        sa.select(WEBHOOK_PUSH.c.told_at)
        .where(mine, WEBHOOK_PUSH.c.told_at.is_not(None))
        .order_by(WEBHOOK_PUSH.c.told_at.desc())
        .limit(1)
    )
    answer = connection.scalar(
        sa.select(WEBHOOK_PUSH.c.answer)
        .where(mine, WEBHOOK_PUSH.c.due_at.is_not(None), WEBHOOK_PUSH.c.answer.is_not(None))
        .limit(1)
    )
    return Pushes(waiting=row[0], told=row[1], last_told_at=last, answer=answer)


def webhook_healths(connection: sa.Connection) -> Mapping[str, Health]:
    """Return the health of every endpoint that is not well."""
    return {
        row.system_id: Health(
            failures=row.failures, next_try_at=row.next_try_at, opened_at=row.opened_at
        )
        for row in connection.execute(sa.select(WEBHOOK_HEALTH))
    }


def save_webhook_health(
    connection: sa.Connection, system_id: str, health: Health, reason: str
) -> None:
    """Record that an endpoint took nothing."""
    recover_webhook(connection, system_id)
    connection.execute(
        sa.insert(WEBHOOK_HEALTH).values(
            system_id=system_id,
            failures=health.failures,
            next_try_at=health.next_try_at,
            opened_at=health.opened_at,
            reason=reason,
        )
    )


def recover_webhook(connection: sa.Connection, system_id: str) -> None:
    """Record that an endpoint is well."""
    query = sa.delete(WEBHOOK_HEALTH).where(WEBHOOK_HEALTH.c.system_id == system_id)
    connection.execute(query)


def _row(delivery_id: UUID, system_id: str, at: datetime) -> dict[str, Any]:
    return {
        "delivery_id": delivery_id,
        "system_id": system_id,
        "asked_at": at,
        "tries": 0,
        "due_at": at,
    }


def _insert(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> sa.Insert:
    """Return an insert that leaves what is there as it is: another courier was here first."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(WEBHOOK_PUSH).values(rows).on_conflict_do_nothing()
    return postgresql.insert(WEBHOOK_PUSH).values(rows).on_conflict_do_nothing()
