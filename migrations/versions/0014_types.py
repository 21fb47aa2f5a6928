"""Message types, who takes which, and what is kept of messages beyond their packages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Digest, Facts, Instant

revision = "0014_types"
down_revision = "0013_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
    change = op.create_table(
        "type_change",
        sa.Column("singleton", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.CheckConstraint("singleton = 1", name="singleton"),
    )
    op.bulk_insert(change, [{"singleton": 1, "version": 0}])
    op.create_table(
        "message_type",
        sa.Column("type", sa.String(16), primary_key=True),
        sa.Column("version", sa.String(16), primary_key=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("files", sa.LargeBinary, nullable=False),
        sa.Column("digest", Digest, nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("activated_at", Instant()),
        sa.Column("retired_at", Instant()),
    )
    op.create_table(
        "type_taker",
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("taker", sa.String(64), primary_key=True),
        sa.Column("type", sa.String(16), primary_key=True),
        sa.Column("version", sa.String(16), primary_key=True),
        sa.Column("since", Instant(), nullable=False),
    )
    op.create_table(
        "message",
        sa.Column("package_id", sa.Uuid, sa.ForeignKey("package.id"), primary_key=True),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("sender_office", sa.String(64), nullable=False),
        sa.Column("step", sa.String(255)),
        sa.Column("order_key", sa.String(255)),
        sa.Column("revision", sa.Integer),
        sa.Column("content", Digest, nullable=False),
        sa.Column("due_at", Instant()),
        sa.Column("facts", Facts),
        sa.UniqueConstraint(
            "type",
            "sender_office",
            "order_key",
            "revision",
            name="uq_message_type_sender_office_order_key_revision",
        ),
    )
    op.create_index("ix_message_type", "message", ["type", "version"])
    op.create_table(
        "story",
        sa.Column("package_id", sa.Uuid, sa.ForeignKey("package.id"), primary_key=True),
        sa.Column("type", sa.String(16), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
    )
    op.create_index("ix_story_key", "story", ["key", "type"])


def downgrade() -> None:
    """Take the tables away."""
    for table in ("story", "message", "type_taker", "message_type", "type_change"):
        op.drop_table(table)
