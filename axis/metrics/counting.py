"""Counting, once it has begun; each process keeps its counts in files of the machine's folder.

The files are the library's (mmap, one for each process and kind): a count costs no system call, and
what a process counted is there after its death. ``axis metrics`` adds them up.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from axis.metrics.table import COUNTED, METRICS, Kind

#: What the library calls the folder.
VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"

_counters: dict[str, Any] = {}


def begin_counting(folder: Path, process: str) -> None:
    """Count from now on, in files under ``folder``; a second call in a process changes nothing."""
    if _counters:
        return
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[VARIABLE] = str(folder)  # the library asks for it when it is loaded
    from prometheus_client import CollectorRegistry, Counter, Histogram

    registry = CollectorRegistry()
    for metric in COUNTED:
        words = (metric.name, metric.en, metric.labels)
        if metric.kind is Kind.COUNTER:
            _counters[metric.name] = Counter(*words, registry=registry)
        else:
            _counters[metric.name] = Histogram(*words, registry=registry, buckets=metric.buckets)
    count("axis_process_starts", process=process)


def count(name: str, by: float = 1, /, **labels: str) -> None:
    """Add to a counter of the table."""
    if _counters:
        _counter(name, labels).inc(by)


def observe(name: str, value: float, /, **labels: str) -> None:
    """Add a value to a histogram of the table."""
    if _counters:
        _counter(name, labels).observe(value)


def _counter(name: str, labels: dict[str, str]) -> Any:
    found = _counters[name]
    if tuple(labels) != METRICS[name].labels:
        raise ValueError(f"{name} has the labels {METRICS[name].labels}")
    return found.labels(**labels) if labels else found


def end_counting() -> None:
    """Count no more; for tests, which share a process."""
    _counters.clear()
    os.environ.pop(VARIABLE, None)
