"""What RabbitMQ says of itself and of our queues, asked once for all checks that need it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aiormq.abc import AbstractConnection
from aiormq.exceptions import ChannelNotFoundEntity

from axis.bus.connection import GONE, connected, open_channel
from axis.bus.errors import BusUnavailableError, UnsafeQueueError
from axis.bus.management import View, management_url, shown, vhost_of
from axis.bus.topology import (
    INTAKE_ARGUMENTS,
    PARKED_QUEUE,
    PARKING_ARGUMENTS,
    SYSTEM_ARGUMENTS,
    UNROUTED_QUEUE,
    declare_queue,
    intake_queue,
    system_queue,
)
from axis.delivery.lanes import Lane
from axis.store.directory_systems import queued_systems
from axis.store.engine import transaction
from axis.store.errors import DatabaseUnavailableError, SchemaOutdatedError

if TYPE_CHECKING:
    from axis.doctor.values import Patient

#: An alarm makes RabbitMQ silent; then this passes without a confirm.
_CONFIRM_S: Final = 1.5
_MANAGEMENT_S: Final = 2.0


class Seen(NamedTuple):
    """A queue that is there."""

    messages: int
    consumers: int


@dataclass(slots=True)
class Broker:
    """What was seen."""

    version: str = ""
    cluster: str = ""
    wanted: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
    queues: dict[str, Seen] = field(default_factory=dict)
    unsafe: list[UnsafeQueueError] = field(default_factory=list)
    takes: bool = True  #: a publish was confirmed
    managed: bool = False  #: the management API answered
    management: str = ""  #: where that is
    unseen: str = ""  #: why it did not
    alarms: list[str] = field(default_factory=list)
    nodes: list[Mapping[str, Any]] = field(default_factory=list)
    policies: list[Mapping[str, Any]] = field(default_factory=list)
    details: list[Mapping[str, Any]] = field(default_factory=list)  #: of queues
    clock: tuple[datetime, datetime] | None = None  #: RabbitMQ's, and ours in that moment

    def policies_of(self, queue: str) -> list[Mapping[str, Any]]:
        """Return the policies that are meant for a queue."""
        return [
            policy
            for policy in self.policies
            if policy["apply-to"] in ("all", "queues", "quorum_queues")
            and re.search(policy["pattern"], queue)
        ]


def look(patient: Patient) -> Broker:
    """Ask RabbitMQ.

    Raises:
        BusUnavailableError: it is away.
    """
    systems: list[str] = []
    try:
        with transaction(patient.engine) as connection:
            systems = sorted(queued_systems(connection))
    except (DatabaseUnavailableError, SchemaOutdatedError):
        pass  # the queues that every installation has are looked at all the same
    wanted = {
        **{intake_queue(lane): INTAKE_ARGUMENTS for lane in Lane},
        PARKED_QUEUE: PARKING_ARGUMENTS,
        UNROUTED_QUEUE: PARKING_ARGUMENTS,
        **{system_queue(one, lane): SYSTEM_ARGUMENTS for one in systems for lane in Lane},
    }
    broker = Broker(wanted=wanted)
    asyncio.run(_ask(patient.settings.amqp.url, broker))
    _look_from_above(patient, broker)
    return broker


async def _ask(url: str, broker: Broker) -> None:
    async with connected(url, name="axis doctor") as connection:
        said: Mapping[str, Any] = getattr(connection, "server_properties", {})
        broker.version = str(said.get("version", "–"))
        broker.cluster = str(said.get("cluster_name", "–"))
        for queue, arguments in broker.wanted.items():
            await _ask_queue(connection, broker, queue, arguments)
        broker.takes = await _takes(connection)


async def _ask_queue(
    connection: AbstractConnection,
    broker: Broker,
    queue: str,
    arguments: Mapping[str, str | int],
) -> None:
    channel = await open_channel(connection, confirms=False)
    try:
        answer = await channel.queue_declare(queue, passive=True)
    except ChannelNotFoundEntity:
        return  # absent; to declare it is the processes' work
    broker.queues[queue] = Seen(answer.message_count or 0, answer.consumer_count or 0)
    try:
        await declare_queue(channel, queue, arguments)
    except UnsafeQueueError as error:
        broker.unsafe.append(error)
        return
    await channel.close()


async def _takes(connection: AbstractConnection) -> bool:
    """Publish what leads nowhere: RabbitMQ confirms it at once, unless an alarm holds it.

    Twice, because under an alarm it is the first publish that makes RabbitMQ stop reading.
    """
    channel = await open_channel(connection, confirms=True)
    try:
        async with asyncio.timeout(_CONFIRM_S):
            for _ in range(2):
                await channel.basic_publish(b"", routing_key="axis.doctor.nowhere", mandatory=False)
    except TimeoutError:
        return False
    except GONE as error:
        raise BusUnavailableError(reason=str(error)) from error
    return True


def _look_from_above(patient: Patient, broker: Broker) -> None:
    amqp = patient.settings.amqp.url
    url = patient.settings.hub.management or management_url(amqp)
    broker.management = shown(url)
    vhost = vhost_of(amqp)
    try:
        with View(url, timeout_s=_MANAGEMENT_S) as view:
            before = patient.now()
            overview = view.ask("overview")
            if overview.is_error:
                raise BusUnavailableError(reason=f"HTTP {overview.status_code}")
            ours = before + (patient.now() - before) / 2
            if "date" in overview.headers:
                broker.clock = (parsedate_to_datetime(overview.headers["date"]), ours)
            broker.nodes = view.read("nodes")
            broker.details = view.read("queues", vhost, disable_stats="true")
            broker.policies = [
                *view.read("policies", vhost),
                *view.read("operator-policies", vhost),
            ]
            alarms = view.ask("health", "checks", "alarms")
            if alarms.status_code == 503:
                broker.alarms = [str(one) for one in alarms.json().get("alarms", ["alarm"])]
            broker.managed = True
    except BusUnavailableError as error:
        broker.unseen = str(error.facts["reason"])
