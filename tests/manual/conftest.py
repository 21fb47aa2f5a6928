"""A machine for the drills."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from axis.sandbox.postgresql import PrivatePostgreSQL
from axis.sandbox.rabbitmq import PrivateRabbitMQ

from .machine import Machine


@pytest.fixture
def machine(
    postgresql: PrivatePostgreSQL, rabbitmq: PrivateRabbitMQ, amqp_url: str
) -> Iterator[Machine]:
    """A machine whose PostgreSQL keeps its data when it ends, as a machine's own does."""
    assert postgresql.is_running, "without PostgreSQL the test was skipped before it came here"
    # PostgreSQL's own account enters it, which it may not in a test's folder.
    root = Path(tempfile.mkdtemp(prefix="axis-manual-"))
    root.chmod(0o711)
    own = PrivatePostgreSQL(root / "postgresql")
    try:
        own.start()
        own.create_database("axis")
        made = Machine(root, own, rabbitmq, amqp_url)
        yield made
        made.close()
    finally:
        own.remove()
        shutil.rmtree(root, ignore_errors=True)
