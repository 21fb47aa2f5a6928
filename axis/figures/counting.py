"""Counts hours, again and again at growing distances, because deliveries go on after their hour.

An hour is counted anew when its age has grown by a quarter: the present one each minute,
yesterday's every few hours. So each costs some dozens of countings in its life, and none is far
behind.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from axis.store.engine import transaction
from axis.store.figures import (
    HOUR,
    backlog_of_now,
    count_hour,
    counted_hours,
    first_judged,
    forget_backlog,
    has_backlog,
    last_counted,
    save_backlog,
)

#: After this nothing is delivered any more that would change the counts much.
GROWS_FOR: Final = timedelta(days=60)
LEAST: Final = timedelta(minutes=1)
#: Offices that are written down with what they have left, each hour.
OFFICES: Final = 200
KEPT: Final = timedelta(days=92)


def hour_of(at: datetime) -> datetime:
    """Return the hour in which an instant is."""
    return at.replace(minute=0, second=0, microsecond=0)


def is_due(hour: datetime, counted_at: datetime, now: datetime) -> bool:
    """Say whether an hour that was counted is to be counted anew."""
    age = counted_at - (hour + HOUR)
    if age >= GROWS_FOR:
        return False
    return now - counted_at >= max(LEAST, age / 4)


class Counter:
    """Counts what is due; one round at a time."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def round(self, now: datetime, *, most: int = 12) -> int:
        """Count so many hours at most, and write down the backlog of this one; return how many.

        Raises:
            DatabaseUnavailableError: the rest comes in the next round.
        """
        this = hour_of(now)
        with transaction(self._engine) as connection:
            if not has_backlog(connection, this):
                total, offices = backlog_of_now(connection, limit=OFFICES)
                save_backlog(connection, this, total, offices)
                forget_backlog(connection, before=now - KEPT)
            known = counted_hours(connection, since=now - GROWS_FOR - HOUR)
        due = [hour for hour, at in sorted(known.items(), reverse=True) if is_due(hour, at, now)]
        done = 0
        for hour in due[:most]:
            with transaction(self._engine) as connection:
                count_hour(connection, hour, now=now)
            done += 1
        while done < most and self._count_next(this, now):
            done += 1
        return done

    def _count_next(self, this: datetime, now: datetime) -> bool:
        """Count the next hour that never was; hours in which nothing came are left out."""
        with transaction(self._engine) as connection:
            last = last_counted(connection)
            if last is not None and last >= this:
                return False
            found = first_judged(connection, since=last + HOUR if last else None)
            hour = this if found is None else min(hour_of(found), this)
            count_hour(connection, hour, now=now)
        return True
