"""The first entry of each log but the first: where the log before it ended."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from axis.ledger.checkpoint import Checkpoint
from axis.ledger.entry import Entry, SealedEntry, Sealer
from axis.ledger.events import Event


def continuation(ended: Checkpoint, origin: str, now: datetime) -> SealedEntry:
    """Return the entry that ties the log ``origin`` to the last checkpoint of the one before.

    There is nothing to hide in it, so its salt comes from the log's name, and anyone can open it.
    """
    key = hashlib.sha256(origin.encode()).digest()
    return Sealer(key).seal(
        Entry(
            event=Event.LEDGER_CONTINUATION,
            at=now,
            package_id=uuid5(NAMESPACE_URL, origin),
            facts={"origin": ended.origin, "root": ended.root.hex(), "size": ended.size},
        )
    )
