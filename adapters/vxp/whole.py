"""A delivery whose attachments came apart, given out as one file, in constant memory.

The clients of this door know no other way to an attachment than inside the file. The envelope's
bytes stay as they were signed; see :mod:`axis.envelope.inlining`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from adapters.rest.answer import Answer, span_of
from adapters.rest.call import Call
from adapters.vxp.errors import PartsTooLargeError
from axis.bodies import Bodies
from axis.envelope.inlining import (
    encode_pieces,
    encoded_bytes,
    head_of,
    most_bytes,
    seam_of,
    tail,
)
from axis.store.parts import PackagePart

#: A piece of Base64 text begins at a whole group.
_GROUP: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    """A stretch of the file."""

    size_bytes: int
    read: Callable[[int], Iterator[bytes]]  #: from so many bytes on


def demand_fits(size_bytes: int, parts: Sequence[PackagePart], *, limit: int) -> None:
    """Return where a package with its parts inside is one that this door gives out.

    Raises:
        PartsTooLargeError: it is too large.
    """
    whole = most_bytes(size_bytes, (part.size_bytes for part in parts))
    if parts and whole > limit:
        raise PartsTooLargeError(got=whole, limit=limit, parts=len(parts))


async def as_whole(
    call: Call,
    digest: bytes,
    size_bytes: int,
    parts: Sequence[PackagePart],
    *,
    headers: Mapping[str, str],
) -> tuple[int, Answer]:
    """Return the size of the whole file, and it, or the range of it that is asked for.

    All stored bytes are read through and compared with their digests first.

    Raises:
        BodyMissingError, BodyCorruptError: the store is damaged.
    """
    installation = call.installation
    segments = await installation.in_thread(
        _segments, installation.bodies, digest, size_bytes, parts
    )
    size = sum(one.size_bytes for one in segments)
    etag = f'"{digest.hex()}-whole"'
    said = {"etag": etag, "accept-ranges": "bytes"} | dict(headers)
    span = span_of(call, etag, size)
    if span is False:
        return size, Answer(status=416, headers=said | {"content-range": f"bytes */{size}"})
    first, end = span if isinstance(span, tuple) else (0, size)
    if span is not None:
        said["content-range"] = f"bytes {first}-{end - 1}/{size}"
    return size, Answer(
        status=206 if span is not None else 200,
        body=_pieces(call, segments, first, end - first),
        length=end - first,
        headers=said,
    )


def _segments(
    bodies: Bodies, digest: bytes, size_bytes: int, parts: Sequence[PackagePart]
) -> list[_Segment]:
    # What is damaged is not given out: reading for the seam compares the digest too.
    seam = seam_of(bodies.stream(digest))
    for part in parts:
        bodies.check(part.digest)
    segments = [_stored(bodies, digest, 0, seam.start), _text(seam.before)]
    for part in parts:
        segments.append(_text(head_of(seam, part.content_id, part.name, part.content_type)))
        segments.append(_encoded(bodies, part))
        segments.append(_text(tail()))
    segments += [_text(seam.after), _stored(bodies, digest, seam.end, size_bytes)]
    return [one for one in segments if one.size_bytes]


def _text(text: bytes) -> _Segment:
    return _Segment(size_bytes=len(text), read=lambda start: iter([text[start:]]))


def _stored(bodies: Bodies, digest: bytes, first: int, end: int) -> _Segment:
    def read(start: int) -> Iterator[bytes]:
        left = end - first - start
        for piece in bodies.stream(digest, start=first + start):
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return

    return _Segment(size_bytes=end - first, read=read)


def _encoded(bodies: Bodies, part: PackagePart) -> _Segment:
    def read(start: int) -> Iterator[bytes]:
        group, within = divmod(start, _GROUP)
        pieces = encode_pieces(bodies.stream(part.digest, start=3 * group))
        for first in islice(pieces, 1):
            yield first[within:]
        yield from pieces

    return _Segment(size_bytes=encoded_bytes(part.size_bytes), read=read)


async def _pieces(
    call: Call, segments: Sequence[_Segment], first: int, left: int
) -> AsyncIterator[bytes]:
    for segment in segments:
        if first >= segment.size_bytes:
            first -= segment.size_bytes
            continue
        source = segment.read(first)
        first = 0
        while left > 0 and (piece := await call.installation.in_thread(next, source, b"")):
            yield piece[:left]
            left -= len(piece)
        if left <= 0:
            return
