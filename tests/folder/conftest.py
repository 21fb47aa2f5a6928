"""Two offices with agents, and the axis between them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.client.running import Running, running
from tests.folder.office import Office, open_office
from tests.relay.installation import build
from tests.relay.papers import G22, H41


@pytest.fixture
def world(tmp_path: Path, sqlite_engine: sa.Engine, amqp_url: str) -> Iterator[Running]:
    """A small axis at work: gateway, relay, notary."""
    home = tmp_path / "axis"
    home.mkdir()
    now = datetime.now(UTC).replace(microsecond=0)
    with running(build(home, sqlite_engine, amqp_url, now=now)) as found:
        yield found


@pytest.fixture
def sender(tmp_path: Path, world: Running) -> Office:
    """An office that sends."""
    return open_office(tmp_path / "vpcp", world, G22, "vpcp")


@pytest.fixture
def receiver(tmp_path: Path, world: Running) -> Office:
    """An office that takes."""
    return open_office(tmp_path / "nghean", world, H41, "nghean")
