"""Counts for the auditor's report, taken by the database in one pass each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

import sqlalchemy as sa

from axis.store.tables.delivery import DELIVERY, PACKAGE

#: A working day ends by the clock of Vietnam, which has one offset all year.
LOCAL = timezone(timedelta(hours=7))
FINISHED = "06"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What happened in a period."""

    days: Mapping[date, tuple[int, int]]  #: accepted and refused packages by local day
    refusals: Mapping[str, int]  #: by code
    weak: Mapping[str, int]  #: accepted with a weak signature, by why
    deliveries: Mapping[str, int]  #: by state
    held: Mapping[str, int]  #: held deliveries, by why
    due_kept: int  #: documents with a deadline that were finished in time
    due_missed: int  #: finished late, or not finished and past it


def figures(connection: sa.Connection, begin: datetime, end: datetime, now: datetime) -> Figures:
    """Return the figures of packages decided from ``begin`` to before ``end``."""
    period = sa.and_(PACKAGE.c.decided_at >= begin, PACKAGE.c.decided_at < end)
    days: dict[date, tuple[int, int]] = {}
    refusals: Counter[str] = Counter()
    weak: Counter[str] = Counter()
    due: dict[str, date] = {}
    finished: dict[str, date] = {}
    columns = (
        PACKAGE.c.decided_at,
        PACKAGE.c.accepted,
        PACKAGE.c.refusal,
        PACKAGE.c.weak,
        PACKAGE.c.document_id,
        PACKAGE.c.due_on,
        PACKAGE.c.status_code,
    )
    rows = connection.execution_options(yield_per=2_000).execute(sa.select(*columns).where(period))
    for row in rows:
        day = row.decided_at.astimezone(LOCAL).date()
        accepted, refused = days.get(day, (0, 0))
        days[day] = (accepted + row.accepted, refused + (not row.accepted))
        if not row.accepted:
            refusals[(row.refusal or {}).get("code", "?")] += 1
        elif row.weak:
            weak[row.weak] += 1
        if row.accepted and row.document_id:
            if row.due_on is not None:
                due[row.document_id] = row.due_on
            if row.status_code == FINISHED:
                finished[row.document_id] = max(day, finished.get(row.document_id, day))
    today = now.astimezone(LOCAL).date()
    missed = sum(finished.get(document, today) > limit for document, limit in due.items())
    kept = sum(document in finished and finished[document] <= due[document] for document in due)
    states = connection.execute(
        sa.select(DELIVERY.c.state, DELIVERY.c.held_reason, sa.func.count())
        .join(PACKAGE, PACKAGE.c.id == DELIVERY.c.package_id)
        .where(period)
        .group_by(DELIVERY.c.state, DELIVERY.c.held_reason)
    ).all()
    deliveries: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for state, reason, count in states:
        deliveries[str(state)] += count
        if reason is not None:
            held[reason] += count
    return Figures(
        days=dict(sorted(days.items())),
        refusals=dict(refusals.most_common()),
        weak=dict(weak.most_common()),
        deliveries=dict(deliveries.most_common()),
        held=dict(held.most_common()),
        due_kept=kept,
        due_missed=missed,
    )


def midnight(day: date) -> datetime:
    """Return the instant at which a local day begins."""
    return datetime.combine(day, time(), LOCAL)
