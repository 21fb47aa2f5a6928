"""What the clock does about reports: closes figures, writes the files of the schedule, once each.

A file is put into its place before the record says that it is there. A crash between the two has
it written again, with the same bytes: figures that are closed do not change.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from axis.alerts.errors import MailUnsentError
from axis.delivery.workdays import VIETNAM, Workdays
from axis.errors import AxisError
from axis.reports.closing import close, take
from axis.reports.days import close_day, take_day
from axis.reports.errors import ReportFileError, ScheduleWrongError
from axis.reports.files import put_file
from axis.reports.forms import Form, write
from axis.reports.mail import mail_file
from axis.reports.periods import Kind, Period, last_closed, parse_period, period_of
from axis.reports.schedule import SETTLE, Entry, entry_of
from axis.reports.scope import Scope, scope_of
from axis.reports.sheets import Sheet, day_sheet_of, sheet_of
from axis.settings import Settings
from axis.store.alarms import end_alarms, raise_alarm
from axis.store.closed_reports import (
    ReportFile,
    add_file,
    last_kept,
    last_written,
    mark_mailed,
    unmailed,
)
from axis.store.directory import load_directory
from axis.store.engine import transaction
from axis.store.errors import DatabaseUnavailableError
from axis.store.period_figures import first_judged

log = logging.getLogger(__name__)

MAIL_AGAIN: Final = timedelta(minutes=5)  #: after the mail server took nothing
MAILED_FOR: Final = timedelta(days=7)  #: what could not be mailed for so long is not any more
#: How the periods of a kind look, as a pattern of SQL.
LOOKS: Final = {
    Kind.DAILY: "____-__-__",
    Kind.WEEKLY: "____-W__",
    Kind.MONTHLY: "____-__",
}


@dataclass(kw_only=True)
class Clerk:
    """The clock's part in reports."""

    engine: sa.Engine
    settings: Settings
    clock: Callable[[], datetime]
    days: Workdays = field(default_factory=Workdays)
    _entries: list[Entry] = field(init=False, default_factory=list)
    _wrong: list[ScheduleWrongError] = field(init=False, default_factory=list)
    _told: bool = field(init=False, default=False)
    _mail_at: datetime = field(init=False, default=datetime.min.replace(tzinfo=UTC))

    def __post_init__(self) -> None:
        """Read the schedule; what cannot be followed is left out and alarmed of."""
        self._entries, self._wrong = read_schedule(self.settings)

    def round(self) -> int:
        """Close one period of each kind, write one file of each entry that is due, mail one.

        Returns:
            How much was done; 0: nothing is due.

        Raises:
            DatabaseUnavailableError: the rest is done in the next round.
        """
        if not self._told:
            self._tell_of_schedule()
        now = self.clock()
        return (
            sum(self._close_next(kind, now) for kind in Kind)
            + sum(
                self._write_next(entry, form, now)
                for entry in self._entries
                for form in entry.forms
            )
            + self._mail_next(now)
        )

    def _close_next(self, kind: Kind, now: datetime) -> int:
        with transaction(self.engine) as connection:
            last = last_kept(connection, like=LOOKS[kind])
            first = None if last else first_judged(connection)
        if last is not None:
            period = parse_period(kind, last).next()
        elif first is None:
            return 0
        elif kind is Kind.DAILY:  # why something waited on days long ago is not known any more
            period = last_closed(kind, now - SETTLE, self.days)
        else:
            period = period_of(kind, first.astimezone(VIETNAM).date())
        if period.closes_at(self.days) + SETTLE > now:
            return 0
        if kind is Kind.DAILY:
            close_day(self.engine, period, now=now)
        else:
            close(self.engine, period, now=now, express=self._express, days=self.days)
        return 1

    def _write_next(self, entry: Entry, form: Form, now: datetime) -> int:
        with transaction(self.engine) as connection:
            last = last_written(connection, entry.name, form.value, like=LOOKS[entry.kind])
        period = entry.next_due(last, now, self.days)
        if period is None:
            return 0
        try:
            sheet = self._sheet(entry, period, now)
            path = self.settings.path(entry.folder) / entry.file_of(period, form)
            content = write(sheet, form)
            put_file(path, content)
        except DatabaseUnavailableError:
            raise
        except AxisError as error:  # its folder or its office is not there; others are written
            self._alarm(error, entry.name)
            return 0
        with transaction(self.engine) as connection:
            add_file(
                connection,
                ReportFile(
                    name=entry.name,
                    period=period.key,
                    form=form.value,
                    path=str(path),
                    digest=hashlib.sha256(content).digest(),
                    written_at=now,
                ),
            )
            end_alarms(connection, ReportFileError.code, [entry.name], at=now)
        log.info("a report was written", extra={"report": entry.name, "period": period.key})
        return 1

    def _mail_next(self, now: datetime) -> int:
        wanted = {entry.name: entry for entry in self._entries if entry.mail_to}
        if not wanted or now < self._mail_at:
            return 0
        with transaction(self.engine) as connection:
            file = unmailed(connection, wanted, since=now - MAILED_FOR)
        if file is None:
            return 0
        try:
            mail_file(file, wanted[file.name], self.settings)
        except AxisError as error:
            self._mail_at = now + MAIL_AGAIN
            self._alarm(error, file.name)
            return 0
        # A crash here sends it twice, under one Message-ID.
        with transaction(self.engine) as connection:
            mark_mailed(connection, file, at=now)
            for code in (MailUnsentError.code, ReportFileError.code):
                end_alarms(connection, code, [file.name], at=now)
        return 1

    def _sheet(self, entry: Entry, period: Period, now: datetime) -> Sheet:
        scope = self._scope(entry, period)
        if entry.kind is Kind.DAILY:
            day = take_day(self.engine, period, now=now)
            return day_sheet_of(day, period, scope=scope, by=entry.by, lang=entry.lang)
        report = take(self.engine, period, now=now, express=self._express, days=self.days)
        return sheet_of(report, period, scope=scope, by=entry.by, lang=entry.lang)

    def _scope(self, entry: Entry, period: Period) -> Scope:
        directory = None
        if entry.office or entry.province:
            with transaction(self.engine) as connection:
                directory = load_directory(connection)
        return scope_of(
            directory,
            at=period.end - timedelta(microseconds=1),
            office=entry.office,
            province=entry.province,
            level=entry.level,
        )

    def _tell_of_schedule(self) -> None:
        for error in self._wrong:
            self._alarm(error, str(error.refusal.facts["name"]))
        well = [entry.name for entry in self._entries]
        with transaction(self.engine) as connection:
            end_alarms(connection, ScheduleWrongError.code, well, at=self.clock())
        self._told = True

    def _alarm(self, error: AxisError, subject: str) -> None:
        with transaction(self.engine) as connection:
            raise_alarm(connection, error.refusal, subject, at=self.clock())
        log.error("a report waits", extra={"report": subject, "code": error.code})

    @property
    def _express(self) -> timedelta:
        return timedelta(minutes=self.settings.clock.late_express_minutes)


def read_schedule(settings: Settings) -> tuple[list[Entry], list[ScheduleWrongError]]:
    """Return the entries of the schedule that can be followed, and what is wrong with others."""
    entries: dict[str, Entry] = {}
    wrong = []
    for said in settings.reports.schedule:
        try:
            entry = entry_of(said)
            if entry.name in entries:
                raise ScheduleWrongError(name=entry.name, reason="name: one of its own")
            entries[entry.name] = entry
        except ScheduleWrongError as error:
            wrong.append(error)
    return list(entries.values()), wrong
