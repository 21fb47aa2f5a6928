"""The names in RabbitMQ, and what is declared.

Quorum queues only, every one with a delivery limit, and ``reject-publish`` where a length is set:
the default would drop confirmed notices. What cannot be worked on ends in a parking queue, where it
is seen, never in nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from aiormq.abc import AbstractChannel
from aiormq.exceptions import ChannelPreconditionFailed

from axis.bus.errors import UnsafeQueueError
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


#: What the queues are declared with; a queue that is there with less is refused.
INTAKE_ARGUMENTS: Final[Mapping[str, str | int]] = {
    "x-queue-type": "quorum",
    "x-delivery-limit": DELIVERY_LIMIT,
    "x-overflow": "reject-publish",
    "x-dead-letter-exchange": PARKING_EXCHANGE,
    "x-dead-letter-strategy": "at-least-once",
}
SYSTEM_ARGUMENTS: Final[Mapping[str, str | int]] = {
    **INTAKE_ARGUMENTS,
    "x-max-length": SYSTEM_QUEUE_LENGTH,
}
PARKING_ARGUMENTS: Final[Mapping[str, str | int]] = {"x-queue-type": "quorum"}


async def declare_topology(channel: AbstractChannel) -> None:
    """Declare what every installation has; declaring again changes nothing.

    Raises:
        UnsafeQueueError: it is there already, with properties under which notices could be lost.
    """
    with _named("an exchange"):
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
        await declare_queue(channel, queue, PARKING_ARGUMENTS)
        await channel.queue_bind(queue, exchange)
    for lane in Lane:
        await declare_queue(channel, intake_queue(lane), INTAKE_ARGUMENTS)


async def declare_system_queues(channel: AbstractChannel, system_ids: Iterable[str]) -> None:
    """Declare both lanes of systems that take their deliveries from RabbitMQ.

    Raises:
        UnsafeQueueError: one is there already, with properties under which notices could be lost.
    """
    for system_id in system_ids:
        for lane in Lane:
            queue = system_queue(system_id, lane)
            await declare_queue(channel, queue, SYSTEM_ARGUMENTS)
            await channel.queue_bind(queue, DELIVERY_EXCHANGE, routing_key=queue)


async def declare_queue(
    channel: AbstractChannel, queue: str, arguments: Mapping[str, str | int]
) -> None:
    """Declare a durable queue; declaring again changes nothing.

    Raises:
        UnsafeQueueError: it is there already with other properties; the channel is closed then.
    """
    with _named(queue):
        await channel.queue_declare(queue, durable=True, arguments=dict(arguments))


@contextmanager
def _named(what: str) -> Iterator[None]:
    """Tell which property of what stands there is not the one that is declared."""
    try:
        yield
    except ChannelPreconditionFailed as error:
        said = str(error)
        name = re.search(r"for (?:queue|exchange) '([^']+)'", said)
        setting = re.search(r"inequivalent arg '([^']+)'", said)
        values = re.search(r"received (.+?) but current is (.+?)(?:$|[)\"])", said)
        expected, got = values.groups() if values else ("–", said[:200])
        raise UnsafeQueueError(
            queue=name[1] if name else what,
            setting=setting[1] if setting else "properties",
            got=_value(got),
            expected=_value(expected),
        ) from error


def _value(said: str) -> str:
    """Return a value as RabbitMQ names it: ``the value 'quorum' of type 'longstr'``, or none."""
    found = re.search(r"value '?([^']*?)'? of type", said)
    return found[1] if found else said.strip().strip("'")
