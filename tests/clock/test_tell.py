"""What a queue was not told, it is told from the records; a queue that takes nothing is spared."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from axis.bus.connection import connected, open_channel
from axis.bus.notices import DeliveryNotice, parse_notice
from axis.bus.topology import (
    DELIVERY_EXCHANGE,
    declare_system_queues,
    declare_topology,
    system_queue,
)
from axis.clock.process import Clock
from axis.clock.requeue import requeue
from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.ledger.events import Event
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.settings import ClockSettings
from axis.store.deliveries import deliveries_of
from axis.store.engine import transaction
from axis.store.health import healths
from axis.store.ledger import entries_of
from tests.clock.papers import put
from tests.relay.installation import Installation
from tests.relay.papers import G22, H41, document, package
from tests.relay.test_pipeline import queue_depth

QUEUE = system_queue("nghean", Lane.NORMAL)
T = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


class Time:
    """A clock that the test sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def clock_of(axis: Installation, time: Time, **settings: object) -> Clock:
    own = ClockSettings(retry_first_s=10, breaker_after=2, tries=3, **settings)  # type: ignore[arg-type]
    return Clock(axis.engine, structs.replace(axis.settings, clock=own), axis.sealer, clock=time)


def states(axis: Installation, packages: list) -> list[State]:
    with transaction(axis.engine) as connection:
        return [one.state for one in deliveries_of(connection, packages)]


async def told(axis: Installation) -> list:
    """Take all notices out of the queue."""
    found = []
    async with connected(axis.settings.amqp.url, name="test") as connection:
        channel = await open_channel(connection, confirms=False)
        while True:
            message = await channel.basic_get(QUEUE, no_ack=True)
            if not message.body:
                return found
            notice = parse_notice(message.body, queue=QUEUE)
            assert isinstance(notice, DeliveryNotice)
            found.append(notice.delivery_id)


async def full_queue(axis: Installation, room: int) -> None:
    """Make the system's queue one that takes only a few notices."""
    async with connected(axis.settings.amqp.url, name="test") as connection:
        channel = await open_channel(connection, confirms=False)
        await declare_topology(channel)
        await declare_system_queues(channel, ["nghean"])
        await channel.queue_delete(QUEUE)
        arguments = {
            "x-queue-type": "classic",
            "x-max-length": room,
            "x-overflow": "reject-publish",
        }
        await channel.queue_declare(QUEUE, durable=True, arguments=arguments)
        await channel.queue_bind(QUEUE, DELIVERY_EXCHANGE, routing_key=QUEUE)


async def test_what_was_offered_is_marked_with_the_next_batch_or_soon_after(
    axis: Installation,
) -> None:
    async with axis.running():
        ticket = await axis.submit(axis.sign(G22, package(document())), system="vpcp")
        await axis.verdict(ticket.package_id)
        async with asyncio.timeout(120):
            while states(axis, [ticket.package_id]) != [State.OFFERED]:
                await asyncio.sleep(0.05)


async def test_a_queue_that_was_not_told_is_told_after_a_while_and_only_once(
    axis: Installation,
) -> None:
    deliveries = put(axis, 30, at=T)
    packages = [one.package_id for one in deliveries]
    time = Time(T + timedelta(seconds=30))
    clock = clock_of(axis, time)
    assert await clock.tell() == 0
    time.at = T + timedelta(seconds=61)
    assert await clock.tell() == 30
    assert await clock.tell() == 0
    assert set(await told(axis)) == {one.id for one in deliveries}
    assert set(states(axis, packages)) == {State.OFFERED}


async def test_an_empty_queue_is_told_again_of_what_nobody_confirmed(
    axis_on_postgresql: Installation,
) -> None:
    axis = axis_on_postgresql
    (delivery,) = put(axis, 1, at=T)
    time = Time(T + timedelta(minutes=2))
    clock = clock_of(axis, time)
    assert await clock.tell() == 1
    time.at += timedelta(hours=7)
    assert await clock.tell() == 0, "the notice still stands in the queue"
    for _ in range(3):
        assert await told(axis) == [delivery.id]
        assert await clock.tell() == 1
        time.at += timedelta(hours=7)
    assert states(axis, [delivery.package_id]) == [State.PARKED]
    with transaction(axis.engine) as connection:
        (parked,) = deliveries_of(connection, [delivery.package_id])
        (entry,) = entries_of(connection, [delivery.package_id])
    assert parked.held_reason == "not-confirmed"
    assert Event.CONSIGNMENT_PARKED in entry.leaf.decode()


async def test_a_full_queue_is_tried_less_and_less_then_parked_then_released(
    axis: Installation,
) -> None:
    await full_queue(axis, 2)
    deliveries = put(axis, 6, at=T)
    packages = [one.package_id for one in deliveries]
    time = Time(T + timedelta(minutes=2))
    clock = clock_of(axis, time)

    async def tell() -> int:
        from axis.bus.publisher import Publisher
        from axis.clock.tell import Teller

        async with connected(axis.settings.amqp.url, name="test") as connection:
            channel = await open_channel(connection, confirms=True)
            return await Teller(
                engine=axis.engine,
                publisher=Publisher(channel, window=1, timeout_s=10),
                channel=channel,
                sealer=axis.sealer,
                settings=clock._settings.clock,
                clock=time,
                chance=lambda: 0.5,
            ).round(["nghean"])

    assert await tell() == 2
    with transaction(axis.engine) as connection:
        assert healths(connection)["nghean"].failures == 1
    assert await tell() == 0, "the wait is not over"
    for _ in range(8):
        time.at += timedelta(hours=2)
        assert await tell() == 0
    assert states(axis, packages).count(State.PARKED) == 4
    assert len(await told(axis)) == 2
    for _ in range(6):
        time.at += timedelta(hours=2)
        await tell()
        await told(axis)
    with transaction(axis.engine) as connection:
        assert healths(connection) == {}
    assert states(axis, packages) == [State.OFFERED] * 6


async def test_the_notices_wiped_out_of_rabbitmq_come_back_ten_thousand_of_them(
    axis_on_postgresql: Installation, rabbitmq: PrivateRabbitMQ
) -> None:
    axis = axis_on_postgresql
    deliveries = put(axis, 10_000, at=T)
    now = datetime.now(UTC)
    first = await requeue(axis.engine, axis.settings.amqp, ["nghean"], clock=lambda: now)
    assert (first[0].told, first[0].untold) == (10_000, 0)
    name = axis.settings.amqp.url.rsplit("/", 1)[-1]
    rabbitmq.delete_vhost(name)
    rabbitmq.add_vhost(name)
    again = await requeue(axis.engine, axis.settings.amqp, ["nghean"], clock=lambda: now)
    assert again[0].told == 10_000
    assert sorted(await told(axis)) == sorted(one.id for one in deliveries)
    # Service is back: the next document goes all the way.
    async with axis.running():
        ticket = await axis.submit(axis.sign(G22, package(document(to=(H41,)))), system="vpcp")
        assert (await axis.verdict(ticket.package_id)).accepted
        async with asyncio.timeout(120):
            while await queue_depth(axis, QUEUE) != 1:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("state", [State.HELD, State.PARKED])
async def test_what_is_set_aside_is_not_told(axis_on_postgresql: Installation, state) -> None:
    axis = axis_on_postgresql
    put(axis, 1, at=T, state=state, held_reason="by-operator")
    assert await clock_of(axis, Time(T + timedelta(days=1))).tell() == 0
