"""How measured times are spread. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles


def spread_ms(seconds: Sequence[float]) -> dict[str, float]:
    """Return median and 99th percentile in milliseconds; nothing of fewer than two times."""
    if len(seconds) < 2:
        return {}
    cuts = quantiles(seconds, n=100, method="inclusive")
    return {"p50_ms": round(cuts[49] * 1000, 2), "p99_ms": round(cuts[98] * 1000, 2)}
