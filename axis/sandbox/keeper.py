"""A small process of its own that keeps a server for as long as somebody holds its lease.

It is run by path, with the standard library only, and detaches at once from who started it. Its
standard input is the reading end of a FIFO (the lease): every process that wants the server holds
the writing end open. Bytes on it are orders, its end means that the last holder has gone, even if
by SIGKILL. Whatever the reason, the keeper leaves only when no process that it caused is alive.

The descriptor of a locked file is inherited and held to the end: the lock is free exactly when
there is no keeper, and so no server, in the folder.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ORDER_STOP = b"s"  #: end the server as its manual says, by force only when the grace is over
ORDER_KILL = b"k"  #: end everything with SIGKILL, as a power cut would

_LEASE = 0
_PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """Keep what the JSON file in the first argument describes; return the server's exit code."""
    spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if os.fork():  # whoever started us is not our parent any more and has nothing to reap
        os._exit(0)
    os.setsid()
    _adopt_orphans()
    wake = _listen_for_signals()
    programs: list[subprocess.Popen[bytes]] = []
    abandoned = False
    try:
        for program in spec["programs"]:
            programs.append(_start(program))  # noqa: PERF401 - those already started must be known
        order = _wait_for_end(programs, wake)
        abandoned = order == b""
        if order == ORDER_STOP or (abandoned and not spec["disposable"]):
            _ask_to_end(programs[-1], int(spec["stop_signal"]), float(spec["grace_s"]))
    finally:
        _end_all(programs)
        if abandoned:
            for folder in spec["remove"]:
                shutil.rmtree(folder, ignore_errors=True)
    return programs[-1].returncode or 0


def _start(program: dict[str, Any]) -> subprocess.Popen[bytes]:
    account: dict[str, Any] = {}
    if program["user"]:
        account = {"user": program["user"], "group": program["group"], "extra_groups": []}
    with Path(program["output"]).open("ab") as output:
        return subprocess.Popen(
            program["argv"],
            env=program["env"],
            cwd=program["folder"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **account,
        )


def _wait_for_end(programs: list[subprocess.Popen[bytes]], wake: int) -> bytes | None:
    """Return the order that came: empty when the last holder has gone, None if the server ended."""
    while programs[-1].poll() is None:
        ready, _, _ = select.select([_LEASE, wake], [], [])
        if wake in ready and signal.SIGTERM in os.read(wake, 512):
            return ORDER_STOP
        if _LEASE in ready:
            return os.read(_LEASE, 1)
        _reap([program.pid for program in programs])
    return None


def _ask_to_end(server: subprocess.Popen[bytes], stop_signal: int, grace_s: float) -> None:
    """Ask until it ends or the grace is over; a server that is just starting may miss a signal."""
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline:
        server.send_signal(stop_signal)
        try:
            server.wait(2)
        except subprocess.TimeoutExpired:
            continue
        return


def _end_all(programs: list[subprocess.Popen[bytes]]) -> None:
    """Kill and reap until nothing is left, also what made itself a daemon."""
    own = [program.pid for program in programs]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for program in programs:
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGKILL)
        strays = _descendants()
        for pid, is_zombie in strays.items():
            if not is_zombie:
                _kill(pid)
        if not strays and all(program.poll() is not None for program in programs):
            return
        _reap(own)
        time.sleep(0.01)


def _processes() -> dict[int, tuple[int, bool]]:
    """Return each process's parent and whether it is a zombie; empty where /proc is missing."""
    found: dict[int, tuple[int, bool]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text(errors="replace").rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue  # it has just ended
        found[int(stat.parent.name)] = (int(parent), state == "Z")
    return found


def _descendants() -> dict[int, bool]:
    """Return the processes below this one and whether each is a zombie."""
    processes = _processes()
    found: dict[int, bool] = {}
    for pid, (parent, is_zombie) in processes.items():
        ancestor = parent
        while ancestor not in (os.getpid(), 0):
            ancestor = processes.get(ancestor, (0, False))[0]
        if ancestor == os.getpid():
            found[pid] = is_zombie
    return found


def _reap(own: list[int]) -> None:
    """Reap adopted orphans; the programs' own exit codes are left for Popen."""
    for pid, (parent, is_zombie) in _processes().items():
        if is_zombie and parent == os.getpid() and pid not in own:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                continue


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _adopt_orphans() -> None:
    """On Linux, become the parent of grandchildren whose parent ends, so that none escapes."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _listen_for_signals() -> int:
    """Return a descriptor on which the numbers of the signals that came can be read."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    # None is ignored: what is ignored here would be ignored by the server, too.
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return reading


if __name__ == "__main__":
    sys.exit(main())
