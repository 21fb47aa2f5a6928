"""What the ledger's tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from axis.ledger.entry import Sealer
from axis.store.engine import open_engine
from axis.store.tables import METADATA


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(b"k" * 32)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """A database with the ledger's tables, empty."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path}/axis.db")
    elif url := os.environ.get("AXIS_TEST_POSTGRESQL_URL"):
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        name = "ledger_" + tmp_path.name.lower().translate({ord("-"): None})[-40:]
        with admin.connect() as connection:
            connection.exec_driver_sql(f'drop database if exists "{name}" with (force)')
            connection.exec_driver_sql(f'create database "{name}"')
        admin.dispose()
        engine = open_engine(sa.make_url(url).set(database=name).render_as_string(False))
    else:
        pytest.skip("no PostgreSQL: set AXIS_TEST_POSTGRESQL_URL")
    METADATA.create_all(engine)
    yield engine
    engine.dispose()
