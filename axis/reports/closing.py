"""Takes the figures of a period: those that are closed as they were kept, others counted anew.

What is over does not change by itself. A correction is a revision, made by a person with a reason;
the revisions before it stay.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from axis.delivery.workdays import VIETNAM, Workdays
from axis.reports.errors import PeriodInFutureError, PeriodOpenError
from axis.reports.figures import Report, Rows, deadlines, make_report, mornings
from axis.reports.periods import Period
from axis.store import period_figures as figures
from axis.store.closed_reports import ClosedReport, add_closed, closed_report
from axis.store.directory import load_directory
from axis.store.engine import transaction
from axis.structs import ready


def take(
    engine: sa.Engine,
    period: Period,
    *,
    now: datetime,
    express: timedelta,
    days: Workdays | None = None,
) -> Report:
    """Return the figures of a week or a month: closed, or counted as of its close, or as of now.

    Raises:
        PeriodInFutureError: it has not begun.
        DatabaseUnavailableError: they cannot be told now.
    """
    calendar = days or Workdays()
    if now <= period.begin:
        raise PeriodInFutureError(period=period.key, begins=f"{period.first:%d/%m/%Y}")
    with transaction(engine) as connection:
        kept = closed_report(connection, period.key)
    if kept is not None:
        return _read(kept)
    return count(engine, period, now=now, express=express, days=calendar)


def count(
    engine: sa.Engine,
    period: Period,
    *,
    now: datetime,
    express: timedelta,
    days: Workdays,
    newest_directory: bool = False,
) -> Report:
    """Count the figures of a period as of its close, or as of now where that is to come.

    Args:
        engine: the database.
        period: a week or a month that has begun.
        now: the present.
        express: within so long an urgent delivery is taken in time.
        days: the working days.
        newest_directory: take offices as they are believed now, not as they were at that instant.
    """
    as_of = min(now, period.closes_at(days))
    begin, end = period.begin, period.end
    with transaction(engine) as connection:
        version = None if newest_directory else figures.version_at(connection, as_of)
        directory = load_directory(connection, version=version)
    with transaction(engine) as connection:
        rows = Rows(
            written=figures.written(
                connection, begin=begin, end=end, as_of=as_of, mornings=mornings(period, days)
            ),
            sent=figures.sent(connection, begin=begin, end=end, as_of=as_of),
            carried=figures.carried(
                connection,
                begin=begin,
                end=end,
                as_of=as_of,
                express=express,
                due=deadlines(period, days),
            ),
            asked=figures.asked(connection, first=period.first, last=period.last, as_of=as_of),
            answers=figures.answers(connection, first=period.first, last=period.last, as_of=as_of),
        )
    return make_report(rows, period, directory, as_of=as_of, now=now, days=days)


def close(
    engine: sa.Engine, period: Period, *, now: datetime, express: timedelta, days: Workdays
) -> Report:
    """Close a week or a month: count it, keep it, and return what is kept from then on.

    Raises:
        PeriodOpenError: that is not due yet.
        DatabaseUnavailableError: nothing was kept, or the same as will be kept again.
    """
    _refuse_open(period, now, days)
    report = count(engine, period, now=now, express=express, days=days)
    report.revision = 1
    with transaction(engine) as connection:
        if add_closed(connection, _kept(report)):
            return report
        kept = closed_report(connection, period.key)
    assert kept is not None  # noqa: S101  somebody else was first
    return _read(kept)


def correct(
    engine: sa.Engine,
    period: Period,
    *,
    now: datetime,
    express: timedelta,
    who: str,
    why: str,
    days: Workdays | None = None,
) -> Report:
    """Count a closed period again, with the directory and the calendar of now, as a new revision.

    What was delivered or answered after the close stays outside: it is no error of the figures.

    Raises:
        PeriodOpenError: there is nothing to correct yet.
    """
    calendar = days or Workdays()
    _refuse_open(period, now, calendar)
    report = count(engine, period, now=now, express=express, days=calendar, newest_directory=True)
    report.why = why
    with transaction(engine) as connection:
        kept = closed_report(connection, period.key)
        if kept is None:
            raise PeriodOpenError(period=period.key, closes=_local(period.closes_at(calendar)))
        report.revision = kept.revision + 1
        add_closed(connection, _kept(report, who=who))
    return report


def recount(
    engine: sa.Engine, period: Period, *, now: datetime, express: timedelta
) -> tuple[Report, Report]:
    """Return the closed figures of a period, and what a correction would make of them.

    Raises:
        PeriodOpenError: they are not closed.
    """
    calendar = Workdays()
    _refuse_open(period, now, calendar)
    with transaction(engine) as connection:
        kept = closed_report(connection, period.key)
    if kept is None:
        raise PeriodOpenError(period=period.key, closes=_local(period.closes_at(calendar)))
    after = count(engine, period, now=now, express=express, days=calendar, newest_directory=True)
    return _read(kept), after


def _refuse_open(period: Period, now: datetime, days: Workdays) -> None:
    closes = period.closes_at(days)
    if now < closes:
        raise PeriodOpenError(period=period.key, closes=_local(closes))


def _kept(report: Report, *, who: str | None = None) -> ClosedReport:
    return ClosedReport(
        period=report.period,
        revision=report.revision,
        made_at=report.made_at,
        content=msgspec.json.encode(report),
        who=who,
        why=report.why,
    )


def _read(kept: ClosedReport) -> Report:
    return msgspec.json.decode(kept.content, type=ready(Report))


def _local(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
