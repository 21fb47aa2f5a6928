"""What a run costs the machine: processor and memory by process, bytes written, cores kept busy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Watch:
    """Begins to count when it is made; the processes are those of the axis, by name."""

    pids: Mapping[str, int]
    _cpu: dict[str, float] = field(init=False)
    _machine: tuple[float, float] = field(init=False)
    _written: int = field(init=False)

    def __post_init__(self) -> None:
        """Note where all counters stand."""
        self._cpu = {name: cpu_s(pid) for name, pid in self.pids.items()}
        self._machine = _machine_s()
        self._written = _written_kib()

    def figures(self, *, packages: int) -> dict[str, Any]:
        """Return what was used since; the servers' and everybody else's work is ``rest``.

        Args:
            packages: that the work was done for.
        """
        busy, idle = (now - then for now, then in zip(_machine_s(), self._machine, strict=True))
        used = {name: cpu_s(pid) - self._cpu[name] for name, pid in self.pids.items()}
        used["rest"] = max(0.0, busy - sum(used.values()))
        return {
            "busy_share": round(busy / (busy + idle), 3) if busy + idle else 0.0,
            "cpu_ms_per_package": {
                name: round(seconds * 1000 / packages, 3) for name, seconds in used.items()
            },
            "peak_mib": {name: round(peak_mib(pid), 1) for name, pid in self.pids.items()},
            "written_mib": round((_written_kib() - self._written) / 1024, 1),
        }


def cpu_s(pid: int) -> float:
    """Return the seconds of processor that a process has used; 0 where it has ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / _TICK


def peak_mib(pid: int) -> float:
    """Return the most memory that a process had at once, in MiB; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


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
