"""The tiles of one log in a folder that any web server can serve as it is.

A file comes to be whole or not at all: it is written beside its place, made durable, and renamed.
What has a name never changes its content; to write it again with the same content is no news, and
with another content is refused, because then either the folder or the records were tampered with.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from axis.ledger.errors import TileConflictError, TileMissingError
from axis.ledger.tiles import WIDTH, Tile

_CHECKPOINT: Final = "checkpoint"


class TileFolder:
    """One log's folder: ``checkpoint`` and ``tile/…`` (C2SP tlog-tiles)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, tile: Tile) -> bytes:
        """Return a tile; a partial one may be cut from the full one that took its place.

        Raises:
            TileMissingError: neither is there.
        """
        try:
            return (self.path / tile.path).read_bytes()
        except OSError:
            pass
        try:
            full = (self.path / Tile(tile.level, tile.number).path).read_bytes()
        except OSError as error:
            raise TileMissingError(path=tile.path) from error
        return cut_tile(tile, full)

    def write(self, tiles: Iterable[tuple[Tile, bytes]]) -> None:
        """Write tiles, durably; remove the partial ones that a full one replaces.

        Raises:
            TileConflictError: one is there already with other content.
        """
        folders: set[Path] = set()
        replaced = []
        for tile, content in tiles:
            place = self.path / tile.path
            if place.exists():
                if place.read_bytes() != content:
                    raise TileConflictError(path=tile.path)
                continue
            self._make_folder(place.parent)
            _write_whole(place, content)
            folders.add(place.parent)
            if tile.width == WIDTH:
                replaced.append(place.with_name(place.name + ".p"))
        for folder in folders:
            _sync_folder(folder)
        # Only now, when the full tiles are durable: after a crash here, old partial ones remain.
        for partials in replaced:
            if partials.is_dir():
                for file in partials.iterdir():
                    file.unlink()
                partials.rmdir()

    def read_checkpoint(self) -> str | None:
        """Return the checkpoint that the folder shows; None where there is none yet."""
        try:
            return (self.path / _CHECKPOINT).read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return None

    def write_checkpoint(self, note: str) -> None:
        """Show a checkpoint; the tiles that it needs must be there."""
        self._make_folder(self.path)
        _write_whole(self.path / _CHECKPOINT, note.encode())
        _sync_folder(self.path)

    def _make_folder(self, folder: Path) -> None:
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            _sync_folder(path.parent)


def cut_tile(tile: Tile, full: bytes) -> bytes:
    """Return a partial tile or bundle, as it was, from the full one that took its place."""
    if tile.level is not None:
        return full[: tile.width * len(full) // WIDTH]
    return full[: _end_of_entry(full, tile.width)]


def write_durably(place: Path, content: bytes) -> None:
    """Replace a file by another, whole or not at all, and make it durable.

    A crash leaves the old file, or the new one, and perhaps a ``.new`` file that the next writing
    replaces.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    _write_whole(place, content)
    _sync_folder(place.parent)


def _write_whole(place: Path, content: bytes) -> None:
    beside = place.with_name(f".{place.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _end_of_entry(bundle: bytes, count: int) -> int:
    at = 0
    for _ in range(count):
        at += 2 + int.from_bytes(bundle[at : at + 2])
    return at
