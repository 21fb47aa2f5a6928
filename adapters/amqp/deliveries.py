"""Consumes a system's delivery notices, express before normal.

A notice is acknowledged when the system has confirmed the delivery, not before: until then it comes
again. It may also come twice; the delivery's id says that it is the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from axis.bus.connection import connected, open_channel
from axis.bus.consumer import BatchConsumer, Taken
from axis.bus.errors import NoticeUnreadableError
from axis.bus.notices import DeliveryNotice, parse_notice
from axis.bus.topology import declare_system_queues, declare_topology, system_queue
from axis.delivery.lanes import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A delivery that the system was told of."""

    notice: DeliveryNotice
    lane: Lane
    taken: Taken


class SystemQueues:
    """The two lanes of one system on one connection."""

    def __init__(self, system_id: str, lanes: dict[Lane, BatchConsumer]) -> None:
        self._system_id = system_id
        self._lanes = lanes

    async def next(self, *, timeout_s: float) -> Offered | None:
        """Return the next delivery, express first, or None where nothing came in time.

        Raises:
            BusUnavailableError: RabbitMQ is gone; connect again, nothing is lost.
            NoticeUnreadableError: a message is not one of the axis's notices; it was parked.
        """
        until = asyncio.get_running_loop().time() + timeout_s
        while True:
            for lane, consumer in self._lanes.items():
                taken = await consumer.take(timeout_s=0.02)
                if taken is not None:
                    return await self._offered(lane, consumer, taken)
            if asyncio.get_running_loop().time() >= until:
                return None

    async def done(self, offered: Offered) -> None:
        """Acknowledge a delivery that the system has confirmed."""
        await self._lanes[offered.lane].acknowledge_one(offered.taken)

    async def _offered(self, lane: Lane, consumer: BatchConsumer, taken: Taken) -> Offered:
        queue = system_queue(self._system_id, lane)
        try:
            notice = parse_notice(taken.body, queue=queue)
            if not isinstance(notice, DeliveryNotice):
                raise NoticeUnreadableError(queue=queue, reason="another kind of notice")
        except NoticeUnreadableError:
            await consumer.park(taken)
            raise
        return Offered(notice=notice, lane=lane, taken=taken)


@asynccontextmanager
async def system_queues(
    url: str, system_id: str, *, prefetch: int = 50
) -> AsyncIterator[SystemQueues]:
    """Open a system's queues.

    Raises:
        BusUnavailableError: RabbitMQ cannot be reached.
    """
    async with connected(url, name=f"system {system_id}") as connection:
        declaring = await open_channel(connection, confirms=False)
        await declare_topology(declaring)
        await declare_system_queues(declaring, [system_id])
        lanes = {}
        for lane in (Lane.EXPRESS, Lane.NORMAL):
            channel = await open_channel(connection, confirms=False)
            lanes[lane] = BatchConsumer(channel, system_queue(system_id, lane), prefetch=prefetch)
            await lanes[lane].start()
        yield SystemQueues(system_id, lanes)
