"""One AMQP connection, opened with time-outs; whoever holds it reconnects by starting over.

Publishers and consumers use connections of their own: when RabbitMQ raises an alarm it stops
reading from connections that publish, and what consumes must go on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import aiormq
from aiormq.abc import AbstractConnection
from aiormq.channel import Channel

from axis.bus.errors import BusUnavailableError

CONNECT_TIMEOUT_S = 15.0
#: A node of several that does not answer within so long is passed over.
NODE_TIMEOUT_S: Final = 5.0

#: What the library logs of lost connections is told by our own refusals; where logging was begun
#: (``axis.serve.logs``) its lines are written too, and commands stay quiet.
logging.getLogger("aiormq").addHandler(logging.NullHandler())

#: What the library raises when a connection or a channel has gone; the last is no AMQPError there.
GONE: Final = (
    aiormq.exceptions.AMQPError,
    ConnectionError,
    aiormq.exceptions.ChannelInvalidStateError,
)


@asynccontextmanager
async def connected(url: str, *, name: str) -> AsyncIterator[AbstractConnection]:
    """Open a connection named ``name`` (as the broker's list of connections shows it).

    Where the URL names several nodes of a cluster, it is to the first of them that answers.

    Raises:
        BusUnavailableError: RabbitMQ cannot be reached or refuses the credentials.
    """
    connection = await _connect(url, name)
    try:
        yield connection
    except GONE as error:
        raise BusUnavailableError(reason=_reason(error)) from error
    finally:
        with suppress(Exception):
            async with asyncio.timeout(5):
                await connection.close()


async def _connect(url: str, name: str) -> AbstractConnection:
    reasons: list[str] = []
    nodes = nodes_of(url)
    for node in nodes:
        try:
            async with asyncio.timeout(NODE_TIMEOUT_S if len(nodes) > 1 else CONNECT_TIMEOUT_S):
                return await aiormq.connect(node, client_properties={"connection_name": name})
        except (OSError, TimeoutError, StopAsyncIteration, *GONE) as error:
            # The library lets the last of these through where a node goes in the handshake.
            reasons.append(_reason(error))
    raise BusUnavailableError(reason="; ".join(reasons))


def nodes_of(url: str) -> list[str]:
    """Return a URL for each node that ``amqp://USER:PASSWORD@HOST:PORT,HOST:PORT/`` names."""
    parts = urlsplit(url)
    credentials, at, hosts = parts.netloc.rpartition("@")
    return [
        urlunsplit(parts._replace(netloc=f"{credentials}{at}{host}")) for host in hosts.split(",")
    ]


async def open_channel(connection: AbstractConnection, *, confirms: bool) -> Channel:
    """Open a channel; with ``confirms`` an unroutable publish is an error, not a confirmation."""
    channel = await connection.channel(publisher_confirms=confirms)
    assert isinstance(channel, Channel)  # noqa: S101  the library has no other
    return channel


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
