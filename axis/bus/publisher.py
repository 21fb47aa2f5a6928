"""Publishes notices with confirms, many at once, and says of each whether RabbitMQ has it.

Measured on RabbitMQ 3.10: an unroutable notice is confirmed like any other unless it is published
``mandatory``, and a memory or disk alarm makes a publish hang without an error. Hence: always
mandatory, always a time-out, and a window of confirms instead of one after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from aiormq.channel import Channel
from pamqp import commands

from axis.bus.connection import GONE
from axis.bus.errors import PublishUnconfirmedError

PERSISTENT: Final = 2


class Publisher:
    """A channel with confirms and a window."""

    def __init__(self, channel: Channel, *, window: int, timeout_s: float) -> None:
        self._channel = channel
        self._window = asyncio.Semaphore(window)
        self._timeout_s = timeout_s

    async def publish(
        self, body: bytes, *, routing_key: str, exchange: str = "", message_id: str | None = None
    ) -> None:
        """Publish one persistent notice and wait until RabbitMQ has it.

        Raises:
            PublishUnconfirmedError: refused, returned as unroutable, or not confirmed in time.
        """
        properties = commands.Basic.Properties(
            delivery_mode=PERSISTENT, content_type="application/json", message_id=message_id
        )
        async with self._window:
            try:
                await self._channel.basic_publish(
                    body,
                    exchange=exchange,
                    routing_key=routing_key,
                    properties=properties,
                    mandatory=True,
                    timeout=self._timeout_s,
                    wait=False,
                )
            except (*GONE, TimeoutError) as error:
                reason = str(error) or type(error).__name__
                raise PublishUnconfirmedError(routing_key=routing_key, reason=reason) from error

    async def publish_all(
        self, notices: Iterable[tuple[str, str, bytes]]
    ) -> Sequence[PublishUnconfirmedError | None]:
        """Publish ``(exchange, routing key, body)``; return in order each one's failure or None."""

        async def one(
            exchange: str, routing_key: str, body: bytes
        ) -> PublishUnconfirmedError | None:
            try:
                await self.publish(body, exchange=exchange, routing_key=routing_key)
            except PublishUnconfirmedError as error:
                return error
            return None

        return await asyncio.gather(*(one(*notice) for notice in notices))

    async def tell(self, body: bytes, *, routing_key: str) -> None:
        """Publish a notice that may be lost: whoever waits for it also looks into the records."""
        with suppress(*GONE, TimeoutError):
            await self._channel.basic_publish(
                body,
                routing_key=routing_key,
                properties=commands.Basic.Properties(content_type="application/json"),
                timeout=self._timeout_s,
                wait=False,
            )
