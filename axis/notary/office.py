"""One term of office of the notary: everything it does between taking over and being succeeded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from axis.ledger.checkpoint import Checkpoint
from axis.ledger.continuation import continuation
from axis.ledger.entry import SealedEntry
from axis.ledger.errors import ClockBackwardsError
from axis.ledger.note import NoteSigner
from axis.ledger.tilefolder import TileFolder
from axis.notary.clockguard import ClockGuard
from axis.notary.publisher import Publisher
from axis.notary.signing import has_key, memory_folder, signer_named
from axis.settings import Settings
from axis.store.checkpoints import last_checkpoint
from axis.store.engine import transaction
from axis.store.ledger import demand_epoch, latest_log, open_log, sequence, take_over

_LOG: Final = logging.getLogger(__name__)


def origin_of(settings: Settings, log: int) -> str:
    """Return the name of a year's log, which is also the name of its key."""
    return f"{settings.notary.origin}/{log}"


def folder_of(settings: Settings, log: int) -> TileFolder:
    """Return the folder in which a year's log is shown."""
    return TileFolder(settings.path(settings.notary.tiles) / str(log))


def signer_of(settings: Settings, log: int) -> NoteSigner:
    """Return the signer of a year's log.

    Raises:
        AxisError: the key cannot be used; see :func:`axis.notary.signing.signer_named`.
    """
    return signer_named(settings, origin_of(settings, log))


class Office:
    """The notary in office: gives places, builds, signs, shows, and goes over into a new year."""

    def __init__(
        self,
        engine: sa.Engine,
        settings: Settings,
        *,
        holder: str,
        now: Callable[[], datetime],
        elapsed: Callable[[], float],
    ) -> None:
        """Take over. From here a notary that held the office before can write no more."""
        self._engine = engine
        self._settings = settings
        self._clock = ClockGuard(now, elapsed)
        self._publisher: tuple[int, Publisher] | None = None
        with transaction(engine) as connection:
            self.epoch = take_over(connection, holder, now())
        self._signs = has_key(settings)
        if not self._signs:
            _LOG.warning("no signing key: entries get places, but nothing is signed")

    def round(self) -> int:
        """Do all that is due, and return how many entries got their place.

        Raises:
            AxisError: nothing was signed since; the code says why.
        """
        # 1. Which log is it? A year that ended is finished and signed before the next one begins.
        log = self._current_log()
        # 2. Give places, and sign after each batch, so that no receipt waits for a long backlog.
        placed = 0
        while True:
            with transaction(self._engine) as connection:
                moved = sequence(
                    connection, log=log, epoch=self.epoch, limit=self._settings.notary.batch
                )
            placed += moved.placed
            self._publish(log)
            if moved.taken < self._settings.notary.batch:
                return placed

    def _current_log(self) -> int:
        now = self._clock.check(signed_at=None)
        with transaction(self._engine) as connection:
            latest = latest_log(connection)
        if latest == now.year:
            return latest
        if latest is not None and latest > now.year:
            raise ClockBackwardsError(expected=str(latest), got=now.isoformat())
        if latest is not None:
            self._publish(latest)
        with transaction(self._engine) as connection:
            demand_epoch(connection, self.epoch)
            open_log(connection, now.year, self._continuation(connection, latest, now))
        return now.year

    def _continuation(
        self, connection: sa.Connection, latest: int | None, now: datetime
    ) -> SealedEntry | None:
        """Return the entry by which a new log says where the one before it ended."""
        last = last_checkpoint(connection, latest) if latest is not None else None
        if latest is None or last is None:
            return None
        ended = Checkpoint(origin=origin_of(self._settings, latest), size=last.size, root=last.root)
        return continuation(ended, origin_of(self._settings, now.year), now)

    def _publish(self, log: int) -> None:
        if not self._signs:
            return
        if self._publisher is None or self._publisher[0] != log:
            self._publisher = (log, self._take_up(log))
        publisher = self._publisher[1]
        publisher.advance(lambda: self._clock.check(signed_at=publisher.signed_at))

    def _take_up(self, log: int) -> Publisher:
        return Publisher(
            self._engine,
            log=log,
            epoch=self.epoch,
            signer=signer_of(self._settings, log),
            folder=folder_of(self._settings, log),
            memory=memory_of(self._settings, log),
        )


def memory_of(settings: Settings, log: int) -> Path:
    """Return the file beside the key that remembers the last checkpoint of a log."""
    return memory_folder(settings) / str(log)
