"""Makes receipts: for each step of a document that an office is a party to, one proof file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa

from axis.ledger.entry import LoggedEntry, parse_leaf
from axis.ledger.merkle import inclusion_proof
from axis.ledger.opening import open_entry
from axis.ledger.proof import Proof
from axis.ledger.receipt import make_receipt
from axis.ledger.tiles import TileNodes
from axis.notary.office import folder_of
from axis.settings import Settings
from axis.store.checkpoints import (
    SignedCheckpoint,
    last_checkpoint,
    last_cosigned,
    note_of,
    timestamp_covering,
)
from axis.store.engine import transaction
from axis.trace.gather import Story, gather_one


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt of one step; without a proof, the step is recorded but not yet signed for."""

    entry: LoggedEntry
    proof: Proof | None

    @property
    def name(self) -> str:
        """A file name that sorts by place: ``2026-00001234-ContentHandover.tlog-proof``."""
        event = parse_leaf(self.entry.leaf).event.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
        return f"{self.entry.log}-{self.entry.leaf_index:08}-{event}.tlog-proof"


def receipts_of(
    engine: sa.Engine, settings: Settings, document: str, office: str
) -> Iterator[Receipt]:
    """Yield the receipts of a document for an office, in the order of the log.

    An office gets the receipts of the packages that it sent, with all their deliveries, and of the
    deliveries to it, with the acceptance of their package.

    Raises:
        DocumentUnknownError: nothing goes by this name.
        DocumentAmbiguousError: the office is a party to several documents of this number.
        TileMissingError: the log's tiles are not here.
        OpeningMismatchError: the record was changed.
    """
    story = gather_one(engine, document, party=office)
    yield from receipts_for(
        engine, settings, [entry for entry in story.entries if _is_party(story, entry, office)]
    )


def receipts_for(
    engine: sa.Engine,
    settings: Settings,
    entries: Iterable[LoggedEntry],
    *,
    stamped: bool = False,
) -> Iterator[Receipt]:
    """Yield the receipts of entries.

    Args:
        engine: the records.
        settings: where the tiles are, and how many witnesses make a quorum.
        entries: as the records have them.
        stamped: prefer the earliest checkpoint with a time stamp.
    """

    def stamped_of(log: int, leaf_index: int) -> SignedCheckpoint | None:
        with transaction(engine) as connection:
            timestamp = timestamp_covering(connection, log, leaf_index)
            found = last_checkpoint(connection, log, below=timestamp.size) if timestamp else None
            return found and found._replace(note=note_of(connection, found))

    @lru_cache(maxsize=4)
    def newest_of(log: int) -> Sequence[SignedCheckpoint]:
        # The one with the witnesses' lines, then the newest one; asked once for all entries.
        with transaction(engine) as connection:
            quorum = max(settings.notary.witness_quorum, 1)
            found = (
                last_cosigned(connection, log, at_least=quorum),
                last_checkpoint(connection, log),
            )
            return [one._replace(note=note_of(connection, one)) for one in found if one is not None]

    def checkpoint_of(log: int, leaf_index: int) -> SignedCheckpoint | None:
        first = stamped_of(log, leaf_index) if stamped else None
        candidates = [first, *newest_of(log)]
        return next((one for one in candidates if one and one.size > leaf_index), None)

    @lru_cache(maxsize=4)
    def nodes_of(log: int, size: int) -> TileNodes:
        return TileNodes(folder_of(settings, log).read, size)

    for entry in entries:
        checkpoint = None
        if entry.log is not None and entry.leaf_index is not None:
            checkpoint = checkpoint_of(entry.log, entry.leaf_index)
        if entry.leaf_index is None or checkpoint is None:
            yield Receipt(entry=entry, proof=None)
            continue
        nodes = nodes_of(checkpoint.log, checkpoint.size)
        path = inclusion_proof(nodes, entry.leaf_index, checkpoint.size)
        yield Receipt(entry=entry, proof=make_receipt(entry, path, checkpoint.note))


def _is_party(story: Story, entry: LoggedEntry, office: str) -> bool:
    values = open_entry(entry.leaf, entry.salt, entry.opening)
    if office in (values.get("from"), values.get("to"), values.get("served")):
        return True
    if any(p.id == entry.package_id and p.sender == office for p in story.packages):
        return True
    return any(
        delivery.package_id == entry.package_id
        and office in (delivery.address, delivery.office_id)
        and entry.delivery_id in (None, delivery.id)
        for delivery in story.deliveries
    )
