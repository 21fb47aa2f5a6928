"""Finds the file in what a client sends, which appends CRLF and writes a hash in short. Pure.

``hash-file`` is the SHA-256 in hex with the leading zero of every byte below 0x10 left away, so it
has 32 to 64 digits and cannot be read back; both forms of both byte strings are computed and
compared. The package is the body less one CRLF only where that alone fits.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from adapters.vxp.errors import HashFileError

_APPENDED: Final = b"\r\n"


def short_hex(digest: bytes) -> str:
    """Return a digest in the short form of the clients."""
    return "".join(f"{byte:x}" for byte in digest)


def fits(digest: bytes, told: str) -> bool:
    """Say whether a client would write this digest so, in the short or in the full form."""
    given = told.strip().lower().encode("latin-1", "replace")
    return hmac.compare_digest(digest.hex().encode(), given) or hmac.compare_digest(
        short_hex(digest).encode(), given
    )


class FileOfBody:
    """Takes a body in pieces and gives the file in it; at most two bytes are held back."""

    def __init__(self, told: str | None) -> None:
        """Keep ``hash-file``; None where the client sent none: then the body is the file."""
        self._told = told
        self._hash = hashlib.sha256()  # of all but what is held back
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        """Return what belongs to the file for certain."""
        data = self._held + piece
        sure, self._held = data[: -len(_APPENDED)], data[-len(_APPENDED) :]
        self._hash.update(sure)
        return sure

    def end(self) -> bytes:
        """Return the rest of the file, once all of the body was fed.

        Raises:
            HashFileError: neither the body nor the body less its CRLF is the file.
        """
        whole = self._hash.copy()
        whole.update(self._held)
        if self._told is None or fits(whole.digest(), self._told):
            return self._held
        if self._held == _APPENDED and fits(self._hash.digest(), self._told):
            return b""
        raise HashFileError(got=whole.hexdigest(), expected=self._told[:80])
