"""When to try again: exponential backoff with jitter and a circuit breaker per system. Pure.

The breaker is closed while a system's queue takes notices. After ``threshold`` failures in a row it
is open: until ``next_try_at`` nothing is tried, then a single delivery is. Its success closes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from axis.errors import Fault


class Circuit(StrEnum):
    """Whether a system is tried."""

    CLOSED = "closed"  #: yes, in full
    OPEN = "open"  #: not before ``next_try_at``
    HALF_OPEN = "half-open"  #: with one delivery


class Class(StrEnum):
    """Who must act before a failed step can succeed."""

    PERMANENT = "permanent"  #: nobody can: it ends
    TRANSIENT = "transient"  #: waiting helps: tried again by itself
    OPERATOR = "operator"  #: a person must look: parked


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a system is tried again."""

    first: timedelta = timedelta(seconds=30)
    most: timedelta = timedelta(hours=1)
    threshold: int = 5  #: failures in a row that open the breaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a system takes what it is told."""

    failures: int = 0  #: in a row
    next_try_at: datetime | None = None
    opened_at: datetime | None = None


WELL: Final = Health()


def class_of(fault: Fault) -> Class:
    """Return who must act, from whose fault it is."""
    return {
        Fault.INPUT: Class.PERMANENT,
        Fault.OUTAGE: Class.TRANSIENT,
        Fault.AXIS: Class.OPERATOR,
    }[fault]


def delay(failures: int, pace: Pace, *, chance: float) -> timedelta:
    """Return how long to wait after ``failures`` (from 1) in a row.

    Args:
        failures: in a row.
        pace: first and longest wait.
        chance: uniform in [0, 1): the wait is between half and one and a half of the doubled one,
            so that many systems do not come back in the same moment.
    """
    doubled: timedelta = pace.first * (1 << min(failures - 1, 20))
    return min(doubled, pace.most) * (0.5 + chance)


def failed(health: Health, pace: Pace, *, now: datetime, chance: Callable[[], float]) -> Health:
    """Return the health after a system did not take what it was told."""
    failures = health.failures + 1
    opened = health.opened_at or (now if failures >= pace.threshold else None)
    return replace(
        health,
        failures=failures,
        next_try_at=now + delay(failures, pace, chance=chance()),
        opened_at=opened,
    )


def circuit(health: Health, *, now: datetime) -> Circuit:
    """Return whether a system is tried now."""
    if health.next_try_at is not None and now < health.next_try_at:
        return Circuit.OPEN
    return Circuit.HALF_OPEN if health.opened_at is not None else Circuit.CLOSED
