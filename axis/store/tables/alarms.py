"""What an operator must know of, until it is over or somebody has seen to it."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Facts, Instant

#: One row for each thing that is wrong with one subject; what goes on is counted, not repeated.
ALARM = sa.Table(
    "alarm",
    METADATA,
    sa.Column("code", sa.String(64), primary_key=True),
    sa.Column("subject", sa.String(512), primary_key=True),  # a package, an address, a certificate
    sa.Column("facts", Facts, nullable=False),
    sa.Column("first_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("ended_at", Instant),  # null while it goes on
    sa.Index("ix_alarm_last_at", "last_at"),
)
