"""Days, weeks and months of reports, and when their figures are closed. Pure.

A week is that of ISO 8601: Monday to Sunday. Days are Vietnam's (UTC+7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from axis.delivery.workdays import VIETNAM, Workdays
from axis.reports.errors import PeriodUnreadableError

CLOSE: Final = time(17)  #: when a day's report is taken
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_WEEK: Final = re.compile(r"\d{4}-W\d{2}")
_MONTH: Final = re.compile(r"\d{4}-\d{2}")
_ONE: Final = timedelta(days=1)
#: No office here sent anything before; the calendar's arithmetic has room on both sides.
_YEARS: Final = range(1990, 9990)


class Kind(StrEnum):
    """How long a period is."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


#: How a period of each kind is written.
WRITTEN: Final = {Kind.DAILY: "YYYY-MM-DD", Kind.WEEKLY: "YYYY-Www", Kind.MONTHLY: "YYYY-MM"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Some days in a row."""

    kind: Kind
    first: date
    last: date  #: included

    @property
    def key(self) -> str:
        """How the period is written: ``2026-11-20``, ``2026-W46``, ``2026-10``."""
        if self.kind is Kind.WEEKLY:
            year, week, _ = self.first.isocalendar()
            return f"{year}-W{week:02}"
        return f"{self.first:%Y-%m}" if self.kind is Kind.MONTHLY else f"{self.first}"

    @property
    def begin(self) -> datetime:
        """The instant at which the first day begins; of a day, 17:00 of the day before.

        So everything that arises belongs to one day: after 17:00, to the next.
        """
        if self.kind is Kind.DAILY:
            return datetime.combine(self.first - _ONE, CLOSE, VIETNAM)
        return datetime.combine(self.first, time(), VIETNAM)

    @property
    def end(self) -> datetime:
        """The instant from which on things belong to the next period; of a day, 17:00."""
        if self.kind is Kind.DAILY:
            return datetime.combine(self.last, CLOSE, VIETNAM)
        return datetime.combine(self.last + _ONE, time(), VIETNAM)

    def closes_at(self, days: Workdays) -> datetime:
        """Return when its figures are taken: 17:00, or noon of the first working day after it.

        By then each ordinary delivery of the week or month has been taken in time, or is late.
        """
        return self.end if self.kind is Kind.DAILY else days.next_morning(self.last)

    def next(self) -> Period:
        """Return the period after it."""
        return period_of(self.kind, self.last + _ONE)

    def before(self) -> Period:
        """Return the period before it."""
        return period_of(self.kind, self.first - _ONE)


def period_of(kind: Kind, day: date) -> Period:
    """Return the period in which a day lies."""
    if kind is Kind.DAILY:
        return Period(kind=kind, first=day, last=day)
    if kind is Kind.WEEKLY:
        monday = day - timedelta(days=day.weekday())
        return Period(kind=kind, first=monday, last=monday + timedelta(days=6))
    first = day.replace(day=1)
    return Period(kind=kind, first=first, last=(first + timedelta(days=31)).replace(day=1) - _ONE)


def parse_period(kind: Kind, text: str) -> Period:
    """Return the period that is written so.

    Raises:
        PeriodUnreadableError: it is not of this kind, or no calendar has it.
    """
    try:
        if kind is Kind.DAILY:
            if not _DAY.fullmatch(text):
                raise ValueError
            day = date.fromisoformat(text)
        elif kind is Kind.WEEKLY:
            if not _WEEK.fullmatch(text):
                raise ValueError
            day = date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
        else:
            if not _MONTH.fullmatch(text):
                raise ValueError
            day = date(int(text[:4]), int(text[5:]), 1)
        if day.year not in _YEARS:
            raise ValueError
    except ValueError as error:
        raise PeriodUnreadableError(got=text, wanted=WRITTEN[kind]) from error
    return period_of(kind, day)


def last_closed(kind: Kind, now: datetime, days: Workdays) -> Period:
    """Return the last period whose figures can be taken at ``now``."""
    period = period_of(kind, now.astimezone(VIETNAM).date())
    while period.closes_at(days) > now:
        period = period.before()
    return period
