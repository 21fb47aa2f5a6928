"""Figures of a period, added up by the database; as they stood at an instant, whenever asked.

Only instants that are written once decide (``decided_at``, ``routed_at``, ``confirmed_at``,
``ended_at``), never where a delivery stands now: the answer of today is that of next year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.course import STOPS, Outcome
from axis.delivery.lanes import Lane
from axis.delivery.states import State
from axis.figures.buckets import EDGES, SLOWEST
from axis.store.tables.base import Instant
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.directory import DIRECTORY_CHANGE
from axis.store.tables.life import CHANGE_REQUEST
from axis.store.tables.reports import DOCUMENT_ANSWER
from axis.store.types import roles

#: What became of a delivery, besides the names of states in which it ended.
IN_TIME: Final = "in_time"
LATE: Final = "late"
NOT_TAKEN: Final = "not_taken"
UNDER_WAY: Final = "under_way"

RECALL: Final = 1  #: BussinessDocType
_FINISHED, _RETURNED = "06", "02"
_INSTANT = PACKAGE.c.decided_at.type


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Documents of a sender that are alike."""

    office_id: str
    weak: str | None
    changes: bool  #: recalls, updates and replacements
    late: bool | None  #: None: the day of signing is not among those asked about
    signed: str  #: then, what stands between the first commas of DocumentId
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Deliveries to an office that are alike."""

    office_id: str
    lane: str
    outcome: str
    bucket: int | None  #: of what was taken
    deliveries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A delivery of a document with a DueDate."""

    delivery_id: UUID
    office_id: str
    document_id: str | None
    due_on: date
    declined: bool  #: refused by its system, or returned by status 02
    finished_at: datetime | None  #: status 06


def written(
    connection: sa.Connection,
    *,
    begin: datetime,
    end: datetime,
    as_of: datetime,
    mornings: Mapping[str, datetime],
) -> list[Written]:
    """Return the documents accepted in a period, added up by sender.

    Args:
        connection: to the records.
        begin: of the period.
        end: of the period, excluded.
        as_of: nothing after this counts.
        mornings: days of signing, as DocumentId writes them, and until when what was signed on
            each is sent in time.
    """
    c = PACKAGE.c
    before_end = c.decided_at < min(end, as_of)
    if connection.dialect.name == "sqlite":
        comma = sa.func.instr(c.document_id, ",")
        signed: sa.ColumnElement[Any] = sa.func.substr(c.document_id, comma + 1, 10)
    else:
        signed = sa.func.left(sa.func.split_part(c.document_id, ",", 2), 10)
    known = sa.func.coalesce(signed, "")
    late = sa.case(
        *(
            (known == day, c.received_at > sa.literal(morning, _INSTANT))
            for day, morning in mornings.items()
        ),
        else_=sa.null(),
    )
    columns = [
        c.sender_office.label("office_id"),
        c.weak,
        (sa.func.coalesce(c.business_type, 0) > 0).label("changes"),
        late.label("late"),
        sa.case((known.in_(list(mornings)), ""), else_=known).label("signed"),
    ]
    inner = (
        sa.select(*columns)
        .where(c.decided_at >= begin, before_end, c.accepted, _letters(connection))
        .subquery()
    )
    query = sa.select(*inner.c, sa.func.count().label("documents")).group_by(*inner.c)
    return [
        Written(
            office_id=row.office_id,
            weak=row.weak,
            changes=bool(row.changes),
            late=None if row.late is None else bool(row.late),
            signed=row.signed,
            documents=row.documents,
        )
        for row in connection.execute(query)
    ]


