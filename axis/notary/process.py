"""The notary at work: hold the office, give places, again and again until told to stop."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from axis.ledger.errors import NotaryBusyError, NotaryFencedError
from axis.notary.lock import Lock, hold_lock
from axis.settings import Settings
from axis.store.engine import transaction
from axis.store.errors import DatabaseUnavailableError
from axis.store.ledger import sequence, take_over

_LOG: Final = logging.getLogger(__name__)
_STANDBY_S: Final = 1.0  #: how often a standby asks for the lock


def clock() -> datetime:
    """Return the time now, aware UTC."""
    return datetime.now(UTC)


def run(
    engine: sa.Engine,
    settings: Settings,
    stop: threading.Event,
    *,
    now: Callable[[], datetime] = clock,
) -> None:
    """Be the notary, or stand by until the office is free, until ``stop`` is set.

    Raises:
        AxisError: with fault ``axis``: something that must not be repaired by trying again.
    """
    while not stop.is_set():
        try:
            with hold_lock(engine) as lock:
                _serve(engine, settings, stop, lock, now)
        except NotaryBusyError:
            stop.wait(_STANDBY_S)
        except (DatabaseUnavailableError, NotaryFencedError) as error:
            # Whatever was under way is in the database or it is not; the next round sees which.
            _LOG.warning("notary lost its office", extra={"code": error.code})
            stop.wait(_STANDBY_S)


def sequence_pending(
    engine: sa.Engine, settings: Settings, *, now: Callable[[], datetime] = clock
) -> int:
    """Give every waiting entry its place, once, and return how many got one.

    Raises:
        NotaryBusyError: a notary is running; it does this by itself.
        DatabaseUnavailableError: the database cannot be reached.
    """
    with hold_lock(engine):
        with transaction(engine) as connection:
            epoch = take_over(connection, _holder(), now())
        return _round(engine, settings, epoch, now)


def _serve(
    engine: sa.Engine,
    settings: Settings,
    stop: threading.Event,
    lock: Lock,
    now: Callable[[], datetime],
) -> None:
    # 1. Take over. From here a notary that held the office before can write no more.
    with transaction(engine) as connection:
        epoch = take_over(connection, _holder(), now())
    _LOG.info("notary took office", extra={"epoch": epoch})
    while not stop.is_set():
        # 2. Give places to all that waits.
        placed = _round(engine, settings, epoch, now)
        if placed:
            _LOG.debug("entries sequenced", extra={"count": placed})
        # 3. Wait for more. The lock is checked so that a standby and we cannot both wait as owners.
        stop.wait(settings.notary.interval_ms / 1000)
        lock.check()


def _round(engine: sa.Engine, settings: Settings, epoch: int, now: Callable[[], datetime]) -> int:
    placed = 0
    while True:
        with transaction(engine) as connection:
            moved = sequence(connection, log=now().year, epoch=epoch, limit=settings.notary.batch)
        placed += moved.placed
        if moved.taken < settings.notary.batch:
            return placed


def _holder() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
