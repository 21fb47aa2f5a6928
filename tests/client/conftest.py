"""An axis at work, for clients."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.client.running import Running, running
from tests.relay.installation import Installation, build


@pytest.fixture
def axis(tmp_path: Path, sqlite_engine: sa.Engine, amqp_url: str) -> Installation:
    """A small axis; which database it has does not matter to who calls over HTTP."""
    home = tmp_path / "axis"
    home.mkdir()
    now = datetime.now(UTC).replace(microsecond=0)
    return build(home, sqlite_engine, amqp_url, now=now)


@pytest.fixture
def world(axis: Installation) -> Iterator[Running]:
    """It, at work: gateway, relay, notary."""
    with running(axis) as found:
        yield found
