"""What the queues of systems with a webhook tell: written down, then acknowledged.

The queues only make it quick. What they never said is found in the records.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from axis.bus.connection import connected, open_channel
from axis.bus.consumer import BatchConsumer, Taken
from axis.bus.errors import BusUnavailableError, NoticeUnreadableError, UnsafeQueueError
from axis.bus.notices import DeliveryNotice, parse_notice
from axis.bus.topology import declare_system_queues, declare_topology, system_queue
from axis.delivery.lanes import Lane
from axis.errors import AxisError
from axis.settings import Settings
from axis.store.engine import transaction
from axis.store.webhooks import note_pushes

log = logging.getLogger(__name__)

_AGAIN_S: Final = 2.0
_BATCH: Final = 200
_GATHER_S: Final = 0.02


class Listener:
    """Consumes the queues of the systems that :meth:`follow` names."""

    def __init__(
        self, settings: Settings, engine: sa.Engine, clock: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._clock = clock
        self._systems: frozenset[str] = frozenset()
        self._changed = asyncio.Event()
        self._news = asyncio.Event()

    def follow(self, systems: Collection[str]) -> None:
        """Listen to the queues of these systems from now on."""
        if self._systems != frozenset(systems):
            self._systems = frozenset(systems)
            self._changed.set()

    async def wait(self, seconds: float, stop: asyncio.Event) -> None:
        """Wait until something was written down, the time is over, or ``stop``."""
        waiting = {asyncio.ensure_future(self._news.wait()), asyncio.ensure_future(stop.wait())}
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
        self._news.clear()

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until ``stop``; where RabbitMQ is away, the records alone say what is due."""
        while not stop.is_set():
            self._changed.clear()
            if not self._systems:
                await self._changed.wait()
                continue
            try:
                await self._listen(self._systems, stop)
            except (BusUnavailableError, UnsafeQueueError, OSError) as error:
                log.warning("the queues cannot be listened to", extra={"reason": str(error)})
                await asyncio.sleep(_AGAIN_S)

    async def _listen(self, systems: frozenset[str], stop: asyncio.Event) -> None:
        async with connected(self._settings.amqp.url, name="axis courier") as connection:
            channel = await open_channel(connection, confirms=False)
            await declare_topology(channel)
            await declare_system_queues(channel, sorted(systems))
            tasks: list[asyncio.Task[object]] = [asyncio.create_task(self._changed.wait())]
            for system_id in sorted(systems):
                for lane in Lane:
                    queue = system_queue(system_id, lane)
                    consumer = BatchConsumer(channel, queue, prefetch=_BATCH)
                    await consumer.start()
                    work = self._consume(consumer, system_id, queue, stop)
                    task: asyncio.Task[object] = asyncio.create_task(work)
                    tasks.append(task)
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for ended in done:
                    ended.result()
            finally:
                for each in tasks:
                    each.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _consume(
        self, consumer: BatchConsumer, system_id: str, queue: str, stop: asyncio.Event
    ) -> None:
        async for batch in consumer.batches(size=_BATCH, gather_s=_GATHER_S, stop=stop):
            notices = []
            for taken in batch:
                with suppress(NoticeUnreadableError):
                    notices.append(parse_notice(taken.body, queue=queue))
            found = [one for one in notices if isinstance(one, DeliveryNotice)]
            try:
                await asyncio.to_thread(self.write_down, system_id, found)
            except AxisError as error:
                log.warning("waiting for the database", extra={"code": error.code})
                await asyncio.sleep(_AGAIN_S)
                raise BusUnavailableError(reason="what came is asked for again") from error
            # From here the records have it. A crash before this brings the messages again.
            await self.acknowledge(consumer, batch)
            self._news.set()

    def write_down(self, system_id: str, notices: Sequence[DeliveryNotice]) -> None:
        """Write down what a system is to be told of."""
        with transaction(self._engine) as connection:
            ids = [one.delivery_id for one in notices]
            note_pushes(connection, system_id, ids, at=self._clock())

    async def acknowledge(self, consumer: BatchConsumer, batch: Sequence[Taken]) -> None:
        """Acknowledge messages one by one: the channel is shared with other queues."""
        for taken in batch:
            await consumer.acknowledge_one(taken)
