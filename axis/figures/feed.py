"""The statistics feed: counts with the code, name and level of each office, as rows; and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from axis.directory.snapshot import Directory
from axis.store.feed import Count


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


def rows_of(counts: Iterable[Count], directory: Directory, *, by: By) -> list[Row]:
    """Return the rows; an office has the code, name and level that it had in the hour."""
    sums: dict[tuple[str, str, str, str, str], dict[str, int]] = {}
    for one in counts:
        at = one.hour + timedelta(hours=1)
        # A package that was refused has no office on record, only the code that it named.
        office = directory.office(one.office_id, at) or directory.find(one.office_id, at)
        level = office.level.value if office else ""
        code, name = (office.code, office.name) if office else (one.office_id, "")
        if by is By.LEVEL:
            code = name = ""
        key = (f"{one.hour.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", level, code, name, one.type)
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
