"""The demo's systems over AMQP: an account each, as ``axis system provision`` makes it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from adapters.amqp.management import Management
from adapters.amqp.names import EVENTS, IN_EXCHANGE, account_of, deliveries_queue, url_of
from adapters.amqp.provision import Account, apply_steps, new_password, plan_account
from adapters.amqp.topology import declare_account
from adapters.demo.country import SYSTEMS
from axis.bus.connection import connected, open_channel
from axis.delivery.lanes import Lane
from axis.settings import Settings

_PASSWORDS: Final[dict[str, str]] = {}


def prepare(settings: Settings) -> None:
    """Give each system its account."""
    with Management(settings.hub.management) as management:
        for system in SYSTEMS:
            password = _PASSWORDS[system.system_id] = new_password()
            account = Account(
                name=account_of(system.system_id), axis_user=management.user, password=password
            )
            apply_steps(management, plan_account(management, account))
            asyncio.run(_declare(settings, account.name))


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[AmqpDoor]:
    """Connect every system."""
    async with AsyncExitStack() as stack:
        lines = {}
        for system in SYSTEMS:
            user = account_of(system.system_id)
            parts = urlsplit(settings.amqp.url)
            name, password = quote(user, safe=""), _PASSWORDS[system.system_id]
            connection = await aio_pika.connect(
                f"amqp://{name}:{password}@{parts.hostname}:{parts.port}/{name}"
            )
            await stack.enter_async_context(connection)
            lines[system.system_id] = _Line(user, await connection.channel())
            await lines[system.system_id].open()
        yield AmqpDoor(lines)


class AmqpDoor:
    """Speaks AMQP as docs/integrate/amqp.md says."""

    def __init__(self, lines: dict[str, _Line]) -> None:
        self._lines = lines

    async def send(self, system_id: str, package: bytes) -> bool:
        """Submit and wait for the event."""
        event = await self._lines[system_id].say("submit", package, "application/xml")
        return bool(event.type == "accepted")

    async def receive(self, system_id: str, count: int) -> list[tuple[UUID, bytes]]:
        """Take so many notices, fetch the bytes and confirm."""
        line, received = self._lines[system_id], []
        for _ in range(count):
            notice = await line.deliveries.get()
            delivery = json.loads(notice.body)
            name, body = delivery["delivery_id"], b""
            while len(body) < delivery["size_bytes"]:
                body += (await line.ask("fetch", delivery_id=name, offset=len(body))).body
            await line.ask("confirm", delivery_id=name)
            await notice.ack()
            received.append((UUID(name), body))
        return received


class _Line:
    """One system's connection; answers find who waits for them by their name."""

    def __init__(self, user: str, channel: Any) -> None:
        self.deliveries: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        self._user = user
        self._channel = channel
        self._waiting: dict[str, asyncio.Future[AbstractIncomingMessage]] = {}

    async def open(self) -> None:
        """Begin to consume."""
        self._inward = await self._channel.get_exchange(IN_EXCHANGE, ensure=False)
        for name in (EVENTS, "amq.rabbitmq.reply-to"):
            queue = await self._channel.get_queue(name, ensure=False)
            await queue.consume(self._answered, no_ack=True)
        for lane in Lane:
            queue = await self._channel.get_queue(deliveries_queue(lane), ensure=False)
            await queue.consume(self.deliveries.put)

    async def ask(self, request: str, **fields: object) -> AbstractIncomingMessage:
        """Make a request."""
        body = json.dumps(fields).encode()
        return await self.say(f"request.{request}", body, "application/json")

    async def say(self, key: str, body: bytes, content_type: str) -> AbstractIncomingMessage:
        """Publish and wait for what comes back."""
        name = str(uuid4())
        self._waiting[name] = asyncio.get_running_loop().create_future()
        message = aio_pika.Message(
            body,
            message_id=name,
            user_id=self._user,
            content_type=content_type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            reply_to=None if key == "submit" else "amq.rabbitmq.reply-to",
        )
        await self._inward.publish(message, routing_key=key)
        try:
            return await self._waiting[name]
        finally:
            del self._waiting[name]

    async def _answered(self, message: AbstractIncomingMessage) -> None:
        waiting = self._waiting.get(message.correlation_id or "")
        if waiting is not None and not waiting.done():
            waiting.set_result(message)


async def _declare(settings: Settings, vhost: str) -> None:
    async with connected(url_of(settings.amqp.url, vhost), name="axis demo") as connection:
        await declare_account(await open_channel(connection, confirms=False))
