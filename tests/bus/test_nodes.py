"""A URL may name several nodes of a cluster; the first that answers is used."""

from __future__ import annotations

import socket

import pytest

from axis.bus.connection import connected, nodes_of, open_channel
from axis.bus.errors import BusUnavailableError
from axis.bus.management import management_url


def unused() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def test_each_node_has_the_credentials_the_virtual_host_and_the_query() -> None:
    url = "amqp://axis:p%40ss@one:5672,two:5673/nation?heartbeat=10"
    assert nodes_of(url) == [
        "amqp://axis:p%40ss@one:5672/nation?heartbeat=10",
        "amqp://axis:p%40ss@two:5673/nation?heartbeat=10",
    ]
    assert nodes_of("amqp://one/") == ["amqp://one/"]
    assert management_url(url) == "http://axis:p%40ss@one:15672"


async def test_a_node_that_is_gone_is_passed_over(amqp_url: str) -> None:
    several = amqp_url.replace("@", f"@{unused()},")
    async with connected(several, name="test") as connection:
        await open_channel(connection, confirms=True)


async def test_where_no_node_answers_it_is_an_outage() -> None:
    with pytest.raises(BusUnavailableError) as caught:
        async with connected(f"amqp://{unused()},{unused()}/", name="test"):
            pass
    assert caught.value.code == "bus.unavailable"
