"""How well offices keep the rules: sent by the next morning, taken in time, done by DueDate.

Pure: counts lines, asks no clock. QĐ 28/2018/QĐ-TTg sets the morning; DueDate is the sender's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from axis.delivery.states import FINAL, State
from axis.delivery.workdays import VIETNAM, Workdays, due_at, is_sent_late
from axis.store.reports import Line

_DAY: Final = re.compile(r",(\d{4})/(\d{2})/(\d{2}),")
COMPLETED: Final = "06"


@dataclass(slots=True)
class Kept:
    """One office in a period."""

    sent: int = 0  #: deliveries that it sent
    sent_late: int = 0  #: later than the morning after signing
    came: int = 0  #: deliveries to it
    taken_in_time: int = 0
    taken_late: int = 0
    open_late: int = 0  #: not taken, and late
    due: int = 0  #: with a DueDate that has passed
    done: int = 0  #: of these, reported as completed (06)


def signed_on(document_id: str | None) -> date | None:
    """Return the day in a DocumentId of the standard's form, or None."""
    found = _DAY.search(document_id or "")
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def measure(
    lines: Iterable[Line], *, now: datetime, express: timedelta, days: Workdays
) -> dict[str, Kept]:
    """Return the figures by office id."""
    offices: dict[str, Kept] = {}
    today = now.astimezone(VIETNAM).date()
    for line in lines:
        sender = offices.setdefault(line.sender_office, Kept())
        sender.sent += 1
        signed = signed_on(line.document_id)
        if signed is not None and is_sent_late(signed, line.received_at, days=days):
            sender.sent_late += 1
        receiver = offices.setdefault(line.office_id, Kept())
        receiver.came += 1
        due = due_at(line.lane, line.routed_at, express=express, days=days)
        if line.state is State.CONFIRMED and line.confirmed_at is not None:
            if line.confirmed_at <= due:
                receiver.taken_in_time += 1
            else:
                receiver.taken_late += 1
        elif line.state not in FINAL and now > due:
            receiver.open_late += 1
        if line.due_on is not None and line.due_on < today:
            receiver.due += 1
            receiver.done += line.status_code == COMPLETED
    return offices
