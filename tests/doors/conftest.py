"""The doors that the contract suite is run against."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

import pytest
from msgspec import structs

from axis.sandbox.rabbitmq import PrivateRabbitMQ
from tests.doors.amqp import open_amqp
from tests.doors.door import Door
from tests.doors.folder import open_folder
from tests.doors.rest import open_rest
from tests.doors.vxp import open_vxp
from tests.relay.conftest import axis, axis_on_postgresql
from tests.relay.installation import Installation

__all__ = ["axis", "axis_on_postgresql"]

#: The limit of a package in these tests.
PACKAGE_BYTES: Final = 256 * 1024

#: Each door by its name, with what opens it: ``open(axis, package_bytes=…)``.
DOORS: Final[dict[str, Callable[..., AbstractAsyncContextManager[Door]]]] = {
    "rest": open_rest,
    "vxp": open_vxp,
    "amqp": open_amqp,
    "folder": open_folder,
}


@pytest.fixture
def installation(axis_on_postgresql: Installation, rabbitmq: PrivateRabbitMQ) -> Installation:
    """The small axis; the names of its accounts in RabbitMQ are its own."""
    axis = axis_on_postgresql
    vhost = axis.settings.amqp.url.rpartition("/")[2]
    hub = structs.replace(axis.settings.hub, management=rabbitmq.management_url, prefix=f"{vhost}.")
    axis.settings = structs.replace(axis.settings, hub=hub)
    return axis


@pytest.fixture(params=DOORS)
async def closed_relay(
    request: pytest.FixtureRequest, installation: Installation
) -> AsyncIterator[Door]:
    """Each door in turn, without a relay: nothing is judged."""
    async with DOORS[request.param](installation, package_bytes=PACKAGE_BYTES) as door:
        yield door


@pytest.fixture(params=DOORS)
async def door(request: pytest.FixtureRequest, installation: Installation) -> AsyncIterator[Door]:
    """Each door in turn, beside a relay that runs."""
    async with (
        DOORS[request.param](installation, package_bytes=PACKAGE_BYTES) as door,
        installation.running(),
    ):
        yield door
