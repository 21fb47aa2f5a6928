"""What operators are told of, and what they answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Facts, Instant

revision = "0011_operations"
down_revision = "0010_peers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
    op.create_table(
        "check_result",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("facts", Facts, nullable=False),
        sa.Column("troubles", Facts, nullable=False),
    )
    op.create_table(
        "alarm_care",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(512), primary_key=True),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("told_at", Instant()),
        sa.Column("told", sa.SmallInteger, nullable=False),
        sa.Column("escalated_at", Instant()),
        sa.Column("acked_at", Instant()),
        sa.Column("acked_by", sa.String(255)),
        sa.Column("why", sa.Text),
    )
    op.create_table(
        "alert_silence",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(512), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(255), nullable=False),
        sa.Column("why", sa.Text),
    )
    op.create_table(
        "alert_message",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("alarms", Facts, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("due_at", Instant()),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("sent_at", Instant()),
        sa.Column("answer", sa.Text),
    )
    op.create_index(
        "ix_alert_message_due",
        "alert_message",
        ["due_at"],
        postgresql_where=sa.text("due_at is not null"),
        sqlite_where=sa.text("due_at is not null"),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("alert_message", "alert_silence", "alarm_care", "check_result"):
        op.drop_table(table)