def sent(
    connection: sa.Connection, *, begin: datetime, end: datetime, as_of: datetime
) -> dict[str, int]:
    """Return how many deliveries each sender's documents made, without those given to another."""
    query = (
        sa.select(PACKAGE.c.sender_office, sa.func.count())
        .join(DELIVERY, DELIVERY.c.package_id == PACKAGE.c.id)
        .where(_routed(connection, begin, end, as_of), sa.not_(_redirected(as_of)))
        .group_by(PACKAGE.c.sender_office)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def carried(
    connection: sa.Connection,
    *,
    begin: datetime,
    end: datetime,
    as_of: datetime,
    express: timedelta,
    due: Sequence[tuple[datetime, datetime]],
) -> list[Carried]:
    """Return the deliveries routed in a period, added up by office, lane and what became of them.

    Args:
        begin: of the period.
        end: of the period, excluded.
        as_of: the instant as of which is told what became of them.
        express: within so long an urgent delivery is taken in time.
        due: for the days of the period in their order, when a day ends and until when what is
            routed on it is taken in time.
    """
    c = DELIVERY.c
    took = _seconds(connection, c.confirmed_at, c.routed_at)
    waited = _seconds(connection, as_of, c.routed_at)
    until = sa.case(
        *((c.routed_at < ends, sa.literal(due_at, _INSTANT)) for ends, due_at in due),
        else_=sa.literal(due[-1][1], _INSTANT),
    )
    urgent = c.lane == Lane.EXPRESS.value
    confirmed, ended = c.confirmed_at <= as_of, c.ended_at <= as_of
    patience = express.total_seconds()
    in_time = sa.or_(
        sa.and_(urgent, took <= patience), sa.and_(sa.not_(urgent), c.confirmed_at <= until)
    )
    overdue = sa.or_(
        sa.and_(urgent, waited >= patience),
        sa.and_(sa.not_(urgent), until <= sa.literal(as_of, _INSTANT)),
    )
    outcome = sa.case(
        (sa.and_(confirmed, in_time), IN_TIME),
        (confirmed, LATE),
        (ended, c.state),
        (overdue, NOT_TAKEN),
        else_=UNDER_WAY,
    )
    bucket = sa.case(
        (sa.not_(sa.func.coalesce(confirmed, sa.false())), sa.null()),
        *((took <= edge, number) for number, edge in enumerate(EDGES)),
        else_=SLOWEST,
    )
    inner = (
        sa.select(c.office_id, c.lane, outcome.label("outcome"), bucket.label("bucket"))
        .join(PACKAGE, PACKAGE.c.id == c.package_id)
        .where(_routed(connection, begin, end, as_of))
        .subquery()
    )
    query = sa.select(*inner.c, sa.func.count().label("deliveries")).group_by(*inner.c)
    return [Carried(**row._asdict()) for row in connection.execute(query)]


def asked(connection: sa.Connection, *, first: date, last: date, as_of: datetime) -> list[Asked]:
    """Return the deliveries whose DueDate is in a period, without what was asked back or moved on.

    A recall asks nothing of anybody. What was recalled before anybody took it, and what the office
    agreed to give back (15), needs no answer any more.
    """
    due, d = _due(connection, first, last, as_of), DELIVERY.c
    status = PACKAGE.alias("status")

    def at(code: str) -> sa.ColumnElement[Any]:
        return sa.func.min(sa.case((status.c.status_code == code, status.c.decided_at)))

    told = (
        sa.select(
            status.c.about_delivery_id,
            at(_FINISHED).label("finished_at"),
            at(_RETURNED).label("returned_at"),
        )
        .where(
            status.c.about_package_id.in_(sa.select(due.c.id)),
            status.c.accepted,
            status.c.status_code.is_not(None),
            status.c.decided_at <= as_of,
        )
        .group_by(status.c.about_delivery_id)
        .subquery()
    )
    gone = sa.and_(d.ended_at <= as_of, d.state.in_([State.REDIRECTED.value, State.RECALLED.value]))
    refused = sa.and_(d.ended_at <= as_of, d.state == State.REFUSED.value)
    query = (
        sa.select(
            d.id.label("delivery_id"),
            d.office_id,
            due.c.document_id,
            due.c.due_on,
            sa.func.coalesce(sa.or_(refused, told.c.returned_at.is_not(None)), sa.false()).label(
                "declined"
            ),
            sa.type_coerce(told.c.finished_at, _INSTANT).label("finished_at"),
        )
        .select_from(due)
        .join(DELIVERY, d.package_id == due.c.id)
        .outerjoin(told, told.c.about_delivery_id == d.id)
        .where(d.routed_at <= as_of, sa.not_(sa.func.coalesce(gone, sa.false())))
    )
    given_back = set(
        connection.scalars(
            sa.select(CHANGE_REQUEST.c.delivery_id)
            .join(due, due.c.id == CHANGE_REQUEST.c.target_package_id)
            .where(
                CHANGE_REQUEST.c.kind.in_([kind.value for kind in STOPS]),
                CHANGE_REQUEST.c.outcome == Outcome.AGREED.value,
                CHANGE_REQUEST.c.answered_at <= as_of,
            )
        )
    )
    return [
        Asked(**{**row._asdict(), "declined": bool(row.declined)})
        for row in connection.execute(query)
        if row.delivery_id not in given_back
    ]


def answers(
    connection: sa.Connection, *, first: date, last: date, as_of: datetime
) -> dict[tuple[str, str], datetime]:
    """Return when the first document came that answers one with a DueDate in a period.

    Returns:
        (DocumentId answered, office that answers) → when that was accepted.
    """
    due = _due(connection, first, last, as_of)
    reply = PACKAGE.alias("reply")
    query = (
        sa.select(
            DOCUMENT_ANSWER.c.document_id,
            reply.c.sender_office,
            sa.type_coerce(sa.func.min(reply.c.decided_at), _INSTANT),
        )
        .join(reply, reply.c.id == DOCUMENT_ANSWER.c.package_id)
        .where(
            DOCUMENT_ANSWER.c.document_id.in_(sa.select(due.c.document_id)),
            reply.c.accepted,
            reply.c.decided_at <= as_of,
        )
        .group_by(DOCUMENT_ANSWER.c.document_id, reply.c.sender_office)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def version_at(connection: sa.Connection, at: datetime) -> int:
    """Return the version of the directory that was believed at an instant."""
    c = DIRECTORY_CHANGE.c
    return connection.scalar(sa.select(sa.func.max(c.version)).where(c.recorded_at <= at)) or 0


def first_judged(connection: sa.Connection) -> datetime | None:
    """Return when the first document was judged; None: there is none."""
    query = sa.select(PACKAGE.c.decided_at).order_by(PACKAGE.c.decided_at).limit(1)
    found: datetime | None = connection.scalar(query)
    return found


def _due(connection: sa.Connection, first: date, last: date, as_of: datetime) -> sa.CTE:
    c = PACKAGE.c
    return (
        sa.select(c.id, c.document_id, c.due_on)
        .where(
            c.due_on >= first,
            c.due_on <= last,
            c.accepted,
            _letters(connection),
            c.decided_at <= as_of,
            sa.func.coalesce(c.business_type, 0) != RECALL,
        )
        .cte("due")
    )


def _routed(
    connection: sa.Connection, begin: datetime, end: datetime, as_of: datetime
) -> sa.ColumnElement[bool]:
    c = DELIVERY.c
    return sa.and_(c.routed_at >= begin, c.routed_at < min(end, as_of), _letters(connection))


def _letters(connection: sa.Connection) -> sa.ColumnElement[bool]:
    return PACKAGE.c.kind.in_(roles(connection).letters)


def _redirected(as_of: datetime) -> sa.ColumnElement[bool]:
    c = DELIVERY.c
    gone = sa.and_(c.state == State.REDIRECTED.value, c.ended_at <= as_of)
    return sa.func.coalesce(gone, sa.false())


def _seconds(
    connection: sa.Connection,
    later: sa.ColumnElement[Any] | datetime,
    earlier: sa.ColumnElement[Any] | datetime,
) -> sa.ColumnElement[Any]:
    """Return how long it is between two instants."""
    if connection.dialect.name == "sqlite":
        return (_whole(connection, later) - _whole(connection, earlier)) / 1e6

    def instant(at: sa.ColumnElement[Any] | datetime) -> sa.ColumnElement[Any]:
        return sa.literal(at, _INSTANT) if isinstance(at, datetime) else at

    return sa.cast(sa.func.extract("epoch", instant(later) - instant(earlier)), sa.Double)


def _whole(
    connection: sa.Connection, at: sa.ColumnElement[Any] | datetime
) -> sa.ColumnElement[Any]:
    """Return the microseconds that stand in the column; a bound instant must become them, too."""
    if isinstance(at, datetime):
        micros = Instant().process_bind_param(at, connection.dialect)
        return sa.literal(micros, sa.BigInteger)
    return sa.type_coerce(at, sa.BigInteger)
