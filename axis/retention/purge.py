"""Removes bodies whose time is over, in two steps that each survive a crash.

First it is recorded, in the ledger too, that a body goes; from then on it is not given out. Then
the file goes, and that it has gone is recorded. A kill between any two steps leaves a record
without its end, and the next purge finishes it first. Digests, entries and receipts stay.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from axis.bodies import Bodies
from axis.bodies.errors import BodyMissingError
from axis.ledger.entry import Entry, Sealer
from axis.ledger.events import Event
from axis.retention.classes import Retention
from axis.store.engine import transaction
from axis.store.ledger import append
from axis.store.retention import left_to_remove, mark_removed, purgeable, record_purge

CHUNK: Final = 200

#: A file that was written lately may belong to a package that is not judged yet: it stays a day.
YOUNG_S: Final = 86_400.0


@dataclass(slots=True)
class Purged:
    """What a purge did."""

    recorded: int = 0
    removed: int = 0  #: files that went
    kept: int = 0  #: files that another package needs, or that are young
    size_bytes: int = 0  #: of what was recorded


def purge(
    engine: sa.Engine,
    bodies: Bodies,
    sealer: Sealer,
    retentions: tuple[Retention, ...],
    *,
    now: datetime,
    wall: Callable[[], float] = time.time,
    progress: Callable[[Purged], None] = lambda _done: None,
) -> Purged:
    """Finish what an earlier purge began, then purge what is over its time.

    ``progress`` is told of each step of at most ``CHUNK`` bodies.

    Raises:
        DatabaseUnavailableError: what was done is done; purge again.
    """
    done = Purged()
    _remove(engine, bodies, done, now=now, wall=wall, progress=progress)
    for retention in retentions:
        if retention.days:
            while _record(engine, sealer, retention, done, now=now) == CHUNK:
                progress(done)
    _remove(engine, bodies, done, now=now, wall=wall, progress=progress)
    return done


def _record(
    engine: sa.Engine, sealer: Sealer, retention: Retention, done: Purged, *, now: datetime
) -> int:
    # 1. Write down that they go. After a crash the files are still there, and the record says so.
    with transaction(engine) as connection:
        found = purgeable(
            connection,
            kind=retention.kind,
            accepted=retention.accepted,
            before=now - timedelta(days=retention.days),
            limit=CHUNK,
        )
        record_purge(connection, found, retention=retention.name, at=now)
        append(
            connection,
            [
                sealer.seal(
                    Entry(
                        event=Event.BODY_PURGE,
                        at=now,
                        package_id=one.package_id,
                        body_sha256=one.digest,
                        reason=f"retention-{retention.name}",
                    )
                )
                for one in found
            ],
        )
    done.recorded += len(found)
    done.size_bytes += sum(one.size_bytes for one in found)
    return len(found)


def _remove(
    engine: sa.Engine,
    bodies: Bodies,
    done: Purged,
    *,
    now: datetime,
    wall: Callable[[], float],
    progress: Callable[[Purged], None],
) -> None:
    last: UUID | None = None
    while True:
        with transaction(engine) as connection:
            found = left_to_remove(connection, after=last, limit=CHUNK)
        if not found:
            return
        last = found[-1][0]
        gone = []
        for package_id, digest, needed in found:
            # 2. The file. After a crash it is gone and the record does not know: done again.
            if needed:
                gone.append(package_id)  # the bytes stay, for the other package that has them
                done.kept += 1
            elif _remove_file(bodies, digest, wall=wall):
                gone.append(package_id)
                done.removed += 1
            else:
                done.kept += 1
        # 3. Write down that they have gone.
        with transaction(engine) as connection:
            mark_removed(connection, gone, at=now)
        progress(done)


def _remove_file(bodies: Bodies, digest: bytes, *, wall: Callable[[], float]) -> bool:
    """Remove a file; False where it is young: the same bytes may have come a moment ago."""
    try:
        if wall() - bodies.written_s(digest) < YOUNG_S:
            return False
    except BodyMissingError:
        return True
    bodies.remove(digest)
    return True
