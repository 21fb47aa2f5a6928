"""Who may run the axis, what they asked for and what they did."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Digest, Facts, Instant

#: One row for each role that an account had; the row stays when the role is taken back.
ADMINISTRATOR = sa.Table(
    "administrator",
    METADATA,
    sa.Column("account", sa.String(255), primary_key=True),  # of the machine
    sa.Column("role", sa.String(16), primary_key=True),
    sa.Column("given_at", Instant, primary_key=True),
    sa.Column("given_by", sa.String(255), nullable=False),
    sa.Column("taken_at", Instant),
    sa.Column("taken_by", sa.String(255)),
)

#: One row for each command that a person gave; the ledger has an entry with the row's digest.
ADMIN_ACT = sa.Table(
    "admin_act",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.String(255), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("command", sa.String(64), nullable=False),
    sa.Column("arguments", Facts, nullable=False),
    sa.Column("why", sa.Text),
    sa.Column("approved_by", sa.String(255)),
    sa.Index("ix_admin_act_at", "at"),
)

#: One row for each command that needs a second person.
ADMIN_REQUEST = sa.Table(
    "admin_request",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.String(255), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("command", sa.String(64), nullable=False),
    sa.Column("arguments", Facts, nullable=False),
    sa.Column("digest", Digest, nullable=False),  # of command, arguments and who
    sa.Column("why", sa.Text),
    sa.Column("answered_at", Instant),
    sa.Column("answered_by", sa.String(255)),
    sa.Column("approved", sa.Boolean),
    sa.Column("used_at", Instant),  # an approval is good for one act
    sa.Index("ix_admin_request_digest", "digest"),
)
