"""The doors that the contract suite is run against."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

import pytest

from tests.doors.door import Door
from tests.doors.rest import open_rest
from tests.relay.conftest import axis, axis_on_postgresql
from tests.relay.installation import Installation

__all__ = ["axis", "axis_on_postgresql"]

#: The limit of a package in these tests.
PACKAGE_BYTES: Final = 256 * 1024

#: Each door by its name, with what opens it: ``open(axis, package_bytes=…)``.
DOORS: Final[dict[str, Callable[..., AbstractAsyncContextManager[Door]]]] = {
    "rest": open_rest,
}


@pytest.fixture(params=DOORS)
async def closed_relay(
    request: pytest.FixtureRequest, axis_on_postgresql: Installation
) -> AsyncIterator[Door]:
    """Each door in turn, without a relay: nothing is judged."""
    async with DOORS[request.param](axis_on_postgresql, package_bytes=PACKAGE_BYTES) as door:
        yield door


@pytest.fixture(params=DOORS)
async def door(
    request: pytest.FixtureRequest, axis_on_postgresql: Installation
) -> AsyncIterator[Door]:
    """Each door in turn, beside a relay that runs."""
    async with (
        DOORS[request.param](axis_on_postgresql, package_bytes=PACKAGE_BYTES) as door,
        axis_on_postgresql.running(),
    ):
        yield door
