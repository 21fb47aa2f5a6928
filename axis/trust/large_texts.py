"""Takes the text of large attachments out of the way of canonicalization, and puts it back.

Text of nothing but Base64 letters, spaces and line feeds is its own canonical form. So a package is
canonicalized with a short mark in place of each such text, and what is hashed are the pieces
between the marks and the bytes received themselves: 50 MB are hashed where they lie.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \n"
_PIECE: Final = 256 * 1024
WORTHWHILE: Final = 8 * 1024  #: a shorter text costs less where it is


class Skeleton:
    """A package without its large texts."""

    __slots__ = ("_body", "_ranges", "mark", "skeleton")

    def __init__(self, body: bytes, texts: Sequence[tuple[int, int]]) -> None:
        """Take out those of the ranges ``texts`` (between two tags) that are large and plain."""
        self._body = body
        self._ranges = [
            (start, end)
            for start, end in texts
            if end - start >= WORTHWHILE
            and body[start - 1 : start] == b">"
            and body[end : end + 1] == b"<"
            and is_plain(body, start, end)
        ]
        kept = []
        at = 0
        for start, end in self._ranges:
            kept.append(body[at:start])
            at = end
        kept.append(body[at:])
        #: Stands for a text; being the digest of what is kept, it cannot stand in what is kept.
        self.mark: Final = hashlib.sha256(b"\x00".join(kept)).hexdigest().encode() if at else b""
        self.skeleton: Final = self.mark.join(kept) if at else body

    def __len__(self) -> int:
        """Return how many texts were taken out."""
        return len(self._ranges)

    def restore(self, canonical: bytes) -> Iterator[bytes | memoryview]:
        """Yield the canonical form of the skeleton with the texts back in their places.

        It begins where the first text, or anything before it, stands; none may be left out.
        """
        if not self._ranges:
            yield canonical
            return
        pieces = canonical.split(self.mark)
        for number, piece in enumerate(pieces[:-1]):
            yield piece
            yield self.text(number)
        yield pieces[-1]

    def text(self, number: int) -> memoryview:
        """Return the bytes of one of the texts."""
        start, end = self._ranges[number]
        return memoryview(self._body)[start:end]


def is_plain(body: bytes, start: int, end: int) -> bool:
    """Say whether a range holds only what canonicalization leaves alone."""
    return not any(
        body[at : min(at + _PIECE, end)].translate(None, _LETTERS)
        for at in range(start, end, _PIECE)
    )
