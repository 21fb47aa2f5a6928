"""What receivers' queues must be told of, found in the records; never in the queues."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.states import State
from axis.store.deliveries import DeliveryRecord, record_of
from axis.store.tables.delivery import DELIVERY, PACKAGE

_OPEN = (State.ROUTED.value, State.FETCHED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A delivery, with what its notice says of the package."""

    delivery: DeliveryRecord
    digest: bytes
    size_bytes: int
    sender: str


def tellings(
    connection: sa.Connection,
    *,
    packages: Collection[UUID] = (),
    deliveries: Collection[UUID] = (),
) -> list[Telling]:
    """Return the open deliveries of packages, or those with these ids."""
    query = _query().where(
        sa.or_(DELIVERY.c.package_id.in_(packages), DELIVERY.c.id.in_(deliveries))
    )
    query = query.order_by(DELIVERY.c.package_id, DELIVERY.c.position)
    return [_telling(row) for row in connection.execute(query)]


def untold(
    connection: sa.Connection, system_id: str, *, before: datetime, limit: int
) -> list[Telling]:
    """Return deliveries whose system was not told of them, routed before an instant, oldest first.

    Express goes first.
    """
    query = (
        _query()
        .where(DELIVERY.c.system_id == system_id, DELIVERY.c.offered_at.is_(None))
        .where(DELIVERY.c.state == State.ROUTED.value, DELIVERY.c.routed_at < before)
        .order_by(DELIVERY.c.lane, DELIVERY.c.routed_at, DELIVERY.c.id)
        .limit(limit)
    )
    return [_telling(row) for row in connection.execute(query)]


def unanswered(
    connection: sa.Connection, system_id: str, *, before: datetime, limit: int
) -> list[Telling]:
    """Return deliveries that were offered before an instant and not confirmed since."""
    query = (
        _query()
        .where(DELIVERY.c.system_id == system_id, DELIVERY.c.offered_at < before)
        .order_by(DELIVERY.c.lane, DELIVERY.c.routed_at, DELIVERY.c.id)
        .limit(limit)
    )
    return [_telling(row) for row in connection.execute(query)]


def open_after(
    connection: sa.Connection, system_id: str, last: DeliveryRecord | None, *, limit: int
) -> list[Telling]:
    """Return the open deliveries of a system that follow ``last`` in the order of its mailbox."""
    order = (DELIVERY.c.lane, DELIVERY.c.routed_at, DELIVERY.c.id)
    query = _query().where(DELIVERY.c.system_id == system_id).order_by(*order).limit(limit)
    if last is not None:
        values = (last.lane.value, last.routed_at, last.id)
        bounds = [
            sa.bindparam(None, value, column.type)
            for value, column in zip(values, order, strict=True)
        ]
        query = query.where(sa.tuple_(*order) > sa.tuple_(*bounds))
    return [_telling(row) for row in connection.execute(query)]


def count_open(connection: sa.Connection, system_ids: Collection[str]) -> Mapping[str, int]:
    """Return how many deliveries of each system are open."""
    query = (
        sa.select(DELIVERY.c.system_id, sa.func.count())
        .where(DELIVERY.c.state.in_(_OPEN), DELIVERY.c.system_id.in_(system_ids))
        .group_by(DELIVERY.c.system_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _query() -> sa.Select[Any]:
    return (
        sa.select(DELIVERY, PACKAGE.c.digest, PACKAGE.c.size_bytes, PACKAGE.c.sender)
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(DELIVERY.c.state.in_(_OPEN))
    )


def _telling(row: sa.Row[Any]) -> Telling:
    return Telling(
        delivery=record_of(row),
        digest=row.digest,
        size_bytes=row.size_bytes,
        sender=row.sender or "",
    )
