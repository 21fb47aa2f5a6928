"""Administrators with their roles, their acts, and what waits for a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Digest, Facts, Instant

revision = "0009_people"
down_revision = "0008_courier"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
    op.create_table(
        "administrator",
        sa.Column("account", sa.String(255), primary_key=True),
        sa.Column("role", sa.String(16), primary_key=True),
        sa.Column("given_at", Instant(), primary_key=True),
        sa.Column("given_by", sa.String(255), nullable=False),
        sa.Column("taken_at", Instant()),
        sa.Column("taken_by", sa.String(255)),
    )
    op.create_table(
        "admin_act",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("who", sa.String(255), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("command", sa.String(64), nullable=False),
        sa.Column("arguments", Facts, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("approved_by", sa.String(255)),
    )
    op.create_index("ix_admin_act_at", "admin_act", ["at"])
    op.create_table(
        "admin_request",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("who", sa.String(255), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("command", sa.String(64), nullable=False),
        sa.Column("arguments", Facts, nullable=False),
        sa.Column("digest", Digest, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("answered_at", Instant()),
        sa.Column("answered_by", sa.String(255)),
        sa.Column("approved", sa.Boolean),
        sa.Column("used_at", Instant()),
    )
    op.create_index("ix_admin_request_digest", "admin_request", ["digest"])


def downgrade() -> None:
    """Take the tables away."""
    for table in ("admin_request", "admin_act", "administrator"):
        op.drop_table(table)
