"""Rebuilds the receivers' queues from the records, after RabbitMQ has lost them.

A notice that a queue still has comes twice then, which receivers know by the delivery's id. The
intake queue cannot be rebuilt and need not be: what stood in it has no receipt, and its senders
send again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from axis.bus.connection import connected, open_channel
from axis.bus.notices import encode_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import (
    DELIVERY_EXCHANGE,
    declare_system_queues,
    declare_topology,
    system_queue,
)
from axis.relay.commit import notice_of
from axis.settings import AmqpSettings
from axis.store.deliveries import DeliveryRecord, mark_offered
from axis.store.engine import transaction
from axis.store.telling import Telling, open_after

#: Deliveries that are read, told and marked at once.
CHUNK: Final = 1000


@dataclass(slots=True)
class Requeued:
    """What was done for one system."""

    system_id: str
    told: int = 0
    untold: int = 0  #: RabbitMQ did not take these; the clock tries again


async def requeue(
    engine: sa.Engine,
    amqp: AmqpSettings,
    systems: Collection[str],
    *,
    clock: Callable[[], datetime],
    told: Callable[[int], None] = lambda _count: None,
) -> list[Requeued]:
    """Tell the queues of ``systems`` of every delivery that is open; purge nothing.

    Raises:
        BusUnavailableError: RabbitMQ cannot be reached.
        DatabaseUnavailableError: the database cannot be reached.
    """
    done = []
    async with connected(amqp.url, name="axis requeue") as connection:
        channel = await open_channel(connection, confirms=True)
        await declare_topology(channel)
        await declare_system_queues(channel, sorted(systems))
        publisher = Publisher(channel, window=amqp.publish_window, timeout_s=amqp.publish_timeout_s)
        for system_id in sorted(systems):
            result = Requeued(system_id=system_id)
            last: DeliveryRecord | None = None
            while chunk := await asyncio.to_thread(_read, engine, system_id, last):
                last = chunk[-1].delivery
                results = await publisher.publish_all(
                    (
                        DELIVERY_EXCHANGE,
                        system_queue(system_id, telling.delivery.lane),
                        encode_notice(notice_of(telling)),
                    )
                    for telling in chunk
                )
                offered = [
                    telling.delivery.id
                    for telling, error in zip(chunk, results, strict=True)
                    if error is None
                ]
                await asyncio.to_thread(_mark, engine, offered, clock())
                result.told += len(offered)
                result.untold += len(chunk) - len(offered)
                told(len(chunk))
            done.append(result)
    return done


def _read(engine: sa.Engine, system_id: str, last: DeliveryRecord | None) -> list[Telling]:
    with transaction(engine) as connection:
        return open_after(connection, system_id, last, limit=CHUNK)


def _mark(engine: sa.Engine, offered: list[UUID], at: datetime) -> None:
    with transaction(engine) as connection:
        mark_offered(connection, offered, at=at)
