"""A tree that grows, with just as much of it in memory as its next tiles need."""

from __future__ import annotations

from collections.abc import Sequence

from axis.ledger.merkle import leaf_hash, levels_of, root_hash
from axis.ledger.tiles import WIDTH, Tile, TileNodes, encode_bundle


class GrowingTree:
    """The right edge of a log: the hashes and entries that are not yet in full tiles.

    ``append`` entries, then ``cut`` the tiles that have come into being since the last cut.
    """

    def __init__(
        self, size: int = 0, rows: Sequence[Sequence[bytes]] = (), entries: Sequence[bytes] = ()
    ) -> None:
        """Begin at ``size`` entries.

        Args:
            size: how many entries the log has.
            rows: for each tile level, the hashes in its partial tile.
            entries: the entries in the partial bundle.
        """
        self.size = size
        self._rows = [list(row) for row in rows]
        self._entries = list(entries)
        widths = [size >> 8 * level & WIDTH - 1 for level in range(len(self._rows))]
        if [len(row) for row in self._rows] != widths or size >> 8 * len(self._rows):
            raise ValueError("the rows are not the right edge of a log of this size")
        if len(self._entries) != size % WIDTH:
            raise ValueError("the entries are not the partial bundle of a log of this size")
        self._full: list[tuple[Tile, bytes]] = []

    def append(self, entry: bytes) -> bytes:
        """Append an entry and return its leaf hash."""
        digest = leaf_hash(entry)
        self._entries.append(entry)
        self.size += 1
        self._add(0, digest)
        if len(self._entries) == WIDTH:
            number = self.size // WIDTH - 1
            self._full.append((Tile(None, number), encode_bundle(self._entries)))
            self._entries.clear()
        return digest

    def cut(self) -> list[tuple[Tile, bytes]]:
        """Return the full tiles since the last cut, and the partial ones of now."""
        tiles, self._full = self._full, []
        if self._entries:
            partial = Tile(None, self.size // WIDTH, len(self._entries))
            tiles.append((partial, encode_bundle(self._entries)))
        for level, row in enumerate(self._rows):
            if row:
                number = (self.size >> 8 * level) // WIDTH
                tiles.append((Tile(level, number, len(row)), b"".join(row)))
        return tiles

    @property
    def root(self) -> bytes:
        """The root over all entries."""
        nodes = TileNodes(lambda tile: b"".join(self._rows[tile.level or 0]), self.size)
        return root_hash(nodes, self.size)

    def _add(self, level: int, digest: bytes) -> None:
        if level == len(self._rows):
            self._rows.append([])
        row = self._rows[level]
        row.append(digest)
        if len(row) < WIDTH:
            return
        number = (self.size >> 8 * level) // WIDTH - 1
        self._full.append((Tile(level, number), b"".join(row)))
        above = levels_of(row)[-1][0]
        row.clear()
        self._add(level + 1, above)
