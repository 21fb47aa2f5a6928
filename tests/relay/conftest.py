"""An installation on each database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.relay.installation import Installation, build


@pytest.fixture
def axis(tmp_path: Path, engine: sa.Engine, amqp_url: str) -> Installation:
    """An installation on SQLite, and one on PostgreSQL."""
    return build(tmp_path, engine, amqp_url, now=_now())


@pytest.fixture
def axis_on_postgresql(tmp_path: Path, postgresql_engine: sa.Engine, amqp_url: str) -> Installation:
    """An installation on PostgreSQL, for what does not depend on the database."""
    return build(tmp_path, postgresql_engine, amqp_url, now=_now())


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
