"""The deliveries: one row for each package and addressed office, with its transport state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.lanes import Lane
from axis.delivery.states import OPEN, State
from axis.store.arrays import MARK_OFFERED, among, change, is_postgresql, rows_among
from axis.store.bulk import copy_rows
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.life import BODY_PURGE


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """One package for one addressed office."""

    id: UUID
    package_id: UUID
    position: int
    address: str  #: OrganId as the sender wrote it
    office_id: str  #: the office that is served
    system_id: str | None
    lane: Lane
    state: State
    held_reason: str | None
    routed_at: datetime
    last_entry: UUID  #: the ledger entry that the next one about this delivery follows
    offered_at: datetime | None = None
    fetched_at: datetime | None = None
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    status_code: str | None = None  #: where the course of business statuses is
    tries: int = 0  #: how often telling its system failed
    redirect_of: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a mailbox shows of a delivery."""

    delivery: DeliveryRecord
    digest: bytes
    size_bytes: int
    kind: str
    sender: str
    sign: str | None
    subject: str | None
    status_code: str | None
    document_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A delivery and the body of its package."""

    delivery: DeliveryRecord
    digest: bytes
    size_bytes: int
    purged: bool  #: the bytes were removed after the time of keeping


#: Offered is kept as routed with an instant, so that the mark touches no index.
OPEN_VALUES = sorted({state.value for state in OPEN} - {State.OFFERED.value})

#: The fields of a record, which are columns of the table.
_FIELDS: Final = tuple(DeliveryRecord.__slots__)

_INSTANTS: Final = ("routed_at", "offered_at", "fetched_at", "confirmed_at", "ended_at")

#: What :func:`waiting_of` reads.
WAITING_COLUMNS = (
    DELIVERY,
    PACKAGE.c.digest,
    PACKAGE.c.size_bytes,
    PACKAGE.c.kind,
    PACKAGE.c.sender,
    PACKAGE.c.sign,
    PACKAGE.c.subject,
    PACKAGE.c.status_code.label("said_status"),
    PACKAGE.c.document_id,
)

#: What :func:`held_of` reads; a statement that is made once.
WITH_BODIES = (
    sa.select(
        DELIVERY,
        PACKAGE.c.digest,
        PACKAGE.c.size_bytes,
        BODY_PURGE.c.package_id.label("gone"),
    )
    .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
    .outerjoin(BODY_PURGE, BODY_PURGE.c.package_id == DELIVERY.c.package_id)
    .where(DELIVERY.c.id.in_(sa.bindparam("ids", expanding=True)))
)
_WITH_BODIES: Final = f"""
select {", ".join(f"d.{name}" for name in _FIELDS)}, p.digest, p.size_bytes, gone.package_id
from delivery d join package p on p.id = d.package_id
left join body_purge gone on gone.package_id = d.package_id
where d.id = any(%b::uuid[])
"""  # noqa: S608  constants only
#: One order for all processes, so that none waits in a ring.
_WITH_BODIES_LOCKED: Final = _WITH_BODIES + " order by d.id for update of d"
_LOCKED: Final = among(DELIVERY, _FIELDS, locked=True)

#: How many ids one statement names.
_CHUNK = 5000

#: The columns of a new row, with their types on PostgreSQL; the others have their defaults.
_NEW = {
    "id": "uuid",
    "package_id": "uuid",
    "position": "int2",
    "address": "varchar",
    "office_id": "varchar",
    "system_id": "varchar",
    "held_reason": "varchar",
    "routed_at": "timestamptz",
    "last_entry": "uuid",
    "redirect_of": "uuid",
    "lane": "varchar",
    "state": "varchar",
}
_NEW_VALUES = attrgetter(*list(_NEW)[:-2])

#: The columns that a step may change, with their types on PostgreSQL.
_CHANGING: Final = {
    "office_id": "text",
    "system_id": "text",
    "state": "text",
    "held_reason": "text",
    "offered_at": "timestamptz",
    "fetched_at": "timestamptz",
    "confirmed_at": "timestamptz",
    "ended_at": "timestamptz",
    "status_code": "text",
    "tries": "int2",
    "last_entry": "uuid",
}
_SAVE_ALL: Final = change(DELIVERY, _CHANGING)

_SAVE = (
    sa.update(DELIVERY)
    .where(DELIVERY.c.id == sa.bindparam("key"))
    .values({name: sa.bindparam(name) for name in _CHANGING})
)


def add_deliveries(connection: sa.Connection, deliveries: Sequence[DeliveryRecord]) -> None:
    """Record where packages go."""
    if not deliveries:
        return
    if connection.dialect.name == "postgresql":
        copy_rows(connection, DELIVERY.name, _NEW, map(_new_values, deliveries))
        return
    rows = [dict(zip(_NEW, _new_values(delivery), strict=True)) for delivery in deliveries]
    connection.execute(sa.insert(DELIVERY), rows)


def deliveries_of(
    connection: sa.Connection, package_ids: Collection[UUID], *, only_open: bool = False
) -> list[DeliveryRecord]:
    """Return the deliveries of packages, in the order of the addressees."""
    query = sa.select(DELIVERY).where(DELIVERY.c.package_id.in_(package_ids))
    if only_open:
        query = query.where(DELIVERY.c.state.in_(OPEN_VALUES))
    query = query.order_by(DELIVERY.c.package_id, DELIVERY.c.position)
    return [record_of(row) for row in connection.execute(query)]


def mailbox(
    connection: sa.Connection, system_id: str, *, office_id: str | None = None, limit: int = 100
) -> list[Waiting]:
    """Return what waits for a system: express first, then oldest."""
    query = _waiting_for(system_id, office_id, limit)
    return [waiting_of(row) for row in connection.execute(query)]


def mailbox_after(
    connection: sa.Connection,
    system_id: str,
    after: Mapping[Lane, tuple[datetime, UUID]],
    *,
    office_id: str | None = None,
    limit: int = 100,
) -> list[Waiting]:
    """Return what waits for a system beyond a place in each lane: express first, then oldest."""
    found: list[Waiting] = []
    for lane in Lane:
        query = _waiting_for(system_id, office_id, limit - len(found)).where(
            DELIVERY.c.lane == lane.value
        )
        if lane in after:
            at, delivery_id = after[lane]
            bounds = (
                sa.literal(at, DELIVERY.c.routed_at.type),
                sa.literal(delivery_id, DELIVERY.c.id.type),
            )
            query = query.where(sa.tuple_(DELIVERY.c.routed_at, DELIVERY.c.id) > sa.tuple_(*bounds))
        found += [waiting_of(row) for row in connection.execute(query)]
        if len(found) >= limit:
            break
    return found


def _waiting_for(system_id: str, office_id: str | None, limit: int) -> sa.Select[Any]:
    query = (
        sa.select(*WAITING_COLUMNS)
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(DELIVERY.c.system_id == system_id)
        .where(DELIVERY.c.state.in_(OPEN_VALUES))
        .order_by(DELIVERY.c.lane, DELIVERY.c.routed_at, DELIVERY.c.id)  # "express" < "normal"
        .limit(limit)
    )
    return query if office_id is None else query.where(DELIVERY.c.office_id == office_id)


def waiting_of(row: sa.Row[Any]) -> Waiting:
    """Return a row of a mailbox as a record."""
    return Waiting(
        delivery=record_of(row),
        digest=row.digest,
        size_bytes=row.size_bytes,
        kind=row.kind,
        sender=row.sender,
        sign=row.sign,
        subject=row.subject,
        status_code=row.said_status,
        document_id=row.document_id,
    )


def delivery_for(
    connection: sa.Connection, delivery_id: UUID, system_id: str
) -> tuple[DeliveryRecord, bytes] | None:
    """Return a delivery of this system and its body's digest, locked until the transaction ends."""
    query = (
        sa.select(DELIVERY, PACKAGE.c.digest)
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(DELIVERY.c.id == delivery_id, DELIVERY.c.system_id == system_id)
        .with_for_update(of=DELIVERY)
    )
    row = connection.execute(query).first()
    return (record_of(row), row.digest) if row else None


