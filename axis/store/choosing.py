"""Deliveries by what an operator knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.states import State
from axis.store.deliveries import DeliveryRecord, record_of
from axis.store.due import UNFINISHED
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.life import OPERATOR_ACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked for; what is not said does not matter."""

    ids: tuple[UUID, ...] = ()
    system_id: str | None = None
    address: str | None = None  #: OrganId as written
    states: tuple[State, ...] = ()
    cause: str | None = None
    document: str | None = None  #: DocumentId or number/notation
    before: datetime | None = None  #: routed before this instant

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


def choose(connection: sa.Connection, chosen: Filter, *, limit: int) -> list[Found]:
    """Return deliveries that are under way or set aside, oldest first, at most ``limit``."""
    query = (
        sa.select(DELIVERY, PACKAGE.c.sign, PACKAGE.c.sender, PACKAGE.c.document_id)
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
        )
        for row in connection.execute(query)
    ]


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
