"""Working days of Vietnam's offices, and when something is late. Pure.

Holidays, lunar ones included, and days off that are made up for come from the library ``holidays``
(Labour Code 45/2019/QH14, article 112; yearly notices of the Government). Offices work Monday to
Friday; mornings end at noon. Vietnam has had one time zone, UTC+7, and no summer time since 1975.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from typing import Final

import holidays

from axis.delivery.lanes import Lane

VIETNAM: Final = timezone(timedelta(hours=7), "ICT")
NOON: Final = time(12)


@cache
def _known(year: int) -> Mapping[date, str]:
    return dict(holidays.country_holidays("VN", years=year, language="vi"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Workdays:
    """The days on which offices work; an operator's own days override the library's."""

    off: frozenset[date] = field(default_factory=frozenset)  #: days off besides
    on: frozenset[date] = field(default_factory=frozenset)  #: days worked all the same

    def is_working(self, day: date) -> bool:
        """Say whether offices work on a day."""
        if day in self.on:
            return True
        return day.weekday() < 5 and day not in self.off and day not in _known(day.year)

    def next_after(self, day: date) -> date:
        """Return the first working day after a day."""
        after = day + timedelta(days=1)
        while not self.is_working(after):
            after += timedelta(days=1)
        return after

    def next_morning(self, day: date) -> datetime:
        """Return noon of the next working day: what was signed on ``day`` is late after it."""
        return datetime.combine(self.next_after(day), NOON, VIETNAM)


def name_of_day(day: date) -> str | None:
    """Return the Vietnamese name of a holiday, or None."""
    return _known(day.year).get(day)


def due_at(lane: Lane, routed_at: datetime, *, express: timedelta, days: Workdays) -> datetime:
    """Return when a delivery that is not confirmed becomes late.

    Urgent documents are taken at once, whatever the day (``express`` after routing); others by the
    morning of the next working day (QĐ 28/2018/QĐ-TTg).
    """
    if lane is Lane.EXPRESS:
        return routed_at + express
    return days.next_morning(routed_at.astimezone(VIETNAM).date())


def is_sent_late(signed_on: date, received_at: datetime, *, days: Workdays) -> bool:
    """Say whether a document came later than the morning of the working day after its signing."""
    return received_at > days.next_morning(signed_on)
