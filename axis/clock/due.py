"""What is due in the records: held deliveries that can go, deliveries whose time is over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from axis.clock.remind import Reminders
from axis.delivery.lanes import Lane
from axis.delivery.states import Event
from axis.directory.snapshot import Directory
from axis.dispatch.routing import route_now
from axis.dispatch.steps import move
from axis.ledger.entry import Sealer
from axis.settings import ClockSettings
from axis.store.deliveries import save_deliveries
from axis.store.directory import load_directory, refresh_directory
from axis.store.due import held_deliveries, overdue
from axis.store.engine import transaction
from axis.store.ledger import append
from axis.store.types import load_types, types_version
from axis.types.book import Book

log = logging.getLogger(__name__)

#: Deliveries that one transaction moves.
CHUNK = 500


@dataclass(slots=True, kw_only=True)
class Due:
    """What the clock does without RabbitMQ."""

    engine: sa.Engine
    settings: ClockSettings
    sealer: Sealer
    clock: Callable[[], datetime]
    _directory: Directory | None = None
    _types: tuple[int, Book] | None = None  #: with their version

    def round(self) -> None:
        """Release what can go, expire what is over its time, remind of what is late.

        Raises:
            DatabaseUnavailableError: what was done is done; the rest is done in the next round.
        """
        self.release()
        self.expire()
        Reminders(
            engine=self.engine, settings=self.settings, sealer=self.sealer, clock=self.clock
        ).round(self._load(), self._load_types())

    def release(self) -> int:
        """Release held deliveries whose office is served by a system now; return how many."""
        count, last = 0, None
        directory = self._load()
        while True:
            with transaction(self.engine) as connection:
                held = held_deliveries(connection, after=last, limit=CHUNK)
                if not held:
                    return count
                last = held[-1].id
                now = self.clock()
                routed = [
                    found for one in held if (found := route_now(one, directory, now)) is not None
                ]
                moved = [
                    move(
                        way.delivery,
                        Event.RELEASE,
                        sealer=self.sealer,
                        now=now,
                        system=way.delivery.system_id,
                        served=way.served,
                    )
                    for way in routed
                ]
                append(connection, [one.entry for one in moved if one.entry is not None])
                save_deliveries(connection, [one.delivery for one in moved])
                count += len(moved)

    def expire(self) -> int:
        """End deliveries that nobody took within their time to live; return how many."""
        now, count = self.clock(), 0
        lives = (
            (Lane.EXPRESS, timedelta(days=self.settings.expire_express_days)),
            (Lane.NORMAL, timedelta(days=self.settings.expire_normal_days)),
        )
        for lane, life in lives:
            while True:
                with transaction(self.engine) as connection:
                    over = overdue(connection, lane, before=now - life, limit=CHUNK)
                    moved = [
                        move(one, Event.EXPIRE, sealer=self.sealer, now=now, reason="expired")
                        for one in over
                    ]
                    append(connection, [one.entry for one in moved if one.entry is not None])
                    save_deliveries(connection, [one.delivery for one in moved])
                count += len(over)
                if len(over) < CHUNK:
                    break
        if count:
            log.warning("deliveries expired", extra={"count": count})
        return count

    def _load_types(self) -> Book:
        with transaction(self.engine) as connection:
            version = types_version(connection)
            if self._types is None or self._types[0] != version:
                self._types = version, load_types(connection)
        return self._types[1]

    def _load(self) -> Directory:
        with transaction(self.engine) as connection:
            if self._directory is None:
                self._directory = load_directory(connection)
            else:
                self._directory = refresh_directory(connection, self._directory)
        return self._directory
