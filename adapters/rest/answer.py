"""Answers: JSON, text, or exact bytes with ETag, Range and digests (RFC 9110, RFC 9530)."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from starlette.types import Send

from adapters.gateway.errors import TooSlowError
from adapters.rest.call import Call

_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII)
_encoder = msgspec.json.Encoder()

#: A body of up to so many bytes is one piece in memory, read and compared at once.
SMALL: Final = 256 * 1024


@dataclass(slots=True, kw_only=True)
class Answer:
    """An answer: ``body`` whole, or in pieces of a known or unknown number of bytes."""

    status: int = 200
    body: bytes | AsyncIterator[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None  #: of pieces; None sends chunks

    async def send(self, send: Send, *, patience_s: float, with_body: bool = True) -> None:
        """Give the answer to the server.

        Raises:
            TooSlowError: the caller does not take it; the connection is to be ended.
        """
        whole = self.body if isinstance(self.body, bytes) else None
        length = len(whole) if whole is not None else self.length
        headers = [(name.encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        if length is not None and self.status not in (204, 304):
            headers.append((b"content-length", str(length).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        if not with_body or whole is not None:
            body = whole if with_body and whole is not None else b""
            await send({"type": "http.response.body", "body": body})
            return
        assert not isinstance(self.body, bytes)  # noqa: S101  said above
        async for piece in self.body:
            try:
                async with asyncio.timeout(patience_s):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            except TimeoutError as error:
                raise TooSlowError(limit=int(patience_s)) from error
        await send({"type": "http.response.body", "body": b""})


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return a value as a JSON answer."""
    return Answer(
        status=status,
        body=_encoder.encode(value),
        headers={"content-type": "application/json"} | dict(headers or {}),
    )


def as_text(text: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return plain text."""
    return Answer(
        body=text.encode(),
        headers={"content-type": "text/plain; charset=utf-8"} | dict(headers or {}),
    )


def is_known(call: Call, etag: str) -> bool:
    """Say whether the caller has this very answer already (If-None-Match)."""
    known = call.header("if-none-match")
    if known is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
    return "*" in tags or etag in tags


def span_of(call: Call, etag: str, size: int) -> tuple[int, int] | bool | None:
    """Return the one range asked for as ``(first, end)``; None: the whole; False: there is none.

    Several ranges, and what cannot be read, are answered with the whole, as RFC 9110 allows.
    """
    header = call.header("range")
    if header is None or (call.header("if-range") or etag) != etag:
        return None
    found = _RANGE.fullmatch(header.strip())
    if found is None or (not found[1] and not found[2]):
        return None
    if not found[1]:
        first = max(0, size - int(found[2]))
        return (first, size) if int(found[2]) and size else False
    first = int(found[1])
    last = int(found[2]) if found[2] else size - 1
    if found[2] and last < first:
        return None
    return (first, min(last + 1, size)) if first < size else False


async def as_body(
    call: Call,
    digest: bytes,
    size: int,
    *,
    media_type: str,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return stored bytes, or the range of them that is asked for; in constant memory.

    They are read through and compared with their digest first: what is damaged is not given out.

    Raises:
        BodyMissingError, BodyCorruptError: the store is damaged.
    """
    installation = call.installation
    etag = etag_of(digest)
    said = {
        "content-type": media_type,
        "etag": etag,
        "accept-ranges": "bytes",
        "repr-digest": digest_field(digest),
        "content-disposition": "attachment",
    } | dict(headers or {})
    span = span_of(call, etag, size)
    if span is False:
        return Answer(status=416, headers=said | {"content-range": f"bytes */{size}"})
    first, end = span if isinstance(span, tuple) else (0, size)
    if span is None:
        said["content-digest"] = said["repr-digest"]
    else:
        said["content-range"] = f"bytes {first}-{end - 1}/{size}"
    status = 206 if span is not None else 200
    if size <= SMALL:
        body = await installation.in_thread(installation.bodies.read, digest)
        return Answer(status=status, body=body[first:end], headers=said)
    await installation.in_thread(installation.bodies.check, digest)
    return Answer(
        status=status,
        body=_pieces(call, digest, first, end - first),
        length=end - first,
        headers=said,
    )


def etag_of(digest: bytes) -> str:
    """Return the entity tag of bytes."""
    return f'"{digest.hex()}"'


def digest_field(digest: bytes) -> str:
    """Return a SHA-256 as RFC 9530 writes it."""
    return f"sha-256=:{base64.b64encode(digest).decode()}:"


async def _pieces(call: Call, digest: bytes, first: int, left: int) -> AsyncIterator[bytes]:
    installation = call.installation
    source: Iterator[bytes] = iter(installation.bodies.stream(digest, start=first))
    while left > 0:
        piece = await installation.in_thread(next, source, b"")
        if not piece:
            return  # the server sees that bytes are missing, and ends the connection
        yield piece[:left]
        left -= len(piece)
