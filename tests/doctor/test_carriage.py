"""RabbitMQ and its queues: what would lose notices is found on a real one."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from axis.bus.connection import connected, open_channel
from axis.bus.management import vhost_of
from axis.bus.topology import (
    INTAKE_ARGUMENTS,
    INTAKE_EXPRESS_QUEUE,
    INTAKE_QUEUE,
    PARKED_QUEUE,
    declare_topology,
)
from axis.doctor import carriage
from axis.doctor.broker import Broker, Seen
from axis.doctor.values import Findings, Patient
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.settings import AmqpSettings, Settings
from axis.store.engine import open_engine
from tests.doctor.conftest import answer_of, codes, now


async def test_queues_policies_consumers_and_parked_notices_are_looked_at(
    settings: Settings, rabbitmq: PrivateRabbitMQ
) -> None:
    import asyncio

    async def found(check: str) -> list[str]:
        return await asyncio.to_thread(codes, settings, check)

    assert await found("broker") == []
    async with connected(settings.amqp.url, name="test") as connection:
        channel = await open_channel(connection, confirms=True)
        # 1. A queue that is there with other properties.
        await channel.queue_declare(
            INTAKE_EXPRESS_QUEUE,
            durable=True,
            arguments={**INTAKE_ARGUMENTS, "x-delivery-limit": 3},
        )
        assert await found("queues") == ["bus.unsafe", "doctor.queue-absent"]
        await channel.queue_delete(INTAKE_EXPRESS_QUEUE)
        await declare_topology(channel)
        assert await found("queues") == []
        assert await found("broker-alarms") == []
        # A queue whose one replica has stopped has no leader, and RabbitMQ calls it "live".
        replica = f"{{'{vhost_of(settings.amqp.url)}_{INTAKE_QUEUE}', node()}}"
        rabbitmq.rabbitmqctl("eval", f"ra:stop_server(quorum_queues, {replica}).")
        assert await found("queues") == ["doctor.no-leader"]
        rabbitmq.rabbitmqctl("eval", f"ra:restart_server(quorum_queues, {replica}).")
        while await found("queues"):
            await asyncio.sleep(0.1)
        # 2. A policy behind the back of who declared them.
        vhost, limit = vhost_of(settings.amqp.url), '{"max-length": 5}'
        rabbitmq.rabbitmqctl("set_policy", "-p", vhost, "small", "^axis", limit)
        answer = await asyncio.to_thread(answer_of, settings, "policies")
        # Those that refuse when full lose nothing by a bound; the others would drop their head.
        assert {one.facts["queue"] for one in answer.troubles} == {"axis.parked", "axis.unrouted"}
        assert {one.code for one in answer.troubles} == {"doctor.queue-policy"}
        # 3. Nobody takes; and a notice that could not be tried lies unseen.
        assert await found("consumers") == ["doctor.no-consumer"]
        await channel.basic_publish(b"x", routing_key=PARKED_QUEUE)
        assert await found("parked") == ["doctor.parked-notices"]
        await channel.basic_publish(b"x", routing_key=INTAKE_QUEUE)
        for queue in (INTAKE_QUEUE, INTAKE_EXPRESS_QUEUE):
            await channel.basic_consume(queue, lambda _: None)
        few = replace(settings, intake=replace(settings.intake, waiting=0))
        assert await found("consumers") == []
        answer = await asyncio.to_thread(answer_of, few, "consumers")
        assert [one.code for one in answer.troubles][:1] in ([], ["doctor.backlog"])


def test_an_alarm_is_noticed_because_a_publish_is_not_confirmed(
    own_rabbitmq: PrivateRabbitMQ, settings: Settings
) -> None:
    # Without the management API: what cannot be seen is a remark.
    own = replace(
        settings,
        amqp=AmqpSettings(url=own_rabbitmq.url),
        hub=replace(settings.hub, management="http://a:b@127.0.0.1:1"),
    )
    assert codes(own, "broker") == ["doctor.broker-unseen"]
    assert codes(own, "broker-alarms") == []
    own_rabbitmq.rabbitmqctl("set_vm_memory_high_watermark", "0.00001")
    assert codes(own, "broker-alarms") == ["doctor.broker-alarm"]


def _judge(settings: Settings, check: Any, broker: Broker) -> list[str]:
    patient, found = Patient(settings, open_engine(settings.database_url), now), Findings()
    patient.seen(broker)
    check(patient, found)
    return [one.code for one in found.troubles]


@pytest.mark.parametrize(
    ("check", "broker", "code"),
    [
        (carriage.broker, Broker(version="3.8.9", managed=True), "doctor.broker-old"),
        (
            carriage.alarms,
            Broker(nodes=[{"name": "a", "disk_free_limit": 50_000_000}]),
            "doctor.broker-disk-limit",
        ),
        (
            carriage.queues,
            Broker(
                wanted={INTAKE_QUEUE: INTAKE_ARGUMENTS},
                queues={INTAKE_QUEUE: Seen(0, 1)},
                details=[
                    {
                        "name": INTAKE_QUEUE,
                        "leader": "a",
                        "members": ["a", "b", "c"],
                        "online": ["a", "b"],
                    }
                ],
            ),
            "doctor.replicas",
        ),
        (
            carriage.consumers,
            Broker(queues={INTAKE_QUEUE: Seen(60_000, 1)}),
            "doctor.backlog",
        ),
    ],
)
def test_what_a_broker_shows_is_judged(
    settings: Settings, check: Any, broker: Broker, code: str
) -> None:
    assert _judge(settings, check, broker) == [code]
