"""What an operator sees first: what needs a person, what was carried today, what is left."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters.console.answer import Answer, redirect
from adapters.console.naming import by_id, directory_of
from adapters.console.render import page
from adapters.console.visit import Visit
from axis.delivery.lanes import Lane
from axis.delivery.workdays import VIETNAM
from axis.directory.values import Level
from axis.errors import Fault, Refusal
from axis.figures.buckets import DOCUMENTS, UNFINISHED, percentile
from axis.people.acts import REQUEST_LIVES
from axis.reports.daily import CLOSE
from axis.signin.accounts import Kind
from axis.store.alarms import alarms
from axis.store.engine import transaction
from axis.store.figures import Traffic, backlog, backlog_of_now, last_counted, traffic
from axis.store.people import requests_waiting

_MOST_ALARMS = 30


@dataclass(slots=True)
class Flow:
    """What went one way in a time."""

    documents: int = 0
    deliveries: int = 0
    confirmed: int = 0
    unfinished: int = 0
    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, one: Traffic) -> None:
        """Count an hour's row."""
        if one.bucket == DOCUMENTS:
            self.documents += one.deliveries
            return
        self.deliveries += one.deliveries
        self.buckets[one.bucket] += one.deliveries
        self.confirmed += one.deliveries if one.bucket >= 0 else 0
        self.unfinished += one.deliveries if one.bucket == UNFINISHED else 0

    @property
    def percentiles(self) -> tuple[float | None, float | None, float | None]:
        """Within how many seconds half, nine of ten, and 99 of 100 were confirmed."""
        return (
            percentile(self.buckets, 0.5),
            percentile(self.buckets, 0.9),
            percentile(self.buckets, 0.99),
        )


def overview(visit: Visit) -> Answer:
    """Show the state of the axis; a viewer's first page is the search."""
    if visit.person.kind is Kind.VIEWER:
        return redirect(visit.link("/search"))
    local = visit.now.astimezone(VIETNAM)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    closing = local.replace(hour=CLOSE.hour, minute=0, second=0, microsecond=0)
    if closing > local:
        closing -= timedelta(days=1)
    with transaction(visit.installation.engine) as connection:
        rows = traffic(connection, since=today, until=visit.now)
        counted = last_counted(connection)
        total, offices = backlog_of_now(connection, limit=8)
        closed = backlog(
            connection,
            since=closing.astimezone(UTC),
            until=closing.astimezone(UTC) + timedelta(hours=1),
            total=True,
        )
        wrong = alarms(connection)
        asked = requests_waiting(connection, since=visit.now - REQUEST_LIVES)
    name = by_id(directory_of(visit), visit.now)
    return page(
        visit,
        "overview.html",
        flows=flows_of(rows),
        lanes=list(Lane),
        counted=counted,
        total=total,
        waiting=[(name(one.office_id), one.waiting) for one in offices],
        closing=closing,
        left=closed[0].waiting if closed else None,
        alarms=[
            (one, Refusal(code=one.code, fault=Fault.OUTAGE, facts=one.facts))
            for one in wrong[:_MOST_ALARMS]
        ],
        more_alarms=max(0, len(wrong) - _MOST_ALARMS),
        requests=asked,
        today=today,
    )


def flows_of(rows: list[Traffic]) -> dict[str, dict[str, Flow]]:
    """Return what was carried, by the sender's level and the lane; ``*`` is all of it."""
    flows = {level: {lane: Flow() for lane in ("*", *Lane)} for level in ("*", *Level)}
    for row in rows:
        level = row.sender_level if row.sender_level in flows else "*"
        for one in {level, "*"}:
            for lane in (row.lane, "*"):
                flows[one][lane].add(row)
    return {level: lanes for level, lanes in flows.items() if level == "*" or lanes["*"].documents}


def midnight(visit: Visit, *, days_ago: int = 0) -> datetime:
    """Return when a day began in Vietnam."""
    local = visit.now.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0)
    return (local - timedelta(days=days_ago)).astimezone(UTC)
