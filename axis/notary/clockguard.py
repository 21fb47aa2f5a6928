"""Watches the clock: what is signed and when a year ends must not follow a clock that jumps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from axis.ledger.errors import ClockBackwardsError, ClockJumpedError

TOLERANCE: Final = timedelta(seconds=60)


class ClockGuard:
    """Compares the clock with a timer that cannot be set, and with what was signed before."""

    def __init__(self, now: Callable[[], datetime], elapsed: Callable[[], float]) -> None:
        """Begin at this moment.

        Args:
            now: the clock, aware UTC.
            elapsed: a timer that only counts up, in seconds.
        """
        self._now = now
        self._elapsed = elapsed
        self._began_at = now()
        self._began = elapsed()

    def check(self, *, signed_at: datetime | None) -> datetime:
        """Return the time now.

        Raises:
            ClockJumpedError: since we began, the clock went otherwise than the timer by a minute.
            ClockBackwardsError: the clock is before the last signature by a minute.
        """
        now = self._now()
        expected = self._began_at + timedelta(seconds=self._elapsed() - self._began)
        if abs(now - expected) > TOLERANCE:
            raise ClockJumpedError(expected=expected.isoformat(), got=now.isoformat())
        if signed_at is not None and now < signed_at - TOLERANCE:
            raise ClockBackwardsError(expected=signed_at.isoformat(), got=now.isoformat())
        return now
