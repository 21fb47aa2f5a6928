"""Looks for records that contradict each other; each query returns what is wrong, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from axis.store.tables.delivery import PACKAGE

#: What is wrong → a query that returns the ids of what is so.
CONTRADICTIONS: Final[Mapping[str, str]] = {
    # I1 what was accepted goes somewhere
    "accepted-without-delivery": """
        select p.id from package p where p.accepted
        and not exists (select 1 from delivery d where d.package_id = p.id)""",
    "delivery-without-evidence": """
        select d.id from delivery d where
        not exists (select 1 from ledger_entry e where e.entry_id = d.last_entry)
        and not exists (select 1 from ledger_inbox i where i.entry_id = d.last_entry)""",
    # I2 nothing has its effect twice
    "delivered-twice": """
        select min(cast(d.id as varchar(36))) from delivery d join package p on p.id = d.package_id
        where d.state = 'confirmed' and d.redirect_of is null
        group by p.system_id, p.digest, d.address having count(*) > 1""",
    "entry-twice": """
        select entry_id from ledger_entry group by entry_id having count(*) > 1""",
    # I3 nothing comes from nothing
    "delivery-of-a-refused-package": """
        select d.id from delivery d join package p on p.id = d.package_id where not p.accepted""",
    "entry-without-package": """
        select e.entry_id from ledger_entry e where e.delivery_id is not null
        and not exists (select 1 from delivery d where d.id = e.delivery_id)""",
    "request-without-package": """
        select r.delivery_id from change_request r join package p on p.id = r.package_id
        where not p.accepted""",
    # I6 what happened, happened in its order
    "state-without-its-instant": """
        select d.id from delivery d where
        (d.state = 'confirmed' and (d.confirmed_at is null or d.fetched_at is null))
        or (d.state = 'fetched' and d.fetched_at is null)
        or (d.state in ('refused', 'expired', 'recalled', 'undeliverable', 'redirected')
            and d.ended_at is null)
        or (d.state in ('held', 'parked') and d.held_reason is null)
        or (d.state in ('routed', 'fetched') and d.system_id is null)""",
    "confirmed-before-fetched": """
        select d.id from delivery d where d.confirmed_at < d.fetched_at""",
    "recalled-and-given-out": """
        select d.id from delivery d where d.state = 'recalled' and d.confirmed_at is not null""",
    "redirected-without-another": """
        select d.id from delivery d where d.state = 'redirected'
        and not exists (select 1 from delivery o where o.redirect_of = d.id)""",
    # I7 nobody is refused in silence
    "refused-without-reason": """
        select p.id from package p where not p.accepted and p.refusal is null""",
    "accepted-with-reason": """
        select p.id from package p where p.accepted and p.refusal is not null""",
}


def contradictions(connection: sa.Connection, name: str, *, limit: int = 1000) -> list[UUID]:
    """Return the ids of what contradicts itself in the way that ``name`` says."""
    query = sa.text(f"{CONTRADICTIONS[name]} limit {limit:d}")
    return [_uuid(value) for value in connection.scalars(query)]


def missing_entries(connection: sa.Connection, entry_ids: Mapping[UUID, UUID]) -> list[UUID]:
    """Return the keys of ``entry_ids`` whose entry is not in the ledger, nor waits for a place."""
    known: set[UUID] = set()
    for table in ("ledger_inbox", "ledger_entry"):  # in this order: entries move from one to other
        column = sa.column("entry_id", sa.Uuid)
        query = (
            sa.select(column)
            .select_from(sa.table(table))
            .where(column.in_(list(entry_ids.values())))
        )
        known |= set(connection.scalars(query))
    return [key for key, entry_id in entry_ids.items() if entry_id not in known]


def packages_after(
    connection: sa.Connection, last: UUID | None, *, limit: int
) -> list[sa.Row[Any]]:
    """Return ids, digests, sizes and verdicts of packages in the order of their ids."""
    query = sa.select(
        PACKAGE.c.id,
        PACKAGE.c.digest,
        PACKAGE.c.size_bytes,
        PACKAGE.c.accepted,
        sa.exists(sa.text("1 from body_purge b where b.package_id = package.id")).label("purged"),
    )
    if last is not None:
        query = query.where(PACKAGE.c.id > last)
    return list(connection.execute(query.order_by(PACKAGE.c.id).limit(limit)))


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
