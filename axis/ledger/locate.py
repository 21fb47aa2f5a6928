"""Finds which rows are not those that were signed for, by way of tiles that prove themselves.

A tile is believed when its hash is the one that the tile above it has, and so on up to the root
that was signed; nobody can make another tile that fits. Rows are compared with believed tiles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from axis.errors import AxisError
from axis.ledger.examine import Finding, Wrong
from axis.ledger.merkle import levels_of, root_hash
from axis.ledger.tiles import HEIGHT, WIDTH, Tile, TileNodes, Tiles, split_tile


class TrustedTiles:
    """The tiles of a log of ``size`` entries, as far as they lead to the signed ``root``."""

    def __init__(self, tiles: Tiles, size: int, root: bytes) -> None:
        self._tiles = tiles
        self._size = size
        self._known: dict[tuple[int, int], list[bytes] | None] = {}
        try:
            self._top = root_hash(TileNodes(tiles, size), size) == root
        except AxisError:
            self._top = False

    def hashes(self, level: int, number: int) -> list[bytes] | None:
        """Return the hashes of a tile, or None where it does not lead to the root."""
        key = (level, number)
        if key not in self._known:
            self._known[key] = self._believe(level, number)
        return self._known[key]

    def _believe(self, level: int, number: int) -> list[bytes] | None:
        width = min((self._size >> HEIGHT * level) - number * WIDTH, WIDTH)
        tile = Tile(level, number, width)
        try:
            hashes = split_tile(tile, self._tiles(tile))
        except AxisError:
            return None
        if width < WIDTH:  # at the right edge: together these tiles give the root, or none does
            return hashes if self._top else None
        above = self.hashes(level + 1, number // WIDTH)
        if above is None or above[number % WIDTH] != levels_of(hashes)[-1][0]:
            return None
        return hashes

    def root_of_tile(self, number: int) -> bytes | None:
        """Return the hash that the full level-0 tile ``number`` must have, if that is known."""
        above = self.hashes(1, number // WIDTH)
        return None if above is None else above[number % WIDTH]


@dataclass(frozen=True, slots=True)
class TileVerdict:
    """What rows and tiles say about each other."""

    located: list[Finding]  #: what is wrong if the rows do not give the signed root
    shown: list[Finding]  #: what is wrong if they do: tiles
    roots: list[bytes | None]  #: of the full tiles as the rows give them; None where one is missing


def locate(
    trusted: TrustedTiles, tiles: Tiles, start: int, hashes: Sequence[bytes | None]
) -> TileVerdict:
    """Compare the leaf hashes of rows from ``start`` (a multiple of 256) with the shown tiles.

    Returns:
        Each row that is not the one signed for; where a tile cannot be trusted, that; and where
        the hash that the tile must have is known and the rows do not give it, their range.
    """
    verdict = TileVerdict([], [], [])
    for low in range(0, len(hashes), WIDTH):
        part = hashes[low : low + WIDTH]
        first = start + low
        root = _root_of_tile(part)
        if len(part) == WIDTH:
            verdict.roots.append(root)
        is_shown = _is_shown(tiles, first, part)
        if not is_shown:
            verdict.shown.append(Finding(first, Wrong.TILE, first + len(part)))
        # Rows that give the hash which the signed tree has for their tile are those signed for.
        if is_shown and root is not None and root == trusted.root_of_tile(first // WIDTH):
            continue
        verdict.located.extend(_in_tile(trusted, first, part, root))
    return verdict


def _in_tile(
    trusted: TrustedTiles, first: int, part: Sequence[bytes | None], root: bytes | None
) -> Iterator[Finding]:
    believed = trusted.hashes(0, first // WIDTH)
    if believed is not None:
        for place, (row, tile) in enumerate(zip(part, believed, strict=True)):
            if row is not None and row != tile:
                yield Finding(first + place, Wrong.LEAF)
        return
    yield Finding(first, Wrong.TILE, first + len(part))
    due = trusted.root_of_tile(first // WIDTH) if root is not None else None
    if due is not None and root != due:
        yield Finding(first, Wrong.UNSIGNED, first + WIDTH)


def _is_shown(tiles: Tiles, first: int, part: Sequence[bytes | None]) -> bool:
    tile = Tile(0, first // WIDTH, len(part))
    try:
        return split_tile(tile, tiles(tile)) == part
    except AxisError:
        return False


def _root_of_tile(part: Sequence[bytes | None]) -> bytes | None:
    """Return the hash over the rows of a full tile; None where it is not full or one is missing."""
    whole = [digest for digest in part if digest is not None]
    return levels_of(whole)[-1][0] if len(whole) == WIDTH else None


def root_of_parts(tile_roots: Sequence[bytes], rest: Sequence[bytes], size: int) -> bytes:
    """Return the root over ``size`` leaves from the hashes of full level-0 tiles and the rest."""
    below = levels_of(rest)
    above = levels_of(tile_roots)
    start = len(tile_roots) * WIDTH

    def nodes(level: int, index: int) -> bytes:
        if level >= HEIGHT:
            return above[level - HEIGHT][index]
        return below[level][index - (start >> level)]

    return root_hash(nodes, size)
