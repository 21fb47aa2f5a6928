"""Writes a log's tiles into another folder: what an auditor takes home is the log itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from axis.ledger.checkpoint import Checkpoint, verify_checkpoint
from axis.ledger.errors import CheckpointAbsentError
from axis.ledger.note import VerifierKey
from axis.ledger.tilefolder import TileFolder
from axis.ledger.tiles import Tile, tiles_of
from axis.ledger.tilesource import TileSource

_AT_ONCE = 64


def export_tiles(
    source: TileSource,
    target: TileFolder,
    key: VerifierKey,
    *,
    log: int,
    progress: Callable[[int, int], None] = lambda done, size: None,
) -> Checkpoint:
    """Copy everything that the newest checkpoint covers; what is there already is not copied again.

    After an interruption it is run again and goes on. The checkpoint is written last, so that a
    folder that shows a checkpoint has all that is under it.

    Raises:
        CheckpointAbsentError: there is no checkpoint yet.
        NoteSignatureError: the checkpoint is not the log's.
        TileMissingError: a tile is missing at the source.
        TileConflictError: the target has other content under the same name.
    """
    note = source.read_checkpoint()
    if note is None:
        raise CheckpointAbsentError(log=log)
    checkpoint = verify_checkpoint(note, key).checkpoint
    done = 0
    total = sum(1 for _ in tiles_of(checkpoint.size))
    for part in _parts(tiles_of(checkpoint.size)):
        missing = [tile for tile in part if not (target.path / tile.path).exists()]
        target.write([(tile, source.read(tile)) for tile in missing])
        done += len(part)
        progress(done, total)
    target.write_checkpoint(note)
    return checkpoint


def _parts(tiles: Iterator[Tile]) -> Iterator[list[Tile]]:
    while part := list(islice(tiles, _AT_ONCE)):
        yield part
