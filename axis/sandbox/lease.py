"""The holder's side of a kept server: start its keeper, join one, give orders, let go."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from signal import Signals

from axis.sandbox import keeper
from axis.sandbox.errors import ServerInUseError

_FIFO = "lease"
_LOCK = "keeper.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One process to keep."""

    argv: Sequence[str]
    env: Mapping[str, str]  #: the whole environment; nothing is inherited
    folder: str  #: working directory
    output: str  #: file that standard output and error are appended to
    user: int | None = None  #: account to run as; None is our own
    group: int | None = None


class Lease:
    """A kept server in a folder, held by this process until :meth:`leave`."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self._folder = folder
        self._descriptor: int | None = descriptor

    @classmethod
    def start(
        cls,
        folder: Path,
        programs: Sequence[Program],
        *,
        server: str,
        stop_signal: Signals,
        grace_s: float = 20.0,
        disposable: bool = False,
        remove: Sequence[str] = (),
    ) -> Lease:
        """Start a keeper for ``programs``; the last one is the server, the others serve it.

        Args:
            folder: an existing folder; at most one keeper lives in it.
            programs: what to run, in this order.
            server: the server's name for messages.
            stop_signal: how the server is asked to end.
            grace_s: how long it may take to end by itself.
            disposable: whether it is killed, not asked, when the last holder goes without an order.
            remove: folders that the keeper removes if the last holder goes without an order.

        Raises:
            ServerInUseError: another keeper lives in the folder.
        """
        lock = _lock(folder, patience_s=1.0)  # who only looks holds it for a moment, too
        if lock is None:
            raise ServerInUseError(server=server, folder=str(folder))
        fifo = folder / _FIFO
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo, 0o600)
        reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        lease = cls(folder, os.open(fifo, os.O_WRONLY))
        os.set_blocking(reading, True)
        spec = {
            "programs": [asdict(program) for program in programs],
            "stop_signal": int(stop_signal),
            "grace_s": grace_s,
            "disposable": disposable,
            "remove": list(remove),
        }
        kept = folder / "keeper.json"
        kept.write_text(json.dumps(spec), encoding="utf-8")
        try:
            with (folder / "keeper.log").open("ab") as output:
                subprocess.run(
                    [sys.executable, "-I", "-S", keeper.__file__, str(kept)],
                    stdin=reading,
                    stdout=output,
                    stderr=output,
                    pass_fds=[lock],
                    start_new_session=True,
                    check=True,
                )
        except BaseException:
            lease.leave()
            raise
        finally:
            os.close(reading)
            os.close(lock)
        return lease

    @classmethod
    def join(cls, folder: Path) -> Lease | None:
        """Hold the server that another process started in ``folder``; None if there is none."""
        if not is_kept(folder):
            return None
        try:
            return cls(folder, os.open(folder / _FIFO, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:  # the keeper has just left
            return None

    def is_kept(self) -> bool:
        """Tell whether the keeper, and so the server, is still there."""
        return is_kept(self._folder)

    def stop(self) -> None:
        """End the server as its manual says and wait until all its processes have gone."""
        self._order(keeper.ORDER_STOP)

    def kill(self) -> None:
        """End all processes of the server with SIGKILL, as a power cut would."""
        self._order(keeper.ORDER_KILL)

    def leave(self) -> None:
        """Let go; the server ends when the last holder has let go."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _order(self, order: bytes) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._descriptor, order)
        self.leave()
        wait_until_gone(self._folder)


def is_kept(folder: Path) -> bool:
    """Tell whether a keeper lives in ``folder``."""
    if not (folder / _LOCK).exists():
        return False
    lock = _lock(folder)
    if lock is None:
        return True
    os.close(lock)
    return False


def wait_until_gone(folder: Path, timeout_s: float = 90.0) -> None:
    """Wait until no keeper lives in ``folder``.

    Raises:
        TimeoutError: it is still there.
    """
    deadline = time.monotonic() + timeout_s
    while is_kept(folder):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the keeper in {folder} did not end in {timeout_s} s")
        time.sleep(0.02)


def _lock(folder: Path, patience_s: float = 0.0) -> int | None:
    """Lock the folder for a keeper; None if one lives there."""
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            os.close(descriptor)
            return None
        return descriptor
