"""Takes the figures of a day at 17:00: those that are closed as they were kept, others anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from axis.reports.daily import DayLine, DayReport, count
from axis.reports.errors import PeriodInFutureError
from axis.reports.periods import Period
from axis.reports.places import place_of
from axis.store.closed_reports import ClosedReport, add_closed, closed_report
from axis.store.directory import load_directory
from axis.store.engine import transaction
from axis.store.period_figures import version_at
from axis.store.reports import lines


def take_day(engine: sa.Engine, period: Period, *, now: datetime) -> DayReport:
    """Return the figures of a day: closed, or counted as of 17:00, or as of now where that is next.

    Raises:
        PeriodInFutureError: it has not begun.
    """
    if now < period.begin:
        raise PeriodInFutureError(period=period.key, begins=f"{period.first:%d/%m/%Y}")
    with transaction(engine) as connection:
        kept = closed_report(connection, period.key)
    return _read(kept) if kept else _count(engine, period, now)


def close_day(engine: sa.Engine, period: Period, *, now: datetime) -> DayReport:
    """Close a day that reached 17:00, and return what is kept from then on."""
    report = _count(engine, period, now)
    report.revision = 1
    content = msgspec.json.encode(report)
    with transaction(engine) as connection:
        if add_closed(
            connection,
            ClosedReport(period=period.key, revision=1, made_at=now, content=content),
        ):
            return report
        kept = closed_report(connection, period.key)
    assert kept is not None  # noqa: S101  somebody else was first
    return _read(kept)


def _count(engine: sa.Engine, period: Period, now: datetime) -> DayReport:
    as_of = min(now, period.end)
    with transaction(engine) as connection:
        directory = load_directory(connection, version=version_at(connection, as_of))
    with transaction(engine) as connection:
        days = count(
            lines(
                connection,
                since=period.begin,
                until=min(period.end, as_of + timedelta(microseconds=1)),
                with_backlog=True,
                as_of=as_of,
            ),
            day=period.first,
            group=lambda office_id: office_id,
        )
    found = [
        DayLine(place=place_of(directory, office_id, at=as_of), tally=day)
        for office_id, day in days.items()
    ]
    # What ended earlier in the day and arose before it says nothing of this day.
    told = [one for one in found if one.tally.arose or one.tally.backlog]
    told.sort(key=lambda line: (line.place.code, line.place.name, line.place.office_id))
    return DayReport(
        period=period.key,
        as_of=as_of,
        made_at=now,
        closed=now >= period.end,
        directory_version=directory.version,
        lines=told,
    )


def _read(kept: ClosedReport) -> DayReport:
    return msgspec.json.decode(kept.content, type=DayReport)
