"""Other axes, and how far what was sent on to them is."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Instant

#: One row for each other axis; the system of the same id stands for it in the directory.
PEER = sa.Table(
    "peer",
    METADATA,
    sa.Column("system_id", sa.String(64), primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("token_file", sa.Text, nullable=False),  # path of what we prove ourselves with there
    sa.Column("ca_file", sa.Text),  # path of the authority of its certificate
    sa.Column("added_at", Instant, nullable=False),
    sa.Column("answered_at", Instant),  # when it last answered
    sa.Column("failed_at", Instant),  # when it first did not, since then
    sa.Column("failure", sa.Text),
)

#: One row for each delivery that another axis has accepted.
PEER_RELAY = sa.Table(
    "peer_relay",
    METADATA,
    sa.Column("delivery_id", sa.Uuid, sa.ForeignKey("delivery.id"), primary_key=True),
    sa.Column("system_id", sa.String(64), nullable=False),
    sa.Column("package_id", sa.Uuid, nullable=False),  # as it is called there
    sa.Column("entry", sa.String(255), nullable=False),  # there: origin of the log, id of the entry
    sa.Column("accepted_at", Instant, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),  # when we last asked how far it is
    sa.Column("ask_at", Instant),  # when we ask again; null: it has ended there
    sa.Index(
        "ix_peer_relay_ask_at",
        "system_id",
        "ask_at",
        postgresql_where=sa.text("ask_at is not null"),
        sqlite_where=sa.text("ask_at is not null"),
    ),
)
