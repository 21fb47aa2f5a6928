"""The notary at work: hold the office, do what is due, again and again until told to stop."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from axis.errors import AxisError, Fault
from axis.ledger.errors import NotaryBusyError
from axis.metrics import count
from axis.notary.attendance import Attendance
from axis.notary.following import Follower
from axis.notary.lock import Lock, hold_lock
from axis.notary.office import Office
from axis.settings import Settings

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
    elapsed: Callable[[], float] = time.monotonic,
) -> None:
    """Be the notary, or stand by until the office is free, until ``stop`` is set.

    Raises:
        AxisError: with fault ``axis``: records and promises contradict each other; trying again
            cannot help, and nothing more is signed.
    """
    follower = Follower(engine, settings)
    while not stop.is_set():
        try:
            try:
                with hold_lock(engine) as lock:
                    _serve(engine, settings, stop, lock, now, elapsed)
            except NotaryBusyError:
                # Another one is at work; this machine shows what it signs.
                follower.round()
                stop.wait(_STANDBY_S)
        except AxisError as error:
            if error.fault is Fault.AXIS:
                raise
            # Whatever was under way is in the database or it is not; the next term sees which.
            _LOG.warning("notary lost its office", extra={"code": error.code})
            stop.wait(_STANDBY_S)


def sequence_pending(
    engine: sa.Engine,
    settings: Settings,
    *,
    now: Callable[[], datetime] = clock,
    elapsed: Callable[[], float] = time.monotonic,
) -> int:
    """Give every waiting entry its place and sign for it, once; return how many got a place.

    Raises:
        NotaryBusyError: a notary is running; it does this by itself.
        DatabaseUnavailableError: the database cannot be reached.
        AxisError: nothing was signed; the code says why.
    """
    with hold_lock(engine):
        return Office(engine, settings, holder=_holder(), now=now, elapsed=elapsed).round()


def _serve(
    engine: sa.Engine,
    settings: Settings,
    stop: threading.Event,
    lock: Lock,
    now: Callable[[], datetime],
    elapsed: Callable[[], float],
) -> None:
    # 1. Take over. From here a notary that held the office before can write no more.
    office = Office(engine, settings, holder=_holder(), now=now, elapsed=elapsed)
    _LOG.info("notary took office", extra={"epoch": office.epoch})
    # 2. Witnesses and time stamps have a thread of their own: an outage there delays nothing here.
    with Attendance(engine, settings, now) as attendance:
        while not stop.is_set():
            # 3. Give places to all that waits, build, sign, show.
            placed = office.round()
            if placed:
                count("axis_entries_placed", placed)
                _LOG.debug("entries sequenced", extra={"count": placed})
            # 4. Wait for more, then see that the lock is still ours and no witness contradicts us.
            stop.wait(settings.notary.interval_ms / 1000)
            lock.check()
            attendance.check()


def _holder() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
