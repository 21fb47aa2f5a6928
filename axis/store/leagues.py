"""Who was asked for something by messages of a type, by when, and what came of it.

By when is what the message that asks says, or the last message of the step that gives more time;
whoever asked is who may give it. What counts as done is what the rules of the type say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from axis.delivery.states import State
from axis.store.tables.delivery import DELIVERY, PACKAGE
from axis.store.tables.types import MESSAGE, STORY
from axis.store.types import roles
from axis.types.rules import League, Rules

COMPLETED: Final = "06"
#: How many stories one statement names.
_CHUNK: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One office that was asked for something, and what came of it."""

    story: str
    office_id: str
    address: str
    delivery_id: UUID
    package_id: UUID
    sender_office: str  #: who asks
    state: State
    asked_at: datetime
    due_at: datetime | None  #: as it is after extensions
    asked_due_at: datetime | None = None  #: as it was asked for
    answered_at: datetime | None = None  #: when it was done in the way that the rules mean
    revision: int | None = None  #: of the last answer
    documents: int = 0  #: letters that belong to the same story and come from this office


def asked(
    connection: sa.Connection, rules: Rules, keys: Collection[str], *, as_of: datetime | None = None
) -> list[Asked]:
    """Return everyone who was asked in some stories, by story and code, with what came back.

    Args:
        connection: to the records.
        rules: of the type; it has a league.
        keys: of the stories.
        as_of: nothing after this counts; None: all that there is.
    """
    assert rules.league is not None  # noqa: S101  callers look for one
    wanted, found = sorted(set(keys)), list[Asked]()
    for start in range(0, len(wanted), _CHUNK):
        chunk = _Chunk(connection, rules, rules.league, wanted[start : start + _CHUNK], as_of)
        found += chunk.asked()
    return sorted(found, key=lambda one: (one.story, one.address))


def stories_due(
    connection: sa.Connection, rules: Rules, *, since: datetime, until: datetime
) -> list[str]:
    """Return the keys of stories in which a message names a due instant after one, until another.

    What is due in them may have been put off: :func:`asked` tells.
    """
    assert rules.league is not None  # noqa: S101  callers look for one
    at = MESSAGE.c.due_at
    steps = [step for step in (rules.league.ask, rules.league.extend) if step]
    query = (
        sa.select(STORY.c.key)
        .join(MESSAGE, MESSAGE.c.package_id == STORY.c.package_id)
        .where(
            MESSAGE.c.type == rules.type,
            MESSAGE.c.step.in_(steps),
            STORY.c.type == rules.type,
            at > sa.literal(since, at.type),
            at <= sa.literal(until, at.type),
        )
        .distinct()
    )
    return [row.key for row in connection.execute(query)]


def stories_open(connection: sa.Connection, rules: Rules, *, most: int) -> list[str]:
    """Return the keys of the newest stories of a type in which somebody was asked."""
    assert rules.league is not None  # noqa: S101  callers look for one
    query = (
        sa.select(STORY.c.key, sa.func.max(PACKAGE.c.decided_at).label("last"))
        .join(MESSAGE, MESSAGE.c.package_id == STORY.c.package_id)
        .join(PACKAGE, PACKAGE.c.id == STORY.c.package_id)
        .where(
            MESSAGE.c.type == rules.type,
            MESSAGE.c.step == rules.league.ask,
            STORY.c.type == rules.type,
        )
        .group_by(STORY.c.key)
        .order_by(sa.desc("last"))
        .limit(most)
    )
    return [row.key for row in connection.execute(query)]


def due_between(
    connection: sa.Connection, rules: Rules, *, since: datetime, until: datetime, as_of: datetime
) -> list[Asked]:
    """Return what is due after one instant, until another: of those asked, or of all receivers."""
    if rules.league is not None:
        keys = stories_due(connection, rules, since=since, until=until)
        found = asked(connection, rules, keys, as_of=as_of)
    else:
        found = list(_received(connection, rules, since, until, as_of))
    return [one for one in found if one.due_at is not None and since < one.due_at <= until]


