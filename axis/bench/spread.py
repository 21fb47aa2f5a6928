"""How measured times are spread."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import quantiles


def spread_ms(seconds: Sequence[float]) -> dict[str, float]:
    """Return median and 99th percentile in milliseconds; nothing of fewer than two times."""
    if len(seconds) < 2:
        return {}
    cuts = quantiles(seconds, n=100, method="inclusive")
    return {"p50_ms": round(cuts[49] * 1000, 2), "p99_ms": round(cuts[98] * 1000, 2)}


def asked_ms(ask: Callable[[int], object], times: int) -> dict[str, float]:
    """Return the percentiles of a question in milliseconds; the first asking warms up."""
    took = []
    for number in range(times + 1):
        started = time.perf_counter()
        ask(number)
        took.append((time.perf_counter() - started) * 1000)
    took = sorted(took[1:])
    return {
        "p50_ms": round(took[len(took) // 2], 2),
        "p99_ms": round(took[min(len(took) - 1, len(took) * 99 // 100)], 2),
        "max_ms": round(took[-1], 2),
    }
