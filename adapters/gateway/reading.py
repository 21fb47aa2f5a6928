"""The body of a request in bounded pieces, which are not waited for without end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from starlette.types import Receive, Scope

from adapters.gateway.errors import BodyTooLargeError, CutOffError, TooSlowError

#: Pieces that arrive are put together up to this size before they are handed on.
GATHER: Final = 256 * 1024
#: A body that has gone on for the grace of its patience must keep at least this pace (bytes/s).
LEAST_PACE: Final = 256


def length_of(scope: Scope) -> int | None:
    """Return how many bytes the body is announced to have."""
    text = b", ".join(value for name, value in scope["headers"] if name == b"content-length")
    return int(text) if text.isdigit() else None


async def read_pieces(
    scope: Scope, receive: Receive, *, limit: int, patience_s: float, must_end: bool = True
) -> AsyncIterator[bytes]:
    """Yield the body in pieces of up to 256 KiB.

    Args:
        scope: of the request.
        receive: gives what comes of it.
        limit: bytes, at most.
        patience_s: how long nothing may come.
        must_end: refuse what breaks off; else what came is what there is.

    Raises:
        BodyTooLargeError: there are more; the rest is not read.
        TooSlowError: nothing more came for ``patience_s``, or too little.
        CutOffError: the caller has gone.
    """
    announced = length_of(scope)
    if announced is not None and announced > limit:
        raise BodyTooLargeError(limit=limit)
    clock = asyncio.get_running_loop().time
    began, size = clock(), 0
    gathered = bytearray()
    more = True
    while more:
        try:
            async with asyncio.timeout(patience_s):
                message = await receive()
        except TimeoutError as error:
            raise TooSlowError(limit=int(patience_s)) from error
        if message["type"] == "http.disconnect":
            if must_end:
                raise CutOffError
            break
        piece = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(piece)
        if size > limit:
            raise BodyTooLargeError(limit=limit)
        if clock() - began > patience_s and size < LEAST_PACE * (clock() - began):
            raise TooSlowError(limit=int(patience_s))
        gathered += piece
        if len(gathered) >= GATHER:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


async def read_whole(scope: Scope, receive: Receive, *, limit: int, patience_s: float) -> bytes:
    """Return a small body in one; as :func:`read_pieces`, with its errors."""
    pieces = read_pieces(scope, receive, limit=limit, patience_s=patience_s)
    return b"".join([piece async for piece in pieces])
