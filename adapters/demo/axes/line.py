"""The line between two axes: a TCP forwarder that can be cut, or lose what is answered."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

PIECE: Final = 65536


class Condition(StrEnum):
    """How a line is."""

    WHOLE = "whole"
    DEAF = "deaf"  #: what is sent arrives; the answer to a POST is lost, and the connection with it
    CUT = "cut"  #: nothing arrives


class Line:
    """Forwards connections to a port of this machine, while it is whole."""

    def __init__(self, port: int) -> None:
        """Take a port of its own; nothing goes through before the line is entered."""
        self._port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._running: set[asyncio.Task[None]] = set()
        self.condition = Condition.WHOLE
        self.answers_lost = 0

    @property
    def url(self) -> str:
        """Where the near end is."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, sock=self._listening)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        assert self._server is not None  # noqa: S101  it was entered
        self._server.close()
        self.cut()
        await asyncio.gather(*self._running, return_exceptions=True)

    def cut(self) -> None:
        """Break every connection, and let none through, until :meth:`mend`."""
        self.condition = Condition.CUT
        for writer in self._open:
            writer.close()

    def mend(self) -> None:
        """Let everything through again."""
        self.condition = Condition.WHOLE

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  the server started us as one
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        self._open.add(back)
        try:
            if self.condition is Condition.CUT:
                return
            far, forth = await asyncio.open_connection("127.0.0.1", self._port)
            self._open.add(forth)
            try:
                await _Talk(self, near, back, far, forth).run()
            finally:
                self._open.discard(forth)
                forth.close()
        except OSError:
            return
        finally:
            self._open.discard(back)
            back.close()


class _Talk:
    """One connection over the line."""

    def __init__(
        self,
        line: Line,
        near: asyncio.StreamReader,
        back: asyncio.StreamWriter,
        far: asyncio.StreamReader,
        forth: asyncio.StreamWriter,
    ) -> None:
        self._line = line
        self._near, self._back, self._far, self._forth = near, back, far, forth
        self._posts = False  #: whether the call under way is a POST

    async def run(self) -> None:
        """Carry both ways until either end closes."""
        ways = [asyncio.create_task(self._ask()), asyncio.create_task(self._answer())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)

    async def _ask(self) -> None:
        with suppress(OSError):
            while piece := await self._near.read(PIECE):
                # A client that waits for its answer begins every call with a piece of its own.
                if piece.startswith((b"GET ", b"POST ", b"PUT ", b"HEAD ")):
                    self._posts = piece.startswith(b"POST ")
                self._forth.write(piece)
                await self._forth.drain()

    async def _answer(self) -> None:
        with suppress(OSError):
            while piece := await self._far.read(PIECE):
                if self._posts and self._line.condition is Condition.DEAF:
                    self._line.answers_lost += 1
                    return
                self._back.write(piece)
                await self._back.drain()