def deliveries_with_bodies(
    connection: sa.Connection, delivery_ids: Collection[UUID]
) -> dict[UUID, Held]:
    """Return deliveries with what is known of their bodies; nothing is locked."""
    if is_postgresql(connection):
        return _held(rows_among(connection, _WITH_BODIES, delivery_ids))
    rows = connection.execute(WITH_BODIES, {"ids": list(delivery_ids)})
    return {row.id: held_of(row) for row in rows}


def lock_with_bodies(connection: sa.Connection, delivery_ids: Collection[UUID]) -> dict[UUID, Held]:
    """Return deliveries with what is known of their bodies, locked until the transaction ends."""
    if is_postgresql(connection):
        return _held(rows_among(connection, _WITH_BODIES_LOCKED, delivery_ids))
    return deliveries_with_bodies(connection, delivery_ids)  # its one writer holds everything


def _held(rows: Iterable[Sequence[Any]]) -> dict[UUID, Held]:
    found = {}
    for row in rows:
        *values, digest, size_bytes, gone = row
        delivery = _record(values)
        found[delivery.id] = Held(
            delivery=delivery, digest=digest, size_bytes=size_bytes, purged=gone is not None
        )
    return found


def held_of(row: sa.Row[Any]) -> Held:
    """Return a row with its body as a record."""
    return Held(
        delivery=record_of(row),
        digest=row.digest,
        size_bytes=row.size_bytes,
        purged=row.gone is not None,
    )


