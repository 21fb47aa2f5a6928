"""Attachments that travel apart from their envelope, uploads under way, and alarms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Digest, Facts, Instant

revision = "0007_parts"
down_revision = "0006_access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
    op.create_table(
        "part",
        sa.Column("system_id", sa.String(64), primary_key=True),
        sa.Column("digest", Digest, primary_key=True),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("used_at", Instant, nullable=False),
        sa.Column("sha384", sa.LargeBinary(48)),
        sa.Column("sha512", sa.LargeBinary(64)),
        sa.Column("ended_at", Instant),
    )
    op.create_index("ix_part_digest", "part", ["digest"])
    op.create_index("ix_part_used_at", "part", ["used_at"])
    op.create_table(
        "part_upload",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger),
        sa.Column("digest", Digest),
        sa.Column("completed", Digest),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("touched_at", Instant, nullable=False),
    )
    op.create_index("ix_part_upload_system_id", "part_upload", ["system_id"])
    op.create_index("ix_part_upload_touched_at", "part_upload", ["touched_at"])
    op.create_table(
        "package_part",
        sa.Column(
            "package_id",
            sa.Uuid,
            sa.ForeignKey("package.id", name="fk_package_part_package_id"),
            primary_key=True,
        ),
        sa.Column("content_id", sa.String(255), primary_key=True),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("content_type", sa.Text),
        sa.Column("digest", Digest, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_package_part_digest", "package_part", ["digest"])
    op.create_table(
        "alarm",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(512), primary_key=True),
        sa.Column("facts", Facts, nullable=False),
        sa.Column("first_at", Instant, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("ended_at", Instant),
    )
    op.create_index("ix_alarm_last_at", "alarm", ["last_at"])


def downgrade() -> None:
    """Take the tables away."""
    for table in ("alarm", "package_part", "part_upload", "part"):
        op.drop_table(table)
