"""An axis with a system that has a webhook, and its endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from msgspec import structs

from axis.settings import CourierSettings
from cli import axis as command
from tests.courier.endpoint import Endpoint, endpoint_at
from tests.relay.installation import Installation, build
from tests.relay.papers import G22, H14, document, package


@dataclass
class Pushed:
    """A small axis whose system ``khac`` receives by webhook."""

    axis: Installation
    endpoint: Endpoint
    config: Path

    def call(self, *words: str) -> Result:
        return CliRunner().invoke(command, ["--lang", "en", "--config", str(self.config), *words])

    def set(self, **changes: Any) -> None:
        own = structs.replace(self.axis.settings.courier, **changes)
        self.axis.settings = structs.replace(self.axis.settings, courier=own)
        self.config.write_bytes(msgspec.toml.encode(self.axis.settings))

    async def send(self, count: int) -> None:
        """Let so many documents be accepted for the system."""
        papers = [
            self.axis.sign(G22, package(document(number, to=(H14,)))) for number in range(count)
        ]
        async with self.axis.running():
            for ticket in await self.axis.submit_all(papers, system="vpcp"):
                await self.axis.verdict(ticket.package_id)

    def deliveries(self) -> set[str]:
        import uuid

        from axis.store.engine import transaction
        from axis.store.tables.delivery import DELIVERY

        with transaction(self.axis.engine) as connection:
            ids = connection.scalars(sa.select(DELIVERY.c.id))
            return {str(uuid.UUID(str(one))) for one in ids}


@pytest.fixture
def pushed(tmp_path: Path, engine: sa.Engine, amqp_url: str) -> Iterator[Pushed]:
    """On SQLite, and on PostgreSQL."""
    axis = build(tmp_path, engine, amqp_url, now=datetime.now(UTC).replace(microsecond=0))
    with endpoint_at(tmp_path) as endpoint:
        found = Pushed(axis=axis, endpoint=endpoint, config=tmp_path / "axis.toml")
        axis.settings = structs.replace(
            axis.settings,
            courier=CourierSettings(
                allow=("127.0.0.0/8",),
                ca="endpoint-ca.pem",
                timeout_s=2,
                look_s=0.05,
                lease_s=1,
                retry_first_s=0.05,
                retry_most_s=0.2,
                breaker_after=3,
            ),
        )
        found.set()
        for words in (
            ("system", "set", "khac", "--receives-by", "webhook"),
            ("system", "webhook", "set", "khac", endpoint.url),
        ):
            result = found.call(*words)
            assert result.exit_code == 0, (result.output, result.exception)
        yield found
