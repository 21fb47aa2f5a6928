"""Removes parts that no package needs and uploads that rest, in steps that each survive a crash.

A part stays while a package of its system names it that was not purged; so it goes with the last
one, and a legal hold keeps it. What no package names stays for a while: the envelope may follow.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from axis.bodies import Bodies
from axis.bodies.errors import BodyMissingError
from axis.settings import PartSettings
from axis.store.engine import transaction
from axis.store.parts import end_unneeded, ended_parts, forget_part
from axis.store.uploads import forget_upload, idle_uploads

CHUNK: Final = 200

#: A file that was written lately may have been brought again a moment ago: it stays a day.
YOUNG_S: Final = 86_400.0


@dataclass(slots=True)
class Collected:
    """What a collection did."""

    uploads: int = 0  #: that rested too long
    ended: int = 0  #: parts that are not given out any more
    removed: int = 0  #: files that went


def collect(
    engine: sa.Engine,
    bodies: Bodies,
    settings: PartSettings,
    *,
    now: datetime,
    wall: Callable[[], float] = time.time,
) -> Collected:
    """Finish what an earlier collection began, then collect what is over its time.

    Raises:
        DatabaseUnavailableError, BodyStoreFullError: what was done is done; collect again.
    """
    done = Collected()
    before = now - timedelta(hours=settings.keep_hours)
    _end_uploads(engine, bodies, done, before)
    # 1. Write down what goes. From here no package can name it; after a crash the files are there.
    while True:
        with transaction(engine) as connection:
            ended = end_unneeded(connection, before=before, now=now, limit=CHUNK)
        done.ended += ended
        if ended < CHUNK:
            break
    _remove(engine, bodies, done, wall)
    return done


def _end_uploads(engine: sa.Engine, bodies: Bodies, done: Collected, before: datetime) -> None:
    while True:
        with transaction(engine) as connection:
            idle = idle_uploads(connection, before=before, limit=CHUNK)
        for upload_id in idle:
            # The file first: after a crash the record is there, and says that it is to go.
            bodies.uploads.remove(upload_id)
            with transaction(engine) as connection:
                forget_upload(connection, upload_id)
        done.uploads += len(idle)
        if len(idle) < CHUNK:
            return


def _remove(engine: sa.Engine, bodies: Bodies, done: Collected, wall: Callable[[], float]) -> None:
    last: tuple[str, bytes] | None = None
    while True:
        with transaction(engine) as connection:
            ended = ended_parts(connection, after=last, limit=CHUNK)
        if not ended:
            return
        for system_id, digest, needed in ended:
            # 2. The file, unless another part or a package is the same bytes. After a crash it is
            #    gone and the record does not know: done again.
            if not needed:
                if not _unlink(bodies, digest, wall):
                    continue  # young; a later collection looks again
                done.removed += 1
            # 3. Write down that it has gone.
            with transaction(engine) as connection:
                forget_part(connection, system_id, digest)
        last = ended[-1][:2]


def _unlink(bodies: Bodies, digest: bytes, wall: Callable[[], float]) -> bool:
    try:
        if wall() - bodies.written_s(digest) < YOUNG_S:
            return False
    except BodyMissingError:
        return True
    bodies.remove(digest)
    return True
