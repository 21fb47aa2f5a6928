"""A gateway with the VXP door, and one system that acts for every office of the sample packages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from axis.directory.values import ReceivesBy
from axis.store.directory_systems import connect_system
from axis.store.engine import transaction
from axis.store.trust import set_signature_policy
from axis.trust.registry import SignaturePolicy
from tests.relay.conftest import axis, axis_on_postgresql
from tests.relay.installation import SYSTEM_OF, Installation
from tests.rest.gateway import Gateway, gateway_of
from tests.vxp.client import JavaClient
from tests.vxp.secrets import give_secret

__all__ = ["axis", "axis_on_postgresql"]

SYSTEM = "test.system.01"
SECRET = b"axis-test-secret"


@pytest.fixture
def own(axis_on_postgresql: Installation) -> Installation:
    """The small axis; the system of the captured requests acts for all offices, unsigned."""
    axis, now = axis_on_postgresql, datetime.now(UTC)
    connect_system(
        axis.engine,
        SYSTEM,
        SYSTEM_OF,
        name="eOffice thử nghiệm",
        receives_by=ReceivesBy.POLL,
        by="test",
        at=now,
    )
    with transaction(axis.engine) as connection:
        set_signature_policy(
            connection,
            SYSTEM,
            SignaturePolicy.LEGACY_UNSIGNED,
            until=now + timedelta(days=30),
            reason="test",
            at=now,
        )
    give_secret(axis, SYSTEM, SECRET)
    return axis


@pytest.fixture
async def gateway(own: Installation) -> AsyncIterator[Gateway]:
    """A gateway and a relay that run."""
    async with own.running(), gateway_of(own) as gateway:
        yield gateway


@pytest.fixture
def client(gateway: Gateway) -> JavaClient:
    """The client of that system."""
    return JavaClient(f"{gateway.url}/vxp", SYSTEM, SECRET)
