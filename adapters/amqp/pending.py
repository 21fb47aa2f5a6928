"""The answers that are owed: kept in RabbitMQ from the acceptance of a message to its verdict.

A submission is let go as soon as the relay has its notice; that its sender still waits stands in
this queue, so that a verdict which takes hours is told as surely as one that takes a moment.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from aiormq.abc import AbstractChannel

from axis.bus.publisher import Publisher
from axis.bus.topology import PARKING_EXCHANGE
from axis.structs import ready

PENDING_QUEUE: Final = "axis.hub.pending"

#: What waits is given back again and again by design; RabbitMQ 4 would park it after 20 times.
_DELIVERY_LIMIT: Final = 1_000_000


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A package whose verdict a system waits for."""

    package_id: UUID
    system_id: str
    about: str | None  #: what the sender called its message
    since: datetime


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(ready(Pending))


async def declare_pending(channel: AbstractChannel) -> None:
    """Declare the queue; declaring again changes nothing."""
    await channel.queue_declare(
        PENDING_QUEUE,
        durable=True,
        arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": _DELIVERY_LIMIT,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": PARKING_EXCHANGE,
            "x-dead-letter-strategy": "at-least-once",
        },
    )


def parse_pending(body: bytes) -> Pending:
    """Read what waits.

    Raises:
        msgspec.MsgspecError: it is none of ours.
    """
    return _decoder.decode(body)


class PendingQueue:
    """Writes down that an answer is owed."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def add(self, pending: Pending) -> None:
        """Add one; RabbitMQ has it on return.

        Raises:
            PublishUnconfirmedError: RabbitMQ does not take it now.
        """
        await self._publisher.publish(_encoder.encode(pending), routing_key=PENDING_QUEUE)
