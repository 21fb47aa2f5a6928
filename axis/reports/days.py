"""Takes the figures of a day at 17:00: those that are closed as they were kept, others anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from axis.directory.snapshot import Directory
from axis.reports.daily import DayLine, DayReport, Days, add_due, add_refused, count
from axis.reports.errors import PeriodInFutureError
from axis.reports.periods import Period
from axis.reports.places import place_of
from axis.store.closed_reports import ClosedReport, add_closed, closed_report
from axis.store.directory import load_directory
from axis.store.engine import transaction
from axis.store.leagues import due_between
from axis.store.message_figures import refused_in
from axis.store.period_figures import version_at
from axis.store.reports import lines
from axis.store.types import load_types
from axis.structs import ready
from axis.types.book import Book


def take_day(engine: sa.Engine, period: Period, *, now: datetime) -> DayReport:
    """Return the figures of a day: closed, or counted as of 17:00, or as of now where that is next.

    Raises:
        PeriodInFutureError: it has not begun.
    """
    if now < period.begin:
        raise PeriodInFutureError(period=period.key, begins=f"{period.begin:%H:%M %d/%m/%Y}")
    return kept_day(engine, period) or _count(engine, period, now)


def kept_day(engine: sa.Engine, period: Period) -> DayReport | None:
    """Return the figures of a day that was closed; None: it was not."""
    with transaction(engine) as connection:
        kept = closed_report(connection, period.key)
    return _read(kept) if kept else None


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
        types = load_types(connection)
    with transaction(engine) as connection:
        days = _days(connection, period, types, directory, as_of)
    found = [
        DayLine(place=place_of(directory, office_id, at=as_of), type=name, tally=day)
        for (office_id, name), day in days.items()
        # What ended earlier in the day and arose before it says nothing of this day.
        if not day.is_empty
    ]
    found.sort(key=lambda one: (one.place.code, one.place.name, one.place.office_id, one.type))
    told = {one.type: types.ruling(one.type).name for one in found}
    return DayReport(
        period=period.key,
        as_of=as_of,
        made_at=now,
        closed=now >= period.end,
        directory_version=directory.version,
        lines=found,
        types={name: (words.vi, words.en) for name, words in sorted(told.items())},
    )


def _days(
    connection: sa.Connection, period: Period, types: Book, directory: Directory, as_of: datetime
) -> Days:
    papers = types.roles.papers
    ruling = [types.ruling(name) for name in papers]
    until = min(period.end, as_of + timedelta(microseconds=1))
    # 1. What arose, and what is left from before.
    days = count(
        lines(
            connection,
            since=period.begin,
            until=until,
            kinds=papers,
            with_backlog=True,
            as_of=as_of,
        ),
        day=period.first,
        day_close=[one.type for one in ruling if one.deadline and one.deadline.by == "day-close"],
    )
    # 2. What was asked for until an instant of this day that has passed.
    for rules in ruling:
        if rules.deadline is not None and rules.deadline.by == "due":
            due = due_between(connection, rules, since=period.begin, until=as_of, as_of=as_of)
            add_due(days, rules.type, due)
    # 3. What was refused: its sender must send it again.
    refused = refused_in(connection, papers, since=period.begin, until=until, as_of=as_of)
    offices = {}
    for code in {one.sender for one in refused}:
        office = directory.find(code, as_of)
        if office is not None:
            offices[code] = office.office_id
    add_refused(days, refused, offices)
    return days


def _read(kept: ClosedReport) -> DayReport:
    return msgspec.json.decode(kept.content, type=ready(DayReport))
