"""What stands in a system's virtual host; the axis declares it, the system never does."""

from __future__ import annotations

from typing import Final

from aiormq.abc import AbstractChannel

from adapters.amqp.names import (
    EVENT,
    EVENTS,
    IN_EXCHANGE,
    OUT_EXCHANGE,
    PARKED,
    PARKING_EXCHANGE,
    REQUESTS,
    SUBMISSIONS,
    SUBMIT,
    deliveries_queue,
    request_key,
)
from axis.delivery.lanes import Lane

#: How often a message may come back before RabbitMQ parks it; the door gives it up long before.
DELIVERY_LIMIT: Final = 50
SUBMISSIONS_LENGTH: Final = 10_000
SUBMISSIONS_BYTES: Final = 256 * 1024 * 1024
EVENTS_LENGTH: Final = 200_000
DELIVERIES_LENGTH: Final = 10_000


async def declare_account(channel: AbstractChannel) -> None:
    """Declare a system's exchanges and queues; declaring again changes nothing.

    All queues are bounded and refuse to publish when they are full: a system that sends more than
    the axis takes is told so by its confirms, one that consumes nothing fills only its own.
    """
    await channel.exchange_declare(IN_EXCHANGE, exchange_type="topic", durable=True)
    await channel.exchange_declare(OUT_EXCHANGE, exchange_type="direct", durable=True)
    await channel.exchange_declare(PARKING_EXCHANGE, exchange_type="fanout", durable=True)
    await channel.queue_declare(
        PARKED, durable=True, arguments={"x-queue-type": "quorum", **_bounds(EVENTS_LENGTH)}
    )
    await channel.queue_bind(PARKED, PARKING_EXCHANGE)
    await _queue(
        channel, SUBMISSIONS, SUBMISSIONS_LENGTH, {"x-max-length-bytes": SUBMISSIONS_BYTES}
    )
    await channel.queue_bind(SUBMISSIONS, IN_EXCHANGE, routing_key=SUBMIT)
    await _queue(channel, REQUESTS, SUBMISSIONS_LENGTH)
    await channel.queue_bind(REQUESTS, IN_EXCHANGE, routing_key=request_key("*"))
    await _queue(channel, EVENTS, EVENTS_LENGTH)
    await channel.queue_bind(EVENTS, OUT_EXCHANGE, routing_key=EVENT)
    for lane in Lane:
        queue = deliveries_queue(lane)
        await _queue(channel, queue, DELIVERIES_LENGTH)
        await channel.queue_bind(queue, OUT_EXCHANGE, routing_key=queue)


async def _queue(
    channel: AbstractChannel, name: str, length: int, more: dict[str, int] | None = None
) -> None:
    await channel.queue_declare(
        name,
        durable=True,
        arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": PARKING_EXCHANGE,
            "x-dead-letter-strategy": "at-least-once",
            **_bounds(length),
            **(more or {}),
        },
    )


def _bounds(length: int) -> dict[str, str | int]:
    return {"x-max-length": length, "x-overflow": "reject-publish"}
