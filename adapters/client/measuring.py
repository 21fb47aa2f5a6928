"""Size and digest of what is to be sent, before it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from adapters.client.exchange import PIECE


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A file or bytes to be sent, read through once."""

    what: Path | bytes
    size_bytes: int
    sha256: bytes


def measure(what: Path | bytes) -> Measured:
    """Return size and digest; of a file without holding it in memory."""
    if isinstance(what, bytes):
        return Measured(what=what, size_bytes=len(what), sha256=hashlib.sha256(what).digest())
    size, hasher = 0, hashlib.sha256()
    with what.open("rb") as file:
        while piece := file.read(PIECE):
            hasher.update(piece)
            size += len(piece)
    return Measured(what=what, size_bytes=size, sha256=hasher.digest())
