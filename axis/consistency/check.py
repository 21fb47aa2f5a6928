"""Proves the invariants over database, bodies, queues and ledger, and names what is wrong.

=====  ==========================================================================================
I1     what was accepted has its bytes, its evidence and its deliveries
I2     nothing has its effect twice
I3     nothing comes from nothing
I4     the ledger has no gap, and every entry its hash
I5     no checkpoint promises more than the ledger has
I6     states and instants fit each other
I7     every refusal has its reason and its evidence; nothing lies in a parking queue unseen
=====  ==========================================================================================

The tree itself, and signatures over it, are verified by ``axis ledger verify``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from axis.bodies import Bodies
from axis.bodies.errors import BodyCorruptError, BodyMissingError
from axis.ledger.entry import Sealer
from axis.ledger.events import Event
from axis.ledger.merkle import leaf_hash
from axis.store.checkpoints import checkpoints_of
from axis.store.engine import transaction
from axis.store.invariants import contradictions, missing_entries, packages_after
from axis.store.ledger import entries_between, head_size, latest_log
from axis.store.parts import package_parts_after

#: Which invariant each contradiction of the records breaks.
INVARIANTS: Final[Mapping[str, str]] = {
    "accepted-without-delivery": "I1",
    "delivery-without-evidence": "I1",
    "acceptance-without-evidence": "I1",
    "body-missing": "I1",
    "body-corrupt": "I1",
    "part-missing": "I1",
    "part-corrupt": "I1",
    "delivered-twice": "I2",
    "entry-twice": "I2",
    "delivery-of-a-refused-package": "I3",
    "entry-without-package": "I3",
    "request-without-package": "I3",
    "ledger-gap": "I4",
    "ledger-hash": "I4",
    "checkpoint-beyond-ledger": "I5",
    "state-without-its-instant": "I6",
    "confirmed-before-fetched": "I6",
    "recalled-and-given-out": "I6",
    "redirected-without-another": "I6",
    "refused-without-reason": "I7",
    "accepted-with-reason": "I7",
    "rejection-without-evidence": "I7",
    "notice-parked": "I7",
    "notice-unrouted": "I7",
}

_FROM_RECORDS: Final = (
    "accepted-without-delivery",
    "delivery-without-evidence",
    "delivered-twice",
    "entry-twice",
    "delivery-of-a-refused-package",
    "entry-without-package",
    "request-without-package",
    "state-without-its-instant",
    "confirmed-before-fetched",
    "recalled-and-given-out",
    "redirected-without-another",
    "refused-without-reason",
    "accepted-with-reason",
)


#: Records that are read at once.
CHUNK: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong."""

    what: str
    name: str  #: id of the package, delivery or entry; name of the queue

    @property
    def invariant(self) -> str:
        """I1 … I7."""
        return INVARIANTS[self.what]


def check(
    engine: sa.Engine,
    bodies: Bodies,
    sealer: Sealer,
    *,
    deep: bool = False,
    queues: Mapping[str, int] | None = None,
    told: Callable[[int], None] = lambda _count: None,
) -> Iterator[Finding]:
    """Yield everything that contradicts the invariants; nothing where all is well.

    Args:
        engine: the records.
        bodies: the bytes.
        sealer: knows the ids that entries must have.
        deep: read every body and check its digest, not only its size.
        queues: how many notices stand in the queues that should be empty, by what that means.
        told: is called with the number of packages looked at.

    Raises:
        DatabaseUnavailableError: cannot tell now.
    """
    for name in _FROM_RECORDS:
        with transaction(engine) as connection:
            wrong = contradictions(connection, name)
        yield from (Finding(what=name, name=str(one)) for one in wrong)
    yield from _packages(engine, bodies, sealer, deep=deep, told=told)
    yield from _parts(engine, bodies, deep=deep)
    yield from _ledger(engine)
    for what, count in (queues or {}).items():
        if count:
            yield Finding(what=what, name=f"{count} notices")


def _packages(
    engine: sa.Engine,
    bodies: Bodies,
    sealer: Sealer,
    *,
    deep: bool,
    told: Callable[[int], None],
) -> Iterator[Finding]:
    last: UUID | None = None
    while True:
        # A short transaction for each piece: on SQLite a long one would keep the relay waiting.
        findings: list[Finding] = []
        with transaction(engine) as connection:
            rows = packages_after(connection, last, limit=CHUNK)
            for accepted, event, what in (
                (True, Event.SUBMISSION_ACCEPTANCE, "acceptance-without-evidence"),
                (False, Event.SUBMISSION_REJECTION, "rejection-without-evidence"),
            ):
                wanted = {
                    row.id: sealer.entry_id(event, row.id)
                    for row in rows
                    if row.accepted is accepted
                }
                missing = missing_entries(connection, wanted)
                findings += [Finding(what=what, name=str(one)) for one in missing]
        if not rows:
            return
        last = rows[-1].id
        yield from findings
        for row in rows:
            if row.accepted and not row.purged:
                yield from _body(bodies, row.id, row.digest, row.size_bytes, deep=deep)
        told(len(rows))


def _body(
    bodies: Bodies, package_id: object, digest: bytes, size_bytes: int, *, deep: bool
) -> Iterator[Finding]:
    try:
        if deep:
            bodies.read(digest)
            return
        if bodies.size_of(digest) != size_bytes:
            yield Finding(what="body-corrupt", name=str(package_id))
    except BodyMissingError:
        yield Finding(what="body-missing", name=str(package_id))
    except BodyCorruptError:
        yield Finding(what="body-corrupt", name=str(package_id))


def _parts(engine: sa.Engine, bodies: Bodies, *, deep: bool) -> Iterator[Finding]:
    """Look at the attachments that came apart; deep: also whether they were changed or swapped."""
    last: tuple[UUID, str] | None = None
    while True:
        with transaction(engine) as connection:
            found = package_parts_after(connection, last, limit=CHUNK)
        if not found:
            return
        last = (found[-1].package_id, found[-1].content_id)
        for part in found:
            name = f"{part.package_id} cid:{part.content_id}"
            try:
                size = bodies.check(part.digest) if deep else bodies.size_of(part.digest)
                if size != part.size_bytes:
                    yield Finding(what="part-corrupt", name=name)
            except BodyMissingError:
                yield Finding(what="part-missing", name=name)
            except BodyCorruptError:
                yield Finding(what="part-corrupt", name=name)


def _ledger(engine: sa.Engine) -> Iterator[Finding]:
    with transaction(engine) as connection:
        log = latest_log(connection)
        size = head_size(connection, log) or 0 if log is not None else 0
        checkpoints = checkpoints_of(connection, log) if log is not None else []
    expected = 0
    for start in range(0, size, CHUNK):
        with transaction(engine) as connection:
            entries = list(entries_between(connection, log or 0, start, min(start + CHUNK, size)))
        for entry in entries:
            if entry.leaf_index != expected:
                yield Finding(what="ledger-gap", name=f"{log}/{expected}")
                expected = entry.leaf_index or 0
            if leaf_hash(entry.leaf) != entry.leaf_hash:
                yield Finding(what="ledger-hash", name=f"{log}/{entry.leaf_index}")
            expected += 1
    if expected != size:
        yield Finding(what="ledger-gap", name=f"{log}/{expected}")
    for checkpoint in checkpoints:
        if checkpoint.size > size:
            yield Finding(what="checkpoint-beyond-ledger", name=f"{log}/{checkpoint.size}")
