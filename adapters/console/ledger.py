"""The ledger: how fresh its signature is, what waits, and which witnesses keep up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from adapters.console.answer import Answer
from adapters.console.render import page
from adapters.console.visit import Visit
from axis.notary.cosigning import parse_witness
from axis.store.checkpoints import (
    cosigned_size,
    last_checkpoint,
    last_cosigned,
    last_timestamp,
)
from axis.store.engine import transaction
from axis.store.ledger import head_size, latest_log, waiting

#: Entries that wait longer than this for a signature need somebody.
LATE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """How far a witness has followed."""

    name: str
    url: str
    size: int
    behind: int


def ledger(visit: Visit) -> Answer:
    """Show the newest log."""
    settings = visit.installation.settings.notary
    with transaction(visit.installation.engine) as connection:
        log = latest_log(connection)
        unplaced = waiting(connection)
        if log is None:
            return page(visit, "ledger.html", log=None, waiting=unplaced)
        size = head_size(connection, log) or 0
        signed = last_checkpoint(connection, log)
        cosigned = last_cosigned(connection, log, at_least=max(settings.witness_quorum, 1))
        stamped = last_timestamp(connection, log, only_tokens=True)
        signed_size = signed.size if signed else 0
        witnesses = []
        for text in settings.witnesses:
            witness = parse_witness(text)
            seen = cosigned_size(connection, log, witness.key.name) or 0
            witnesses.append(
                Witness(
                    name=witness.key.name,
                    url=witness.url,
                    size=seen,
                    behind=max(0, signed_size - seen),
                )
            )
    is_late = bool(
        (unplaced or size > signed_size) and (signed is None or visit.now - signed.signed_at > LATE)
    )
    return page(
        visit,
        "ledger.html",
        log=log,
        origin=f"{settings.origin}/{log}",
        size=size,
        signed=signed,
        cosigned=cosigned,
        stamped=stamped,
        waiting=unplaced,
        witnesses=witnesses,
        quorum=settings.witness_quorum,
        is_late=is_late,
    )
