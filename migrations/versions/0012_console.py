"""The console: accounts, sessions, what is searched, and figures that would be slow to count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from axis.store.tables.base import Digest, Instant

revision = "0012_console"
down_revision = "0011_operations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
    op.create_table(
        "console_account",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("office_id", sa.String(64)),
        sa.Column("password", sa.Text),
        sa.Column("totp", sa.LargeBinary),
        sa.Column("totp_step", sa.BigInteger),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.Column("removed_at", Instant()),
        sa.Column("removed_by", sa.String(255)),
    )
    op.create_table(
        "console_session",
        sa.Column("digest", Digest, primary_key=True),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
    )
    op.create_index("ix_console_session_account", "console_session", ["account"])
    words = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")
    offices = sa.Text().with_variant(postgresql.ARRAY(sa.Text), "postgresql")
    op.create_table(
        "document_search",
        sa.Column("package_id", sa.Uuid, primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("words", words, nullable=False),
        sa.Column("offices", offices, nullable=False),
    )
    op.create_index("ix_document_search_at", "document_search", ["at", "package_id"])
    if op.get_context().dialect.name == "postgresql":
        op.create_index(
            "ix_document_search_words",
            "document_search",
            ["words", "offices"],
            postgresql_using="gin",
        )
    op.create_table(
        "traffic_hour",
        sa.Column("hour", Instant(), primary_key=True),
        sa.Column("counted_at", Instant(), nullable=False),
    )
    op.create_table(
        "traffic",
        sa.Column("hour", Instant(), primary_key=True),
        sa.Column("sender_level", sa.String(16), primary_key=True),
        sa.Column("receiver_level", sa.String(16), primary_key=True),
        sa.Column("lane", sa.String(8), primary_key=True),
        sa.Column("bucket", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("deliveries", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "backlog",
        sa.Column("hour", Instant(), primary_key=True),
        sa.Column("office_id", sa.String(64), primary_key=True),
        sa.Column("waiting", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Take the tables away."""
    for table in (
        "backlog",
        "traffic",
        "traffic_hour",
        "document_search",
        "console_session",
        "console_account",
    ):
        op.drop_table(table)
