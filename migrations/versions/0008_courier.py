"""Webhooks: where deliveries are pushed, and how that went; offices that ask for their place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Digest, Instant

revision = "0008_courier"
down_revision = "0007_parts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.Column("set_by", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("system_id", name="pk_webhook"),
    )
    op.create_table(
        "webhook_push",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant()),
        sa.Column("told_at", Instant()),
        sa.Column("answer", sa.Text()),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_webhook_push"),
    )
    op.create_index(
        "ix_webhook_push_due",
        "webhook_push",
        ["system_id", "due_at"],
        postgresql_where=sa.text("due_at is not null"),
        sqlite_where=sa.text("due_at is not null"),
    )
    op.create_table(
        "webhook_health",
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant()),
        sa.Column("opened_at", Instant()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("system_id", name="pk_webhook_health"),
    )
    op.create_table(
        "enrollment",
        sa.Column("id", sa.String(12), nullable=False),
        sa.Column("digest", Digest, nullable=False),
        sa.Column("office_code", sa.String(64), nullable=False),
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("spki", sa.LargeBinary()),
        sa.Column("request_pem", sa.Text()),
        sa.Column("certificate_der", sa.LargeBinary()),
        sa.Column("requested_at", Instant()),
        sa.Column("decided_at", Instant()),
        sa.Column("decided_by", sa.String(255)),
        sa.Column("why", sa.Text()),
        sa.Column("token_id", sa.String(16)),
        sa.PrimaryKeyConstraint("id", name="pk_enrollment"),
    )


def downgrade() -> None:
    for table in ("enrollment", "webhook_health", "webhook_push", "webhook"):
        op.drop_table(table)
