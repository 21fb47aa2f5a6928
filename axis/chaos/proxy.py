"""A TCP proxy before a server that can cut, swallow, hold back, and lose the answer to a COMMIT.

It listens on one port for all its life, so that what is behind it may change its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, Self

#: CommandComplete of PostgreSQL's protocol for a COMMIT.
COMMIT_COMPLETE: Final = b"C\x00\x00\x00\x0bCOMMIT\x00"
_PIECE: Final = 65536


class Mode(StrEnum):
    """What the proxy does with bytes."""

    PASS = "pass"  # noqa: S105
    BLACKHOLE = "blackhole"  #: they are read and go nowhere, in both directions
    DEAF = "deaf"  #: only what the server says goes nowhere


@dataclass(slots=True)
class Seen:
    """What the proxy did, as evidence that a fault happened."""

    connections: int = 0
    cut: int = 0  #: connections that were reset
    swallowed_bytes: int = 0
    lost_commits: int = 0  #: answers to COMMIT that the client never got


class Proxy:
    """Forwards ``127.0.0.1:port`` to wherever ``target`` says at the time of each connection."""

    def __init__(self, target: Callable[[], int]) -> None:
        self.seen = Seen()
        self.port = 0
        self.mode = Mode.PASS
        self._target = target
        self._lose_commit = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> int:
        """Reset every connection; return how many there were."""
        count: int = self._call(self._cut())
        return count

    def lose_next_commit(self) -> None:
        """Let the next COMMIT take effect and cut the connection before its answer."""
        self._lose_commit = True

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._cut()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _cut(self) -> int:
        count = len(self._writers) // 2
        self.seen.cut += count
        for writer in list(self._writers):
            writer.transport.abort()
        return count

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target())
        except OSError:
            writer.transport.abort()
            return
        self.seen.connections += 1
        self._writers |= {writer, far_writer}
        try:
            await asyncio.gather(
                self._pump(reader, far_writer, from_server=False),
                self._pump(far_reader, writer, from_server=True),
            )
        except asyncio.CancelledError:
            return  # the proxy closes
        finally:
            self._writers -= {writer, far_writer}
            for one in (writer, far_writer):
                one.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_server: bool
    ) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while piece := await reader.read(_PIECE):
                if self.mode is Mode.BLACKHOLE or (self.mode is Mode.DEAF and from_server):
                    self.seen.swallowed_bytes += len(piece)
                    continue
                if from_server and self._lose_commit and COMMIT_COMPLETE in piece:
                    self._lose_commit = False
                    self.seen.lost_commits += 1
                    break
                writer.write(piece)
                await writer.drain()
        writer.transport.abort()

    def _call(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)
