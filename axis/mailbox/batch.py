"""Looks and steps of many systems at once: one transaction for all, each with its own answer.

The same rules as :mod:`axis.mailbox.take`, for doors that serve many callers. A door first looks,
then checks the bytes against their digest, then takes the step: nothing says that bytes were given
out which could not be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.errors import BodyPurgedError, DeliveryUnknownError
from axis.delivery.states import Event as Step
from axis.delivery.states import State, advance
from axis.dispatch.steps import move
from axis.errors import AxisError
from axis.ledger.entry import SealedEntry, Sealer
from axis.metrics import count, observe
from axis.store.deliveries import (
    DeliveryRecord,
    Held,
    deliveries_with_bodies,
    lock_with_bodies,
    save_deliveries,
)
from axis.store.engine import reading, transaction
from axis.store.ledger import append
from axis.telemetry import is_tracing, span


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A system asks for the bytes of a delivery."""

    delivery_id: UUID
    system_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOrder:
    """A system takes a step with a delivery: fetch, confirm or refuse."""

    delivery_id: UUID
    system_id: str
    step: Step
    why: str | None = None  #: of a refusal


def look(engine: sa.Engine, orders: Sequence[Look]) -> list[Held | AxisError]:
    """Return for each order the delivery and its body, or why it is not given out.

    Refusals: DeliveryUnknownError, DeliveryOverError, TransitionRefusedError, BodyPurgedError.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    with reading(engine) as connection:
        found = deliveries_with_bodies(connection, {order.delivery_id for order in orders})
    return [_look(found, order) for order in orders]


def take_steps(
    engine: sa.Engine, sealer: Sealer, orders: Sequence[StepOrder], *, now: datetime
) -> list[DeliveryRecord | AxisError]:
    """Take the steps, each with its evidence, and return each delivery as it is then.

    Refusals: DeliveryUnknownError, DeliveryOverError, TransitionRefusedError.

    Raises:
        DatabaseUnavailableError: whether anything was done is unknown; to do it again is no news.
    """
    answers: list[DeliveryRecord | AxisError] = []
    with transaction(engine) as connection:
        held = lock_with_bodies(connection, {order.delivery_id for order in orders})
        current = {key: one.delivery for key, one in held.items()}
        entries: list[SealedEntry] = []
        for order in orders:
            delivery = current.get(order.delivery_id)
            if delivery is None or delivery.system_id != order.system_id:
                answers.append(_unknown(order))
                continue
            if order.step is Step.FETCH and held[delivery.id].purged:
                answers.append(BodyPurgedError(delivery_id=str(delivery.id)))
                continue
            try:
                moved = move(
                    delivery,
                    order.step,
                    sealer=sealer,
                    now=now,
                    body=None if order.step is Step.REFUSE else held[delivery.id].digest,
                    system=delivery.system_id,
                    reason="refused-by-system" if order.step is Step.REFUSE else None,
                    why=order.why,
                )
            except AxisError as error:
                answers.append(error)
                continue
            current[delivery.id] = moved.delivery
            if moved.entry is not None:
                entries.append(moved.entry)
            answers.append(moved.delivery)
        append(connection, entries)
        changed = [one for key, one in current.items() if one != held[key].delivery]
        save_deliveries(connection, changed)
    for delivery in changed:
        step = _STEPS.get(delivery.state)
        if step is not None:
            count("axis_steps", step=step)
            if is_tracing():
                _trace(delivery, step, now)
        if delivery.state is State.CONFIRMED:
            observe(
                "axis_delivery_seconds",
                (now - delivery.routed_at).total_seconds(),
                lane=delivery.lane.value,
            )
    return answers


def _trace(delivery: DeliveryRecord, step: str, now: datetime) -> None:
    began = delivery.routed_at
    if step == "confirm" and delivery.fetched_at is not None:
        began = delivery.fetched_at
    span(
        f"until {step}",
        delivery.package_id,
        began=began,
        ended=now,
        delivery=str(delivery.id),
        system=delivery.system_id,
        address=delivery.address,
    )


#: The state that a step leads to, by the step's name in figures.
_STEPS: Final = {State.FETCHED: "fetch", State.CONFIRMED: "confirm", State.REFUSED: "refuse"}


def _look(found: Mapping[UUID, Held], order: Look) -> Held | AxisError:
    held = found.get(order.delivery_id)
    if held is None or held.delivery.system_id != order.system_id:
        return _unknown(order)
    try:
        advance(held.delivery.state, Step.FETCH)
    except AxisError as error:
        return error
    if held.purged:
        return BodyPurgedError(delivery_id=str(order.delivery_id))
    return held


def _unknown(order: Look | StepOrder) -> DeliveryUnknownError:
    return DeliveryUnknownError(delivery_id=str(order.delivery_id), system_id=order.system_id)