class _Chunk:
    """Some stories of a type."""

    def __init__(
        self,
        connection: sa.Connection,
        rules: Rules,
        league: League,
        keys: Sequence[str],
        as_of: datetime | None,
    ) -> None:
        self._connection = connection
        self._rules = rules
        self._league = league
        self._here = sa.and_(STORY.c.type == rules.type, STORY.c.key.in_(keys))
        self._as_of = as_of

    def asked(self) -> list[Asked]:
        given = self._given()
        answers, documents = self._answers(), self._documents()
        rows = self._asks()
        completed = _completed(self._connection, rows, self._as_of)
        found: dict[tuple[str, str], Asked] = {}
        for row in rows:  # who was asked again is asked by the last
            key = (row.key, row.office_id)
            answer = answers.get(key)
            moved = [
                due
                for at, by, due in given.get(key, ())
                if by == row.sender_office and at >= row.routed_at and due
            ]
            found[key] = Asked(
                story=row.key,
                office_id=row.office_id,
                address=row.address,
                delivery_id=row.id,
                package_id=row.package_id,
                sender_office=row.sender_office,
                state=State(row.state),
                asked_at=row.routed_at,
                due_at=moved[-1] if moved else row.due_at,
                asked_due_at=row.due_at,
                answered_at=_done(self._rules, row, answer, completed.get(row.id), self._as_of),
                revision=answer[1] if answer else None,
                documents=documents.get(key, 0),
            )
        return list(found.values())

    def _asks(self) -> Sequence[Any]:
        query = (
            sa.select(
                STORY.c.key,
                DELIVERY.c.id,
                DELIVERY.c.package_id,
                DELIVERY.c.office_id,
                DELIVERY.c.address,
                DELIVERY.c.state,
                DELIVERY.c.routed_at,
                DELIVERY.c.confirmed_at,
                MESSAGE.c.due_at,
                MESSAGE.c.sender_office,
            )
            .join(MESSAGE, MESSAGE.c.package_id == DELIVERY.c.package_id)
            .join(STORY, STORY.c.package_id == DELIVERY.c.package_id)
            .where(self._here, MESSAGE.c.type == self._rules.type)
            .where(MESSAGE.c.step == self._league.ask, self._until(DELIVERY.c.routed_at))
            .order_by(DELIVERY.c.routed_at)
        )
        return self._connection.execute(query).all()

    def _given(self) -> dict[tuple[str, str], list[tuple[datetime, str, datetime | None]]]:
        """Return by story and office: when more time was given, by whom, and until when."""
        found: dict[tuple[str, str], list[tuple[datetime, str, datetime | None]]]
        found = defaultdict(list)
        if self._league.extend is None:
            return found
        query = (
            sa.select(
                STORY.c.key,
                DELIVERY.c.office_id,
                DELIVERY.c.routed_at,
                MESSAGE.c.sender_office,
                MESSAGE.c.due_at,
            )
            .join(MESSAGE, MESSAGE.c.package_id == DELIVERY.c.package_id)
            .join(STORY, STORY.c.package_id == DELIVERY.c.package_id)
            .where(self._here, MESSAGE.c.type == self._rules.type)
            .where(MESSAGE.c.step == self._league.extend, self._until(DELIVERY.c.routed_at))
            .order_by(DELIVERY.c.routed_at)
        )
        for row in self._connection.execute(query):
            said = (row.routed_at, row.sender_office, row.due_at)
            found[row.key, row.office_id].append(said)
        return found

    def _answers(self) -> dict[tuple[str, str], tuple[datetime, int | None]]:
        """Return by story and office: when it first answered, and its last revision."""
        query = (
            sa.select(
                STORY.c.key, PACKAGE.c.sender_office, PACKAGE.c.decided_at, MESSAGE.c.revision
            )
            .join(MESSAGE, MESSAGE.c.package_id == PACKAGE.c.id)
            .join(STORY, STORY.c.package_id == PACKAGE.c.id)
            .where(self._here, MESSAGE.c.type == self._rules.type)
            .where(MESSAGE.c.step == self._league.answer, self._until(PACKAGE.c.decided_at))
            .order_by(PACKAGE.c.decided_at)
        )
        found: dict[tuple[str, str], tuple[datetime, int | None]] = {}
        for row in self._connection.execute(query):
            key = (row.key, row.sender_office)
            found[key] = (found.get(key, (row.decided_at,))[0], row.revision)
        return found

    def _documents(self) -> dict[tuple[str, str], int]:
        query = (
            sa.select(STORY.c.key, PACKAGE.c.sender_office, sa.func.count().label("number"))
            .join(STORY, STORY.c.package_id == PACKAGE.c.id)
            .where(self._here, PACKAGE.c.kind.in_(roles(self._connection).letters))
            .where(self._until(PACKAGE.c.decided_at))
            .group_by(STORY.c.key, PACKAGE.c.sender_office)
        )
        rows = self._connection.execute(query)
        return {(row.key, row.sender_office): row.number for row in rows}

    def _until(self, at: sa.Column[datetime]) -> sa.ColumnElement[bool]:
        return sa.true() if self._as_of is None else at <= sa.literal(self._as_of, at.type)


