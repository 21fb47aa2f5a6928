"""Tells receivers' queues again of what they were not told, or never answered; from the records.

A queue that takes nothing is tried less and less (:mod:`axis.delivery.backoff`); a delivery that it
did not take after many tries is parked, and released when the queue takes notices again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import aiormq
import sqlalchemy as sa
from aiormq.channel import Channel

from axis.bus.errors import BusUnavailableError, PublishUnconfirmedError
from axis.bus.notices import encode_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import DELIVERY_EXCHANGE, system_queue
from axis.delivery.backoff import WELL, Circuit, Health, Pace, circuit, failed
from axis.delivery.lanes import Lane
from axis.delivery.states import Event, State
from axis.dispatch.steps import move
from axis.ledger.entry import Sealer
from axis.relay.commit import notice_of
from axis.settings import ClockSettings
from axis.store.deliveries import DeliveryRecord, lock_deliveries, save_deliveries
from axis.store.engine import transaction
from axis.store.health import (
    healths,
    parked_for,
    recover,
    save_health,
    systems_with_parked,
    waiting_systems,
)
from axis.store.ledger import append
from axis.store.telling import Telling, tellings, unanswered, untold

log = logging.getLogger(__name__)

NOT_TAKEN = "not-taken"
NOT_CONFIRMED = "not-confirmed"


def chance() -> float:
    """Return a number in [0, 1) that spreads retries."""
    return secrets.randbelow(1 << 20) / (1 << 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """What telling needs."""

    engine: sa.Engine
    publisher: Publisher
    channel: Channel  #: to ask how long a queue is
    sealer: Sealer
    settings: ClockSettings
    clock: Callable[[], datetime]
    chance: Callable[[], float] = chance

    async def round(self, systems: Collection[str]) -> int:
        """Tell every system that must be told and may be tried; return how many notices went out.

        Raises:
            DatabaseUnavailableError: try again.
            BusUnavailableError: RabbitMQ took nothing from anybody.
        """
        due, health = await asyncio.to_thread(self._due, systems)
        told = 0
        for system_id in due:
            told += await self._tell(system_id, health.get(system_id, WELL))
        return told

    def _due(self, systems: Collection[str]) -> tuple[list[str], dict[str, Health]]:
        now, settings = self.clock(), self.settings
        with transaction(self.engine) as connection:
            waits = waiting_systems(
                connection,
                systems,
                untold=now - timedelta(seconds=settings.untold_after_s),
                unanswered=now - timedelta(seconds=settings.unanswered_after_s),
            )
            parked = [s for s in systems_with_parked(connection, NOT_TAKEN) if s in systems]
            return sorted({*waits, *parked}), dict(healths(connection))

    async def _tell(self, system_id: str, health: Health) -> int:
        state = circuit(health, now=self.clock())
        if state is Circuit.OPEN:
            return 0
        limit = 1 if state is Circuit.HALF_OPEN else self.settings.batch
        # 1. What was never told; where nothing is left of that, one that was parked.
        due = await asyncio.to_thread(self._untold, system_id, limit)
        # 2. What was told and not answered, if the queue has nothing left of it.
        if not due and state is Circuit.CLOSED:
            due = await self._unanswered(system_id, limit)
        if not due:
            return 0
        results = await self.publisher.publish_all(
            (
                DELIVERY_EXCHANGE,
                system_queue(system_id, Lane(telling.delivery.lane)),
                encode_notice(notice_of(telling)),
            )
            for telling in due
        )
        failures = [error for error in results if error is not None]
        if len(failures) == len(results) and not any(_is_the_queues(one) for one in failures):
            raise BusUnavailableError(reason=str(failures[0].facts.get("reason")))
        # 3. The record. A crash before it means that the queue is told once more.
        await asyncio.to_thread(self._record, system_id, health, due, results)
        return len(results) - len(failures)

    def _untold(self, system_id: str, limit: int) -> list[Telling]:
        now = self.clock()
        before = now - timedelta(seconds=self.settings.untold_after_s)
        with transaction(self.engine) as connection:
            due = untold(connection, system_id, before=before, limit=limit)
            if due:
                return due
            parked = parked_for(connection, system_id, NOT_TAKEN, limit=limit)
            released = _step(connection, parked, Event.RELEASE, self.sealer, now, reason=None)
            ids = [delivery.id for delivery in released]
            return tellings(connection, deliveries=ids) if ids else []

    async def _unanswered(self, system_id: str, limit: int) -> list[Telling]:
        for lane in Lane:
            answer = await self.channel.queue_declare(system_queue(system_id, lane), passive=True)
            if answer.message_count:
                return []  # the system is slow or away; the notices are where it will find them
        return await asyncio.to_thread(self._read_unanswered, system_id, limit)

    def _read_unanswered(self, system_id: str, limit: int) -> list[Telling]:
        before = self.clock() - timedelta(seconds=self.settings.unanswered_after_s)
        with transaction(self.engine) as connection:
            return unanswered(connection, system_id, before=before, limit=limit)

    def _record(
        self,
        system_id: str,
        health: Health,
        due: Sequence[Telling],
        results: Sequence[PublishUnconfirmedError | None],
    ) -> None:
        now = self.clock()
        with transaction(self.engine) as connection:
            locked = lock_deliveries(connection, [one.delivery.id for one in due])
            changed: list[DeliveryRecord] = []
            spent: list[DeliveryRecord] = []
            poison: list[DeliveryRecord] = []
            for telling, error in zip(due, results, strict=True):
                delivery = locked[telling.delivery.id]
                if delivery.state not in {State.ROUTED, State.OFFERED, State.FETCHED}:
                    continue  # taken, recalled or ended meanwhile
                again = telling.delivery.offered_at is not None
                if error is None:
                    tries = delivery.tries + 1 if again else 0
                    delivery = replace(delivery, offered_at=now, tries=tries)
                    delivery = replace(delivery, state=_told(delivery.state))
                else:
                    delivery = replace(delivery, tries=delivery.tries + 1)
                changed.append(delivery)
                if delivery.tries >= self.settings.tries:
                    (poison if again else spent).append(delivery)
            save_deliveries(connection, changed)
            _step(connection, spent, Event.PARK, self.sealer, now, reason=NOT_TAKEN)
            _step(connection, poison, Event.PARK, self.sealer, now, reason=NOT_CONFIRMED)
            failures = [error for error in results if error is not None]
            if failures:
                worse = failed(health, _pace(self.settings), now=now, chance=self.chance)
                reason = str(failures[0].facts.get("reason"))
                save_health(connection, system_id, worse, reason)
                log.warning("a queue takes nothing", extra={"system": system_id, "reason": reason})
            elif health != WELL:
                recover(connection, system_id)


def _told(state: State) -> State:
    return State.OFFERED if state is State.ROUTED else state


def _step(
    connection: sa.Connection,
    deliveries: Sequence[DeliveryRecord],
    event: Event,
    sealer: Sealer,
    now: datetime,
    *,
    reason: str | None,
) -> list[DeliveryRecord]:
    moved = [move(one, event, sealer=sealer, now=now, reason=reason) for one in deliveries]
    append(connection, [one.entry for one in moved if one.entry is not None])
    save_deliveries(connection, [one.delivery for one in moved])
    return [one.delivery for one in moved]


def _is_the_queues(error: PublishUnconfirmedError) -> bool:
    """Say whether the queue itself refused: it is full. All else is RabbitMQ being away."""
    return isinstance(error.__cause__, aiormq.exceptions.DeliveryError)


def _pace(settings: ClockSettings) -> Pace:
    return Pace(
        first=timedelta(seconds=settings.retry_first_s),
        most=timedelta(seconds=settings.retry_most_s),
        threshold=settings.breaker_after,
    )
