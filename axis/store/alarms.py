"""Alarms: what is wrong with which subject, since when, how often, and whether it is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from axis.errors import Fact, Refusal
from axis.store.tables.alarms import ALARM


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRecord:
    """One alarm; its text is that of the refusal by its code."""

    code: str
    subject: str
    facts: Mapping[str, Fact]
    first_at: datetime
    last_at: datetime
    times: int
    ended_at: datetime | None


def raise_alarm(connection: sa.Connection, refusal: Refusal, subject: str, *, at: datetime) -> None:
    """Record that something is wrong with a subject; what is known already is counted."""
    sqlite_here = connection.dialect.name == "sqlite"
    insert = sqlite.insert(ALARM) if sqlite_here else postgresql.insert(ALARM)
    new = insert.values(
        code=refusal.code,
        subject=subject[:512],
        facts=dict(refusal.facts),
        first_at=at,
        last_at=at,
        times=1,
        ended_at=None,
    )
    over = ALARM.c.ended_at.is_not(None)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["code", "subject"],
            set_={
                "facts": new.excluded.facts,
                "first_at": sa.case((over, new.excluded.first_at), else_=ALARM.c.first_at),
                "last_at": new.excluded.last_at,
                "times": sa.case((over, 1), else_=ALARM.c.times + 1),
                "ended_at": None,
            },
        )
    )


def end_alarms(
    connection: sa.Connection, code: str, subjects: Collection[str], *, at: datetime
) -> None:
    """Record that what was wrong with subjects is over."""
    if subjects:
        connection.execute(
            sa.update(ALARM)
            .where(ALARM.c.code == code, ALARM.c.subject.in_([one[:512] for one in subjects]))
            .where(ALARM.c.ended_at.is_(None))
            .values(ended_at=at)
        )


def alarms(connection: sa.Connection, *, over: bool = False) -> list[AlarmRecord]:
    """Return the alarms that go on, the newest first; with ``over`` those that ended too."""
    query = sa.select(ALARM).order_by(ALARM.c.last_at.desc(), ALARM.c.code, ALARM.c.subject)
    if not over:
        query = query.where(ALARM.c.ended_at.is_(None))
    return [_record(row) for row in connection.execute(query)]


def _record(row: sa.Row[Any]) -> AlarmRecord:
    return AlarmRecord(**row._asdict())
