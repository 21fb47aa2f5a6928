"""How long deliveries took, in buckets that can be added up. Pure.

A histogram of each hour tells the percentiles of any day, month or level, to within the width of a
bucket; keeping every duration would not be quicker than asking the deliveries.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Final

#: Upper edges in seconds. The last bucket has no end.
EDGES: Final = (
    0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400, 259200, 604800,
)  # fmt: skip

DOCUMENTS: Final = -3  #: counts packages, not deliveries
ENDED: Final = -2  #: over, and not confirmed
UNFINISHED: Final = -1
SLOWEST: Final = len(EDGES)


def bucket_of(seconds: float) -> int:
    """Return the bucket of a duration."""
    return bisect_left(EDGES, seconds)


def percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """Return within how many seconds a share of the confirmed deliveries was; None: there are none.

    Args:
        buckets: bucket → deliveries; those that are not confirmed do not count.
        share: such as 0.5.
    """
    total = sum(count for bucket, count in buckets.items() if bucket >= 0)
    if not total:
        return None
    wanted, seen = share * total, 0
    for bucket in range(SLOWEST + 1):
        count = buckets.get(bucket, 0)
        if count and seen + count >= wanted:
            low = EDGES[bucket - 1] if bucket else 0.0
            high = EDGES[bucket] if bucket < SLOWEST else EDGES[-1] * 2
            return low + (high - low) * (wanted - seen) / count
        seen += count
    return None
