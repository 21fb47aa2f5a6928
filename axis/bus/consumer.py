"""Consumes notices in batches; a batch is acknowledged when its work is done, not before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass

import aiormq
from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel

from axis.bus.errors import BusUnavailableError

#: How often a quiet consumer looks whether the broker still knows it.
WATCH_INTERVAL_S = 5.0

#: How often a message may come back before it is worked on alone.
TRIES_IN_COMPANY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A message that is ours until it is acknowledged."""

    body: bytes
    delivery_tag: int
    redelivered: bool  #: somebody had it before and did not acknowledge it
    tries: int  #: how often it was given out before (``x-delivery-count``)


class BatchConsumer:
    """Takes messages of one queue on one channel."""

    def __init__(self, channel: Channel, queue: str, *, prefetch: int) -> None:
        self._channel = channel
        self._queue = queue
        self._prefetch = prefetch
        self._inbox: asyncio.Queue[Taken] = asyncio.Queue()
        self._tag: str | None = None

    async def start(self) -> None:
        """Begin to consume."""
        await self._channel.basic_qos(prefetch_count=self._prefetch)
        answer = await self._channel.basic_consume(self._queue, self._receive)
        self._tag = answer.consumer_tag

    async def batches(
        self, *, size: int, gather_s: float, stop: asyncio.Event
    ) -> AsyncIterator[Sequence[Taken]]:
        """Yield batches of at most ``size``; a batch that is not full waits ``gather_s`` for more.

        What comes after a silence longer than that goes at once: nothing says that more will come,
        and what comes meanwhile is the next batch. A message that came back more than twice is
        yielded alone, so that one which kills its worker cannot take its neighbours to the parking
        queue.

        Raises:
            BusUnavailableError: the channel is gone, or the broker has dropped the consumer.
        """
        clock = asyncio.get_running_loop().time
        asked = clock()
        while not stop.is_set():
            first = await self._next(WATCH_INTERVAL_S, stop)
            if first is None:
                continue
            is_lone = clock() - asked > gather_s
            if first.tries > TRIES_IN_COMPANY:
                yield [first]
                continue
            batch, suspect = [first], None
            until = clock() + (0.0 if is_lone else gather_s)
            while len(batch) < size:
                left = until - clock()
                if self._inbox.empty() and left <= 0:
                    break
                more = await self._next(max(left, 0), stop)
                if more is None:
                    break
                if more.tries > TRIES_IN_COMPANY:
                    suspect = more
                    break
                batch.append(more)
            yield batch
            if suspect is not None:
                yield [suspect]
            asked = clock()

    async def take(self, *, timeout_s: float) -> Taken | None:
        """Return one message, or None where nothing came in time.

        Raises:
            BusUnavailableError: the channel is gone, or the broker has dropped the consumer.
        """
        return await self._next(timeout_s, asyncio.Event())

    async def acknowledge_one(self, taken: Taken) -> None:
        """Acknowledge one message, in whatever order."""
        await self._channel.basic_ack(taken.delivery_tag)

    async def acknowledge(self, batch: Sequence[Taken], *, failed: Iterable[Taken] = ()) -> None:
        """Acknowledge a batch; the ``failed`` go back to the queue and come again.

        Batches must be acknowledged in the order in which they came.
        """
        again = {taken.delivery_tag for taken in failed}
        for tag in sorted(again):
            await self._channel.basic_nack(tag, requeue=True)
        if len(again) < len(batch):
            await self._channel.basic_ack(batch[-1].delivery_tag, multiple=True)

    async def park(self, taken: Taken) -> None:
        """Give a message to the parking queue; nobody tries it again by itself."""
        await self._channel.basic_nack(taken.delivery_tag, requeue=False)

    async def _next(self, timeout_s: float, stop: asyncio.Event) -> Taken | None:
        if not self._inbox.empty():
            return self._inbox.get_nowait()
        getter = asyncio.ensure_future(self._inbox.get())
        stopper = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait(
                (getter, stopper), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            if getter.done():
                return getter.result()
            self._check_alive()
            return None
        finally:
            stopper.cancel()
            getter.cancel()

    def _check_alive(self) -> None:
        if self._channel.is_closed or self._tag not in self._channel.consumers:
            raise BusUnavailableError(reason=f"the consumer of {self._queue} is gone")

    async def _receive(self, message: DeliveredMessage) -> None:
        deliver = message.delivery
        if not isinstance(deliver, aiormq.spec.Basic.Deliver):
            return
        self._inbox.put_nowait(
            Taken(
                body=message.body,
                delivery_tag=deliver.delivery_tag or 0,
                redelivered=bool(deliver.redelivered),
                tries=_tries(message),
            )
        )


def _tries(message: DeliveredMessage) -> int:
    headers = message.header.properties.headers or {}
    count = headers.get("x-delivery-count", 0)
    return count if isinstance(count, int) else 0
