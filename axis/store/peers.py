"""Other axes: who they are, what waits for them, and how far what they accepted is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from axis.store.deliveries import OPEN_VALUES, DeliveryRecord, record_of
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.peers import PEER, PEER_RELAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another axis; the system of the same id stands for it in the directory."""

    system_id: str
    url: str
    token_file: str
    ca_file: str | None
    added_at: datetime
    answered_at: datetime | None = None
    failed_at: datetime | None = None  #: since when it does not answer; None: it does
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A package, with its deliveries that wait to be sent on to one axis."""

    package_id: UUID
    digest: bytes
    size_bytes: int
    deliveries: tuple[DeliveryRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """A delivery that another axis has accepted."""

    delivery_id: UUID
    system_id: str
    package_id: UUID  #: as it is called there
    entry: str  #: there: origin of the log, blank, id of the entry
    accepted_at: datetime
    asked_at: datetime
    ask_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is on its way to one axis."""

    waiting: int  #: it has not accepted them yet
    oldest: datetime | None  #: when the oldest of these was routed
    under_way: int  #: it has; nobody there has confirmed or refused them yet


def put_peer(connection: sa.Connection, peer: Peer) -> None:
    """Record another axis, or its new address; what is known of its answers stays."""
    values = {"url": peer.url, "token_file": peer.token_file, "ca_file": peer.ca_file}
    done = connection.execute(
        sa.update(PEER).where(PEER.c.system_id == peer.system_id).values(values)
    )
    if not done.rowcount:
        row = {"system_id": peer.system_id, "added_at": peer.added_at, **values}
        connection.execute(sa.insert(PEER).values(row))


def peers(connection: sa.Connection) -> Sequence[Peer]:
    """Return the other axes, by id."""
    rows = connection.execute(sa.select(PEER).order_by(PEER.c.system_id))
    return [Peer(**row._asdict()) for row in rows]


def note_answer(connection: sa.Connection, system_id: str, *, at: datetime) -> None:
    """Record that it answered."""
    values = {"answered_at": at, "failed_at": None, "failure": None}
    connection.execute(sa.update(PEER).where(PEER.c.system_id == system_id).values(values))


def note_failure(connection: sa.Connection, system_id: str, *, reason: str, at: datetime) -> None:
    """Record that it does not answer, or not as it should."""
    since = sa.func.coalesce(PEER.c.failed_at, sa.literal(at, PEER.c.failed_at.type))
    connection.execute(
        sa.update(PEER).where(PEER.c.system_id == system_id).values(failed_at=since, failure=reason)
    )


def bundles(connection: sa.Connection, system_id: str, *, limit: int) -> list[Bundle]:
    """Return what waits for another axis: urgent first, then oldest; at most so many deliveries."""
    query = (
        sa.select(DELIVERY, PACKAGE.c.digest, PACKAGE.c.size_bytes)
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .join(PEER_RELAY, PEER_RELAY.c.delivery_id == DELIVERY.c.id, isouter=True)
        .where(DELIVERY.c.system_id == system_id, DELIVERY.c.state.in_(OPEN_VALUES))
        .where(PEER_RELAY.c.delivery_id.is_(None))
        .order_by(DELIVERY.c.lane, DELIVERY.c.routed_at, DELIVERY.c.id)
        .limit(limit)
    )
    found: dict[UUID, list[Any]] = {}
    for row in connection.execute(query):
        found.setdefault(row.package_id, []).append(row)
    return [
        Bundle(
            package_id=package_id,
            digest=rows[0].digest,
            size_bytes=rows[0].size_bytes,
            deliveries=tuple(record_of(row) for row in rows),
        )
        for package_id, rows in found.items()
    ]


def add_relayed(connection: sa.Connection, relayed: Sequence[Relayed]) -> None:
    """Record what another axis has accepted."""
    rows = [{name: getattr(one, name) for name in Relayed.__slots__} for one in relayed]
    if rows:
        connection.execute(sa.insert(PEER_RELAY), rows)


def relayed_due(
    connection: sa.Connection, system_id: str, *, now: datetime, limit: int
) -> list[Relayed]:
    """Return what another axis is to be asked about now, the longest due first."""
    c = PEER_RELAY.c
    query = (
        sa.select(PEER_RELAY)
        .where(c.system_id == system_id, c.ask_at <= now)
        .order_by(c.ask_at)
        .limit(limit)
    )
    return [Relayed(**row._asdict()) for row in connection.execute(query)]


def note_asked(
    connection: sa.Connection, delivery_id: UUID, *, at: datetime, again: datetime | None
) -> None:
    """Record that it was asked, and when it is asked again; None: it has ended there."""
    connection.execute(
        sa.update(PEER_RELAY)
        .where(PEER_RELAY.c.delivery_id == delivery_id)
        .values(asked_at=at, ask_at=again)
    )


def backlog(connection: sa.Connection, system_id: str) -> Backlog:
    """Return what is on its way to another axis."""
    waiting = (
        sa.select(
            sa.func.count().label("waiting"), sa.func.min(DELIVERY.c.routed_at).label("oldest")
        )
        .select_from(DELIVERY)
        .join(PEER_RELAY, PEER_RELAY.c.delivery_id == DELIVERY.c.id, isouter=True)
        .where(DELIVERY.c.system_id == system_id, DELIVERY.c.state.in_(OPEN_VALUES))
        .where(PEER_RELAY.c.delivery_id.is_(None))
    )
    row = connection.execute(waiting).one()
    under_way = connection.scalar(
        sa.select(sa.func.count()).where(
            PEER_RELAY.c.system_id == system_id, PEER_RELAY.c.ask_at.is_not(None)
        )
    )
    return Backlog(waiting=row.waiting, oldest=row.oldest, under_way=under_way or 0)
