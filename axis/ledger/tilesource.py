"""Where a log's files come from: a folder, or any web server that serves one."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from typing import Final, Protocol

from axis.ledger.errors import SourceUnavailableError, TileMissingError
from axis.ledger.tilefolder import TileFolder, cut_tile
from axis.ledger.tiles import Tile

_TIMEOUT_S: Final = 30.0
_MOST_BYTES: Final = 256 * (65_535 + 2)


class TileSource(Protocol):
    """Anything that has the files of a log."""

    def read(self, tile: Tile) -> bytes:
        """Return a tile."""

    def read_checkpoint(self) -> str | None:
        """Return the newest signed checkpoint."""


class WebTiles:
    """The files of a log on a web server."""

    def __init__(self, prefix: str) -> None:
        """Take the log's prefix, an ``http`` or ``https`` URL."""
        self._prefix = prefix.rstrip("/")

    def read(self, tile: Tile) -> bytes:
        """Return a tile; a partial one may be cut from the full one that took its place.

        Raises:
            TileMissingError: the server has neither.
            SourceUnavailableError: the server does not answer.
        """
        content = self._get(tile.path)
        if content is not None:
            return content
        full = self._get(Tile(tile.level, tile.number).path)
        if full is None:
            raise TileMissingError(path=tile.path)
        return cut_tile(tile, full)

    def read_checkpoint(self) -> str | None:
        """Return the newest signed checkpoint.

        Raises:
            SourceUnavailableError: the server does not answer.
        """
        content = self._get("checkpoint")
        return None if content is None else content.decode(errors="replace")

    def _get(self, path: str) -> bytes | None:
        url = f"{self._prefix}/{path}"
        try:
            with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                content: bytes = answer.read(_MOST_BYTES + 1)
                return content
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                return None
            raise SourceUnavailableError(url=url, reason=str(error)) from error
        except OSError as error:
            raise SourceUnavailableError(url=url, reason=str(error)) from error


def open_source(name: str) -> TileSource:
    """Return the source for a URL or a folder's path."""
    if name.startswith(("http://", "https://")):
        return WebTiles(name)
    return TileFolder(Path(name))
