"""Counts of each hour: written behind the relay by one statement, read in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from axis.delivery.states import FINAL, State
from axis.figures.buckets import DOCUMENTS, EDGES, ENDED, SLOWEST, UNFINISHED
from axis.store.due import UNFINISHED as UNFINISHED_STATES
from axis.store.tables.console import BACKLOG, TRAFFIC, TRAFFIC_HOUR
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.directory import OFFICE_STANDING
from axis.store.types import roles

HOUR: Final = timedelta(hours=1)
#: Stands for all offices together.
ALL: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Deliveries of one hour that went one way."""

    hour: datetime
    sender_level: str
    receiver_level: str
    lane: str
    bucket: int
    deliveries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What was unfinished at the top of an hour."""

    hour: datetime
    office_id: str  #: or ``*``
    waiting: int


def count_hour(connection: sa.Connection, hour: datetime, *, now: datetime) -> None:
    """Count the documents that were judged in an hour, in the place of what was counted before."""
    connection.execute(sa.delete(TRAFFIC).where(TRAFFIC.c.hour == hour))
    connection.execute(sa.delete(TRAFFIC_HOUR).where(TRAFFIC_HOUR.c.hour == hour))
    judged = sa.and_(
        PACKAGE.c.decided_at >= hour,
        PACKAGE.c.decided_at < hour + HOUR,
        PACKAGE.c.kind.in_(roles(connection).letters),
        PACKAGE.c.accepted,
    )
    # The level of now: an office that moved counts where it stands.
    levels = (
        sa.select(OFFICE_STANDING.c.office_id, sa.func.min(OFFICE_STANDING.c.level).label("level"))
        .where(OFFICE_STANDING.c.until_version.is_(None))
        .group_by(OFFICE_STANDING.c.office_id)
    )
    senders, receivers = levels.cte("senders"), levels.cte("receivers")
    at = sa.literal(hour, TRAFFIC.c.hour.type)
    bucket = _bucket(connection).label("bucket")
    counted = (
        sa.select(
            sa.func.coalesce(senders.c.level, "").label("sender_level"),
            sa.func.coalesce(receivers.c.level, "").label("receiver_level"),
            DELIVERY.c.lane,
            bucket,
        )
        .select_from(PACKAGE)
        .join(DELIVERY, DELIVERY.c.package_id == PACKAGE.c.id)
        .outerjoin(senders, senders.c.office_id == PACKAGE.c.sender_office)
        .outerjoin(receivers, receivers.c.office_id == DELIVERY.c.office_id)
        .where(judged, DELIVERY.c.state != State.REDIRECTED.value)
        .subquery()
    )
    columns = ["hour", "sender_level", "receiver_level", "lane", "bucket", "deliveries"]
    by = (counted.c.sender_level, counted.c.receiver_level, counted.c.lane, counted.c.bucket)
    connection.execute(
        sa.insert(TRAFFIC).from_select(columns, sa.select(at, *by, sa.func.count()).group_by(*by))
    )
    lane = sa.case((PACKAGE.c.priority >= 1, "express"), else_="normal")
    documents = (
        sa.select(sa.func.coalesce(senders.c.level, "").label("sender_level"), lane.label("lane"))
        .select_from(PACKAGE)
        .outerjoin(senders, senders.c.office_id == PACKAGE.c.sender_office)
        .where(judged)
        .subquery()
    )
    connection.execute(
        sa.insert(TRAFFIC).from_select(
            columns,
            sa.select(
                at,
                documents.c.sender_level,
                sa.literal(""),
                documents.c.lane,
                sa.literal(DOCUMENTS),
                sa.func.count(),
            ).group_by(documents.c.sender_level, documents.c.lane),
        )
    )
    connection.execute(sa.insert(TRAFFIC_HOUR).values(hour=hour, counted_at=now))


def counted_hours(connection: sa.Connection, *, since: datetime) -> dict[datetime, datetime]:
    """Return the hours that were counted, and when."""
    query = sa.select(TRAFFIC_HOUR).where(TRAFFIC_HOUR.c.hour >= since)
    return {row.hour: row.counted_at for row in connection.execute(query)}


def last_counted(connection: sa.Connection) -> datetime | None:
    """Return the last hour that was counted."""
    query = sa.select(TRAFFIC_HOUR.c.hour).order_by(TRAFFIC_HOUR.c.hour.desc()).limit(1)
    found: datetime | None = connection.scalar(query)
    return found


def first_judged(connection: sa.Connection, *, since: datetime | None) -> datetime | None:
    """Return when the first package was judged, of all or since an instant."""
    query = sa.select(PACKAGE.c.decided_at).order_by(PACKAGE.c.decided_at).limit(1)
    if since is not None:
        query = query.where(PACKAGE.c.decided_at >= since)
    found: datetime | None = connection.scalar(query)
    return found


def traffic(connection: sa.Connection, *, since: datetime, until: datetime) -> list[Traffic]:
    """Return the counts of hours, in their order."""
    query = (
        sa.select(TRAFFIC)
        .where(TRAFFIC.c.hour >= since, TRAFFIC.c.hour < until)
        .order_by(TRAFFIC.c.hour)
    )
    return [Traffic(**row._asdict()) for row in connection.execute(query)]


def backlog_of_now(connection: sa.Connection, *, limit: int) -> tuple[int, Sequence[Any]]:
    """Return how many deliveries are unfinished now, and the offices with the most of them."""
    unfinished = DELIVERY.c.state.in_(UNFINISHED_STATES)
    count = sa.func.count().label("waiting")
    rows = connection.execute(
        sa.select(DELIVERY.c.office_id, count)
        .where(unfinished)
        .group_by(DELIVERY.c.office_id)
        .order_by(count.desc(), DELIVERY.c.office_id)
    ).all()
    return sum(row.waiting for row in rows), rows[:limit]


def save_backlog(
    connection: sa.Connection, hour: datetime, total: int, offices: Sequence[Any]
) -> None:
    """Write down what is unfinished at the top of an hour."""
    connection.execute(sa.delete(BACKLOG).where(BACKLOG.c.hour == hour))
    rows = [{"hour": hour, "office_id": ALL, "waiting": total}]
    rows += [{"hour": hour, "office_id": one.office_id, "waiting": one.waiting} for one in offices]
    connection.execute(sa.insert(BACKLOG), rows)


def has_backlog(connection: sa.Connection, hour: datetime) -> bool:
    """Tell whether an hour was written down."""
    query = sa.select(BACKLOG.c.waiting).where(BACKLOG.c.hour == hour, BACKLOG.c.office_id == ALL)
    return connection.scalar(query) is not None


def forget_backlog(connection: sa.Connection, *, before: datetime) -> None:
    """Forget what was unfinished long ago."""
    connection.execute(sa.delete(BACKLOG).where(BACKLOG.c.hour < before))


def backlog(
    connection: sa.Connection, *, since: datetime, until: datetime, total: bool = False
) -> list[Left]:
    """Return what was unfinished at hours: of the offices, or in all."""
    mine = BACKLOG.c.office_id == ALL
    query = (
        sa.select(BACKLOG)
        .where(BACKLOG.c.hour >= since, BACKLOG.c.hour < until, mine if total else ~mine)
        .order_by(BACKLOG.c.hour)
    )
    return [Left(**row._asdict()) for row in connection.execute(query)]


def _bucket(connection: sa.Connection) -> sa.ColumnElement[int]:
    """Return how a delivery went: how long it took from the verdict on, or why it is not told."""
    took: sa.ColumnElement[Any]
    if connection.dialect.name == "sqlite":
        took = (
            sa.type_coerce(DELIVERY.c.confirmed_at, sa.BigInteger)
            - sa.type_coerce(PACKAGE.c.decided_at, sa.BigInteger)
        ) / 1e6
    else:
        took = sa.func.extract("epoch", DELIVERY.c.confirmed_at - PACKAGE.c.decided_at)
    over = [state.value for state in FINAL if state is not State.CONFIRMED]
    steps = [(took <= edge, number) for number, edge in enumerate(EDGES)]
    return sa.case(
        (DELIVERY.c.state.in_(over), ENDED),
        (DELIVERY.c.confirmed_at.is_(None), UNFINISHED),
        *steps,
        else_=SLOWEST,
    )
