"""Deliveries by what an operator knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.store.deliveries import DeliveryRecord, record_of
from axis.store.due import UNFINISHED
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.life import OPERATOR_ACT, SYSTEM_HEALTH

_SET_ASIDE = (State.HELD.value, State.PARKED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Since when a delivery that nobody has confirmed is late, in each lane."""

    express: datetime
    normal: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked for; what is not said does not matter."""

    ids: tuple[UUID, ...] = ()
    system_id: str | None = None
    address: str | None = None  #: OrganId as written
    states: tuple[State, ...] = ()
    cause: str | None = None
    package_id: UUID | None = None
    document: str | None = None  #: DocumentId or number/notation
    before: datetime | None = None  #: routed before this instant
    in_need: Late | None = None  #: held, parked, of a queue that takes nothing, or late

    def facts(self) -> dict[str, Any]:
        """Return what is asked for, for the record."""
        return {
            name: [str(one) for one in value] if isinstance(value, tuple) else str(value)
            for name, value in asdict(self).items()
            if value
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A delivery with what people call its document."""

    delivery: DeliveryRecord
    sign: str | None
    sender: str | None
    document_id: str | None
    kind: str | None = None
    status_code: str | None = None  #: of a status package


def choose(connection: sa.Connection, chosen: Filter, *, limit: int) -> list[Found]:
    """Return deliveries that are under way or set aside, oldest first, at most ``limit``."""
    query = (
        sa.select(DELIVERY, PACKAGE.c.sign, PACKAGE.c.sender, PACKAGE.c.document_id)
        .add_columns(PACKAGE.c.kind, PACKAGE.c.status_code.label("says"))
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .order_by(DELIVERY.c.routed_at, DELIVERY.c.id)
        .limit(limit)
    )
    if chosen.ids:
        query = query.where(DELIVERY.c.id.in_(chosen.ids))
    elif not chosen.states:
        query = query.where(DELIVERY.c.state.in_(UNFINISHED))
    if chosen.states:
        values = {"routed" if one is State.OFFERED else one.value for one in chosen.states}
        query = query.where(DELIVERY.c.state.in_(sorted(values)))
        if State.OFFERED in chosen.states and State.ROUTED not in chosen.states:
            query = query.where(DELIVERY.c.offered_at.is_not(None))
        if State.ROUTED in chosen.states and State.OFFERED not in chosen.states:
            query = query.where(
                sa.or_(DELIVERY.c.offered_at.is_(None), DELIVERY.c.state != State.ROUTED.value)
            )
    if chosen.system_id is not None:
        query = query.where(DELIVERY.c.system_id == chosen.system_id)
    if chosen.address is not None:
        query = query.where(DELIVERY.c.address == chosen.address)
    if chosen.cause is not None:
        query = query.where(DELIVERY.c.held_reason == chosen.cause)
    if chosen.before is not None:
        query = query.where(DELIVERY.c.routed_at < chosen.before)
    if chosen.in_need is not None:
        late = chosen.in_need
        query = query.where(
            sa.or_(
                DELIVERY.c.state.in_(_SET_ASIDE),
                DELIVERY.c.system_id.in_(sa.select(SYSTEM_HEALTH.c.system_id)),
                DELIVERY.c.routed_at < late.normal,
                sa.and_(DELIVERY.c.lane == Lane.EXPRESS.value, DELIVERY.c.routed_at < late.express),
            )
        )
    if chosen.package_id is not None:
        query = query.where(DELIVERY.c.package_id == chosen.package_id)
    if chosen.document is not None:
        query = query.where(
            sa.or_(PACKAGE.c.document_id == chosen.document, PACKAGE.c.sign == chosen.document)
        )
    return [
        Found(
            delivery=record_of(row),
            sign=row.sign,
            sender=row.sender,
            document_id=row.document_id,
            kind=row.kind,
            status_code=row.says,
        )
        for row in connection.execute(query)
    ]


def under_way(connection: sa.Connection) -> tuple[int, datetime | None]:
    """Return how many deliveries are neither confirmed nor over, and since when the oldest is."""
    oldest = sa.func.min(DELIVERY.c.routed_at, type_=DELIVERY.c.routed_at.type)
    query = sa.select(sa.func.count(), oldest).where(DELIVERY.c.state.in_(UNFINISHED))
    count, since = connection.execute(query).one()
    return int(count), since


def record_act(
    connection: sa.Connection,
    *,
    act_id: UUID,
    at: datetime,
    act: str,
    who: str,
    why: str,
    chosen: dict[str, Any],
    deliveries: int,
) -> None:
    """Record what a person did."""
    connection.execute(
        sa.insert(OPERATOR_ACT).values(
            id=act_id, at=at, act=act, who=who, why=why, chosen=chosen, deliveries=deliveries
        )
    )


def acts(connection: sa.Connection, *, limit: int = 100) -> Sequence[dict[str, Any]]:
    """Return what people did, newest first."""
    query = sa.select(OPERATOR_ACT).order_by(OPERATOR_ACT.c.at.desc()).limit(limit)
    return [row._asdict() for row in connection.execute(query)]
