"""The AMQP door, for the contract suite."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from msgspec import structs

from adapters.amqp.management import Management
from adapters.amqp.names import EVENTS, IN_EXCHANGE, deliveries_queue
from axis.delivery.lanes import Lane
from axis.settings import LimitSettings
from tests.amqp.door import Door as Hub
from tests.amqp.door import add_account, remove_account, serving
from tests.amqp.halves import publish_half
from tests.doors.door import Door, DoorError, Listed, Outcome, Sent
from tests.relay.installation import SYSTEMS, Installation

TIMEOUT_S = 30


class Line:
    """One system's connection; answers and events find who waits for them by their name."""

    def __init__(self, user: str, channel: Any) -> None:
        self.user = user
        self.channel = channel
        self.told: dict[str, AbstractIncomingMessage] = {}  #: notices that were not acknowledged
        self._waiting: dict[str, asyncio.Future[AbstractIncomingMessage]] = {}
        self._names = count()

    async def open(self) -> None:
        self.inward = await self.channel.get_exchange(IN_EXCHANGE, ensure=False)
        for name in (EVENTS, "amq.rabbitmq.reply-to"):
            queue = await self.channel.get_queue(name, ensure=False)
            await queue.consume(self._answered, no_ack=True)
        for lane in Lane:
            queue = await self.channel.get_queue(deliveries_queue(lane), ensure=False)
            await queue.consume(self._told)

    async def say(self, key: str, body: bytes, content_type: str) -> AbstractIncomingMessage:
        """Publish and wait for what comes back."""
        name = f"{key}-{next(self._names)}"
        self._waiting[name] = asyncio.get_running_loop().create_future()
        message = aio_pika.Message(
            body,
            message_id=name,
            user_id=self.user,
            content_type=content_type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            reply_to="amq.rabbitmq.reply-to" if key != "submit" else None,
        )
        await self.inward.publish(message, routing_key=key)
        async with asyncio.timeout(TIMEOUT_S):
            return await self._waiting[name]

    async def ask(self, request: str, **fields: Any) -> AbstractIncomingMessage:
        """Make a request.

        Raises:
            DoorError: it was refused.
        """
        body = json.dumps(fields).encode()
        answer = await self.say(f"request.{request}", body, "application/json")
        if answer.type == "request-refused":
            raise DoorError(json.loads(answer.body)["why"]["code"])
        return answer

    async def _answered(self, message: AbstractIncomingMessage) -> None:
        waiting = self._waiting.get(message.correlation_id or "")
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    async def _told(self, message: AbstractIncomingMessage) -> None:
        known = self.told.get(message.message_id or "")
        if known is None:
            self.told[message.message_id or ""] = message
        else:
            await message.ack()


class AmqpDoor(Door):
    """Speaks AMQP as docs/integrate/amqp.md says."""

    unknown = "delivery.unknown"
    oversize = "amqp.inline-too-large"

    def __init__(self, hub: Hub, lines: dict[str, Line]) -> None:
        self.axis = hub.axis
        self._hub = hub
        self._lines = lines

    async def submit(self, package: bytes, *, system: str | None = None) -> Sent:
        event = await self._lines[system or self.sender].say("submit", package, "application/xml")
        said = json.loads(event.body)
        if said["type"] == "accepted":
            return Sent(outcome=Outcome.ACCEPTED, package=said["package_id"])
        outcome = Outcome.LATER if said["why"]["fault"] == "outage" else Outcome.REFUSED
        return Sent(outcome=outcome, code=said["why"]["code"])

    async def submit_half(self, package: bytes) -> None:
        await publish_half(self._hub, self.sender, package)

    async def mailbox(self, *, system: str | None = None) -> list[Listed]:
        """What was told and not confirmed, once as much was told as waits by the records."""
        name = system or self.receiver
        line = self._lines[name]
        waits = f"system_id = '{name}' and state in ('routed', 'fetched')"
        async with asyncio.timeout(TIMEOUT_S):
            while len(line.told) != self.axis.count("delivery", waits):
                await asyncio.sleep(0.02)
        told = [json.loads(message.body) for message in line.told.values()]
        return [Listed(id=one["delivery_id"], address=one["address"]) for one in told]

    async def fetch(self, delivery: str, *, system: str | None = None) -> bytes:
        line, body = self._lines[system or self.receiver], b""
        while True:
            piece = await line.ask("fetch", delivery_id=delivery, offset=len(body))
            body += piece.body
            if len(body) >= int(str(piece.headers["size_bytes"])):
                return body

    async def confirm(self, delivery: str, *, system: str | None = None) -> None:
        line = self._lines[system or self.receiver]
        await line.ask("confirm", delivery_id=delivery)
        notice = line.told.pop(delivery, None)
        if notice is not None:
            await notice.ack()


@asynccontextmanager
async def open_amqp(axis: Installation, *, package_bytes: int) -> AsyncIterator[Door]:
    """Open the door beside a relay that the suite runs; ``package_bytes`` is the limit."""
    axis.settings = structs.replace(
        axis.settings,
        limits=LimitSettings(package_bytes=package_bytes),
        hub=structs.replace(
            axis.settings.hub,
            inline_bytes=package_bytes,
            piece_bytes=100_000,
            held_s=0.0,
            receipt_s=0.1,
            refresh_s=0.1,
        ),
    )
    with Management(axis.settings.hub.management) as management:
        hub = Hub(axis=axis, management=management)
        for system_id in SYSTEMS:
            await asyncio.to_thread(add_account, hub, system_id)
        try:
            async with serving(axis), AsyncExitStack() as stack:
                lines = {}
                for system_id in SYSTEMS:
                    connection = await aio_pika.connect(hub.url(system_id))
                    await stack.enter_async_context(connection)
                    line = Line(hub.account(system_id), await connection.channel())
                    await line.open()
                    lines[system_id] = line
                yield AmqpDoor(hub, lines)
        finally:
            for system_id in SYSTEMS:
                await asyncio.to_thread(remove_account, hub, system_id)
