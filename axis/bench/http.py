"""A client for measurements: HTTP/1.1 over one connection, as cheap as Python makes it.

A client for users would cost more than the gateway that is measured.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, cast

import httptools
import msgspec


@dataclass(slots=True)
class Reply:
    """An answer; the body is counted, and kept where that was asked for."""

    status: int
    body: bytes
    size_bytes: int

    def json(self) -> Any:
        """Return the body as JSON."""
        return msgspec.json.decode(self.body)


class Client(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, token: str) -> None:
        self._authorization = f"authorization: Bearer {token}\r\n".encode()
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[Reply] | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._keep = True

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        token: str | None = None,
        media: str = "application/vnd.edxml+xml",
        keep: bool = True,
    ) -> Reply:
        """Return the answer to a request; ``token`` speaks for another system than the usual."""
        assert self._transport is not None  # noqa: S101  connected by open_client
        authorization = (
            f"authorization: Bearer {token}\r\n".encode() if token else self._authorization
        )
        self._waiting = asyncio.get_running_loop().create_future()
        self._body, self._size, self._keep = [], 0, keep
        self._parser = httptools.HttpResponseParser(self)
        head = f"{method} {path} HTTP/1.1\r\nhost: axis\r\n".encode() + authorization
        if body:
            head += f"content-type: {media}\r\n".encode()
        if body or method == "POST":
            head += b"content-length: %d\r\n" % len(body)
        self._transport.write(head + b"\r\n" + body)
        return await self._waiting

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    # --- the transport's and the parser's calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse."""
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError("closed"))

    def on_body(self, piece: bytes) -> None:
        """Take a piece of the body."""
        self._size += len(piece)
        if self._keep:
            self._body.append(piece)

    def on_message_complete(self) -> None:
        """Give the answer to who waits."""
        status = self._parser.get_status_code()
        if status >= 200 and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Reply(status, b"".join(self._body), self._size))


async def open_client(host: str, port: int, token: str) -> Client:
    """Return a client that is connected.

    Raises:
        OSError: nothing listens there.
    """
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Client(token), host, port)
    return client