def lock_deliveries(
    connection: sa.Connection, delivery_ids: Collection[UUID]
) -> dict[UUID, DeliveryRecord]:
    """Return deliveries as they are, locked until the transaction ends."""
    found: dict[UUID, DeliveryRecord] = {}
    ids = sorted(set(delivery_ids))  # one order for all processes, so that none waits in a ring
    if is_postgresql(connection):
        return {row[0]: _record(row) for row in rows_among(connection, _LOCKED, ids)} if ids else {}
    for start in range(0, len(ids), _CHUNK):
        query = (
            sa.select(DELIVERY)
            .where(DELIVERY.c.id.in_(ids[start : start + _CHUNK]))
            .order_by(DELIVERY.c.id)
        )
        found |= {row.id: record_of(row) for row in connection.execute(query)}
    return found


def save_deliveries(connection: sa.Connection, deliveries: Sequence[DeliveryRecord]) -> None:
    """Record how far deliveries are now; the caller has them locked."""
    if not deliveries:
        return
    if is_postgresql(connection):
        columns: list[list[Any]] = [[one.id for one in deliveries]]
        columns += [[getattr(one, name) for one in deliveries] for name in _CHANGING]
        columns[1 + list(_CHANGING).index("state")] = [
            _state_value(one.state) for one in deliveries
        ]
        connection.exec_driver_sql(_SAVE_ALL, tuple(columns))
        return
    rows = []
    for delivery in deliveries:
        row = _row(delivery)
        rows.append({"key": delivery.id} | {name: row[name] for name in _CHANGING})
    connection.execute(_SAVE, rows if len(rows) > 1 else rows[0])


def mark_offered(connection: sa.Connection, delivery_ids: Sequence[UUID], *, at: datetime) -> None:
    """Record that RabbitMQ has the notices of these deliveries.

    A delivery that somebody holds is left out: it is being fetched or confirmed, and neither that
    nor this waits for the other. One that stays unmarked is told of once more, by the clock.
    """
    if is_postgresql(connection):
        connection.exec_driver_sql(MARK_OFFERED, (at, list(delivery_ids)))
        return
    for start in range(0, len(delivery_ids), _CHUNK):
        ids = DELIVERY.c.id.in_(delivery_ids[start : start + _CHUNK])
        fresh = sa.and_(DELIVERY.c.state == State.ROUTED.value, DELIVERY.c.offered_at.is_(None))
        connection.execute(sa.update(DELIVERY).where(ids, fresh).values(offered_at=at))


def _new_values(delivery: DeliveryRecord) -> tuple[Any, ...]:
    return *_NEW_VALUES(delivery), delivery.lane.value, _state_value(delivery.state)


def _state_value(state: State) -> str:
    """Return what the column says: that a queue was told is another column."""
    return State.ROUTED.value if state is State.OFFERED else state.value


def _row(delivery: DeliveryRecord) -> dict[str, Any]:
    row = {name: getattr(delivery, name) for name in DeliveryRecord.__slots__}
    row["lane"] = delivery.lane.value
    row["state"] = _state_value(delivery.state)
    return row


def record_of(row: sa.Row[Any]) -> DeliveryRecord:
    """Return a row of the table as a record."""
    return _record([getattr(row, name) for name in _FIELDS])


def _record(row: Sequence[Any]) -> DeliveryRecord:
    """Return the values of :data:`_FIELDS` as a record."""
    values = dict(zip(_FIELDS, row, strict=True))
    for name in _INSTANTS:
        if values[name] is not None:
            values[name] = values[name].astimezone(UTC)  # the driver's are in the session's zone
    values["lane"] = Lane(values["lane"])
    values["state"] = State(values["state"])
    if values["state"] is State.ROUTED and values["offered_at"] is not None:
        values["state"] = State.OFFERED
    return DeliveryRecord(**values)
