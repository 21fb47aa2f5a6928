"""A door says "later" before it takes anything, and says when."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from axis.bus.connection import connected, open_channel
from axis.bus.errors import PublishUnconfirmedError
from axis.bus.publisher import Publisher
from axis.bus.topology import INTAKE_QUEUE, declare_topology
from axis.intake.errors import IntakeBusyError
from axis.intake.pressure import Pressure
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.settings import IntakeSettings


class Elapsed:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def test_nothing_is_taken_while_the_queue_is_long(amqp_url: str, tmp_path: Path) -> None:
    elapsed = Elapsed()
    async with connected(amqp_url, name="test") as connection:
        channel = await open_channel(connection, confirms=True)
        await declare_topology(channel)
        settings = IntakeSettings(waiting=3, free_bytes=0, retry_after_s=7)
        pressure = Pressure(channel, tmp_path, settings, elapsed=elapsed)
        await pressure.check()
        publisher = Publisher(channel, window=5, timeout_s=10)
        for _ in range(3):
            await publisher.publish(b"{}", routing_key=INTAKE_QUEUE)
        await pressure.check()  # the answer of a moment ago stands
        async with asyncio.timeout(120):
            while True:
                elapsed.seconds += 1
                try:
                    await pressure.check()
                except IntakeBusyError as error:
                    facts = error.facts
                    break
        assert (facts["reason"], facts["retry_after_s"]) == ("queue", 7)
        await channel.queue_purge(INTAKE_QUEUE)
        elapsed.seconds += 1
        await pressure.check()


async def test_nothing_is_taken_while_the_disk_is_nearly_full(
    amqp_url: str, tmp_path: Path
) -> None:
    async with connected(amqp_url, name="test") as connection:
        channel = await open_channel(connection, confirms=True)
        await declare_topology(channel)
        pressure = Pressure(channel, tmp_path, IntakeSettings(free_bytes=1 << 60))
        with pytest.raises(IntakeBusyError) as caught:
            await pressure.check()
    assert caught.value.code == "intake.busy"
    assert caught.value.facts["reason"] == "disk"


async def test_nothing_is_taken_while_rabbitmq_is_away(amqp_url: str, tmp_path: Path) -> None:
    async with connected(amqp_url, name="test") as connection:
        channel = await open_channel(connection, confirms=True)
        await declare_topology(channel)
        await channel.close()
        pressure = Pressure(channel, tmp_path, IntakeSettings(free_bytes=0))
        with pytest.raises(IntakeBusyError) as caught:
            await pressure.check()
    assert caught.value.facts["reason"] == "broker-away"


async def test_nothing_is_taken_while_rabbitmq_has_an_alarm(
    own_rabbitmq: PrivateRabbitMQ, tmp_path: Path
) -> None:
    elapsed = Elapsed()
    async with connected(own_rabbitmq.url, name="test") as connection:
        channel = await open_channel(connection, confirms=True)
        await declare_topology(channel)
        pressure = Pressure(channel, tmp_path, IntakeSettings(free_bytes=0), elapsed=elapsed)
        publisher = Publisher(channel, window=5, timeout_s=3)
        await publisher.publish(b"{}", routing_key=INTAKE_QUEUE)
        await asyncio.to_thread(
            own_rabbitmq.rabbitmqctl, "set_vm_memory_high_watermark", "absolute", "1MB"
        )
        # A connection is blocked from its next publish on; that one is never confirmed.
        async with asyncio.timeout(120):
            while True:
                try:
                    await publisher.publish(b"{}", routing_key=INTAKE_QUEUE)
                except PublishUnconfirmedError:
                    break
        with pytest.raises(IntakeBusyError) as caught:
            await pressure.check()
        assert caught.value.facts["reason"] in {"broker-blocks", "broker-away"}
        await asyncio.to_thread(own_rabbitmq.rabbitmqctl, "set_vm_memory_high_watermark", "0.9")
