"""The names that a system meets in RabbitMQ.

Every system has a virtual host of its own, which is named like its user. In one shared virtual host
anybody could ask how long another's queue is, because RabbitMQ demands no permission for a passive
declaration; in a virtual host of its own a system cannot even name what is another's.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from axis.delivery.lanes import Lane

IN_EXCHANGE: Final = "axis.in"  #: where a system publishes
OUT_EXCHANGE: Final = "axis.out"  #: where the axis publishes for the system
PARKING_EXCHANGE: Final = "axis.parking"

SUBMISSIONS: Final = "axis.submissions"
REQUESTS: Final = "axis.requests"
EVENTS: Final = "axis.events"
PARKED: Final = "axis.parked"

SUBMIT: Final = "submit"  #: routing key of a package
EVENT: Final = "event"  #: routing key of what the axis tells

#: RabbitMQ's pseudo-queue for answers; nothing else is accepted as ``reply_to``.
DIRECT_REPLY: Final = "amq.rabbitmq.reply-to."


def request_key(name: str) -> str:
    """Return the routing key of a request."""
    return f"request.{name}"


def deliveries_queue(lane: Lane) -> str:
    """Return the queue of a lane's deliveries; also their routing key."""
    return f"axis.deliveries.{lane.value}"


def account_of(system_id: str, prefix: str = "") -> str:
    """Return the name of a system's user and of its virtual host."""
    return f"{prefix}system.{system_id}"


def url_of(amqp_url: str, vhost: str) -> str:
    """Return the URL of another virtual host of the same broker, with the same credentials."""
    parts = urlsplit(amqp_url)
    return urlunsplit(parts._replace(path=f"/{quote(vhost, safe='')}"))
