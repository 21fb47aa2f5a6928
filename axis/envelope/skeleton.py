"""Takes the texts of large attachments out of a package before anything is built from it.

Text of nothing but Base64 letters, spaces and line feeds is its own canonical form, and no markup
can hide in it. So such a text is decoded and hashed where it lies, and a short mark stands in its
place wherever the package is parsed, held to the schema, read and canonicalized: 50 MB never become
a tree. What is hashed for the signature are the pieces between the marks and the bytes received
themselves. Line feeds stay where they were, so that a refusal names the right line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from axis.envelope.base64 import decode_plain
from axis.envelope.errors import NotBase64Error

WORTHWHILE: Final = 4 * 1024  #: a shorter text costs less where it is
_HEAD_BYTES: Final = 4


class Content(msgspec.Struct, frozen=True, gc=False):
    """The decoded bytes of an attachment, of which only this is kept."""

    sha256: bytes
    size_bytes: int
    head: bytes  #: the first four bytes


class Skeleton:
    """A package without its large texts."""

    __slots__ = ("_body", "_contents", "_numbers", "_ranges", "mark", "marks", "skeleton")

    def __init__(self, body: bytes, texts: Sequence[tuple[int, int]]) -> None:
        """Take out those of the ranges ``texts`` (between two tags) that are large and plain."""
        self._body = body
        self._ranges: list[tuple[int, int]] = []
        self._contents: list[Content] = []
        kept = []
        at = 0
        for start, end in texts:
            if (
                end - start < WORTHWHILE
                or body[start - 1 : start] != b">"
                or body[end : end + 1] != b"<"
            ):
                continue
            content = _content(memoryview(body)[start:end])
            if content is None:
                continue
            self._ranges.append((start, end))
            self._contents.append(content)
            kept.append(body[at:start])
            at = end
        if not kept:
            self.mark, self.skeleton = b"", body
            self.marks: list[bytes] = []
        else:
            kept.append(body[at:])
            #: Begins each mark; being the digest of what is kept, it cannot stand in what is kept.
            self.mark = hashlib.sha256(b"\x00".join(kept)).hexdigest().encode()
            self.marks = [
                b"%b%08x%b" % (self.mark, number, b"\n" * body.count(b"\n", start, end))
                for number, (start, end) in enumerate(self._ranges)
            ]
            pieces = [kept[0]]
            for mark, piece in zip(self.marks, kept[1:], strict=True):
                pieces += (mark, piece)
            self.skeleton = b"".join(pieces)
        self._numbers = {mark: number for number, mark in enumerate(self.marks)}

    def __len__(self) -> int:
        """Return how many texts were taken out."""
        return len(self._ranges)

    def number(self, text: str | bytes | None) -> int | None:
        """Return which text a mark stands for; None where ``text`` is no mark."""
        if not self._numbers or text is None or len(text) < len(self.mark):
            return None
        key = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        return self._numbers.get(key)

    def content(self, number: int) -> Content:
        """Return what one of the texts is when it is decoded."""
        return self._contents[number]

    def text(self, number: int) -> memoryview:
        """Return the bytes of one of the texts, as they were received."""
        start, end = self._ranges[number]
        return memoryview(self._body)[start:end]

    def decoded(self, number: int) -> Iterator[bytes]:
        """Yield the decoded bytes of one of the texts again, in pieces."""
        return decode_plain(self.text(number))

    def restore(self, canonical: bytes) -> Iterator[bytes | memoryview]:
        """Yield a canonical form of the whole skeleton with the texts back in their places.

        A text whose mark is not there is left out, and so is every later one: the digest of what
        comes out is then another.
        """
        view = memoryview(canonical)
        at = 0
        for number, mark in enumerate(self.marks):
            found = canonical.find(mark, at)
            if found < 0:
                break
            yield view[at:found]
            yield self.text(number)
            at = found + len(mark)
        else:
            yield view[at:]


def _content(text: memoryview) -> Content | None:
    """Return what a text is when decoded; None where it is not plain Base64."""
    hasher = hashlib.sha256()
    size, head = 0, b""
    try:
        for piece in decode_plain(text):
            hasher.update(piece)
            size += len(piece)
            if len(head) < _HEAD_BYTES:
                head += piece[: _HEAD_BYTES - len(head)]
    except NotBase64Error:
        return None
    return Content(hasher.digest(), size, head)
