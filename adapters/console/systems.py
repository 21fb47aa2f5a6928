"""The eOffice systems: whether each is well, what waits for it, how it proves itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from adapters.console.answer import Answer
from adapters.console.naming import directory_of
from adapters.console.render import page
from adapters.console.visit import Visit
from axis.delivery.backoff import Health
from axis.directory.values import System, micros
from axis.store.access import list_tokens
from axis.store.calls import LastCall, last_calls
from axis.store.engine import transaction
from axis.store.health import healths, waiting_counts
from axis.store.webhooks import Webhook, list_webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A system as it is shown."""

    system: System
    offices: int
    waiting: int
    oldest: datetime | None
    health: Health | None
    called: LastCall | None
    webhook: Webhook | None
    tokens: int
    expires_at: datetime | None  #: of the last of its tokens


def systems(visit: Visit) -> Answer:
    """List the systems, those that need somebody first."""
    directory = directory_of(visit)
    with transaction(visit.installation.engine) as connection:
        health, calls = healths(connection), last_calls(connection)
        waiting = waiting_counts(connection)
        webhooks = {one.system_id: one for one in list_webhooks(connection)}
        tokens = [
            one
            for one in list_tokens(connection)
            if one.term.revoked_at is None
            and (one.term.expires_at is None or one.term.expires_at > visit.now)
        ]
    t = micros(visit.now)
    offices = Counter(
        fact.system_id
        for record in directory.records()
        for fact in record.actings
        if fact.start <= t < fact.end
    )
    rows = []
    for system in directory.systems().values():
        own = [one for one in tokens if one.system_id == system.system_id]
        ends = [one.term.expires_at for one in own if one.term.expires_at is not None]
        count, oldest = waiting.get(system.system_id, (0, None))
        rows.append(
            Row(
                system=system,
                offices=offices[system.system_id],
                waiting=count,
                oldest=oldest,
                health=health.get(system.system_id),
                called=calls.get(system.system_id),
                webhook=webhooks.get(system.system_id),
                tokens=len(own),
                expires_at=max(ends, default=None),
            )
        )
    rows.sort(key=lambda row: (row.health is None, -row.waiting, row.system.system_id))
    return page(visit, "systems.html", rows=rows)
