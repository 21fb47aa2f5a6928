"""The statistics feed: counts with the code, name and level of each office, as rows; and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from axis.directory.snapshot import Directory
from axis.directory.values import Office
from axis.figures.errors import PeriodTooLongError
from axis.store.feed import LONGEST, LONGEST_OF_ALL, Count, Span, counts, counts_by_level

HOUR: Final = timedelta(hours=1)


class By(StrEnum):
    """What makes a row, beside hour and type."""

    OFFICE = "office"
    LEVEL = "level"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the feed; docs/integrate/statistics.md says what each column counts."""

    hour: str  #: its begin, UTC
    level: str  #: central, provincial, commune; empty where the office is not known
    office: str  #: its code; empty by level
    name: str
    type: str  #: message type; empty where the package could not be read
    sent: int
    refused: int
    came: int
    express: int
    confirmed: int
    ended: int
    waiting: int


_NUMBERS: Final = ("sent", "refused", "came", "express", "confirmed", "ended", "waiting")
COLUMNS: Final = ("hour", "level", "office", "name", "type", *_NUMBERS)


def ask(
    connection: sa.Connection,
    directory: Directory,
    *,
    since: datetime,
    until: datetime,
    by: By,
    kind: str | None = None,
    office: Office | None = None,
    code: str | None = None,
) -> list[Row]:
    """Return the rows of whole hours.

    Args:
        connection: to the records.
        directory: whose codes, names and levels the rows have.
        since: begin of the first hour.
        until: end of the last hour.
        by: what makes a row.
        kind: one message type only.
        office: one office only.
        code: by which it was asked for, which is all that the record of a refused package has.

    Raises:
        PeriodTooLongError: more than 31 days, or two where every office has rows of its own.
    """
    is_summed = by is By.LEVEL or office is not None
    longest = LONGEST if is_summed else LONGEST_OF_ALL
    if not timedelta(0) < until - since <= longest + HOUR:
        raise PeriodTooLongError(days=longest.days)
    if by is By.LEVEL and office is None:
        found = counts_by_level(connection, spans=_spans(directory, since, until), kind=kind)
    else:
        found = counts(
            connection,
            since=since,
            until=until,
            kind=kind,
            office_id=office.office_id if office else None,
            code=code,
        )
    return rows_of(found, directory, by=by)


def _spans(directory: Directory, since: datetime, until: datetime) -> list[Span]:
    """Return the hours in stretches in which nothing changes in the directory."""
    hours = int((until - since) / HOUR)
    periods = [directory.period(since + HOUR * (n + 1)) for n in range(hours)]
    spans, begin = [], 0
    for n in range(1, hours + 1):
        if n == hours or periods[n] != periods[begin]:
            spans.append((since + HOUR * begin, since + HOUR * n))
            begin = n
    return spans


def rows_of(counts: Iterable[Count], directory: Directory, *, by: By) -> list[Row]:
    """Return the rows; an office has the code, name and level that it had in the hour."""
    sums: dict[tuple[str, str, str, str, str], dict[str, int]] = {}
    shown: dict[tuple[str, int], Office | None] = {}  # it looks the same while nothing changes
    hours: dict[datetime, tuple[str, int]] = {}
    for one in counts:
        at = one.hour + HOUR
        if one.hour not in hours:
            text = f"{one.hour.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            hours[one.hour] = (text, directory.period(at))
        hour, period = hours[one.hour]
        known = (one.office_id, period)
        if one.level is None and known not in shown:
            # A package that was refused has no office on record, only the code that it named.
            found = directory.office(one.office_id, at) or directory.find(one.office_id, at)
            shown[known] = found
        office = shown.get(known)
        level = one.level if one.level is not None else (office.level.value if office else "")
        code, name = (office.code, office.name) if office else (one.office_id, "")
        if by is By.LEVEL:
            code = name = ""
        key = (hour, level, code, name, one.type)
        numbers = sums.setdefault(key, dict.fromkeys(_NUMBERS, 0))
        for number in _NUMBERS:
            numbers[number] += getattr(one, number)
    return [
        Row(hour=hour, level=level, office=code, name=name, type=kind, **numbers)
        for (hour, level, code, name, kind), numbers in sorted(sums.items())
    ]


def as_csv(rows: Iterable[Row]) -> bytes:
    """Return rows as CSV in UTF-8, the columns named in the first line."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_safe(getattr(row, name)) for name in COLUMNS])
    return file.getvalue().encode()


def whole_hours(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Return the whole hours that hold two instants."""
    begin = since.replace(minute=0, second=0, microsecond=0)
    end = until.replace(minute=0, second=0, microsecond=0)
    return begin, end if end == until and end > begin else end + timedelta(hours=1)


def _safe(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
