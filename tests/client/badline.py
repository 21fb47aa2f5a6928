"""A bad line: a TCP proxy that lets so many bytes through in each direction, then cuts."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class BadLine:
    """Forwards to ``port``; each connection is cut after ``up`` or ``down`` bytes, ``cuts`` times.

    ``dead_after``: so many cuts later nothing goes through any more.
    """

    def __init__(
        self,
        port: int,
        *,
        up: int = 1 << 40,
        down: int = 1 << 40,
        cuts: int = 1 << 30,
        dead_after: int = 1 << 30,
    ) -> None:
        self._port = port
        self._limits = {"up": up, "down": down}
        self.left = cuts
        self._dead_after = dead_after
        self.carried = {"up": 0, "down": 0}
        self.cut = 0
        self._sockets: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        # A plain close would leave the accepting thread where it waits.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)
        for one in self._sockets:
            _close(one)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._port))
                self._sockets += [near, far]
                for way, source, target in (("up", near, far), ("down", far, near)):
                    threading.Thread(
                        target=self._pump, args=(way, source, target), daemon=True
                    ).start()

    def _pump(self, way: str, source: socket.socket, target: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while piece := source.recv(65536):
                room = self._limits[way] - passed if self.left > 0 else len(piece)
                room = 0 if self.cut >= self._dead_after else room
                target.sendall(piece[: max(room, 0)])
                passed += len(piece[: max(room, 0)])
                self.carried[way] += len(piece[: max(room, 0)])
                if len(piece) > room:
                    self.left -= 1
                    self.cut += 1
                    break
        _close(source)
        _close(target)


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
