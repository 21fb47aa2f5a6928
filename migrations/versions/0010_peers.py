"""Other axes, and how far what was sent on to them is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Instant

revision = "0010_peers"
down_revision = "0009_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
    op.create_table(
        "peer",
        sa.Column("system_id", sa.String(64), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("token_file", sa.Text, nullable=False),
        sa.Column("ca_file", sa.Text),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant()),
        sa.Column("failed_at", Instant()),
        sa.Column("failure", sa.Text),
    )
    op.create_table(
        "peer_relay",
        sa.Column(
            "delivery_id",
            sa.Uuid,
            sa.ForeignKey("delivery.id", name="fk_peer_relay_delivery_id"),
            primary_key=True,
        ),
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("package_id", sa.Uuid, nullable=False),
        sa.Column("entry", sa.String(255), nullable=False),
        sa.Column("accepted_at", Instant(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("ask_at", Instant()),
    )
    op.create_index(
        "ix_peer_relay_ask_at",
        "peer_relay",
        ["system_id", "ask_at"],
        postgresql_where=sa.text("ask_at is not null"),
        sqlite_where=sa.text("ask_at is not null"),
    )


def downgrade() -> None:
    """Take the tables away."""
    for table in ("peer_relay", "peer"):
        op.drop_table(table)
