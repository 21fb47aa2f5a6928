"""A monitor's look at a log: what is new must be a growth of what was seen before."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from axis.errors import AxisError
from axis.ledger.checkpoint import verify_checkpoint
from axis.ledger.errors import CheckpointAbsentError, RollbackSeenError
from axis.ledger.merkle import consistency_proof
from axis.ledger.note import VerifierKey
from axis.ledger.splitview import prove_split_view
from axis.ledger.tilefolder import write_durably
from axis.ledger.tiles import TileNodes
from axis.ledger.tilesource import TileSource
from axis.ledger.view import accept


class Seen(NamedTuple):
    """What a look brought."""

    size: int
    added: int


def look(source: TileSource, key: VerifierKey, memory: Path) -> Seen:
    """Compare the log's newest checkpoint with the one in ``memory``, and keep the newer one.

    Raises:
        SplitViewError, ConsistencyError: the log contradicts what was seen; ``<memory>.split.json``
            convicts it, where its tiles give that much.
        RollbackSeenError: the log has become smaller; ``<memory>.rolled-back`` keeps what it shows.
        CheckpointAbsentError: the log shows no checkpoint any more, or not yet.
    """
    last = memory.read_bytes().decode(errors="replace") if memory.exists() else None
    note = source.read_checkpoint()
    if note is None:
        raise CheckpointAbsentError(log=0)
    new = verify_checkpoint(note, key).checkpoint
    old = verify_checkpoint(last, key).checkpoint if last is not None else None
    nodes = TileNodes(source.read, new.size)
    try:
        path = consistency_proof(nodes, old.size, new.size) if old and old.size <= new.size else []
        accept(last, note, path, key)
    except AxisError as error:
        if last is not None:
            _keep_evidence(error, last, note, nodes, key, memory)
        raise
    write_durably(memory, note.encode())
    return Seen(new.size, new.size - (old.size if old else 0))


def _keep_evidence(
    error: AxisError, last: str, note: str, nodes: TileNodes, key: VerifierKey, memory: Path
) -> None:
    if isinstance(error, RollbackSeenError):
        write_durably(memory.with_name(memory.name + ".rolled-back"), note.encode())
        return
    try:
        split = prove_split_view(last, note, nodes, key)
    except AxisError:
        return  # its tiles do not even give its own root
    if split is not None:
        write_durably(memory.with_name(memory.name + ".split.json"), split.encode())
