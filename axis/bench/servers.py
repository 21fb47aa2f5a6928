"""Where a measurement works: servers named or private, and a database of its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from axis.bench.errors import BenchUnusableError
from axis.bench.watch import server_pids
from axis.bus.connection import connected, open_channel
from axis.bus.topology import (
    INTAKE_EXPRESS_QUEUE,
    INTAKE_QUEUE,
    PARKED_QUEUE,
    UNROUTED_QUEUE,
    declare_topology,
    system_queue,
)
from axis.delivery.lanes import Lane
from axis.sandbox.postgresql import PrivatePostgreSQL
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.settings import (
    AmqpSettings,
    DatabaseSettings,
    RelaySettings,
    Settings,
    TrustSettings,
)

#: The queues that every installation has.
OWN_QUEUES: Final = (INTAKE_QUEUE, INTAKE_EXPRESS_QUEUE, PARKED_QUEUE, UNROUTED_QUEUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """The servers of a measurement."""

    amqp: str
    pg: str
    pids: Mapping[str, int] = field(default_factory=dict)  #: of those that are ours, by name


@contextmanager
def servers(amqp: str | None, pg: str | None, home: Path) -> Iterator[Servers]:
    """Use the servers that were named; start private ones for those that were not.

    Raises:
        NoRabbitMQError, NoPostgreSQLError: none is installed.
    """
    with ExitStack() as stack:
        folders: dict[str, Path] = {}
        if amqp is None:
            folders["rabbitmq"] = home / "rabbitmq"
            rabbitmq = PrivateRabbitMQ(folders["rabbitmq"], disposable=True)
            amqp = stack.enter_context(rabbitmq).url
        if pg is None:
            postgresql = PrivatePostgreSQL(home / "postgresql", disposable=True)
            pg = stack.enter_context(postgresql).url
            folders["postgresql"] = postgresql.data
        yield Servers(amqp=amqp, pg=pg, pids=server_pids(folders))


@contextmanager
def installation(
    where: Servers,
    home: Path,
    *,
    relay: RelaySettings,
    second_opinion: bool,
    systems: Iterable[str],
) -> Iterator[Settings]:
    """Give the settings of an empty axis, and take its database and queues away afterwards.

    Raises:
        BenchUnusableError: the servers hold work of somebody else.
    """
    asyncio.run(_demand_unused(where.amqp))
    with own_database(where.pg) as database_url:
        settings = Settings(
            home=str(home),
            database=DatabaseSettings(url=database_url),
            amqp=AmqpSettings(url=where.amqp),
            relay=relay,
            trust=TrustSettings(second_opinion=second_opinion),
        )
        try:
            yield settings
        finally:
            asyncio.run(_clean(where.amqp, systems))


async def _demand_unused(url: str) -> None:
    """Refuse servers whose intake holds work: its queues would be emptied and deleted."""
    async with connected(url, name="axis bench, looks") as connection:
        channel = await open_channel(connection, confirms=False)
        await declare_topology(channel)
        for queue in OWN_QUEUES:
            held = await channel.queue_declare(queue, passive=True)
            if held.message_count or held.consumer_count:
                raise BenchUnusableError(queue=queue, count=held.message_count)


async def _clean(url: str, systems: Iterable[str]) -> None:
    async with connected(url, name="axis bench, cleans") as connection:
        channel = await open_channel(connection, confirms=False)
        queues = [system_queue(system, lane) for system in systems for lane in Lane]
        for queue in (*OWN_QUEUES, *queues):
            await channel.queue_delete(queue)


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """Make a database for this run beside the one that ``url`` names, and drop it afterwards."""
    import psycopg

    name = f"axis_bench_{uuid4().hex[:8]}"
    plain = re.sub(r"^postgresql\+\w+", "postgresql", url)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'create database "{name}"'.encode())
    parts = urlsplit(plain)
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f'drop database if exists "{name}" with (force)'.encode())
