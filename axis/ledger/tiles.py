"""The log as files (C2SP tlog-tiles): where each tile stands, what is in it, which ones are new.

A tile has up to 256 hashes of one level: tile ``n`` of level ``l`` holds the nodes at tree level
``8 * l`` from ``256 * n`` on. Full tiles never change; a partial one says its width in its name, so
that a file, once written, is right for ever. Entry bundles hold the entries themselves likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from axis.ledger.errors import BundleMalformedError, TileMalformedError
from axis.ledger.merkle import HASH_BYTES, levels_of

WIDTH: Final = 256
HEIGHT: Final = 8  #: tree levels in a tile
_LENGTH_BYTES: Final = 2


class Tile(NamedTuple):
    """The name of a tile, or of an entry bundle where ``level`` is None."""

    level: int | None
    number: int  #: its place in its row
    width: int = WIDTH  #: how many hashes or entries are in it, 1 to 256

    @property
    def path(self) -> str:
        """Where the tile stands, such as ``tile/0/x001/x234/067.p/5``."""
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_number(self.number)}{partial}"


#: Gives the bytes of a tile; one that does not exist is its own affair to refuse.
Tiles = Callable[[Tile], bytes]


def tiles_of(size: int, old: int = 0) -> Iterator[Tile]:
    """Yield the tiles and bundles of a log of ``size`` entries that one of ``old`` does not have.

    Bundles first, then level by level: a reader who finds a tile finds what is below it.
    """
    yield from _row(None, old, size)
    level = 0
    while size:
        yield from _row(level, old, size)
        level, old, size = level + 1, old // WIDTH, size // WIDTH


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each entry after its length in 16 bits, big endian."""
    parts = []
    for entry in entries:
        parts.append(len(entry).to_bytes(_LENGTH_BYTES))
        parts.append(entry)
    return b"".join(parts)


def parse_bundle(bundle: bytes, width: int) -> list[bytes]:
    """Return the entries of a bundle.

    Raises:
        BundleMalformedError: there are not exactly ``width`` entries, or one is cut off.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(bundle[at:start])
        if at > len(bundle) or start > len(bundle):
            raise BundleMalformedError(expected=width, got=len(entries))
        entries.append(bundle[start:at])
    if len(entries) != width:
        raise BundleMalformedError(expected=width, got=len(entries))
    return entries


def split_tile(tile: Tile, content: bytes) -> list[bytes]:
    """Return the hashes of a tile.

    Raises:
        TileMalformedError: there are not exactly as many as its name says.
    """
    if len(content) != tile.width * HASH_BYTES:
        raise TileMalformedError(path=tile.path, expected=tile.width * HASH_BYTES, got=len(content))
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


class TileNodes:
    """Gives the nodes of a tree of ``size`` leaves from its tiles (a ``Nodes`` of merkle.py).

    Tiles that were read are kept, up to ``kept`` of them: a proof needs about two tiles a level.
    """

    def __init__(self, tiles: Tiles, size: int, *, kept: int = 512) -> None:
        self._tiles = tiles
        self._size = size
        self._levels = lru_cache(maxsize=kept)(self._read)

    def __call__(self, level: int, index: int) -> bytes:
        """Return the hash of node ``index`` at tree level ``level``.

        Raises:
            TileMalformedError: a tile has not the length that its name says.
        """
        tile_level, inner = divmod(level, HEIGHT)
        per_tile = WIDTH >> inner
        number, place = divmod(index, per_tile)
        return self._levels(tile_level, number)[inner][place]

    def _read(self, level: int, number: int) -> list[list[bytes]]:
        wide = (self._size >> (HEIGHT * level)) - number * WIDTH
        tile = Tile(level, number, min(wide, WIDTH))
        return levels_of(split_tile(tile, self._tiles(tile)))


def _row(level: int | None, old: int, size: int) -> Iterator[Tile]:
    for index in range(old // WIDTH, -(-size // WIDTH)):
        width = min(size - index * WIDTH, WIDTH)
        if index * WIDTH + width > old:
            yield Tile(level, index, width)


def _number(index: int) -> str:
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))
