"""Verifies an exported log by itself: every entry, every tile, up to the signed root, no database.

This is what an auditor runs on a folder of tiles. It names each file that is wrong, and where the
tiles can still be trusted, each entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from axis.errors import AxisError
from axis.ledger.checkpoint import Checkpoint
from axis.ledger.locate import TrustedTiles
from axis.ledger.merkle import leaf_hash, levels_of, root_hash
from axis.ledger.tiles import HEIGHT, WIDTH, Tile, TileNodes, Tiles, parse_bundle, split_tile


class WrongFile(NamedTuple):
    """A file of an export that is not what was signed for."""

    path: str
    entry: int | None = None  #: index of the entry in it that is wrong, where one can be named


def examine_tiles(
    tiles: Tiles, checkpoint: Checkpoint, progress: Callable[[int], None] = lambda done: None
) -> Iterator[WrongFile]:
    """Yield every file that is wrong; none, if the export is whole and true to the checkpoint."""
    size = checkpoint.size
    if size == 0:
        return
    trusted = TrustedTiles(tiles, size, checkpoint.root)
    rows: list[list[bytes]] = [[]]
    # 1. The entries, and the tiles of their hashes.
    for number in range(-(-size // WIDTH)):
        width = min(size - number * WIDTH, WIDTH)
        hashes = _hashes_of_bundle(tiles, Tile(None, number, width))
        believed = trusted.hashes(0, number)
        if hashes is None:
            yield WrongFile(Tile(None, number, width).path)
        elif believed is not None:
            for place, (ours, due) in enumerate(zip(hashes, believed, strict=True)):
                if ours != due:
                    yield WrongFile(Tile(None, number, width).path, number * WIDTH + place)
        elif width == WIDTH:
            due_root = trusted.root_of_tile(number)
            if due_root is not None and levels_of(hashes)[-1][0] != due_root:
                yield WrongFile(Tile(None, number, width).path)
        # What is right is carried up: the tile if it is believed, else what the entries give.
        rows[0].append(_root_or_empty(believed or hashes, width))
        progress(number * WIDTH + width)
        if not _is_tile(tiles, Tile(0, number, width), believed or hashes):
            yield WrongFile(Tile(0, number, width).path)
    # 2. The tiles above, each from what is below it.
    yield from _examine_upper(tiles, size, rows[0])
    # 3. The root.
    if not _gives_root(tiles, checkpoint):
        yield WrongFile("checkpoint")


def _examine_upper(tiles: Tiles, size: int, below: list[bytes]) -> Iterator[WrongFile]:
    level = 1
    while size >> HEIGHT * level:
        count = size >> HEIGHT * level
        above = []
        for number in range(-(-count // WIDTH)):
            width = min(count - number * WIDTH, WIDTH)
            due = below[number * WIDTH : number * WIDTH + width]
            if not _is_tile(tiles, Tile(level, number, width), due):
                yield WrongFile(Tile(level, number, width).path)
            above.append(_root_or_empty(due, width))
        below, level = above, level + 1


def _gives_root(tiles: Tiles, checkpoint: Checkpoint) -> bool:
    try:
        return root_hash(TileNodes(tiles, checkpoint.size), checkpoint.size) == checkpoint.root
    except AxisError:
        return False


def _is_tile(tiles: Tiles, tile: Tile, due: list[bytes] | None) -> bool:
    try:
        return split_tile(tile, tiles(tile)) == due
    except AxisError:
        return False


def _hashes_of_bundle(tiles: Tiles, bundle: Tile) -> list[bytes] | None:
    try:
        return [leaf_hash(entry) for entry in parse_bundle(tiles(bundle), bundle.width)]
    except AxisError:
        return None


def _root_or_empty(hashes: list[bytes] | None, width: int) -> bytes:
    return levels_of(hashes)[-1][0] if hashes is not None and width == WIDTH else b""
