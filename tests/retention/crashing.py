"""A purge that is killed at a named point: ``python -m tests.retention.crashing POINT``."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime

from axis.bodies import DiskBodies
from axis.ledger.entry import Sealer
from axis.ledger.keys import read_key_file
from axis.retention import purge as room
from axis.retention.classes import Retention
from axis.settings import load_settings
from axis.store.engine import open_engine

POINTS = ("recorded", "removing", "removed")
DOCUMENTS = (Retention(name="documents", kind="document", accepted=True, days=30),)


def die(*_args: object, **_facts: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash_at(point: str) -> None:
    real_remove, real_file = room._remove, room._remove_file
    calls = {"remove": 0, "file": 0}

    def remove(*args: object, **facts: object) -> None:
        calls["remove"] += 1
        if point == "recorded" and calls["remove"] == 2:
            die()
        real_remove(*args, **facts)

    def remove_file(*args: object, **facts: object) -> bool:
        calls["file"] += 1
        if point == "removing" and calls["file"] == 3:
            die()
        return real_file(*args, **facts)

    room._remove, room._remove_file = remove, remove_file
    if point == "removed":
        room.mark_removed = die


if __name__ == "__main__":
    crash_at(sys.argv[1])
    settings = load_settings()
    room.purge(
        open_engine(settings.database_url),
        DiskBodies(settings.path(settings.bodies.path)),
        Sealer(read_key_file(settings.path(settings.notary.salt_key))),
        DOCUMENTS,
        now=datetime.now(UTC),
        wall=lambda: 1e12,
    )
