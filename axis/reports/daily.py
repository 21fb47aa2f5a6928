"""The report of 17:00: by message type, what arose, arrived, was in time, is left and why. Pure.

"No backlog" is the rule: whatever is left has a cause and somebody who must act. What arises after
17:00 belongs to the next day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Final

import msgspec

from axis.delivery.causes import CAUSES
from axis.delivery.states import FINAL, State
from axis.reports.periods import CLOSE, Kind, period_of
from axis.reports.places import Place
from axis.store.leagues import Asked
from axis.store.message_figures import Refused
from axis.store.reports import Line

__all__ = ["CLOSE", "Day", "DayLine", "DayReport", "add_due", "add_refused", "count", "period"]

#: Why something is late that arrived: it was asked for, and no answer came.
UNANSWERED: Final = "not-answered"
#: What was taken back was not to be delivered any more.
_WITHDRAWN: Final = frozenset({State.RECALLED, State.REDIRECTED})
_NUMBERS: Final = (
    *("sent", "refused", "arose", "delivered", "ended", "left", "backlog"),
    *("due", "in_time", "late"),
)


class Day(msgspec.Struct, kw_only=True):
    """One office, level or province on a day."""

    sent: int = 0  #: deliveries of what it sent
    refused: int = 0  #: packages in its name that the axis refused, not sent again
    arose: int = 0  #: deliveries to it that were routed on the day until 17:00
    delivered: int = 0  #: of these, confirmed
    ended: int = 0  #: of these, recalled, refused, redirected …
    left: int = 0  #: of these, still under way
    backlog: int = 0  #: from earlier days
    due: int = 0  #: had their deadline on this day, by the rules of their type
    in_time: int = 0  #: of these, done by then
    late: int = 0  #: of these, not done by then
    #: of all that is left, refused or late, by cause
    why: dict[str, int] = msgspec.field(default_factory=dict)
    #: who must act
    owners: dict[str, int] = msgspec.field(default_factory=dict)

    def add(self, other: Day) -> None:
        """Add the figures of another."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, more in ((self.why, other.why), (self.owners, other.owners)):
            for name, number in more.items():
                mine[name] = mine.get(name, 0) + number

    def because(self, cause: str, owner: str, number: int = 1) -> None:
        """Say why something is left, and whose it is."""
        self.why[cause] = self.why.get(cause, 0) + number
        self.owners[owner] = self.owners.get(owner, 0) + number

    @property
    def is_empty(self) -> bool:
        """Nothing is to be told of it."""
        return not any(getattr(self, name) for name in _NUMBERS)


class DayLine(msgspec.Struct, kw_only=True):
    """An office and its day, of one message type."""

    place: Place
    type: str
    tally: Day


class DayReport(msgspec.Struct, kw_only=True):
    """The figures of a day; what was closed stays as it is."""

    period: str
    as_of: datetime
    made_at: datetime
    closed: bool
    directory_version: int
    lines: list[DayLine]
    #: what each type is called: Vietnamese, English
    types: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)
    revision: int = 0
    why: str | None = None


#: By office and type.
Days = dict[tuple[str, str], Day]


def period(day: date) -> tuple[datetime, datetime]:
    """Return the instants between which things arise on a day."""
    found = period_of(Kind.DAILY, day)
    return found.begin, found.end


def count(lines: Iterable[Line], *, day: date, day_close: Collection[str]) -> Days:
    """Return the figures of a day by office and type.

    Args:
        lines: deliveries of the day, and all that are under way.
        day: in Vietnam.
        day_close: the types of which each delivery is due at 17:00 of the day on which it arose.
    """
    since, until = period(day)
    found: Days = {}
    for line in lines:
        one = _of(found, line.office_id, line.type)
        over = line.state in FINAL
        if since <= line.routed_at < until:
            done = line.state is State.CONFIRMED
            one.arose += 1
            one.delivered += done
            one.ended += over and not done
            one.left += not over
            if line.type in day_close and line.state not in _WITHDRAWN:
                one.due += 1
                one.in_time += done
                one.late += not done
            if line.state is not State.REDIRECTED:
                _of(found, line.sender_office, line.type).sent += 1
        elif not over:
            one.backlog += 1
        if not over:
            known = CAUSES.get(line.cause or "")
            owner = known.owner.value if known else "receiver"
            one.because(line.cause or f"waits-{line.state.value}", owner)
    return found


def add_due(found: Days, type_name: str, asked: Iterable[Asked]) -> None:
    """Add what was asked for until this day, and whether it was done by then."""
    for one in asked:
        if one.due_at is None or one.state in _WITHDRAWN:
            continue
        day = _of(found, one.office_id, type_name)
        day.due += 1
        if one.answered_at is not None and one.answered_at <= one.due_at:
            day.in_time += 1
            continue
        day.late += 1
        if one.answered_at is None and one.state is State.CONFIRMED:  # else it is left already
            day.because(UNANSWERED, "receiver")


def add_refused(found: Days, refused: Iterable[Refused], offices: Mapping[str, str]) -> None:
    """Add what the axis refused; ``offices`` turns codes into ids, where the directory can."""
    for one in refused:
        day = _of(found, offices.get(one.sender, one.sender), one.type)
        day.refused += one.packages
        day.because(one.code, "sender", one.packages)


def _of(found: Days, office_id: str, type_name: str) -> Day:
    return found.setdefault((office_id, type_name), Day())
