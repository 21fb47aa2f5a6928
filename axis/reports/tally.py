"""What is counted of an office in a week or a month; sums of it make levels, provinces, all. Pure.

Everything is as it was when the period was closed. Two rules hold for each tally, and for sums:
``documents`` is the sum of the columns about sending and the sum of those about signing; ``came``
is the sum of what became of it; ``asked`` likewise. Over all offices ``sends`` equals ``came``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Self

import msgspec

from axis.figures.buckets import percentile

#: Shares of deliveries whose time is told.
SHARES: Final[Mapping[str, float]] = {"p50": 0.5, "p90": 0.9, "p99": 0.99}


class Tally(msgspec.Struct, kw_only=True):
    """The figures of an office, or of several together; docs/operate/reports.md defines each."""

    documents: int = 0
    changes: int = 0
    sent_in_time: int = 0
    sent_late: int = 0
    undated: int = 0
    strong: int = 0
    weak: int = 0
    unsigned: int = 0
    sends: int = 0
    came: int = 0
    express: int = 0
    in_time: int = 0
    late: int = 0
    not_taken: int = 0
    under_way: int = 0
    recalled: int = 0
    refused: int = 0
    lapsed: int = 0
    redirected: int = 0
    asked: int = 0
    answered_in_time: int = 0
    answered_late: int = 0
    declined: int = 0
    unanswered: int = 0
    awaited: int = 0
    #: lane → bucket of :mod:`axis.figures.buckets` → deliveries that were taken
    times: dict[str, dict[int, int]] = msgspec.field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Add the figures of another."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for lane, buckets in other.times.items():
            mine = self.times.setdefault(lane, {})
            for bucket, count in buckets.items():
                mine[bucket] = mine.get(bucket, 0) + count

    @classmethod
    def sum(cls, tallies: Iterable[Tally]) -> Self:
        """Return the figures of several together."""
        total = cls()
        for one in tallies:
            total.add(one)
        return total

    def took(self, lane: str, share: str) -> float | None:
        """Return within how many seconds ``p50``, ``p90`` or ``p99`` of a lane was taken."""
        return percentile(self.times.get(lane, {}), SHARES[share])


#: The fields that are numbers, in their order.
COUNTS: Final = tuple(name for name in Tally.__struct_fields__ if name != "times")
