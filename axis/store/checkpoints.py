"""The checkpoints that were signed, as the records hold them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from axis.store.tables.ledger import LEDGER_CHECKPOINT, LEDGER_COSIGNATURE, LEDGER_TIMESTAMP


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


def first_checkpoint_above(
    connection: sa.Connection, log: int, size: int
) -> SignedCheckpoint | None:
    """Return the smallest checkpoint with more than ``size`` entries; None where none is yet."""
    row = connection.execute(
        sa.select(LEDGER_CHECKPOINT)
        .where(LEDGER_CHECKPOINT.c.log == log, LEDGER_CHECKPOINT.c.size > size)
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


class Timestamp(NamedTuple):
    """An answer of a time stamping authority to a checkpoint, or that there was none."""

    log: int
    size: int
    asked_at: datetime
    token: bytes | None
    failure: str | None


def add_timestamp(connection: sa.Connection, timestamp: Timestamp) -> None:
    """Record an answer, or that there was none."""
    connection.execute(sa.insert(LEDGER_TIMESTAMP).values(**timestamp._asdict()))


def last_timestamp(
    connection: sa.Connection, log: int, *, only_tokens: bool = False
) -> Timestamp | None:
    """Return what was asked last, or the last token that was given."""
    query = sa.select(LEDGER_TIMESTAMP).where(LEDGER_TIMESTAMP.c.log == log)
    if only_tokens:
        query = query.where(LEDGER_TIMESTAMP.c.token.is_not(None))
    return _timestamp(
        connection.execute(query.order_by(LEDGER_TIMESTAMP.c.number.desc()).limit(1)).first()
    )


def timestamp_covering(connection: sa.Connection, log: int, leaf_index: int) -> Timestamp | None:
    """Return the earliest token over a checkpoint that an entry is under."""
    return _timestamp(
        connection.execute(
            sa.select(LEDGER_TIMESTAMP)
            .where(
                LEDGER_TIMESTAMP.c.log == log,
                LEDGER_TIMESTAMP.c.size > leaf_index,
                LEDGER_TIMESTAMP.c.token.is_not(None),
            )
            .order_by(LEDGER_TIMESTAMP.c.number)
            .limit(1)
        ).first()
    )


def _timestamp(row: sa.Row[Any] | None) -> Timestamp | None:
    if row is None:
        return None
    token = None if row.token is None else bytes(row.token)
    return Timestamp(row.log, row.size, row.asked_at, token, row.failure)


class Cosignature(NamedTuple):
    """What a witness said to a checkpoint."""

    log: int
    size: int
    witness: str
    line: str
    cosigned_at: datetime


def add_cosignature(connection: sa.Connection, cosignature: Cosignature) -> None:
    """Record a cosignature."""
    connection.execute(sa.insert(LEDGER_COSIGNATURE).values(**cosignature._asdict()))


def cosigned_size(connection: sa.Connection, log: int, witness: str) -> int | None:
    """Return the size of the last checkpoint that a witness cosigned."""
    size: int | None = connection.scalar(
        sa.select(sa.func.max(LEDGER_COSIGNATURE.c.size)).where(
            LEDGER_COSIGNATURE.c.log == log, LEDGER_COSIGNATURE.c.witness == witness
        )
    )
    return size


def cosignatures_of(connection: sa.Connection, log: int, size: int) -> list[Cosignature]:
    """Return what witnesses said to a checkpoint, by name."""
    rows = connection.execute(
        sa.select(LEDGER_COSIGNATURE)
        .where(LEDGER_COSIGNATURE.c.log == log, LEDGER_COSIGNATURE.c.size == size)
        .order_by(LEDGER_COSIGNATURE.c.witness)
    )
    return [Cosignature(*row) for row in rows]


def last_cosigned(connection: sa.Connection, log: int, *, at_least: int) -> SignedCheckpoint | None:
    """Return the largest checkpoint that at least so many witnesses cosigned."""
    size = connection.scalar(
        sa.select(LEDGER_COSIGNATURE.c.size)
        .where(LEDGER_COSIGNATURE.c.log == log)
        .group_by(LEDGER_COSIGNATURE.c.size)
        .having(sa.func.count() >= at_least)
        .order_by(LEDGER_COSIGNATURE.c.size.desc())
        .limit(1)
    )
    return None if size is None else last_checkpoint(connection, log, below=size)


def note_of(connection: sa.Connection, checkpoint: SignedCheckpoint) -> str:
    """Return a checkpoint's note with the lines of all witnesses that cosigned it."""
    lines = cosignatures_of(connection, checkpoint.log, checkpoint.size)
    return checkpoint.note + "".join(f"{cosignature.line}\n" for cosignature in lines)


def _checkpoint(row: sa.Row[Any]) -> SignedCheckpoint:
    return SignedCheckpoint(row.log, row.size, bytes(row.root), row.note, row.signed_at)
