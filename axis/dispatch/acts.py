"""What a person does with deliveries: each step in the ledger, with who and why.

An act is done in pieces, each in a transaction of its own. If it is cut off, what was done is done
and recorded; to do it again does the rest, because a step that was taken is no news.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.states import Event, State
from axis.directory.snapshot import Directory
from axis.dispatch.errors import AlreadyAddressedError, NoWayError
from axis.dispatch.routing import route_now
from axis.dispatch.steps import move
from axis.errors import AxisError, Refusal
from axis.intake.identity import delivery_id_of
from axis.ledger.entry import Entry, SealedEntry, Sealer
from axis.ledger.events import Event as Evidence
from axis.store.choosing import record_act
from axis.store.deliveries import (
    DeliveryRecord,
    add_deliveries,
    deliveries_of,
    lock_deliveries,
    save_deliveries,
)
from axis.store.directory import load_directory
from axis.store.engine import transaction
from axis.store.ledger import append

#: Deliveries that one transaction moves.
CHUNK: Final = 200


class Act(StrEnum):
    """What a person can do."""

    RETRY = "retry"  #: tell the system again
    RELEASE = "release"  #: let go what is held or parked
    PARK = "park"  #: set aside
    REDIRECT = "redirect"  #: give it to another office
    GIVE_UP = "give-up"  #: end it, with evidence for the sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who does what, and why."""

    act: Act
    who: str
    why: str
    to: str | None = None  #: of a redirection: the code of the other office


@dataclass(slots=True)
class Done:
    """What became of an order."""

    moved: list[UUID] = field(default_factory=list)
    unchanged: list[UUID] = field(default_factory=list)  #: they were so already
    refused: list[tuple[UUID, Refusal]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    delivery: DeliveryRecord
    entries: tuple[SealedEntry, ...]
    added: DeliveryRecord | None = None


def perform(
    engine: sa.Engine,
    sealer: Sealer,
    order: Order,
    ids: Sequence[UUID],
    *,
    chosen: dict[str, Any],
    act_id: UUID,
    now: datetime,
) -> Done:
    """Carry out an order on deliveries; one that cannot take the step is told of and left alone.

    Raises:
        DatabaseUnavailableError: what was done is done; order it again.
    """
    done = Done()
    with transaction(engine) as connection:
        directory = load_directory(connection)
        record_act(
            connection,
            act_id=act_id,
            at=now,
            act=order.act.value,
            who=order.who,
            why=order.why,
            chosen=chosen | ({"to": order.to} if order.to else {}),
            deliveries=len(ids),
        )
    for start in range(0, len(ids), CHUNK):
        with transaction(engine) as connection:
            locked = lock_deliveries(connection, ids[start : start + CHUNK])
            steps = []
            for delivery in locked.values():
                try:
                    step = _step(connection, delivery, order, directory, sealer, now)
                except AxisError as error:
                    done.refused.append((delivery.id, error.refusal))
                    continue
                steps.append(step)
                (done.moved if step.entries else done.unchanged).append(delivery.id)
            save_deliveries(connection, [step.delivery for step in steps])
            add_deliveries(connection, [step.added for step in steps if step.added is not None])
            append(connection, [entry for step in steps for entry in step.entries])
    return done


def _step(
    connection: sa.Connection,
    delivery: DeliveryRecord,
    order: Order,
    directory: Directory,
    sealer: Sealer,
    now: datetime,
) -> _Step:
    if order.act is Act.REDIRECT:
        return _redirect(connection, delivery, order, directory, sealer, now)
    event, reason = {
        Act.RETRY: (Event.RELEASE, None),
        Act.RELEASE: (Event.RELEASE, None),
        Act.PARK: (Event.PARK, "by-operator"),
        Act.GIVE_UP: (Event.GIVE_UP, "given-up"),
    }[order.act]
    served = None
    if event is Event.RELEASE and delivery.state in {State.HELD, State.PARKED}:
        way = route_now(delivery, directory, now)
        if way is None:
            raise NoWayError(address=delivery.address)
        delivery, served = way.delivery, way.served
    moved = move(
        delivery,
        event,
        sealer=sealer,
        now=now,
        reason=reason,
        system=delivery.system_id if event is Event.RELEASE else None,
        served=served,
        who=order.who,
        why=order.why,
    )
    return _Step(delivery=moved.delivery, entries=(moved.entry,) if moved.entry else ())


def _redirect(
    connection: sa.Connection,
    delivery: DeliveryRecord,
    order: Order,
    directory: Directory,
    sealer: Sealer,
    now: datetime,
) -> _Step:
    address = order.to or ""
    siblings = deliveries_of(connection, [delivery.package_id])
    if any(one.address == address for one in siblings):
        raise AlreadyAddressedError(address=address)
    instead = replace(
        delivery,
        id=delivery_id_of(delivery.package_id, address),
        position=max(one.position for one in siblings) + 1,
        address=address,
        redirect_of=delivery.id,
        state=State.ROUTED,
        held_reason=None,
        routed_at=now,
        offered_at=None,
        fetched_at=None,
        tries=0,
    )
    way = route_now(instead, directory, now)
    if way is None:
        raise NoWayError(address=address)
    routed = way.delivery
    moved = move(
        delivery,
        Event.REDIRECT,
        sealer=sealer,
        now=now,
        reason="redirected",
        served=address,
        who=order.who,
        why=order.why,
    )
    assert moved.entry is not None  # noqa: S101  nothing is redirected twice
    entry = sealer.seal(
        Entry(
            event=Evidence.CONTENT_CONSIGNMENT,
            at=now,
            package_id=delivery.package_id,
            delivery_id=routed.id,
            prev=moved.entry.entry_id,
            recipient=address,
            served=way.served,
            system=routed.system_id,
        )
    )
    return _Step(
        delivery=moved.delivery,
        entries=(moved.entry, entry),
        added=replace(routed, last_entry=entry.entry_id),
    )
