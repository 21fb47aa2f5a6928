"""The witness's own records: the last checkpoint of each log, and what contradicted it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from axis.ledger.checkpoint import parse_checkpoint
from axis.ledger.note import parse_note
from axis.store.engine import open_engine
from axis.store.tables.base import Instant

_METADATA: Final = sa.MetaData()

_LAST = sa.Table(
    "witness_last",
    _METADATA,
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

_SUSPECT = sa.Table(
    "witness_suspect",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("last", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)


def open_records(path: str) -> sa.Engine:
    """Open the witness's file, and make it if it is not there."""
    engine = open_engine(f"sqlite:///{path}")
    _METADATA.create_all(engine)
    return engine


def last_note(connection: sa.Connection, origin: str) -> str | None:
    """Return the last checkpoint that was cosigned for a log, as its signed note."""
    note: str | None = connection.scalar(sa.select(_LAST.c.note).where(_LAST.c.origin == origin))
    return note


def keep_last(connection: sa.Connection, origin: str, note: str, at: datetime) -> None:
    """Keep a checkpoint as the last one of its log."""
    connection.execute(sa.delete(_LAST).where(_LAST.c.origin == origin))
    connection.execute(sa.insert(_LAST).values(origin=origin, note=note, at=at))


def keep_suspect(
    connection: sa.Connection, origin: str, last: str, note: str, code: str, at: datetime
) -> None:
    """Keep a checkpoint that the log signed although it contradicts the last one."""
    connection.execute(
        sa.insert(_SUSPECT).values(origin=origin, last=last, note=note, code=code, at=at)
    )


def suspects(connection: sa.Connection) -> list[tuple[str, str, str]]:
    """Return (code, last, note) of every contradiction that was seen."""
    rows = connection.execute(
        sa.select(_SUSPECT.c.code, _SUSPECT.c.last, _SUSPECT.c.note).order_by(_SUSPECT.c.id)
    )
    return [(row.code, row.last, row.note) for row in rows]


def followed(connection: sa.Connection) -> list[tuple[str, int, datetime]]:
    """Return origin, size and time of the last checkpoint of every log."""
    rows = connection.execute(sa.select(_LAST).order_by(_LAST.c.origin))
    return [(row.origin, parse_checkpoint(parse_note(row.note).text).size, row.at) for row in rows]
