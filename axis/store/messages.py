"""Messages of types beside edXML's own, their revisions, and the stories of all packages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from axis.store.bulk import insert_rows
from axis.store.tables.types import MESSAGE, STORY

#: Of what a message is a revision: type, office that sends, key.
Series = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """What is kept of a message beyond its package."""

    package_id: UUID
    type: str
    version: str
    sender_office: str
    content: bytes  #: SHA-256 of the canonical payload
    step: str | None = None
    order_key: str | None = None
    revision: int | None = None
    due_at: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision that was accepted."""

    number: int
    package_id: UUID
    content: bytes


def add_messages(connection: sa.Connection, messages: Sequence[MessageRecord]) -> None:
    """Record messages.

    Raises:
        sqlalchemy.exc.IntegrityError: one of their revisions was accepted meanwhile; give up.
    """
    if messages:
        insert_rows(connection, MESSAGE, [asdict(one) for one in messages])


def add_stories(
    connection: sa.Connection, stories: Mapping[UUID, Collection[tuple[str, str]]]
) -> None:
    """Record what packages belong to."""
    rows = [
        {"package_id": package_id, "type": name, "key": key}
        for package_id, named in stories.items()
        for name, key in sorted(named)
    ]
    if rows:
        insert_rows(connection, STORY, rows)


def revisions_of(
    connection: sa.Connection, series: Iterable[Series]
) -> dict[Series, list[Revision]]:
    """Return the accepted revisions of each, in their order."""
    wanted = set(series)
    c = MESSAGE.c
    query = (
        sa.select(c.type, c.sender_office, c.order_key, c.revision, c.package_id, c.content)
        .where(
            c.order_key.in_({key for _, _, key in wanted}),
            c.type.in_({name for name, _, _ in wanted}),
            c.sender_office.in_({office for _, office, _ in wanted}),
        )
        .order_by(c.revision)
    )
    found: dict[Series, list[Revision]] = {}
    for row in connection.execute(query):
        key = (row.type, row.sender_office, row.order_key)
        if key in wanted:
            found.setdefault(key, []).append(Revision(row.revision, row.package_id, row.content))
    return found


def messages_by_id(
    connection: sa.Connection, package_ids: Collection[UUID]
) -> dict[UUID, MessageRecord]:
    """Return those of the packages that are messages."""
    names = MessageRecord.__slots__
    query = sa.select(*(MESSAGE.c[name] for name in names)).where(
        MESSAGE.c.package_id.in_(package_ids)
    )
    return {
        row.package_id: MessageRecord(**{**row._asdict(), "facts": row.facts or {}})
        for row in connection.execute(query)
    }


def stories_of(
    connection: sa.Connection, package_ids: Collection[UUID]
) -> dict[UUID, list[tuple[str, str]]]:
    """Return what packages belong to."""
    found: dict[UUID, list[tuple[str, str]]] = {}
    query = sa.select(STORY).where(STORY.c.package_id.in_(package_ids))
    for row in connection.execute(query.order_by(STORY.c.type, STORY.c.key)):
        found.setdefault(row.package_id, []).append((row.type, row.key))
    return found


def packages_in(
    connection: sa.Connection, stories: Collection[tuple[str, str]], *, limit: int
) -> list[UUID]:
    """Return the packages that belong to any of the stories."""
    if not stories:
        return []
    either = sa.or_(
        *(sa.and_(STORY.c.key == key, STORY.c.type == name) for name, key in sorted(stories))
    )
    query = sa.select(STORY.c.package_id).where(either).distinct().limit(limit)
    return [row.package_id for row in connection.execute(query)]


def stories_named(connection: sa.Connection, key: str) -> list[tuple[str, str]]:
    """Return the stories that go by a key, such as a task's code."""
    query = sa.select(STORY.c.type, STORY.c.key).where(STORY.c.key == key).distinct()
    return [(row.type, row.key) for row in connection.execute(query.order_by(STORY.c.type))]
