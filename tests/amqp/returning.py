"""Gives a message back to its queue again and again, as a worker does that dies of it."""

from __future__ import annotations

import asyncio

import aiormq

from adapters.amqp.names import SUBMISSIONS, url_of
from axis.bus.connection import connected, open_channel
from tests.amqp.door import Door


async def return_until(door: Door, system_id: str, tries: int) -> None:
    """Return the first submission until RabbitMQ has counted ``tries``."""
    url = url_of(door.axis.settings.amqp.url, door.account(system_id))
    async with connected(url, name="test") as connection, asyncio.timeout(120):
        channel = await open_channel(connection, confirms=False)
        count = 0
        while count < tries:
            message = await channel.basic_get(SUBMISSIONS)
            if not isinstance(message.delivery, aiormq.spec.Basic.GetOk):
                continue
            await channel.basic_nack(message.delivery.delivery_tag or 0, requeue=True)
            count += 1
