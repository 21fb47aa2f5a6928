"""The names in RabbitMQ, and what is declared.

Quorum queues only, every one with a delivery limit, and ``reject-publish`` where a length is set:
the default would drop confirmed notices. What cannot be worked on ends in a parking queue, where it
is seen, never in nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aiormq.abc import AbstractChannel

from axis.delivery.lanes import Lane

INTAKE_QUEUE: Final = "axis.intake"
INTAKE_EXPRESS_QUEUE: Final = "axis.intake.express"  #: what asks to be examined first
PARKED_QUEUE: Final = "axis.parked"  #: what the relay could not even try
UNROUTED_QUEUE: Final = "axis.unrouted"  #: a delivery notice whose system has no queue
DELIVERY_EXCHANGE: Final = "axis.delivery"
PARKING_EXCHANGE: Final = "axis.parking"
UNROUTED_EXCHANGE: Final = "axis.unrouted"
DELIVERY_LIMIT: Final = 20
SYSTEM_QUEUE_LENGTH: Final = 200_000
INTAKE_QUEUE_LENGTH: Final = 1_000_000  #: the doors stop long before


def intake_queue(lane: Lane) -> str:
    """Return the queue of the intake for a lane."""
    return INTAKE_EXPRESS_QUEUE if lane is Lane.EXPRESS else INTAKE_QUEUE


def system_queue(system_id: str, lane: Lane) -> str:
    """Return the queue of a system's lane; also its routing key."""
    return f"axis.system.{system_id}.{lane.value}"


async def declare_topology(channel: AbstractChannel) -> None:
    """Declare what every installation has; declaring again changes nothing."""
    await channel.exchange_declare(PARKING_EXCHANGE, exchange_type="fanout", durable=True)
    await channel.exchange_declare(UNROUTED_EXCHANGE, exchange_type="fanout", durable=True)
    await channel.exchange_declare(
        DELIVERY_EXCHANGE,
        exchange_type="direct",
        durable=True,
        arguments={"alternate-exchange": UNROUTED_EXCHANGE},
    )
    for queue, exchange in (
        (PARKED_QUEUE, PARKING_EXCHANGE),
        (UNROUTED_QUEUE, UNROUTED_EXCHANGE),
    ):
        await channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
        await channel.queue_bind(queue, exchange)
    for lane in Lane:
        await channel.queue_declare(
            intake_queue(lane),
            durable=True,
            arguments={
                "x-queue-type": "quorum",
                "x-delivery-limit": DELIVERY_LIMIT,
                "x-overflow": "reject-publish",
                "x-dead-letter-exchange": PARKING_EXCHANGE,
                "x-dead-letter-strategy": "at-least-once",
            },
        )


async def declare_system_queues(channel: AbstractChannel, system_ids: Iterable[str]) -> None:
    """Declare both lanes of systems that take their deliveries from RabbitMQ."""
    for system_id in system_ids:
        for lane in Lane:
            queue = system_queue(system_id, lane)
            await channel.queue_declare(
                queue,
                durable=True,
                arguments={
                    "x-queue-type": "quorum",
                    "x-delivery-limit": DELIVERY_LIMIT,
                    "x-max-length": SYSTEM_QUEUE_LENGTH,
                    "x-overflow": "reject-publish",
                    "x-dead-letter-exchange": PARKING_EXCHANGE,
                    "x-dead-letter-strategy": "at-least-once",
                },
            )
            await channel.queue_bind(queue, DELIVERY_EXCHANGE, routing_key=queue)
