"""The report of 17:00: what arose today, what is delivered, what is left and why. Pure.

"No backlog" is the rule: whatever is left has a cause and somebody who must act.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final

from axis.delivery.causes import CAUSES
from axis.delivery.states import FINAL, State
from axis.delivery.workdays import VIETNAM
from axis.store.reports import Line

CLOSE: Final = time(17)


@dataclass(slots=True)
class Day:
    """One office, level or province on a day."""

    arose: int = 0  #: deliveries routed today until 17:00
    delivered: int = 0  #: of these, confirmed
    ended: int = 0  #: of these, recalled, refused, redirected …
    left: int = 0  #: of these, still under way
    backlog: int = 0  #: from earlier days
    why: Counter[str] = field(default_factory=Counter)  #: of all that is left, by cause
    owners: Counter[str] = field(default_factory=Counter)  #: who must act


def period(day: date) -> tuple[datetime, datetime]:
    """Return the instants between which things arise on a day."""
    return (
        datetime.combine(day, time(0), VIETNAM),
        datetime.combine(day, CLOSE, VIETNAM),
    )


def count(lines: Iterable[Line], *, day: date, group: Callable[[str], str]) -> dict[str, Day]:
    """Return the figures of a day by group.

    Args:
        lines: deliveries of the day, and all that are under way.
        day: in Vietnam.
        group: turns an office id into the name of its group.
    """
    since, until = period(day)
    found: dict[str, Day] = {}
    for line in lines:
        one = found.setdefault(group(line.office_id), Day())
        today = since <= line.routed_at < until
        over = line.state in FINAL
        if today:
            one.arose += 1
            one.delivered += line.state is State.CONFIRMED
            one.ended += over and line.state is not State.CONFIRMED
            one.left += not over
        elif not over:
            one.backlog += 1
        if not over:
            cause = line.cause or f"waits-{line.state.value}"
            one.why[cause] += 1
            known = CAUSES.get(line.cause or "")
            one.owners[known.owner.value if known else "receiver"] += 1
    return found
