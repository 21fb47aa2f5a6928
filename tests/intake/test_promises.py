"""A door stops taking packages where the operator wants witnesses, or a notary that signs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from ledger.material import sealed

from axis.bus.connection import connected, open_channel
from axis.bus.topology import declare_topology
from axis.errors import Fault
from axis.intake.errors import IntakeBusyError
from axis.intake.pressure import Pressure
from axis.intake.promises import LedgerPromises
from axis.ledger.entry import Sealer
from axis.ledger.keys import make_notary_key
from axis.notary.process import sequence_pending
from axis.settings import IntakeSettings, NotarySettings, Settings
from axis.store import ledger
from axis.store.checkpoints import Cosignature, add_cosignature, last_checkpoint
from axis.store.engine import open_engine, transaction

AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ENTRIES = sealed(Sealer(b"k" * 32), 9)
LATE = timedelta(seconds=31)


class Time:
    """The time of day and the time that passed, set by tests."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def now(self) -> datetime:
        return AT + self.passed

    def elapsed(self) -> float:
        return self.passed.total_seconds()


@pytest.fixture
def time() -> Time:
    return Time()


def settings_of(home: Path, **notary: object) -> Settings:
    settings = Settings(home=str(home), notary=NotarySettings(**notary))  # type: ignore[arg-type]
    if not settings.path("notary.key").exists():
        make_notary_key(settings.path("notary.key"))
    return settings


def promises(engine: sa.Engine, settings: Settings, time: Time) -> LedgerPromises:
    return LedgerPromises(engine, settings, now=time.now, elapsed=time.elapsed)


def add(engine: sa.Engine, start: int, stop: int) -> None:
    with transaction(engine) as connection:
        ledger.append(connection, ENTRIES[start:stop])


def sign(engine: sa.Engine, settings: Settings) -> None:
    sequence_pending(engine, settings, now=lambda: AT, elapsed=lambda: 0.0)


def cosign(engine: sa.Engine, witness: str) -> None:
    with transaction(engine) as connection:
        last = last_checkpoint(connection, 2026)
        assert last is not None
        add_cosignature(connection, Cosignature(2026, last.size, witness, "— x eA==", AT))


def test_a_strict_policy_stops_the_intake_until_the_quorum_has_cosigned(
    engine: sa.Engine, tmp_path: Path, time: Time
) -> None:
    settings = settings_of(tmp_path, witness_quorum=2, witness_within_s=30.0, witness_strict=True)
    gate = promises(engine, settings, time)
    assert gate.look() is None  # nothing was signed yet, so nothing lacks anything
    add(engine, 0, 5)
    sign(engine, settings)
    assert gate.look() is None
    time.passed = LATE
    cosign(engine, "a.example")
    assert gate.look() == "witnesses"
    cosign(engine, "b.example")
    assert gate.look() is None


def test_without_the_strict_setting_missing_witnesses_stop_nothing(
    sqlite_engine: sa.Engine, tmp_path: Path, time: Time
) -> None:
    settings = settings_of(tmp_path, witness_quorum=2, witness_within_s=30.0)
    add(sqlite_engine, 0, 5)
    sign(sqlite_engine, settings)
    time.passed = LATE
    assert promises(sqlite_engine, settings, time).look() is None


def test_a_notary_that_signs_nothing_for_too_long_stops_the_intake_until_it_signs(
    engine: sa.Engine, tmp_path: Path, time: Time
) -> None:
    settings = settings_of(tmp_path, stop_after_s=30.0)
    gate = promises(engine, settings, time)
    add(engine, 0, 5)
    sign(engine, settings)
    time.passed = timedelta(hours=1)
    assert gate.look() is None  # an idle notary has nothing to sign
    add(engine, 5, 6)
    assert gate.look() is None
    time.passed += LATE
    assert gate.look() == "notary"
    sign(engine, settings)
    assert gate.look() is None


def test_a_busy_notary_that_signs_is_not_taken_for_one_that_cannot(
    sqlite_engine: sa.Engine, tmp_path: Path, time: Time
) -> None:
    settings = settings_of(tmp_path, stop_after_s=30.0)
    gate = promises(sqlite_engine, settings, time)
    for number in range(4):  # there is always something that waits
        add(sqlite_engine, number, number + 1)
        assert gate.look() is None
        sign(sqlite_engine, settings)
        add(sqlite_engine, number + 1, number + 2)
        time.passed += LATE
        assert gate.look() is None


def test_a_policy_that_cannot_be_asked_stops_the_intake(tmp_path: Path, time: Time) -> None:
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    settings = settings_of(tmp_path, stop_after_s=30.0)
    assert promises(engine, settings, time).look() == "database-away"
    assert promises(engine, settings_of(tmp_path), time).look() is None
    engine.dispose()


async def test_a_door_tells_the_sender_to_come_later(
    amqp_url: str, sqlite_engine: sa.Engine, tmp_path: Path, time: Time
) -> None:
    settings = settings_of(tmp_path, stop_after_s=30.0)
    gate = promises(sqlite_engine, settings, time)
    add(sqlite_engine, 0, 1)
    assert gate.look() is None
    time.passed = LATE
    async with connected(amqp_url, name="test") as connection:
        channel = await open_channel(connection, confirms=True)
        await declare_topology(channel)
        intake = IntakeSettings(free_bytes=0, retry_after_s=7)
        pressure = Pressure(channel, tmp_path, intake, ledger=gate, elapsed=time.elapsed)
        with pytest.raises(IntakeBusyError) as refused:
            await pressure.check()
        assert refused.value.code == "intake.busy"
        assert refused.value.fault is Fault.OUTAGE
        assert refused.value.facts == {"reason": "notary", "retry_after_s": 7}
        sign(sqlite_engine, settings)
        time.passed += timedelta(seconds=1)
        await pressure.check()
