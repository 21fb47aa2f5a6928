"""An axis whose systems all speak AMQP, each with its account in a real RabbitMQ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from msgspec import structs

from adapters.amqp.management import Management
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.settings import HubSettings
from tests.amqp.door import Door, add_account, remove_account
from tests.relay.installation import SYSTEMS, build


@pytest.fixture
def door(
    tmp_path: Path, sqlite_engine: sa.Engine, rabbitmq: PrivateRabbitMQ, amqp_url: str
) -> Iterator[Door]:
    """The door, with an account for each system of the small axis."""
    axis = build(tmp_path, sqlite_engine, amqp_url, now=datetime.now(UTC).replace(microsecond=0))
    prefix = f"{urlsplit(amqp_url).path.lstrip('/')}."
    axis.settings = structs.replace(
        axis.settings,
        hub=HubSettings(
            management=rabbitmq.management_url,
            prefix=prefix,
            inline_bytes=200_000,
            piece_bytes=10_000,
            receipt_s=0.2,
            refresh_s=0.1,
        ),
    )
    with Management(rabbitmq.management_url) as management:
        door = Door(axis=axis, management=management)
        for system_id in SYSTEMS:
            add_account(door, system_id)
        yield door
        for system_id in SYSTEMS:
            remove_account(door, system_id)
