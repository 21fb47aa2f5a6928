"""A gateway beside a relay."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.relay.conftest import axis, axis_on_postgresql
from tests.relay.installation import Installation
from tests.rest.gateway import Gateway, gateway_of

__all__ = ["axis", "axis_on_postgresql"]


@pytest.fixture
async def gateway(axis_on_postgresql: Installation) -> AsyncIterator[Gateway]:
    """A gateway and a relay that run."""
    async with axis_on_postgresql.running(), gateway_of(axis_on_postgresql) as gateway:
        yield gateway


@pytest.fixture
async def quiet(axis_on_postgresql: Installation) -> AsyncIterator[Gateway]:
    """A gateway without a relay: nothing is judged."""
    async with gateway_of(axis_on_postgresql) as gateway:
        yield gateway
