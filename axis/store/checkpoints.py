"""The checkpoints that were signed, as the records hold them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from axis.store.tables.ledger import LEDGER_CHECKPOINT


class SignedCheckpoint(NamedTuple):
    """A checkpoint with its signed note."""

    log: int
    size: int
    root: bytes
    note: str
    signed_at: datetime


def add_checkpoint(connection: sa.Connection, checkpoint: SignedCheckpoint) -> None:
    """Record a checkpoint; the caller holds the notary's row (``ledger.demand_epoch``)."""
    connection.execute(sa.insert(LEDGER_CHECKPOINT).values(**checkpoint._asdict()))


def last_checkpoint(
    connection: sa.Connection, log: int, *, below: int | None = None
) -> SignedCheckpoint | None:
    """Return the largest checkpoint of a log, or the largest of at most ``below`` entries."""
    query = sa.select(LEDGER_CHECKPOINT).where(LEDGER_CHECKPOINT.c.log == log)
    if below is not None:
        query = query.where(LEDGER_CHECKPOINT.c.size <= below)
    row = connection.execute(query.order_by(LEDGER_CHECKPOINT.c.size.desc()).limit(1)).first()
    return _checkpoint(row) if row else None


def checkpoint_covering(
    connection: sa.Connection, log: int, leaf_index: int
) -> SignedCheckpoint | None:
    """Return the smallest checkpoint that an entry is under; None where none is yet."""
    row = connection.execute(
        sa.select(LEDGER_CHECKPOINT)
        .where(LEDGER_CHECKPOINT.c.log == log, LEDGER_CHECKPOINT.c.size > leaf_index)
        .order_by(LEDGER_CHECKPOINT.c.size)
        .limit(1)
    ).first()
    return _checkpoint(row) if row else None


def checkpoints_of(connection: sa.Connection, log: int) -> list[SignedCheckpoint]:
    """Return all checkpoints of a log, by size."""
    rows = connection.execute(
        sa.select(LEDGER_CHECKPOINT)
        .where(LEDGER_CHECKPOINT.c.log == log)
        .order_by(LEDGER_CHECKPOINT.c.size)
    )
    return [_checkpoint(row) for row in rows]


def _checkpoint(row: sa.Row[Any]) -> SignedCheckpoint:
    return SignedCheckpoint(row.log, row.size, bytes(row.root), row.note, row.signed_at)
