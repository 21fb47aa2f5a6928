"""What a system's user may do in RabbitMQ. Pure: values only.

It publishes to one exchange under the routing keys of the door, it consumes three queues, and it
configures nothing. Answers come by RabbitMQ's direct reply, which needs no permission.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.amqp.names import EVENTS, IN_EXCHANGE, SUBMIT, deliveries_queue, request_key
from adapters.amqp.schemas import REQUEST_TYPES
from axis.delivery.lanes import Lane

NOTHING: Final = "^$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Permissions as RabbitMQ knows them: regular expressions over names."""

    configure: str
    write: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicGrant:
    """Permissions on the routing keys of one exchange."""

    exchange: str
    write: str
    read: str


def _one_of(*names: str) -> str:
    return f"^({'|'.join(re.escape(name) for name in names)})$"


SYSTEM: Final = Grant(
    configure=NOTHING,
    write=_one_of(IN_EXCHANGE),
    read=_one_of(*(deliveries_queue(lane) for lane in Lane), EVENTS),
)
SYSTEM_TOPICS: Final = TopicGrant(
    exchange=IN_EXCHANGE,
    write=_one_of(SUBMIT, *(request_key(name) for name in REQUEST_TYPES)),
    read=NOTHING,
)
AXIS: Final = Grant(configure=".*", write=".*", read=".*")

#: So that one system cannot take the broker's file handles or memory from the others.
USER_LIMITS: Final[Mapping[str, int]] = {"max-connections": 16, "max-channels": 64}
VHOST_LIMITS: Final[Mapping[str, int]] = {"max-connections": 48, "max-queues": 16}
