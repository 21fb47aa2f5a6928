"""An installation on SQLite whose keys are all there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from axis.doctor.examine import examine
from axis.doctor.values import Answer
from axis.sandbox.rabbitmq import PrivateRabbitMQ
from axis.sections import DoctorSettings
from axis.serve.prepare import prepare
from axis.settings import AmqpSettings, DatabaseSettings, HubSettings, Settings
from tests.relay.conftest import axis, axis_on_postgresql

__all__ = ["axis", "axis_on_postgresql"]

Codes = Callable[..., list[str]]

#: The machine may be busy.
PATIENT = DoctorSettings(answer_s=60.0)


@pytest.fixture
def settings(
    tmp_path: Path, sqlite_engine: sa.Engine, amqp_url: str, rabbitmq: PrivateRabbitMQ
) -> Settings:
    """An installation as ``axis serve`` leaves it, without processes."""
    made = Settings(
        home=str(tmp_path),
        database=DatabaseSettings(url=sqlite_engine.url.render_as_string()),
        amqp=AmqpSettings(url=amqp_url),
        hub=HubSettings(management=rabbitmq.management_url),
        doctor=PATIENT,
    )
    prepare(made)
    return made


def answer_of(settings: Settings, check: str, **words: object) -> Answer:
    """The answer of one check."""
    (answer,) = examine(settings, [check], **words)  # type: ignore[arg-type]
    return answer


def codes(settings: Settings, check: str, **words: object) -> list[str]:
    """The codes of what one check found."""
    return sorted({one.code for one in answer_of(settings, check, **words).troubles})


def now() -> datetime:
    """The instant, truly."""
    return datetime.now(UTC)
