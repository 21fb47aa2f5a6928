"""Dates and times as packages write them: the text is kept, the parsed value may be missing.

The standard's form is ``yyyy/MM/dd`` and ``yyyy/MM/dd HH:mm:ss``, without a zone; Vietnamese time
(UTC+7) is meant. Official samples contain days that no calendar has (``2014/02/30``).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import msgspec

VIETNAM: Final = timezone(timedelta(hours=7))  #: no summer time since 1975

_FORM: Final = re.compile(
    r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})"
    r"(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
_DATE: Final = re.compile(r"\d{4}/\d{2}/\d{2}", re.ASCII)
_TIME: Final = re.compile(r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)


class WrittenDate(msgspec.Struct, frozen=True, gc=False):
    """A date as it was written, and what it means."""

    raw: str  #: as in the package, without surrounding white space
    date: date | None  #: None where no calendar has this day

    @property
    def is_standard(self) -> bool:
        """Whether the form is ``yyyy/MM/dd`` and the day exists."""
        return self.date is not None and _DATE.fullmatch(self.raw) is not None


class WrittenTime(msgspec.Struct, frozen=True, gc=False):
    """A point in time as it was written, and what it means."""

    raw: str  #: as in the package, without surrounding white space
    at: datetime | None  #: aware UTC; None where no calendar or clock has it

    @property
    def is_standard(self) -> bool:
        """Whether the form is ``yyyy/MM/dd HH:mm:ss`` and the instant exists."""
        return self.at is not None and _TIME.fullmatch(self.raw) is not None


def parse_date(text: str) -> WrittenDate | None:
    """Read a date; return None where the text has not the form of one.

    ``2018-09-28`` and a time of day behind the date are understood too (the time is not kept).
    """
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    try:
        return WrittenDate(text, date(int(form[1]), int(form[2]), int(form[3])))
    except ValueError:
        return WrittenDate(text, None)


def parse_time(text: str) -> WrittenTime | None:
    """Read a point in time; return None where the text has not the form of one.

    Without a zone Vietnamese time is meant, without a time of day midnight.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    try:
        local = datetime(
            int(form[1]),
            int(form[2]),
            int(form[3]),
            int(form[4] or 0),
            int(form[5] or 0),
            int(form[6] or 0),
            tzinfo=_zone(form[7]),
        )
        return WrittenTime(text, local.astimezone(UTC))
    except (ValueError, OverflowError):
        return WrittenTime(text, None)


def write_date(day: date) -> WrittenDate:
    """Return a date in the standard's form."""
    return WrittenDate(f"{day.year:04d}/{day.month:02d}/{day.day:02d}", day)


def write_time(at: datetime) -> WrittenTime:
    """Return an instant in the standard's form, in Vietnamese time, cut to the second."""
    local = at.astimezone(VIETNAM).replace(microsecond=0)
    day = f"{local.year:04d}/{local.month:02d}/{local.day:02d}"
    return WrittenTime(f"{day} {local:%H:%M:%S}", local.astimezone(UTC))


def _zone(written: str | None) -> timezone:
    if written is None:
        return VIETNAM
    if written == "Z":
        return UTC
    minutes = int(written[1:3]) * 60 + int(written[-2:])
    return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes))
