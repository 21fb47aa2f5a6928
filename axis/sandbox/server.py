"""What the private servers have in common: the life of a server in a folder."""

from __future__ import annotations

import json
import shutil
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from axis.sandbox.errors import ServerNotStartedError, ServerStoppedError
from axis.sandbox.lease import Lease, is_kept, wait_until_gone

_STATE = "server.json"
_ATTEMPTS = 3


class PrivateServer(ABC):
    """A server in a folder of its own, on loopback, that ends with the last process that holds it.

    As a context manager it starts on entry and stops on exit. The data stay in the folder, and a
    server that is started there again finds them; ports may differ from start to start.

    Args:
        folder: made if it is missing; at most one server lives in it.
        disposable: whether the data are worth nothing once the last holder has gone. Then the end
            is quick (SIGKILL) and takes the folder with it.
    """

    name: ClassVar[str]
    start_timeout_s: ClassVar[float] = 120.0

    def __init__(self, folder: Path, *, disposable: bool = False) -> None:
        self.folder = folder.absolute()
        self.disposable = disposable
        self._lease: Lease | None = None
        self._logged: dict[Path, int] = {}  # the sizes of the logs when it was last started
        self._state: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.disposable:
            self.remove()
        else:
            self.stop()

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the server is, with the name and password of its administrator."""

    @property
    @abstractmethod
    def log(self) -> Path:
        """The server's own log."""

    @abstractmethod
    def _launch(self) -> Lease:
        """Choose ports into ``self._state``, write the configuration and start a keeper."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """Tell whether the server answers as it should."""

    @property
    def is_running(self) -> bool:
        """Tell whether this process holds the server and it has not ended."""
        return self._lease is not None and self._lease.is_kept()

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            NoRabbitMQError: RabbitMQ is not installed.
            NoPostgreSQLError: PostgreSQL is not installed.
            ServerInUseError: another process keeps a server in the folder.
            ServerNotStartedError: it ended while it was starting, or was not ready in time.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._state = self._read_state()
        for attempt in range(1, _ATTEMPTS + 1):
            self._logged = {path: path.stat().st_size for path in self._logs() if path.exists()}
            self._lease = self._launch()
            try:
                reason = self._wait_until_ready()
                if reason is None:
                    self._write_state()
                    return
            except BaseException:
                self.kill()
                raise
            tail = self.log_tail()
            self.kill()
            lost_port = "eaddrinuse" in tail or "Address already in use" in tail
            if not lost_port or attempt == _ATTEMPTS:
                raise ServerNotStartedError(
                    server=self.name, folder=str(self.folder), reason=reason, log=tail
                )

    def join(self) -> bool:
        """Hold the server that another process keeps in the folder; False if there is none."""
        lease = Lease.join(self.folder)
        if lease is None:
            return False
        self._lease, self._state = lease, self._read_state()
        return True

    def stop(self) -> None:
        """End the server as its manual says; no process of it is left, its data stay."""
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.stop()

    def kill(self) -> None:
        """End all processes of the server with SIGKILL, as a power cut would; its data stay."""
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.kill()

    def restart(self) -> None:
        """Stop and start again on the same data and, if they are still free, the same ports."""
        self.stop()
        self.start()

    def leave(self) -> None:
        """Let go without an order: the server lives as long as its other holders."""
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.leave()

    def remove(self) -> None:
        """End the server at once and remove the folder with all data.

        Raises:
            TimeoutError: somebody still keeps the server.
        """
        self.kill()
        if is_kept(self.folder):
            wait_until_gone(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    def log_tail(self, lines: int = 60) -> str:
        """Return the end of what the server has logged since it was last started, for people."""
        text = ""
        for path in self._logs():
            if path.exists():
                with path.open(encoding="utf-8", errors="replace") as log:
                    log.seek(self._logged.get(path, 0))
                    text += log.read()
        return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])

    def _logs(self) -> list[Path]:
        return [self.folder / "output.log", *({self.log} - {self.folder / "output.log"})]

    def _wait_until_ready(self) -> str | None:
        """Return None when the server is ready, else why it is not."""
        deadline = time.monotonic() + self.start_timeout_s
        while time.monotonic() < deadline:
            if not self.is_running:
                return "it ended while it was starting"
            if self._is_ready():
                return None
            time.sleep(0.05)
        return f"it was not ready after {self.start_timeout_s:.0f} s"

    def _demand_running(self) -> None:
        if not self.is_running:
            raise ServerStoppedError(server=self.name, folder=str(self.folder))

    def _read_state(self) -> dict[str, Any]:
        path = self.folder / _STATE
        state: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return state

    def _write_state(self) -> None:
        path = self.folder / _STATE
        path.touch(mode=0o600)
        path.write_text(json.dumps(self._state))
