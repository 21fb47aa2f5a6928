"""The AMQP door in tests: accounts, a hub inside the test, and a system that speaks AMQP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import aio_pika
import aiormq
from aio_pika.abc import AbstractIncomingMessage

from adapters.amqp.hub import Hub
from adapters.amqp.management import Management
from adapters.amqp.names import EVENTS, IN_EXCHANGE, account_of, deliveries_queue, url_of
from adapters.amqp.provision import (
    Account,
    apply_steps,
    new_password,
    plan_account,
    plan_removal,
)
from adapters.amqp.rooms import Rooms
from adapters.amqp.topology import declare_account
from axis.bus.connection import connected, open_channel
from axis.delivery.lanes import Lane
from axis.directory.systems import plan_set
from axis.directory.values import ReceivesBy
from axis.gateway.calls import Calls
from axis.store.directory_changes import change_directory
from tests.relay.installation import Installation

TIMEOUT_S = 30


@dataclass
class Door:
    """An axis with the AMQP door."""

    axis: Installation
    management: Management
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        return self.axis.settings.hub.prefix

    def account(self, system_id: str) -> str:
        return account_of(system_id, self.prefix)

    def url(self, system_id: str, *, vhost: str | None = None) -> str:
        """Where a system connects, with its own user."""
        port = urlsplit(self.axis.settings.amqp.url).port
        name = quote(self.account(system_id), safe="")
        host = quote(vhost or self.account(system_id), safe="")
        return f"amqp://{name}:{self.passwords[system_id]}@127.0.0.1:{port}/{host}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Hub]:
        """Run a hub and a relay inside the test."""
        async with serving(self.axis) as hub, self.axis.running():
            yield hub

    @asynccontextmanager
    async def system(self, system_id: str) -> AsyncIterator[System]:
        """Connect as a system."""
        connection = await aio_pika.connect(self.url(system_id))
        async with connection:
            channel = await connection.channel(publisher_confirms=True)
            system = System(self.account(system_id), channel)
            await system.open()
            yield system


class System:
    """What an eOffice does over AMQP, in the words of docs/integrate/amqp.md."""

    def __init__(self, user: str, channel: Any) -> None:
        self.user = user
        self.channel = channel
        self.events: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        self.deliveries: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        self.replies: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        self._count = 0

    async def open(self) -> None:
        self.inward = await self.channel.get_exchange(IN_EXCHANGE, ensure=False)
        for name, inbox in (
            (EVENTS, self.events),
            *((deliveries_queue(lane), self.deliveries) for lane in Lane),
        ):
            queue = await self.channel.get_queue(name, ensure=False)
            await queue.consume(inbox.put)
        replies = await self.channel.get_queue("amq.rabbitmq.reply-to", ensure=False)
        await replies.consume(self.replies.put, no_ack=True)

    async def publish(self, key: str, body: bytes, **properties: Any) -> str:
        self._count += 1
        name = properties.pop("message_id", f"m{self._count}")
        values = {"user_id": self.user, "content_type": "application/xml"} | properties
        message = aio_pika.Message(
            body,
            message_id=name,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            **values,
        )
        await self.inward.publish(message, routing_key=key)
        return name

    async def submit(self, package: bytes, **properties: Any) -> str:
        return await self.publish("submit", package, **properties)

    async def ask(self, request: str, **fields: Any) -> AbstractIncomingMessage:
        """Ask and wait for the answer."""
        await self.publish(
            f"request.{request}",
            json.dumps(fields).encode(),
            content_type="application/json",
            reply_to="amq.rabbitmq.reply-to",
        )
        async with asyncio.timeout(TIMEOUT_S):
            return await self.replies.get()

    async def event(self) -> tuple[dict[str, Any], AbstractIncomingMessage]:
        async with asyncio.timeout(TIMEOUT_S):
            message = await self.events.get()
        await message.ack()
        return json.loads(message.body), message

    async def delivery(self) -> tuple[dict[str, Any], AbstractIncomingMessage]:
        async with asyncio.timeout(TIMEOUT_S):
            message = await self.deliveries.get()
        return json.loads(message.body), message

    async def fetch(self, delivery: dict[str, Any]) -> bytes:
        """Fetch a delivery, piece by piece."""
        body = b""
        while len(body) < delivery["size_bytes"]:
            piece = await self.ask("fetch", delivery_id=delivery["delivery_id"], offset=len(body))
            assert piece.type == "piece", piece.body
            body += piece.body
        return body


@asynccontextmanager
async def serving(axis: Installation) -> AsyncIterator[Hub]:
    """Run a hub inside the test."""
    rooms = Rooms(
        settings=axis.settings,
        engine=axis.engine,
        bodies=axis.bodies,
        sealer=axis.sealer,
        calls=Calls(axis.engine),
    )
    hub = Hub(rooms)
    stop = asyncio.Event()
    task = asyncio.create_task(hub.run(stop))
    try:
        yield hub
    finally:
        stop.set()
        await task


def add_account(door: Door, system_id: str) -> None:
    """Let a system receive by AMQP and give it its account, as ``axis system provision`` does."""
    change_directory(
        door.axis.engine,
        lambda directory: plan_set(directory, system_id, receives_by=ReceivesBy.AMQP),
        kind="system",
        by="test",
        at=datetime.now(UTC),
    )
    password = new_password()
    account = Account(
        name=door.account(system_id), axis_user=door.management.user, password=password
    )
    apply_steps(door.management, plan_account(door.management, account))
    door.passwords[system_id] = password

    async def declare() -> None:
        url = url_of(door.axis.settings.amqp.url, account.name)
        async with connected(url, name="test") as connection:
            await declare_account(await open_channel(connection, confirms=False))

    asyncio.run(declare())


def remove_account(door: Door, system_id: str) -> None:
    """End an account."""
    apply_steps(door.management, plan_removal(door.management, door.account(system_id)))


async def refused(work: Callable[[], Any]) -> str:
    """Return how RabbitMQ says no, or "" where it does not."""
    try:
        await work()
    except (aiormq.exceptions.AMQPError, ConnectionError) as error:
        return type(error).__name__
    return ""
