"""When the agent tries again, and what a failure means for the thing at hand."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import Final

from adapters.client.errors import ProblemError
from adapters.folder.settings import AgentSettings
from axis.delivery.backoff import Pace, delay
from axis.errors import AxisError, Fault

#: Answers that are about the package itself. All others are about us, the line or the axis: a
#: revoked token must not make a document refused.
_ABOUT_THE_PACKAGE: Final = frozenset({400, 413, 415, 422})


def is_final(error: AxisError) -> bool:
    """Say whether these bytes can never be sent."""
    if isinstance(error, ProblemError):
        return error.problem.status in _ABOUT_THE_PACKAGE and error.fault is Fault.INPUT
    return error.fault is Fault.INPUT and not error.code.startswith(("client.", "agent.settings"))


def next_try(settings: AgentSettings, tries: int) -> float:
    """Return when to try again after so many failures (seconds of the epoch)."""
    pace = Pace(
        first=timedelta(seconds=settings.retry_first_s),
        most=timedelta(seconds=settings.retry_most_s),
    )
    wait = delay(tries, pace, chance=random.random())  # noqa: S311  it only spreads
    return time.time() + wait.total_seconds()
