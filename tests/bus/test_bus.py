"""The carriage, against a real RabbitMQ."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from aiormq.abc import ChannelFrame
from aiormq.channel import Channel

from axis.bus.connection import connected, open_channel
from axis.bus.consumer import BatchConsumer, Taken
from axis.bus.errors import BusUnavailableError, NoticeUnreadableError, PublishUnconfirmedError
from axis.bus.notices import IntakeNotice, encode_notice, parse_notice
from axis.bus.publisher import Publisher
from axis.bus.topology import (
    DELIVERY_EXCHANGE,
    INTAKE_QUEUE,
    PARKED_QUEUE,
    UNROUTED_QUEUE,
    declare_system_queues,
    declare_topology,
    system_queue,
)
from axis.delivery.lanes import Lane


@asynccontextmanager
async def channels(url: str) -> AsyncIterator[tuple[Channel, Channel]]:
    async with connected(url, name="test") as connection:
        publishing = await open_channel(connection, confirms=True)
        await declare_topology(publishing)
        yield publishing, await open_channel(connection, confirms=False)


async def take(
    channel: Channel, queue: str, count: int, *, size: int = 100
) -> tuple[BatchConsumer, list[list[Taken]]]:
    consumer = BatchConsumer(channel, queue, prefetch=500)
    await consumer.start()
    batches: list[list[Taken]] = []
    async with asyncio.timeout(120):
        async for batch in consumer.batches(size=size, gather_s=0.05, stop=asyncio.Event()):
            batches.append(list(batch))
            if sum(map(len, batches)) >= count:
                break
    return consumer, batches


async def depth(channel: Channel, queue: str) -> int:
    answer = await channel.queue_declare(queue, passive=True)
    return answer.message_count or 0


async def until_depth(channel: Channel, queue: str, expected: int) -> None:
    async with asyncio.timeout(120):
        while await depth(channel, queue) != expected:
            await asyncio.sleep(0.05)


def publisher(channel: Channel, timeout_s: float = 10.0) -> Publisher:
    return Publisher(channel, window=50, timeout_s=timeout_s)


async def test_many_notices_are_confirmed_and_taken_in_order(amqp_url: str) -> None:
    async with channels(amqp_url) as (publishing, consuming):
        bodies = [str(number).encode() for number in range(300)]
        results = await publisher(publishing).publish_all(
            ("", INTAKE_QUEUE, body) for body in bodies
        )
        assert results == [None] * 300
        _, batches = await take(consuming, INTAKE_QUEUE, 300)
        assert [taken.body for batch in batches for taken in batch] == bodies
        assert max(map(len, batches)) <= 100


async def test_a_notice_that_no_queue_takes_is_a_failure_not_a_confirmation(amqp_url: str) -> None:
    async with channels(amqp_url) as (publishing, _):
        with pytest.raises(PublishUnconfirmedError) as caught:
            await publisher(publishing).publish(b"x", routing_key="nobody")
        assert caught.value.code == "bus.publish-unconfirmed"


async def test_a_delivery_to_a_system_without_queues_is_kept_and_seen(amqp_url: str) -> None:
    async with channels(amqp_url) as (publishing, _):
        key = system_queue("absent", Lane.NORMAL)
        await publisher(publishing).publish(b"x", exchange=DELIVERY_EXCHANGE, routing_key=key)
        await until_depth(publishing, UNROUTED_QUEUE, 1)


async def test_a_full_queue_refuses_and_keeps_what_it_confirmed(amqp_url: str) -> None:
    async with channels(amqp_url) as (publishing, _):
        await publishing.queue_declare(
            "short",
            durable=True,
            arguments={
                "x-queue-type": "quorum",
                "x-max-length": 5,
                "x-overflow": "reject-publish",
            },
        )
        confirmed = 0
        refused = 0
        for _ in range(40):
            try:
                await publisher(publishing).publish(b"x", routing_key="short")
                confirmed += 1
            except PublishUnconfirmedError:
                refused += 1
        assert refused > 0
        await until_depth(publishing, "short", confirmed)


async def test_each_lane_of_a_system_has_its_own_queue(amqp_url: str) -> None:
    async with channels(amqp_url) as (publishing, _):
        await declare_system_queues(publishing, ["h41"])
        for lane in Lane:
            await publisher(publishing).publish(
                lane.value.encode(),
                exchange=DELIVERY_EXCHANGE,
                routing_key=system_queue("h41", lane),
            )
            await until_depth(publishing, system_queue("h41", lane), 1)


async def test_what_failed_comes_again_and_the_rest_does_not(amqp_url: str) -> None:
    async with channels(amqp_url) as (publishing, consuming):
        for body in (b"a", b"b", b"c"):
            await publisher(publishing).publish(body, routing_key=INTAKE_QUEUE)
        consumer, batches = await take(consuming, INTAKE_QUEUE, 3)
        batch = [taken for each in batches for taken in each]
        await consumer.acknowledge(batch, failed=[batch[1]])
        async with asyncio.timeout(120):
            async for again in consumer.batches(size=10, gather_s=0.05, stop=asyncio.Event()):
                assert [(one.body, one.redelivered) for one in again] == [(b"b", True)]
                await consumer.acknowledge(again)
                break
        await until_depth(publishing, INTAKE_QUEUE, 0)


async def test_a_message_that_came_back_often_is_worked_on_alone(amqp_url: str) -> None:
    async with channels(amqp_url) as (publishing, consuming):
        await publisher(publishing).publish(b"suspect", routing_key=INTAKE_QUEUE)
        consumer = BatchConsumer(consuming, INTAKE_QUEUE, prefetch=50)
        await consumer.start()
        sizes = []
        async with asyncio.timeout(120):
            async for batch in consumer.batches(size=10, gather_s=0.3, stop=asyncio.Event()):
                suspect = [one for one in batch if one.body == b"suspect"]
                if suspect:
                    sizes.append((suspect[0].tries, len(batch)))
                if sizes and sizes[-1][0] == 4:
                    break
                await consumer.acknowledge(batch, failed=suspect)
                await publisher(publishing).publish(b"neighbour", routing_key=INTAKE_QUEUE)
        assert sizes[0][0] == 0
        assert [size for tries, size in sizes if tries > 2] == [1, 1]


async def test_a_message_past_its_delivery_limit_is_parked(amqp_url: str) -> None:
    async with channels(amqp_url) as (publishing, consuming):
        await publisher(publishing).publish(b"poison", routing_key=INTAKE_QUEUE)
        consumer = BatchConsumer(consuming, INTAKE_QUEUE, prefetch=50)
        await consumer.start()
        tries = 0
        stop = asyncio.Event()

        async def refuse() -> None:
            nonlocal tries
            async for batch in consumer.batches(size=10, gather_s=0.0, stop=stop):
                tries += 1
                await consumer.acknowledge(batch, failed=batch)

        task = asyncio.create_task(refuse())
        await until_depth(publishing, PARKED_QUEUE, 1)
        stop.set()
        await task
        assert tries == 21


async def test_a_consumer_that_the_broker_dropped_is_noticed(amqp_url: str) -> None:
    async with channels(amqp_url) as (publishing, consuming):
        await publishing.queue_declare(
            "short-lived", durable=True, arguments={"x-queue-type": "quorum"}
        )
        consumer = BatchConsumer(consuming, "short-lived", prefetch=5)
        await consumer.start()
        await publishing.queue_delete("short-lived")
        batches = consumer.batches(size=1, gather_s=0, stop=asyncio.Event())
        async with asyncio.timeout(120):
            with pytest.raises(BusUnavailableError) as caught:
                await anext(batches)
        assert caught.value.code == "bus.unavailable"


async def test_nobody_at_the_address_is_an_outage_not_a_crash() -> None:
    with pytest.raises(BusUnavailableError):
        async with connected("amqp://guest:guest@127.0.0.1:1/", name="test"):
            pass


def test_a_notice_survives_its_journey() -> None:
    notice = IntakeNotice(
        package_id=UUID(int=5),
        system_id="h41",
        digest="00" * 32,
        size_bytes=9,
        door="test",
        received_at=datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
    )
    assert parse_notice(encode_notice(notice), queue="q") == notice


@pytest.mark.parametrize("body", [b"", b"{}", b"<xml/>", b'{"type":"intake"}', b"\xff", b"[1]"])
def test_what_is_no_notice_is_named_so(body: bytes) -> None:
    with pytest.raises(NoticeUnreadableError) as caught:
        parse_notice(body, queue="q")
    assert caught.value.code == "bus.notice-unreadable"


async def test_notices_that_were_never_written_do_not_disturb_those_after_them(
    amqp_url: str,
) -> None:
    async with channels(amqp_url) as (publishing, _):
        while not publishing.write_queue.full():
            publishing.write_queue.put_nowait(ChannelFrame(b"", should_close=False))
        hasty = publisher(publishing, timeout_s=0)
        kept_back = await hasty.publish_all([("", INTAKE_QUEUE, b"x")] * 3)
        assert all(kept_back)
        after = [("", INTAKE_QUEUE, b"after")] * 10
        assert await publisher(publishing, timeout_s=5).publish_all(after) == [None] * 10


async def test_of_many_notices_each_has_its_own_answer(amqp_url: str) -> None:
    async with channels(amqp_url) as (publishing, _):
        letters = [("", INTAKE_QUEUE, b"x"), ("", "nobody", b"x")] * 70
        answers = await publisher(publishing).publish_all(letters)
        assert [answer is None for answer in answers] == [True, False] * 70


async def test_a_channel_that_is_gone_answers_for_every_notice(amqp_url: str) -> None:
    async with channels(amqp_url) as (publishing, _):
        await publishing.close()
        answers = await publisher(publishing).publish_all([("", INTAKE_QUEUE, b"x")] * 120)
        assert [answer and answer.code for answer in answers] == ["bus.publish-unconfirmed"] * 120
