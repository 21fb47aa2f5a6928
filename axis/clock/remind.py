"""Reminds the receiver of what is late, and escalates what stays late to a named contact.

A reminder stands in the ledger and in the log, once for each delivery and kind; that something is
due soon, once for each due day. Who sends it on as mail or message reads the log; the axis itself
knows no mail server.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.lanes import Lane
from axis.delivery.workdays import VIETNAM, Workdays, due_at
from axis.directory.records import in_force
from axis.directory.snapshot import Directory
from axis.directory.values import micros
from axis.ledger.entry import Entry, Sealer
from axis.ledger.events import Event
from axis.settings import ClockSettings
from axis.store.deliveries import DeliveryRecord, lock_deliveries, save_deliveries
from axis.store.engine import transaction
from axis.store.leagues import Asked, due_between
from axis.store.ledger import append
from axis.store.reminders import add_reminders, reminders_of, unreminded
from axis.types.book import Book

log = logging.getLogger(__name__)

REMIND: Final = "remind"
ESCALATE: Final = "escalate"
DUE: Final = "due-soon"  #: an answer is due soon
CHUNK: Final = 500


def _kind_due(one: Asked, before: timedelta, known: Mapping[str, datetime]) -> str | None:
    """Return the kind of the reminder of a due day; None where somebody was reminded of it.

    A day that was put off is another one, and has a reminder of its own.
    """
    assert one.due_at is not None  # noqa: S101  what is due is due at some time
    told = {kind: at for kind, at in known.items() if kind.startswith("due")}
    if not told:
        return DUE
    kind = f"due {one.due_at.astimezone(VIETNAM):%Y-%m-%d}"
    reminded = kind in told or max(told.values()) >= one.due_at - before
    return None if reminded else kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """What the clock does about what is late."""

    engine: sa.Engine
    settings: ClockSettings
    sealer: Sealer
    clock: Callable[[], datetime]
    days: Workdays = field(default_factory=Workdays)

    def round(self, directory: Directory, types: Book) -> int:
        """Remind and escalate what is due; return how many were told of.

        Raises:
            DatabaseUnavailableError: the rest is done in the next round.
        """
        wait = timedelta(hours=self.settings.escalate_hours)
        late = sum(
            self._tell(kind, lane, more, directory)
            for kind, more in ((REMIND, timedelta(0)), (ESCALATE, wait))
            for lane in Lane
        )
        return late + self._tell_of_due(directory, types)

    def _tell_of_due(self, directory: Directory, types: Book) -> int:
        """Remind those who were asked for something that is due soon and have not answered."""
        now, count = self.clock(), 0
        with transaction(self.engine) as connection:
            for rules in types.reminding():
                assert rules.deadline is not None  # noqa: S101  those that remind have one
                before = timedelta(days=rules.deadline.remind_days)
                due = due_between(connection, rules, since=now, until=now + before, as_of=now)
                waiting = {one.delivery_id: one for one in due if one.answered_at is None}
                known = reminders_of(connection, waiting)
                kinds: dict[str, set[UUID]] = {}
                for delivery_id, one in waiting.items():
                    kind = _kind_due(one, before, known.get(delivery_id, {}))
                    if kind is not None:
                        kinds.setdefault(kind, set()).add(delivery_id)
                for kind, delivery_ids in sorted(kinds.items()):
                    late = lock_deliveries(connection, delivery_ids)
                    told = sorted(late.values(), key=lambda one: (one.package_id, one.address))
                    count += self._record(connection, told, kind, DUE, directory, now)
        return count

    def _tell(self, kind: str, lane: Lane, more: timedelta, directory: Directory) -> int:
        now = self.clock()
        express = timedelta(minutes=self.settings.late_express_minutes)
        # Not one of these can be late that was routed after this; which are, the calendar says.
        earliest = express if lane is Lane.EXPRESS else timedelta(hours=12)
        with transaction(self.engine) as connection:
            late = [
                one
                for one in unreminded(
                    connection, kind, lane, before=now - earliest - more, limit=CHUNK
                )
                if due_at(lane, one.routed_at, express=express, days=self.days) + more <= now
            ]
            return self._record(connection, late, kind, f"late-{kind}", directory, now)

    def _record(
        self,
        connection: sa.Connection,
        late: Sequence[DeliveryRecord],
        kind: str,
        reason: str,
        directory: Directory,
        now: datetime,
    ) -> int:
        reminders, saved, entries = [], [], []
        for one in late:
            contact = self._contact(one, kind, directory, now)
            entry = self.sealer.seal(
                Entry(
                    event=Event.DEADLINE_REMINDER,
                    at=now,
                    package_id=one.package_id,
                    delivery_id=one.id,
                    occurrence=kind,
                    prev=one.last_entry,
                    reason=reason,
                    recipient=one.address,
                    who=contact or None,
                )
            )
            entries.append(entry)
            saved.append(replace(one, last_entry=entry.entry_id))
            reminders.append((one.id, contact))
        append(connection, entries)
        save_deliveries(connection, saved)
        add_reminders(connection, reminders, kind=kind, at=now)
        for delivery_id, contact in reminders:
            log.warning(
                "a deadline is near or over",
                extra={"delivery": str(delivery_id), "kind": kind, "contact": contact},
            )
        return len(reminders)

    def _contact(self, one: DeliveryRecord, kind: str, directory: Directory, now: datetime) -> str:
        """Return whom to tell: the office first, then the named contact of the operator."""
        record = directory.record(one.office_id) if kind != ESCALATE else None
        contact = in_force(record.contacts, micros(now)) if record else None
        return (contact.email if contact else "") or self.settings.contact
