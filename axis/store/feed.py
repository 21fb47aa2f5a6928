"""Counts for operations centres: what each office or level sent and got in each hour, by type.

Counted from the records when they are asked for, by the index that finds a period; so what was
confirmed of an hour that is over still grows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from axis.delivery.states import State
from axis.store.due import UNFINISHED
from axis.store.tables.base import Instant
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.directory import OFFICE_STANDING

#: What one call may ask for: by level, or of one office; and of every office by itself.
LONGEST: Final = timedelta(days=31)
LONGEST_OF_ALL: Final = timedelta(days=2)

#: Hours in a row in which no office changed its level.
Span = tuple[datetime, datetime]


@dataclass(slots=True, kw_only=True)
class Count:
    """One office, type and hour."""

    hour: datetime
    office_id: str  #: where it counts a level, what is on record of it is the level alone
    type: str
    level: str | None = None  #: None: that of the office
    sent: int = 0  #: packages of the office that the axis accepted in the hour
    refused: int = 0  #: packages in the office's name that it refused in the hour
    came: int = 0  #: deliveries to the office that arose in the hour
    express: int = 0  #: of these, urgent
    confirmed: int = 0  #: of these, confirmed by the office's system until now
    ended: int = 0  #: of these, refused, recalled, redirected or expired
    waiting: int = 0  #: of these, not yet confirmed


def counts(
    connection: sa.Connection,
    *,
    since: datetime,
    until: datetime,
    kind: str | None = None,
    office_id: str | None = None,
    code: str | None = None,
) -> list[Count]:
    """Return the counts of whole hours, by hour, office and type.

    Args:
        connection: to the records.
        since: begin of the first hour.
        until: end of the last hour.
        kind: of one message type only.
        office_id: of one office only.
        code: its code, which is all that the record of a refused package has of it.
    """
    found: dict[tuple[datetime, str, str], Count] = {}

    def of(row: sa.Row[Any]) -> Count:
        key = (row.hour, row.office_id, row.type)
        return found.setdefault(key, Count(hour=row.hour, office_id=row.office_id, type=row.type))

    for row in _sent(connection, since, until, kind, office_id, code):
        one = of(row)
        one.sent, one.refused = int(row.sent), int(row.refused)
    for row in _came(connection, since, until, kind, office_id):
        one = of(row)
        one.came, one.express = int(row.came), int(row.express)
        one.confirmed, one.waiting = int(row.confirmed), int(row.waiting)
        one.ended = one.came - one.confirmed - one.waiting
    return [found[key] for key in sorted(found)]


def counts_by_level(
    connection: sa.Connection, *, spans: Sequence[Span], kind: str | None = None
) -> list[Count]:
    """Return the counts of whole hours by hour, level and type, added up by the database.

    What was refused has no office on record; it is counted by the code that it names.

    Args:
        connection: to the records.
        spans: the hours, in stretches in which no office changed its level.
        kind: of one message type only.
    """
    found: dict[tuple[datetime, str, str], Count] = {}
    refused: list[Count] = []

    def of(row: sa.Row[Any]) -> Count:
        key = (row.hour, row.office_id, row.type)
        new = Count(hour=row.hour, office_id="", level=row.office_id, type=row.type)
        return found.setdefault(key, new)

    for since, until in spans:
        levels = _levels(until)
        for row in _sent(connection, since, until, kind, None, None, levels=levels):
            of(row).sent = int(row.sent)
        for row in _came(connection, since, until, kind, None, levels=levels):
            one = of(row)
            one.came, one.express = int(row.came), int(row.express)
            one.confirmed, one.waiting = int(row.confirmed), int(row.waiting)
            one.ended = one.came - one.confirmed - one.waiting
        refused += [
            Count(hour=row.hour, office_id=row.office_id, type=row.type, refused=int(row.refused))
            for row in _sent(connection, since, until, kind, None, None, only_refused=True)
        ]
    return [*(found[key] for key in sorted(found)), *refused]


def _levels(at: datetime) -> sa.Subquery:
    """Return the level of each office just before an instant."""
    c = OFFICE_STANDING.c
    before = sa.literal(at, c.valid_from.type)
    return (
        sa.select(c.office_id, sa.func.min(c.level).label("level"))
        .where(c.until_version.is_(None))
        .where(sa.or_(c.valid_from.is_(None), c.valid_from < before))
        .where(sa.or_(c.valid_to.is_(None), c.valid_to >= before))
        .group_by(c.office_id)
        .subquery("levels")
    )


def _sent(
    connection: sa.Connection,
    since: datetime,
    until: datetime,
    kind: str | None,
    office_id: str | None,
    code: str | None,
    *,
    levels: sa.Subquery | None = None,
    only_refused: bool = False,
) -> Iterator[sa.Row[Any]]:
    at = PACKAGE.c.decided_at
    hour = _hour(connection, at).label("hour")
    # Who was refused may be no office at all; then its code as written is all that is known.
    office = sa.func.coalesce(PACKAGE.c.sender_office, PACKAGE.c.sender, "").label("office_id")
    if levels is not None:
        office = sa.func.coalesce(levels.c.level, "").label("office_id")
    what = sa.func.coalesce(PACKAGE.c.kind, "").label("type")
    query = (
        sa.select(
            hour,
            office,
            what,
            _number(PACKAGE.c.accepted).label("sent"),
            _number(~PACKAGE.c.accepted).label("refused"),
        )
        .where(at >= sa.literal(since, at.type), at < sa.literal(until, at.type))
        .group_by(hour, office, what)
    )
    if levels is not None:
        query = query.outerjoin(levels, levels.c.office_id == PACKAGE.c.sender_office)
        query = query.where(PACKAGE.c.accepted)
    if only_refused:
        query = query.where(PACKAGE.c.accepted.is_(False))
    if kind is not None:
        query = query.where(PACKAGE.c.kind == kind)
    if office_id is not None:
        refused = sa.and_(PACKAGE.c.sender_office.is_(None), PACKAGE.c.sender == code)
        query = query.where(sa.or_(PACKAGE.c.sender_office == office_id, refused))
    yield from connection.execute(query)


def _came(
    connection: sa.Connection,
    since: datetime,
    until: datetime,
    kind: str | None,
    office_id: str | None,
    *,
    levels: sa.Subquery | None = None,
) -> Iterator[sa.Row[Any]]:
    at = DELIVERY.c.routed_at
    hour = _hour(connection, at).label("hour")
    office: sa.ColumnElement[str] = DELIVERY.c.office_id
    if levels is not None:
        office = sa.func.coalesce(levels.c.level, "")
    query = (
        sa.select(
            hour,
            office.label("office_id"),
            PACKAGE.c.kind.label("type"),
            sa.func.count().label("came"),
            _number(DELIVERY.c.lane == "express").label("express"),
            _number(DELIVERY.c.state == State.CONFIRMED.value).label("confirmed"),
            _number(DELIVERY.c.state.in_(UNFINISHED)).label("waiting"),
        )
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(at >= sa.literal(since, at.type), at < sa.literal(until, at.type))
        .group_by(hour, office, PACKAGE.c.kind)
    )
    if levels is not None:
        query = query.outerjoin(levels, levels.c.office_id == DELIVERY.c.office_id)
    if kind is not None:
        query = query.where(PACKAGE.c.kind == kind)
    if office_id is not None:
        query = query.where(DELIVERY.c.office_id == office_id)
    yield from connection.execute(query)


def _hour(connection: sa.Connection, at: sa.Column[datetime]) -> sa.ColumnElement[datetime]:
    """Return the hour of an instant; SQLite has instants as microseconds."""
    if connection.dialect.name == "sqlite":
        number = sa.type_coerce(at, sa.BigInteger)
        return sa.type_coerce(number - number % 3_600_000_000, Instant)
    return sa.type_coerce(sa.func.date_trunc("hour", at, "UTC"), Instant)


def _number(what: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((what, 1), else_=0)), 0)
