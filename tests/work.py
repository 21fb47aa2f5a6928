"""How much work something is, on a machine that others work on too."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

#: Other work on the machine only ever adds: what is too much each time is too much.
TRIES: Final = 4


def least_cpu_s(work: Callable[[], object], *, enough_s: float) -> float:
    """Return the least CPU seconds of a few tries; one under ``enough_s`` is the last."""
    least = float("inf")
    for _ in range(TRIES):
        started = time.process_time()
        work()
        least = min(least, time.process_time() - started)
        if least < enough_s:
            break
    return least
