"""Records in the ledger that somebody was given an export, also for users who may only read."""

from __future__ import annotations

import sqlalchemy as sa

from axis.ledger.entry import SealedEntry
from axis.store.ledger import append


def record_export(connection: sa.Connection, entry: SealedEntry) -> None:
    """Put the record of an export into the inbox; one that waits or has its place changes nothing.

    On PostgreSQL a function does it that runs with its owner's rights and takes nothing but such
    records, so that an auditor needs no right to write.
    """
    if connection.dialect.name != "postgresql":
        append(connection, [entry])
        return
    connection.execute(
        sa.select(
            sa.func.ledger_record_export(
                entry.entry_id,
                entry.package_id,
                entry.leaf,
                entry.leaf_hash,
                entry.salt,
                entry.opening,
            )
        )
    )
