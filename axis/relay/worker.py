"""One relay worker: connects, works through the intake, and reconnects by starting over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from aiormq.abc import AbstractConnection

from axis.bodies import Bodies
from axis.bus.connection import connected, open_channel
from axis.bus.consumer import TRIES_IN_COMPANY, BatchConsumer
from axis.bus.errors import BusUnavailableError
from axis.bus.outage import RECONNECT_FIRST_S, outlast, pause
from axis.bus.publisher import Publisher
from axis.bus.topology import declare_system_queues, declare_topology, intake_queue
from axis.delivery.lanes import Lane
from axis.ledger.entry import Sealer
from axis.relay.batches import Outcome
from axis.relay.examiners import Examiners
from axis.relay.line import Line, side_by_side
from axis.relay.pipeline import Pipeline
from axis.relay.reference import ReferenceSource
from axis.settings import Settings
from axis.store.errors import DatabaseUnavailableError

log = logging.getLogger(__name__)

FLUSH_INTERVAL_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What one worker holds while RabbitMQ comes and goes."""

    settings: Settings
    engine: sa.Engine
    bodies: Bodies
    reference: ReferenceSource
    examiners: Examiners
    sealer: Sealer
    clock: Callable[[], datetime]
    told: Callable[[Outcome], None]

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop``; outages are waited out, a broken invariant ends the worker.

        Raises:
            AxisError: with fault AXIS or INPUT, for what waiting does not mend.
        """
        await outlast(self._session, stop)

    async def _session(self, stop: asyncio.Event) -> None:
        amqp = self.settings.amqp
        async with (
            connected(amqp.url, name="axis relay, consumes") as consuming,
            connected(amqp.url, name="axis relay, publishes") as publishing,
        ):
            channel = await open_channel(publishing, confirms=True)
            await declare_topology(channel)
            publisher = Publisher(
                channel, window=amqp.publish_window, timeout_s=amqp.publish_timeout_s
            )
            reference = await asyncio.to_thread(self.reference.current)
            await asyncio.to_thread(self.examiners.warm, reference.types)
            declared: set[str] = set()

            async def have_queues(systems: frozenset[str]) -> None:
                if missing := systems - declared:
                    await declare_system_queues(channel, sorted(missing))
                    declared.update(missing)

            await have_queues(self.reference.queued_systems())
            # Each lane goes its own way, so that what is urgent does not wait until a circular to
            # every commune has been recorded. One that fails ends both, and all starts over.
            over = asyncio.Event()
            told = asyncio.create_task(_pass_on(stop, over))
            lanes = [
                asyncio.create_task(self._lane(lane, consuming, publisher, have_queues, over))
                for lane in Lane
            ]
            try:
                await asyncio.wait(lanes, return_when=asyncio.FIRST_COMPLETED)
            finally:
                over.set()
                told.cancel()
                results = await asyncio.gather(*lanes, return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException):
                    raise result
            if channel.is_closed:
                raise BusUnavailableError(reason="the publishing channel was closed")

    async def _lane(
        self,
        lane: Lane,
        consuming: AbstractConnection,
        publisher: Publisher,
        have_queues: Callable[[frozenset[str]], Awaitable[None]],
        stop: asyncio.Event,
    ) -> None:
        """Work through one lane of the intake, batch by batch."""
        relay = self.settings.relay
        consumer = BatchConsumer(
            await open_channel(consuming, confirms=False),
            intake_queue(lane),
            prefetch=relay.prefetch,
        )
        pipeline = Pipeline(
            engine=self.engine,
            bodies=self.bodies,
            reference=self.reference,
            examiners=self.examiners,
            sealer=self.sealer,
            consumer=consumer,
            publisher=publisher,
            have_queues=have_queues,
            clock=self.clock,
            urgent=lane is Lane.EXPRESS,
        )
        await consumer.start()
        async with _flushing(pipeline):
            line = Line(relay.batch)
            await side_by_side(
                self._examine(pipeline, consumer, line, stop), self._finish(pipeline, line, stop)
            )

    async def _examine(
        self, pipeline: Pipeline, consumer: BatchConsumer, line: Line, stop: asyncio.Event
    ) -> None:
        relay = self.settings.relay
        try:
            async for batch in consumer.batches(
                size=relay.batch, gather_s=relay.gather_ms / 1000, stop=stop
            ):
                if batch[0].tries > TRIES_IN_COMPANY:
                    # It may be what kills workers: nothing of the others is left half done.
                    await line.until_idle()
                await line.put(await pipeline.examine(batch))
        finally:
            await line.end()

    async def _finish(self, pipeline: Pipeline, line: Line, stop: asyncio.Event) -> None:
        while (examined := await line.take()) is not None:
            again = False
            for part in examined.parts():
                outcome = await pipeline.finish(part)
                self.told(outcome)
                again = again or bool(outcome.again)
            if again:
                await pause(stop, RECONNECT_FIRST_S)


@asynccontextmanager
async def _flushing(pipeline: Pipeline) -> AsyncIterator[None]:
    """Record now and then what was offered, for the time when no batch follows."""

    async def flush() -> None:
        while True:
            await asyncio.sleep(FLUSH_INTERVAL_S)
            with suppress(DatabaseUnavailableError):
                await pipeline.flush()

    flushing = asyncio.create_task(flush())
    try:
        yield
    finally:
        flushing.cancel()
        with suppress(asyncio.CancelledError, DatabaseUnavailableError):
            await flushing
        with suppress(DatabaseUnavailableError):
            await pipeline.flush()


async def _pass_on(event: asyncio.Event, to: asyncio.Event) -> None:
    await event.wait()
    to.set()
