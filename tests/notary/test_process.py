"""The notary at work: one of many, fenced, and no step behind after a takeover."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from ledger.material import sealed

from axis.errors import AxisError
from axis.ledger.entry import Sealer
from axis.notary.lock import hold_lock
from axis.notary.process import run, sequence_pending
from axis.settings import NotarySettings, Settings
from axis.store import ledger
from axis.store.engine import transaction


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=str(tmp_path), notary=NotarySettings(batch=10, interval_ms=10))


@pytest.fixture
def running(engine: sa.Engine, settings: Settings) -> Iterator[list[threading.Event]]:
    """Two notaries at once; the test stops them one by one."""
    stops = [threading.Event(), threading.Event()]
    threads = [threading.Thread(target=run, args=(engine, settings, stop)) for stop in stops]
    for thread in threads:
        thread.start()
    yield stops
    for stop, thread in zip(stops, threads, strict=True):
        stop.set()
        thread.join(timeout=120)
        assert not thread.is_alive()


def wait_for_size(engine: sa.Engine, size: int) -> None:
    patience = threading.Event()
    for _ in range(500):
        with transaction(engine) as connection:
            log = ledger.latest_log(connection)
            if log is not None and ledger.head_size(connection, log) == size:
                return
        patience.wait(0.02)
    pytest.fail(f"the log did not come to {size} entries")


def test_one_call_gives_every_waiting_entry_its_place(
    engine: sa.Engine, settings: Settings
) -> None:
    with transaction(engine) as connection:
        ledger.append(connection, sealed(Sealer(b"k" * 32), 35))
    assert sequence_pending(engine, settings) == 35
    assert sequence_pending(engine, settings) == 0


def test_only_one_notary_holds_the_lock(engine: sa.Engine, settings: Settings) -> None:
    with hold_lock(engine):
        with pytest.raises(AxisError) as refused:
            sequence_pending(engine, settings)
        assert refused.value.code == "notary.busy"
    assert sequence_pending(engine, settings) == 0


def test_the_standby_takes_over_when_the_notary_stops(
    engine: sa.Engine, running: list[threading.Event]
) -> None:
    sealer = Sealer(b"k" * 32)
    with transaction(engine) as connection:
        ledger.append(connection, sealed(sealer, 25))
    wait_for_size(engine, 25)
    running[0].set()
    with transaction(engine) as connection:
        ledger.append(connection, sealed(sealer, 25, start=25))
    wait_for_size(engine, 50)


def test_a_lock_whose_session_died_is_noticed(engine: sa.Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("the kernel holds the file lock; it cannot be lost alive")
    with hold_lock(engine) as lock:
        lock.check()
        with engine.connect() as other:
            other.exec_driver_sql(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
                " and database = (select oid from pg_database where datname = current_database())"
            )
        with pytest.raises(AxisError) as refused:
            lock.check()
    assert refused.value.code == "store.unavailable"
