"""What each system's user may do in a real RabbitMQ: its own, and nothing of anybody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import aiormq
import httpx
import pytest
from aiormq.channel import Channel
from pamqp import commands

from adapters.amqp.names import (
    EVENTS,
    IN_EXCHANGE,
    OUT_EXCHANGE,
    PARKED,
    PARKING_EXCHANGE,
    REQUESTS,
    SUBMISSIONS,
    deliveries_queue,
)
from adapters.amqp.permissions import USER_LIMITS
from axis.bus.topology import DELIVERY_EXCHANGE, INTAKE_QUEUE, PARKED_QUEUE, system_queue
from axis.delivery.lanes import Lane
from tests.amqp.door import Door
from tests.relay.installation import SYSTEMS

Operation = Callable[[Channel, str], Awaitable[Any]]

QUEUES = (
    EVENTS,
    SUBMISSIONS,
    REQUESTS,
    PARKED,
    *(deliveries_queue(lane) for lane in Lane),
    INTAKE_QUEUE,
    PARKED_QUEUE,
)
EXCHANGES = (IN_EXCHANGE, OUT_EXCHANGE, PARKING_EXCHANGE, DELIVERY_EXCHANGE, "amq.topic", "")

#: What can be done with a queue and with an exchange.
ON_QUEUES: dict[str, Operation] = {
    "declare": lambda c, name: c.queue_declare(name, durable=True),
    "delete": lambda c, name: c.queue_delete(name),
    "purge": lambda c, name: c.queue_purge(name),
    "consume": lambda c, name: c.basic_consume(name, _ignore),
    "get": lambda c, name: c.basic_get(name),
    "bind": lambda c, name: c.queue_bind(name, "amq.topic", routing_key="#"),
    "unbind": lambda c, name: c.queue_unbind(name, IN_EXCHANGE, routing_key="submit"),
}
ON_EXCHANGES: dict[str, Operation] = {
    "declare": lambda c, name: c.exchange_declare(name, exchange_type="topic", durable=True),
    "delete": lambda c, name: c.exchange_delete(name),
    "publish": lambda c, name: c.basic_publish(b"x", exchange=name, routing_key="event"),
    "bind": lambda c, name: c.exchange_bind(name, "amq.fanout", routing_key="#"),
}

#: All that a system may do: consume its three queues (and thereby get and, never, purge).
ALLOWED = {
    (operation, queue)
    for queue in (EVENTS, *(deliveries_queue(lane) for lane in Lane))
    for operation in ("consume", "get", "purge")
}


async def test_no_system_enters_the_virtual_host_of_another_or_of_the_axis(door: Door):
    tried = 0
    axis_vhost = urlsplit(door.axis.settings.amqp.url).path.lstrip("/")
    for system_id in SYSTEMS:
        elsewhere = [door.account(other) for other in SYSTEMS if other != system_id]
        for vhost in (*elsewhere, axis_vhost, "/"):
            with pytest.raises((aiormq.exceptions.AMQPError, ConnectionError)):
                await aiormq.connect(door.url(system_id, vhost=vhost))
            tried += 1
        connection = await aiormq.connect(door.url(system_id))
        await connection.close()
    assert tried == len(SYSTEMS) * (len(SYSTEMS) + 1)


async def test_a_system_meets_nothing_of_another_by_any_operation(door: Door):
    """Threat 20: in a virtual host of its own, what is another's cannot even be named.

    Every system × every other: its queues with the axis, and queues and exchanges under the names
    that the other has, each by every operation.
    """
    refused = 0
    for system_id in SYSTEMS:
        connection = await aiormq.connect(door.url(system_id))
        for other in SYSTEMS:
            names = [system_queue(other, lane) for lane in Lane] + [door.account(other)]
            if other != system_id:
                names += [f"{door.account(other)}.events"]
            for name in names:
                for operation in (*ON_QUEUES.values(), _passive_queue):
                    assert await _refusal(connection, operation, name)
                    refused += 1
                for operation in (*ON_EXCHANGES.values(), _passive_exchange):
                    assert await _refusal(connection, operation, name)
                    refused += 1
        await connection.close()
    assert refused > 250


async def test_a_system_may_do_with_its_own_exactly_what_is_written(door: Door):
    connection = await aiormq.connect(door.url("vpcp"))
    done, odd = set(), []
    for queue in QUEUES:
        for name, operation in ON_QUEUES.items():
            refusal = await _refusal(connection, operation, queue)
            if not refusal:
                done.add((name, queue))
            elif not refusal.startswith(("ACCESS_REFUSED", "NOT_FOUND")):
                odd.append((name, queue, refusal))
    for exchange in EXCHANGES:
        for name, operation in ON_EXCHANGES.items():
            refusal = await _refusal(connection, operation, exchange)
            if not refusal:
                done.add((name, exchange))
    await connection.close()
    assert done == ALLOWED
    assert odd == []


@pytest.mark.parametrize(
    ("key", "may"),
    [
        ("submit", True),
        ("request.fetch", True),
        ("request.confirm", True),
        ("request.refuse", True),
        ("request.receipt", True),
        ("event", False),
        ("request.other", False),
        ("submit.more", False),
        ("#", False),
        ("", False),
    ],
)
async def test_a_system_publishes_under_the_keys_of_the_door_only(door: Door, key: str, may: bool):
    connection = await aiormq.connect(door.url("vpcp"))
    channel = await connection.channel(publisher_confirms=True)

    async def publish(channel: Channel, _name: str) -> object:
        return await channel.basic_publish(
            b"x", exchange=IN_EXCHANGE, routing_key=key, mandatory=True
        )

    assert (await _refusal(connection, publish, "") == "") is may
    await channel.close()
    await connection.close()


async def test_a_message_with_the_user_id_of_another_is_refused_by_the_broker(door: Door):
    for system_id in SYSTEMS:
        connection = await aiormq.connect(door.url(system_id))
        others = [door.account(other) for other in SYSTEMS if other != system_id]
        for claimed in (*others, door.management.user, "guest", ""):
            properties = commands.Basic.Properties(user_id=claimed)

            async def publish(
                channel: Channel, _name: str, properties: object = properties
            ) -> object:
                return await channel.basic_publish(
                    b"x",
                    exchange=IN_EXCHANGE,
                    routing_key="submit",
                    properties=properties,  # type: ignore[arg-type]
                )

            if claimed:
                refusal = await _refusal(connection, publish, "")
                assert refusal.startswith("PRECONDITION_FAILED"), refusal
        await connection.close()


async def test_a_user_of_a_system_administers_nothing(door: Door):
    base = urlsplit(door.axis.settings.hub.management)
    async with httpx.AsyncClient(trust_env=False) as client:
        for path in ("overview", "vhosts", "users", "queues", "connections", "definitions"):
            answer = await client.get(
                f"http://127.0.0.1:{base.port}/api/{path}",
                auth=(door.account("vpcp"), door.passwords["vpcp"]),
            )
            assert answer.status_code == 401


async def test_a_wrong_password_and_another_systems_password_open_nothing(door: Door):
    for system_id in SYSTEMS:
        for other in SYSTEMS:
            wrong = door.passwords[other] if other != system_id else "wrong"
            url = door.url(system_id).replace(door.passwords[system_id], wrong)
            with pytest.raises((aiormq.exceptions.AMQPError, ConnectionError)):
                await aiormq.connect(url)


async def test_a_system_cannot_take_all_connections(door: Door):
    connections = [
        await aiormq.connect(door.url("vpcp")) for _ in range(USER_LIMITS["max-connections"])
    ]
    with pytest.raises((aiormq.exceptions.AMQPError, ConnectionError)):
        await aiormq.connect(door.url("vpcp"))
    await asyncio.gather(*(connection.close() for connection in connections))


async def _passive_queue(channel: Channel, name: str) -> object:
    return await channel.queue_declare(name, passive=True)


async def _passive_exchange(channel: Channel, name: str) -> object:
    return await channel.exchange_declare(name, passive=True)


async def _refusal(connection: Any, operation: Operation, name: str) -> str:
    """Return how RabbitMQ says no to an operation, or "" where it does it."""
    channel = await connection.channel(publisher_confirms=True)
    try:
        async with asyncio.timeout(120):
            await operation(channel, name)
    except aiormq.exceptions.AMQPError as error:
        return str(error) or type(error).__name__
    finally:
        if not channel.is_closed:
            await channel.close()
    return ""


async def _ignore(_message: object) -> None:
    """Nothing comes."""
