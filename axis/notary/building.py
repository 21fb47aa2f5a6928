"""Builds a log's tree from the records, and shows its tiles; who signs and who follows both do."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from axis.errors import AxisError
from axis.ledger.errors import RewrittenError
from axis.ledger.growth import GrowingTree
from axis.ledger.merkle import leaf_hash
from axis.ledger.tilefolder import TileFolder
from axis.ledger.tiles import HEIGHT, WIDTH, Tile, parse_bundle, split_tile
from axis.store.ledger import leaves_between

CHUNK: Final = 8192  #: entries read and made into tiles at once
_CUT: Final = 65_536  #: entries after which tiles are written although more entries are there


class Builder:
    """The tree of one log, as far as it was built, and the folder with its tiles.

    Args:
        engine: the records.
        log: year of the log.
        folder: where the log is shown.
    """

    def __init__(self, engine: sa.Engine, *, log: int, folder: TileFolder) -> None:
        self._engine = engine
        self._log = log
        self._folder = folder
        self._tree = GrowingTree()

    @property
    def root(self) -> bytes:
        """The root of what is built."""
        return self._tree.root

    def take_up(self, size: int, root: bytes | None) -> None:
        """Have the right edge at ``size``: from the tiles where they give ``root``, else anew."""
        found = self._tree_from_tiles(size, root)
        self._tree = GrowingTree() if found is None else found
        if found is None:
            self.grow(size)

    def grow(self, size: int) -> None:
        """Build up to ``size`` and write every tile that is missing; they are durable on return.

        Raises:
            RewrittenError: the records do not have so many entries in a row.
            TileConflictError: a tile is there already with other content.
        """
        while self._tree.size < size:
            stop = min(self._tree.size + _CUT, size)
            for leaf in leaves_between(self._engine, self._log, self._tree.size, stop, chunk=CHUNK):
                self._tree.append(leaf)
            if self._tree.size != stop:
                raise RewrittenError(size=stop, where="a gap in the records")
            self._folder.write(self._tree.cut())

    def _tree_from_tiles(self, size: int, root: bytes | None) -> GrowingTree | None:
        """Return the right edge from the folder, if the folder gives the root that was signed."""
        rows, level = [], 0
        try:
            while size >> HEIGHT * level:
                count = size >> HEIGHT * level
                tile = Tile(level, count // WIDTH, count % WIDTH)
                rows.append(split_tile(tile, self._folder.read(tile)) if tile.width else [])
                level += 1
            bundle = Tile(None, size // WIDTH, size % WIDTH)
            entries = parse_bundle(self._folder.read(bundle), bundle.width) if bundle.width else []
            tree = GrowingTree(size, rows, entries)
            hashes = [leaf_hash(entry) for entry in entries]
            if root is None or (tree.root == root and (not rows or hashes == rows[0])):
                return tree
        except AxisError:
            pass  # tiles are missing or damaged: the records have everything
        return None