def _received(
    connection: sa.Connection, rules: Rules, since: datetime, until: datetime, as_of: datetime
) -> Iterator[Asked]:
    """Yield the deliveries of messages that name a due instant, where nobody answers them."""
    at = MESSAGE.c.due_at
    query = (
        sa.select(
            DELIVERY.c.id,
            DELIVERY.c.package_id,
            DELIVERY.c.office_id,
            DELIVERY.c.address,
            DELIVERY.c.state,
            DELIVERY.c.routed_at,
            DELIVERY.c.confirmed_at,
            MESSAGE.c.due_at,
            MESSAGE.c.sender_office,
        )
        .join(MESSAGE, MESSAGE.c.package_id == DELIVERY.c.package_id)
        .where(MESSAGE.c.type == rules.type, at > sa.literal(since, at.type))
        .where(at <= sa.literal(until, at.type), DELIVERY.c.state != State.REDIRECTED.value)
        .where(DELIVERY.c.routed_at <= sa.literal(as_of, DELIVERY.c.routed_at.type))
    )
    rows = list(connection.execute(query))
    completed = _completed(connection, rows, as_of)
    for row in rows:
        yield Asked(
            story="",
            office_id=row.office_id,
            address=row.address,
            delivery_id=row.id,
            package_id=row.package_id,
            sender_office=row.sender_office,
            state=State(row.state),
            asked_at=row.routed_at,
            due_at=row.due_at,
            asked_due_at=row.due_at,
            answered_at=_done(rules, row, None, completed.get(row.id), as_of),
        )


def _completed(
    connection: sa.Connection, rows: Sequence[Any], as_of: datetime | None
) -> dict[UUID, datetime]:
    """Return when the receivers reported that they completed what they were asked for."""
    found: dict[UUID, datetime] = {}
    packages = sorted({row.package_id for row in rows})
    at = PACKAGE.c.decided_at
    for start in range(0, len(packages), _CHUNK):
        query = sa.select(PACKAGE.c.about_delivery_id, sa.func.min(at).label("at")).where(
            PACKAGE.c.about_package_id.in_(packages[start : start + _CHUNK]),
            PACKAGE.c.status_code == COMPLETED,
            PACKAGE.c.accepted,
        )
        if as_of is not None:
            query = query.where(at <= sa.literal(as_of, at.type))
        for row in connection.execute(query.group_by(PACKAGE.c.about_delivery_id)):
            found[row.about_delivery_id] = row.at
    return found


def _done(
    rules: Rules,
    row: Any,
    answer: tuple[datetime, int | None] | None,
    completed_at: datetime | None,
    as_of: datetime | None,
) -> datetime | None:
    """Return when something was done in the way that the rules mean, or None: not yet."""
    answered_at = answer[0] if answer else None
    match rules.deadline.done if rules.deadline else "answered":
        case "confirmed":
            at: datetime | None = row.confirmed_at
            return None if at is None or (as_of is not None and at > as_of) else at
        case "completed":
            known = [one for one in (answered_at, completed_at) if one is not None]
            return min(known, default=None)
        case _:
            return answered_at
