"""Describes the machine that a figure was measured on; a figure without it says nothing."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from axis import __version__


def describe_machine() -> dict[str, object]:
    """Return processor, cores, memory (bytes), system and versions."""
    return {
        "axis": __version__,
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "processor": _first("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory_kib": int((_first("/proc/meminfo", "MemTotal") or "0 kB").split()[0]),
    }


def _first(path: str, key: str) -> str | None:
    file = Path(path)
    if not file.exists():
        return None
    for line in file.read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return None
