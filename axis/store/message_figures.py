"""What is open of the messages of a type: who has not got them, who has not answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.states import State
from axis.store.due import UNFINISHED
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.life import REMINDER
from axis.store.tables.types import MESSAGE, STORY
from axis.types.errors import RevisionKnownError


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A message that is not where it belongs: under way, or refused and not sent again."""

    type: str
    number: str | None
    revision: int | None
    step: str | None
    sender: str | None
    sender_office: str | None
    recipient: str | None  #: None: it was refused before anybody was served
    since: datetime
    state: str  #: of the delivery, or ``refused``
    cause: str | None  #: of the delivery, or the refusal's code
    package_id: UUID
    facts: Mapping[str, Any]  #: of the refusal, for its sentence


def unsynced(connection: sa.Connection, name: str, *, refused_since: datetime) -> Iterator[Open]:
    """Yield what of a type is not where it belongs, oldest first: under way, then refused.

    Args:
        connection: to the records.
        name: the type.
        refused_since: what was refused before is told no more.
    """
    under_way = (
        sa.select(
            MESSAGE.c.revision,
            MESSAGE.c.step,
            MESSAGE.c.order_key,
            PACKAGE.c.sign,
            PACKAGE.c.sender,
            PACKAGE.c.sender_office,
            DELIVERY.c.address,
            DELIVERY.c.routed_at,
            DELIVERY.c.state,
            DELIVERY.c.held_reason,
            PACKAGE.c.id,
        )
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .join(MESSAGE, MESSAGE.c.package_id == PACKAGE.c.id)
        .where(DELIVERY.c.state.in_(UNFINISHED), MESSAGE.c.type == name)
        .order_by(DELIVERY.c.routed_at, DELIVERY.c.id)
    )
    for row in connection.execute(under_way):
        yield Open(
            type=name,
            number=row.order_key or row.sign,
            revision=row.revision,
            step=row.step,
            sender=row.sender,
            sender_office=row.sender_office,
            recipient=row.address,
            since=row.routed_at,
            state=row.state,
            cause=row.held_reason,
            package_id=row.id,
            facts={},
        )
    later = PACKAGE.alias("later")
    refused = (
        sa.select(PACKAGE)
        .where(
            PACKAGE.c.kind == name,
            PACKAGE.c.accepted.is_(False),
            PACKAGE.c.decided_at >= sa.literal(refused_since, PACKAGE.c.decided_at.type),
            ~sa.exists().where(
                later.c.document_id == PACKAGE.c.document_id, later.c.kind == name, later.c.accepted
            ),
        )
        .order_by(PACKAGE.c.decided_at, PACKAGE.c.id)
    )
    for row in connection.execute(refused):
        if row.refusal["code"] == RevisionKnownError.code:
            continue  # its content is there
        yield Open(
            type=name,
            number=row.sign,
            revision=row.refusal["facts"].get("revision"),
            step=None,
            sender=row.sender,
            sender_office=row.sender_office,
            recipient=None,
            since=row.decided_at,
            state="refused",
            cause=row.refusal["code"],
            package_id=row.id,
            facts=row.refusal["facts"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One office that was asked for something, and what came of it."""

    office_id: str
    address: str
    delivery_id: UUID
    package_id: UUID
    state: State
    asked_at: datetime
    due_at: datetime | None
    answered_at: datetime | None = None
    revision: int | None = None  #: of the last answer
    documents: int = 0  #: of edXML that belong to the same story and come from this office


def asked(connection: sa.Connection, name: str, key: str, *, ask: str, answer: str) -> list[Asked]:
    """Return everyone who was asked in a story, in the order of codes, with what came back.

    Args:
        connection: to the records.
        name: the type of the story.
        key: of the story.
        ask: the step that asks; its receivers are those who must answer.
        answer: the step that answers.
    """
    here = sa.and_(STORY.c.type == name, STORY.c.key == key)
    answers: dict[str, tuple[datetime, int | None]] = {}
    query = (
        sa.select(PACKAGE.c.sender_office, PACKAGE.c.decided_at, MESSAGE.c.revision)
        .join(MESSAGE, MESSAGE.c.package_id == PACKAGE.c.id)
        .join(STORY, STORY.c.package_id == PACKAGE.c.id)
        .where(here, MESSAGE.c.step == answer)
        .order_by(PACKAGE.c.decided_at)
    )
    for row in connection.execute(query):
        first = answers.get(row.sender_office, (row.decided_at, None))[0]
        answers[row.sender_office] = (first, row.revision)
    documents: dict[str, int] = {}
    linked = (
        sa.select(PACKAGE.c.sender_office, sa.func.count().label("number"))
        .join(STORY, STORY.c.package_id == PACKAGE.c.id)
        .where(here, PACKAGE.c.kind == "document")
        .group_by(PACKAGE.c.sender_office)
    )
    for row in connection.execute(linked):
        documents[row.sender_office] = row.number
    sent = (
        sa.select(
            DELIVERY.c.id,
            DELIVERY.c.package_id,
            DELIVERY.c.office_id,
            DELIVERY.c.address,
            DELIVERY.c.state,
            DELIVERY.c.routed_at,
            MESSAGE.c.due_at,
        )
        .join(MESSAGE, MESSAGE.c.package_id == DELIVERY.c.package_id)
        .join(STORY, STORY.c.package_id == DELIVERY.c.package_id)
        .where(here, MESSAGE.c.step == ask)
        .order_by(DELIVERY.c.routed_at)
    )
    found: dict[str, Asked] = {}
    for each in connection.execute(sent):  # who was asked again is asked by the last
        answered_at, revision = answers.get(each.office_id, (None, None))
        found[each.office_id] = Asked(
            office_id=each.office_id,
            address=each.address,
            delivery_id=each.id,
            package_id=each.package_id,
            state=State(each.state),
            asked_at=each.routed_at,
            due_at=each.due_at,
            answered_at=answered_at,
            revision=revision,
            documents=documents.get(each.office_id, 0),
        )
    return sorted(found.values(), key=lambda one: one.address)


def stories_due(
    connection: sa.Connection, name: str, *, ask: str, since: datetime, until: datetime
) -> list[str]:
    """Return the keys of stories in which something is due between two instants."""
    at = MESSAGE.c.due_at
    query = (
        sa.select(STORY.c.key)
        .join(MESSAGE, MESSAGE.c.package_id == STORY.c.package_id)
        .where(
            MESSAGE.c.type == name,
            MESSAGE.c.step == ask,
            STORY.c.type == name,
            at > sa.literal(since, at.type),
            at <= sa.literal(until, at.type),
        )
        .distinct()
    )
    return [row.key for row in connection.execute(query)]


def stories_open(connection: sa.Connection, name: str, *, ask: str, most: int) -> list[str]:
    """Return the keys of the newest stories of a type in which somebody was asked."""
    query = (
        sa.select(STORY.c.key, sa.func.max(PACKAGE.c.decided_at).label("last"))
        .join(MESSAGE, MESSAGE.c.package_id == STORY.c.package_id)
        .join(PACKAGE, PACKAGE.c.id == STORY.c.package_id)
        .where(MESSAGE.c.type == name, MESSAGE.c.step == ask, STORY.c.type == name)
        .group_by(STORY.c.key)
        .order_by(sa.desc("last"))
        .limit(most)
    )
    return [row.key for row in connection.execute(query)]


def reminded(connection: sa.Connection, deliveries: list[UUID], kind: str) -> set[UUID]:
    """Return those of the deliveries of which somebody was reminded."""
    query = sa.select(REMINDER.c.delivery_id).where(
        REMINDER.c.delivery_id.in_(deliveries), REMINDER.c.kind == kind
    )
    return {row.delivery_id for row in connection.execute(query)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfType:
    """What became of the deliveries of one type that arose on a day."""

    type: str
    arose: int
    delivered: int  #: confirmed
    ended: int  #: refused, recalled, redirected …
    left: int  #: still under way
    backlog: int  #: from earlier days, still under way
    refused: int  #: packages that the axis refused


def day_of_types(connection: sa.Connection, *, since: datetime, until: datetime) -> list[DayOfType]:
    """Return the figures of a day by message type, statuses left out."""
    at = DELIVERY.c.routed_at
    begin, end = sa.literal(since, at.type), sa.literal(until, at.type)
    today = at >= begin
    open_ = DELIVERY.c.state.in_(UNFINISHED)
    confirmed = DELIVERY.c.state == State.CONFIRMED.value

    def number(what: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((what, 1), else_=0)), 0)

    query = (
        sa.select(
            PACKAGE.c.kind,
            number(today).label("arose"),
            number(sa.and_(today, confirmed)).label("delivered"),
            number(sa.and_(today, ~confirmed, ~open_)).label("ended"),
            number(sa.and_(today, open_)).label("left"),
            number(sa.and_(~today, open_)).label("backlog"),
        )
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(sa.or_(today, open_), at < end, PACKAGE.c.kind != "status")
        .group_by(PACKAGE.c.kind)
    )
    counts = {row.kind: row for row in connection.execute(query)}
    decided = PACKAGE.c.decided_at
    refused = {
        row.kind: row.number
        for row in connection.execute(
            sa.select(PACKAGE.c.kind, sa.func.count().label("number"))
            .where(
                PACKAGE.c.accepted.is_(False),
                decided >= sa.literal(since, decided.type),
                decided < sa.literal(until, decided.type),
                PACKAGE.c.kind.is_not(None),
                PACKAGE.c.kind != "status",
            )
            .group_by(PACKAGE.c.kind)
        )
    }
    return [
        DayOfType(
            type=kind,
            refused=int(refused.get(kind, 0)),
            **{
                name: int(getattr(counts[kind], name)) if kind in counts else 0
                for name in ("arose", "delivered", "ended", "left", "backlog")
            },
        )
        for kind in sorted(counts.keys() | refused.keys())
    ]
