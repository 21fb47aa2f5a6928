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

import aiormq
from aiormq.abc import AbstractConnection
from aiormq.channel import Channel

from axis.bus.errors import BusUnavailableError

CONNECT_TIMEOUT_S = 15.0

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

    Raises:
        BusUnavailableError: RabbitMQ cannot be reached or refuses the credentials.
    """
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            connection = await aiormq.connect(url, client_properties={"connection_name": name})
    except (OSError, TimeoutError, *GONE) as error:
        raise BusUnavailableError(reason=_reason(error)) from error
    try:
        yield connection
    except GONE as error:
        raise BusUnavailableError(reason=_reason(error)) from error
    finally:
        with suppress(Exception):
            async with asyncio.timeout(5):
                await connection.close()


async def open_channel(connection: AbstractConnection, *, confirms: bool) -> Channel:
    """Open a channel; with ``confirms`` an unroutable publish is an error, not a confirmation."""
    channel = await connection.channel(publisher_confirms=confirms)
    assert isinstance(channel, Channel)  # noqa: S101  the library has no other
    return channel


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
