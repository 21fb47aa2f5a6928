"""A package whose attachments came apart, as one that carries them; nothing that is signed changes.

In the manifest shape the signature covers ``edXMLEnvelope`` and, by digest, the decoded bytes of
each attachment; of ``AttachmentEncoded``, which stands beside the envelope, it covers nothing else.
So attachments can be written there afterwards: the bytes of the envelope stay, and the signature
holds in both renderings. It is for receivers whose door knows whole packages only. Pure.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pyexpat import ParserCreate
from typing import Any, Final
from xml.sax.saxutils import escape

QCVN: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_ENCODED: Final = f"{QCVN} AttachmentEncoded"
_MANIFEST: Final = f"{QCVN} edXMLManifest"
_CONTENT_ID: Final = f"{QCVN} ContentId"
_OPEN: Final = f'<AttachmentEncoded xmlns="{QCVN}">'.encode()
_CLOSE: Final = b"</AttachmentEncoded>"
_TAIL: Final = b"</ContentTransferEncoded></Attachment>"
_BESIDE: Final = 2  #: depth of what stands beside the envelope, in the root element

#: More than what stands around one attachment, whatever its name: to tell a size beforehand.
AROUND_MOST: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """Where attachments go into a package."""

    start: int  #: bytes of the package that stay before them
    end: int  #: where the package goes on; what lies between falls away: an empty element
    before: bytes = b""
    after: bytes = b""
    names: Mapping[str, str]  #: ContentId without ``cid:`` → as the manifest writes it


@dataclass(slots=True)
class _Reading:
    """What is known of a package while it is read."""

    parser: Any
    depth: int = 0
    in_manifest: bool = False
    started: int | None = None  #: where AttachmentEncoded begins
    ended: int | None = None  #: … and its end tag
    passed: int | None = None  #: … and what comes after it
    root_ended: int = 0
    text: list[str] | None = None
    names: dict[str, str] = field(default_factory=dict)

    def start(self, name: str, _attributes: object) -> None:
        self._pass()
        self.depth += 1
        if name == _ENCODED and self.depth == _BESIDE:
            self.started = self.parser.CurrentByteIndex
        elif name == _MANIFEST:
            self.in_manifest = True
        elif name == _CONTENT_ID and self.in_manifest:
            self.text = []

    def end(self, name: str) -> None:
        self._pass()
        if name == _ENCODED and self.depth == _BESIDE:
            self.ended = self.parser.CurrentByteIndex
        elif name == _MANIFEST:
            self.in_manifest = False
        elif name == _CONTENT_ID and self.text is not None:
            written = "".join(self.text).strip()
            self.names[written.removeprefix("cid:")] = written
            self.text = None
        self.depth -= 1
        if self.depth == 0:
            self.root_ended = self.parser.CurrentByteIndex

    def characters(self, text: str) -> None:
        self._pass()
        if self.text is not None:
            self.text.append(text)

    def _pass(self) -> None:
        if self.ended is not None and self.passed is None:
            self.passed = self.parser.CurrentByteIndex


def seam_of(pieces: Iterable[bytes]) -> Seam:
    """Return where attachments go into an accepted package, read in pieces.

    Before the end of ``AttachmentEncoded``; where there is none, or an empty one, it is written.
    """
    parser = ParserCreate(namespace_separator=" ")
    reading = _Reading(parser)
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.characters
    for piece in pieces:
        parser.Parse(piece, False)
    parser.Parse(b"", True)
    if reading.started is None or reading.ended is None or reading.passed is None:
        at = reading.root_ended
        return Seam(start=at, end=at, before=_OPEN, after=_CLOSE, names=reading.names)
    if reading.ended < reading.passed:
        return Seam(start=reading.ended, end=reading.ended, names=reading.names)
    # <AttachmentEncoded/>: expat reports its end behind it, where what follows begins.
    return Seam(
        start=reading.started,
        end=reading.ended,
        before=_OPEN,
        after=_CLOSE,
        names=reading.names,
    )


def head_of(seam: Seam, content_id: str, name: str | None, content_type: str | None) -> bytes:
    """Return what stands before the Base64 text of an attachment."""
    lines = [("ContentId", seam.names.get(content_id, content_id)), ("AttachmentName", name)]
    lines.append(("ContentType", content_type))
    said = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in lines if text is not None)
    return f'<Attachment xmlns="{QCVN}">{said}<ContentTransferEncoded>'.encode()


def tail() -> bytes:
    """Return what stands after the Base64 text of an attachment."""
    return _TAIL


def most_bytes(size_bytes: int, attachments: Iterable[int]) -> int:
    """Return how large a package with these attachments (bytes) is at most."""
    return size_bytes + sum(encoded_bytes(one) + AROUND_MOST for one in attachments)


def encoded_bytes(size_bytes: int) -> int:
    """Return how long the Base64 text of so many bytes is, without line breaks."""
    return 4 * ((size_bytes + 2) // 3)


def encode_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the Base64 text of bytes that come in pieces."""
    left = b""
    for piece in pieces:
        data = left + piece
        cut = len(data) - len(data) % 3
        if cut:
            yield b2a_base64(data[:cut], newline=False)
        left = data[cut:]
    if left:
        yield b2a_base64(left, newline=False)
