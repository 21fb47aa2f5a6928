"""The report of 17:00: what arose today, what is delivered, what is left and why. Pure.

"No backlog" is the rule: whatever is left has a cause and somebody who must act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime

import msgspec

from axis.delivery.causes import CAUSES
from axis.delivery.states import FINAL, State
from axis.reports.periods import CLOSE, Kind, period_of
from axis.reports.places import Place
from axis.store.reports import Line

__all__ = ["CLOSE", "Day", "DayLine", "DayReport", "count", "period"]


class Day(msgspec.Struct, kw_only=True):
    """One office, level or province on a day."""

    arose: int = 0  #: deliveries routed today until 17:00
    delivered: int = 0  #: of these, confirmed
    ended: int = 0  #: of these, recalled, refused, redirected …
    left: int = 0  #: of these, still under way
    backlog: int = 0  #: from earlier days
    #: of all that is left, by cause
    why: dict[str, int] = msgspec.field(default_factory=dict)
    #: who must act
    owners: dict[str, int] = msgspec.field(default_factory=dict)

    def add(self, other: Day) -> None:
        """Add the figures of another."""
        for name in ("arose", "delivered", "ended", "left", "backlog"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, more in ((self.why, other.why), (self.owners, other.owners)):
            for name, number in more.items():
                mine[name] = mine.get(name, 0) + number


class DayLine(msgspec.Struct, kw_only=True):
    """An office and its day."""

    place: Place
    tally: Day


class DayReport(msgspec.Struct, kw_only=True):
    """The figures of a day; what was closed stays as it is."""

    period: str
    as_of: datetime
    made_at: datetime
    closed: bool
    directory_version: int
    lines: list[DayLine]
    revision: int = 0
    why: str | None = None


def period(day: date) -> tuple[datetime, datetime]:
    """Return the instants between which things arise on a day."""
    found = period_of(Kind.DAILY, day)
    return found.begin, found.end


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
            one.why[cause] = one.why.get(cause, 0) + 1
            known = CAUSES.get(line.cause or "")
            owner = known.owner.value if known else "receiver"
            one.owners[owner] = one.owners.get(owner, 0) + 1
    return found
