"""Figures that are closed, and the files that were written from figures; nothing is changed."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from axis.store.tables.reports import CLOSED_REPORT, REPORT_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedReport:
    """A revision of the figures of a period."""

    period: str
    revision: int
    made_at: datetime
    content: bytes  #: JSON
    who: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """A file that was written by schedule."""

    name: str  #: in the schedule
    period: str
    form: str
    path: str
    digest: bytes
    written_at: datetime
    mailed_at: datetime | None = None


def closed_report(connection: sa.Connection, period: str) -> ClosedReport | None:
    """Return the latest revision of a period's figures; None: they are not closed."""
    c = CLOSED_REPORT.c
    query = sa.select(CLOSED_REPORT).where(c.period == period).order_by(c.revision.desc()).limit(1)
    row = connection.execute(query).first()
    if row is None:
        return None
    return ClosedReport(**{**row._asdict(), "content": zlib.decompress(row.content)})


def last_kept(connection: sa.Connection, *, like: str) -> str | None:
    """Return the last period that is closed; None: there is none.

    Args:
        connection: to the records.
        like: how periods of the kind look, as a pattern of SQL.
    """
    c = CLOSED_REPORT.c
    found: str | None = connection.scalar(
        sa.select(sa.func.max(c.period)).where(c.period.like(like))
    )
    return found


def add_closed(connection: sa.Connection, report: ClosedReport) -> bool:
    """Keep a revision; return False where another process kept it first."""
    values = {
        "period": report.period,
        "revision": report.revision,
        "made_at": report.made_at,
        "content": zlib.compress(report.content, 6),
        "who": report.who,
        "why": report.why,
    }
    kept = _insert(connection, CLOSED_REPORT, values).returning(CLOSED_REPORT.c.period)
    return connection.scalar(kept) is not None


def last_written(connection: sa.Connection, name: str, form: str, *, like: str) -> str | None:
    """Return the last period of which a file of the schedule was written; None: there is none.

    Args:
        name: in the schedule.
        form: of the file.
        like: how periods of the kind look, as a pattern of SQL.
    """
    c = REPORT_FILE.c
    query = sa.select(sa.func.max(c.period)).where(
        c.name == name, c.form == form, c.period.like(like)
    )
    found: str | None = connection.scalar(query)
    return found


def add_file(connection: sa.Connection, file: ReportFile) -> None:
    """Record that a file was written; who wrote the same meanwhile recorded the same."""
    values = {name: getattr(file, name) for name in ReportFile.__slots__}
    connection.execute(_insert(connection, REPORT_FILE, values))


def files_since(connection: sa.Connection, since: datetime) -> list[ReportFile]:
    """Return the files that were written after an instant, the oldest first."""
    c = REPORT_FILE.c
    query = (
        sa.select(REPORT_FILE)
        .where(c.written_at > since)
        .order_by(c.written_at, c.name, c.period, c.form)
    )
    return [ReportFile(**row._asdict()) for row in connection.execute(query)]


def unmailed(
    connection: sa.Connection, names: Collection[str], *, since: datetime
) -> ReportFile | None:
    """Return the oldest file of some entries that was written since an instant and not mailed."""
    c = REPORT_FILE.c
    query = (
        sa.select(REPORT_FILE)
        .where(c.name.in_(names), c.written_at >= since, c.mailed_at.is_(None))
        .order_by(c.written_at, c.name, c.period, c.form)
        .limit(1)
    )
    row = connection.execute(query).first()
    return ReportFile(**row._asdict()) if row else None


def mark_mailed(connection: sa.Connection, file: ReportFile, *, at: datetime) -> None:
    """Record that a file was mailed."""
    c = REPORT_FILE.c
    connection.execute(
        sa.update(REPORT_FILE)
        .where(c.name == file.name, c.period == file.period, c.form == file.form)
        .values(mailed_at=at)
    )


def _insert(connection: sa.Connection, table: sa.Table, values: dict[str, object]) -> sa.Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).values(values).on_conflict_do_nothing()
    return postgresql.insert(table).values(values).on_conflict_do_nothing()
