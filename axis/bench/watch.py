"""What a run costs the machine: processor and memory by process, bytes written, cores kept busy.

A thread looks twice a second while the run goes on; a process counts with everything that it has
started. What was used between two instants is read off between two looks.
"""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Final, Self

EVERY_S: Final = 0.5
POINTS: Final = 600  #: of a curve
_TICK: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What the counters say at one instant."""

    at: float  #: on the monotonic clock of the machine, in seconds
    busy_s: float  #: of all cores, since the machine was started
    idle_s: float
    written_kib: int
    cpu_s: dict[str, float]
    mib: dict[str, float]


@dataclass(slots=True)
class Watch:
    """Looks at named processes while its block is open; :meth:`add` may name more."""

    pids: dict[str, int] = field(default_factory=dict)
    alone: frozenset[int] = frozenset({os.getpid()})  #: without the processes they have started
    _looks: list[_Look] = field(default_factory=list)
    _end: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.look()
        self._thread = threading.Thread(target=self._watch, name="watches", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join()

    def add(self, pids: Mapping[str, int]) -> None:
        """Look at more processes from now on."""
        self.pids = {**self.pids, **pids}

    def look(self) -> None:
        """Look once more, now."""
        busy, idle = _machine_s()
        children = _children()
        cpu, mib = {}, {}
        for name, pid in self.pids.items():
            members = [pid] if pid in self.alone else list(_family(pid, children))
            cpu[name] = sum(_cpu_s(one, with_ended=pid not in self.alone) for one in members)
            mib[name] = sum(_private_mib(one) for one in members)
        self._looks.append(
            _Look(
                at=time.perf_counter(),
                busy_s=busy,
                idle_s=idle,
                written_kib=_written_kib(),
                cpu_s=cpu,
                mib=mib,
            )
        )

    def figures(
        self, *, units: int, since: float | None = None, until: float | None = None
    ) -> dict[str, Any]:
        """Return what was used; the servers' and everybody else's work is ``others``.

        Args:
            units: packages, deliveries or whatever the work was done for.
            since: instant of the monotonic clock; None: the first look.
            until: likewise; None: now.
        """
        if until is None:
            self.look()
        first = self._at(since) if since is not None else self._looks[0]
        last = self._at(until) if until is not None else self._looks[-1]
        busy, idle = last.busy_s - first.busy_s, last.idle_s - first.idle_s
        used = {
            name: max(0.0, seconds - first.cpu_s.get(name, 0.0))
            for name, seconds in last.cpu_s.items()
        }
        used["others"] = max(0.0, busy - sum(used.values()))
        names = list(self.pids)
        return {
            "busy_share": round(busy / (busy + idle), 3) if busy + idle else 0.0,
            "cpu_ms": {name: round(s * 1000 / max(units, 1), 3) for name, s in used.items()},
            "peak_mib": {
                name: round(max(look.mib.get(name, 0.0) for look in self._looks), 1)
                for name in names
            },
            "written_mib": round((last.written_kib - first.written_kib) / 1024, 1),
        }

    def grown_mib(self) -> dict[str, float]:
        """Return by process how much more memory the last quarter of the time took than the second.

        The medians of both, in MiB. The first quarter is left out: there caches fill. What leaks
        grows with the time.
        """
        quarter = len(self._looks) // 4
        if not quarter:
            return {}
        early, late = self._looks[quarter : 2 * quarter], self._looks[-quarter:]

        def middle(looks: list[_Look], name: str) -> float:
            return median(look.mib.get(name, 0.0) for look in looks)

        return {name: round(middle(late, name) - middle(early, name), 1) for name in self.pids}

    def series(self) -> list[dict[str, Any]]:
        """Return cores in use and memory over time, by process, as curves of at most ``POINTS``."""
        looks = self._looks[:: max(1, -(-len(self._looks) // POINTS))]
        if len(looks) < 2:
            return []
        began = looks[0].at
        pairs = list(pairwise(looks))
        cores = {
            name: [
                round((b.cpu_s.get(name, 0) - a.cpu_s.get(name, 0)) / (b.at - a.at), 3)
                for a, b in pairs
            ]
            for name in self.pids
        }
        cores["all"] = [round((b.busy_s - a.busy_s) / (b.at - a.at), 3) for a, b in pairs]
        at = [round(look.at - began, 2) for look in looks]
        memory = {name: [round(look.mib.get(name, 0.0), 1) for look in looks] for name in self.pids}
        return [
            {"name": "cores in use", "unit": "cores", "at": at[1:], "lines": cores},
            {"name": "memory", "unit": "MiB", "at": at, "lines": memory},
        ]

    def _watch(self) -> None:
        while not self._end.wait(EVERY_S):
            self.look()

    def _at(self, instant: float) -> _Look:
        """Return what the counters said at an instant, read off between two looks."""
        place = bisect_left([look.at for look in self._looks], instant)
        if place == 0:
            return self._looks[0]
        if place == len(self._looks):
            return self._looks[-1]
        a, b = self._looks[place - 1], self._looks[place]
        share = (instant - a.at) / (b.at - a.at)

        def between(one: float, other: float) -> float:
            return one + (other - one) * share

        return _Look(
            at=instant,
            busy_s=between(a.busy_s, b.busy_s),
            idle_s=between(a.idle_s, b.idle_s),
            written_kib=round(between(a.written_kib, b.written_kib)),
            cpu_s={
                name: between(a.cpu_s.get(name, 0.0), seconds) for name, seconds in b.cpu_s.items()
            },
            mib=b.mib,
        )


def cpu_s(pid: int) -> float:
    """Return the seconds of processor that a process has used; 0 where it has ended."""
    return _cpu_s(pid, with_ended=False)


def server_pids(folders: Mapping[str, Path]) -> dict[str, int]:
    """Return the processes of servers that work in folders of their own, by name."""
    found: dict[str, int] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        for name, folder in folders.items():
            if str(folder) in words and int(place.name) != os.getpid():
                found[name] = min(int(place.name), found.get(name, int(place.name)))
    return found


def _cpu_s(pid: int, *, with_ended: bool) -> float:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, words[11 : 15 if with_ended else 13])) / _TICK


def _private_mib(pid: int) -> float:
    """Return the memory that a process shares with nobody by a file, in MiB; 0 if it has ended."""
    try:
        words = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0.0
    return (int(words[1]) - int(words[2])) * _PAGE / 2**20


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = defaultdict(list)
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children[int(words[1])].append(int(place.name))
    return children


def _family(pid: int, children: Mapping[int, list[int]]) -> Iterator[int]:
    yield pid
    for child in children.get(pid, ()):
        yield from _family(child, children)


def _machine_s() -> tuple[float, float]:
    """Return the seconds that all cores were busy and idle."""
    user, nice, system, idle, wait, *rest = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + sum(rest[:2])) / _TICK, (idle + wait) / _TICK


def _written_kib() -> int:
    """Return how much the machine has written to its disks, in KiB."""
    for line in Path("/proc/vmstat").read_text().splitlines():
        name, _, value = line.partition(" ")
        if name == "pgpgout":
            return int(value)
    return 0
