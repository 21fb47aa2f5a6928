"""Takes messages of one queue, with who published them; each is worked on in a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiormq
from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel

from axis.bus.errors import BusUnavailableError

#: How often a quiet consumer looks whether the broker still knows it.
WATCH_INTERVAL_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A message that is ours until it is acknowledged."""

    body: bytes
    routing_key: str
    delivery_tag: int
    tries: int  #: how often it was given out before
    user_id: str | None  #: where it is set, RabbitMQ has compared it with the connection's user
    message_id: str | None
    correlation_id: str | None
    reply_to: str | None
    content_type: str | None
    content_encoding: str | None
    headers: Mapping[str, Any]

    @property
    def name(self) -> str | None:
        """What an answer names it by."""
        return self.correlation_id or self.message_id


class Inbox:
    """One queue on one channel; at most ``prefetch`` messages are worked on at once."""

    def __init__(self, channel: Channel, queue: str, *, prefetch: int) -> None:
        self._channel = channel
        self._queue = queue
        self._prefetch = prefetch
        self._arrived: asyncio.Queue[Arrived] = asyncio.Queue()

    async def serve(self, work: Callable[[Arrived], Awaitable[None]], stop: asyncio.Event) -> None:
        """Give every message to ``work`` until ``stop``, then finish what was begun.

        Raises:
            BusUnavailableError: the channel is gone; what was not acknowledged comes again.
        """
        await self._channel.basic_qos(prefetch_count=self._prefetch)
        answer = await self._channel.basic_consume(self._queue, self._receive)
        tag = answer.consumer_tag or ""
        running: set[asyncio.Task[None]] = set()
        stopped = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                message = asyncio.ensure_future(self._arrived.get())
                done, _ = await asyncio.wait(
                    {message, stopped, *running},
                    timeout=WATCH_INTERVAL_S,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for task in running & done:
                    task.result()
                running -= done
                if message in done:
                    running.add(asyncio.ensure_future(_run(work, message.result())))
                else:
                    message.cancel()
                if self._channel.is_closed or tag not in self._channel.consumers:
                    raise BusUnavailableError(reason=f"the consumer of {self._queue} is gone")
            if running:
                await asyncio.gather(*running)
        finally:
            stopped.cancel()
            for task in running:
                task.cancel()

    async def acknowledge(self, arrived: Arrived) -> None:
        """Let a message go: its work is done."""
        await self._channel.basic_ack(arrived.delivery_tag)

    async def give_back(self, arrived: Arrived) -> None:
        """Put a message back into its queue; it comes again."""
        await self._channel.basic_nack(arrived.delivery_tag, requeue=True)

    async def _receive(self, message: DeliveredMessage) -> None:
        deliver, properties = message.delivery, message.header.properties
        if not isinstance(deliver, aiormq.spec.Basic.Deliver):
            return
        headers: dict[str, Any] = dict(properties.headers or {})
        count = headers.get("x-delivery-count", 0)
        self._arrived.put_nowait(
            Arrived(
                body=message.body,
                routing_key=deliver.routing_key or "",
                delivery_tag=deliver.delivery_tag or 0,
                tries=count if isinstance(count, int) else 0,
                user_id=properties.user_id,
                message_id=properties.message_id,
                correlation_id=properties.correlation_id,
                reply_to=properties.reply_to,
                content_type=properties.content_type,
                content_encoding=properties.content_encoding,
                headers=headers,
            )
        )


async def _run(work: Callable[[Arrived], Awaitable[None]], arrived: Arrived) -> None:
    await work(arrived)
