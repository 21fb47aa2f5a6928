"""What the checks found last, whom alarms were told to, silences, and messages on their way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from axis.errors import Fact
from axis.store.tables.operations import ALARM_CARE, ALERT_MESSAGE, ALERT_SILENCE, CHECK_RESULT


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a check found when the clock ran it last."""

    name: str
    at: datetime
    verdict: str
    facts: Mapping[str, Fact]
    troubles: Sequence[Sequence[str]]  #: code and subject of each alarm that it raised


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """Whom an alarm was told to, and who saw to it."""

    code: str
    subject: str
    first_at: datetime  #: of the occurrence that this is about
    told_at: datetime | None = None
    told: int = 0
    escalated_at: datetime | None = None
    acked_at: datetime | None = None
    acked_by: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """An order to keep quiet."""

    id: UUID
    code: str
    subject: str
    until: datetime
    made_at: datetime
    made_by: str
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to one receiver."""

    id: UUID
    channel: str
    target: str
    kind: str
    alarms: Sequence[Mapping[str, Any]]
    made_at: datetime
    due_at: datetime | None
    tries: int = 0
    sent_at: datetime | None = None
    answer: str | None = None


def save_check_results(connection: sa.Connection, results: Iterable[CheckResult]) -> None:
    """Record what checks found, in the place of what they found before."""
    rows = [_values(one) for one in results]
    if rows:
        names = [row["name"] for row in rows]
        connection.execute(sa.delete(CHECK_RESULT).where(CHECK_RESULT.c.name.in_(names)))
        connection.execute(sa.insert(CHECK_RESULT), rows)


def check_results(connection: sa.Connection) -> list[CheckResult]:
    """Return what the checks found last, by name."""
    query = sa.select(CHECK_RESULT).order_by(CHECK_RESULT.c.name)
    return [CheckResult(**row._asdict()) for row in connection.execute(query)]


def cares(connection: sa.Connection) -> Mapping[tuple[str, str], Care]:
    """Return what is known about alarms, by code and subject."""
    return {
        (row.code, row.subject): Care(**row._asdict())
        for row in connection.execute(sa.select(ALARM_CARE))
    }


def save_care(connection: sa.Connection, care: Care) -> None:
    """Record whom an alarm was told to, and who saw to it."""
    connection.execute(
        sa.delete(ALARM_CARE).where(
            ALARM_CARE.c.code == care.code, ALARM_CARE.c.subject == care.subject
        )
    )
    connection.execute(sa.insert(ALARM_CARE).values(**_values(care)))


def forget_cares(connection: sa.Connection, keys: Collection[tuple[str, str]]) -> None:
    """Forget what was about alarms that are over, once that was told."""
    for code, subject in keys:
        connection.execute(
            sa.delete(ALARM_CARE).where(ALARM_CARE.c.code == code, ALARM_CARE.c.subject == subject)
        )


def add_silence(connection: sa.Connection, silence: Silence) -> None:
    """Record an order to keep quiet."""
    connection.execute(sa.insert(ALERT_SILENCE).values(**_values(silence)))


def silences(connection: sa.Connection, *, at: datetime) -> list[Silence]:
    """Return the orders that hold at an instant, the first to end first."""
    query = (
        sa.select(ALERT_SILENCE)
        .where(ALERT_SILENCE.c.until > at)
        .order_by(ALERT_SILENCE.c.until, ALERT_SILENCE.c.id)
    )
    return [Silence(**row._asdict()) for row in connection.execute(query)]


def end_silence(connection: sa.Connection, silence_id: UUID, *, at: datetime) -> bool:
    """End an order that holds; return whether there was one."""
    done = connection.execute(
        sa.update(ALERT_SILENCE)
        .where(ALERT_SILENCE.c.id == silence_id, ALERT_SILENCE.c.until > at)
        .values(until=at)
    )
    return done.rowcount == 1


def add_messages(connection: sa.Connection, messages: Iterable[Message]) -> None:
    """Write messages down; one that is there already is not made twice."""
    rows = [_values(one) for one in messages]
    if not rows:
        return
    sqlite_here = connection.dialect.name == "sqlite"
    insert = sqlite.insert(ALERT_MESSAGE) if sqlite_here else postgresql.insert(ALERT_MESSAGE)
    connection.execute(insert.on_conflict_do_nothing(index_elements=["id"]), rows)


def claim_messages(
    connection: sa.Connection, *, now: datetime, until: datetime, limit: int
) -> list[Message]:
    """Take messages that are due; nobody else takes them before ``until``."""
    query = (
        sa.select(ALERT_MESSAGE)
        .where(ALERT_MESSAGE.c.due_at <= now)
        .order_by(ALERT_MESSAGE.c.due_at, ALERT_MESSAGE.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = [Message(**row._asdict()) for row in connection.execute(query)]
    if found:
        connection.execute(
            sa.update(ALERT_MESSAGE)
            .where(ALERT_MESSAGE.c.id.in_([one.id for one in found]))
            .values(due_at=until, tries=ALERT_MESSAGE.c.tries + 1)
        )
    return found


def mark_sent(connection: sa.Connection, message_id: UUID, *, at: datetime, answer: str) -> None:
    """Record that a message was taken."""
    connection.execute(
        sa.update(ALERT_MESSAGE)
        .where(ALERT_MESSAGE.c.id == message_id)
        .values(due_at=None, sent_at=at, answer=answer)
    )


def mark_unsent(connection: sa.Connection, message_id: UUID, *, due: datetime, answer: str) -> None:
    """Record that a message was not taken, and when it is tried again."""
    connection.execute(
        sa.update(ALERT_MESSAGE)
        .where(ALERT_MESSAGE.c.id == message_id, ALERT_MESSAGE.c.sent_at.is_(None))
        .values(due_at=due, answer=answer)
    )


def messages(connection: sa.Connection, *, limit: int = 100) -> list[Message]:
    """Return messages, the newest first."""
    query = sa.select(ALERT_MESSAGE).order_by(ALERT_MESSAGE.c.made_at.desc(), ALERT_MESSAGE.c.id)
    return [Message(**row._asdict()) for row in connection.execute(query.limit(limit))]


def waiting_messages(connection: sa.Connection) -> int:
    """Return how many messages were not sent yet."""
    query = sa.select(sa.func.count()).where(ALERT_MESSAGE.c.due_at.is_not(None))
    return int(connection.scalar(query) or 0)


def _values(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}
