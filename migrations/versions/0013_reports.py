"""Reports: figures of periods that are over, written files, answers; what finds a period's rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Digest, Instant

revision = "0013_reports"
down_revision = "0012_console"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
    op.create_table(
        "closed_report",
        sa.Column("period", sa.String(16), primary_key=True),
        sa.Column("revision", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("who", sa.String(255)),
        sa.Column("why", sa.Text),
    )
    op.create_table(
        "report_file",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("period", sa.String(16), primary_key=True),
        sa.Column("form", sa.String(8), primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("digest", Digest, nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.Column("mailed_at", Instant()),
    )
    op.create_index("ix_report_file_written_at", "report_file", ["written_at"])
    op.create_table(
        "document_answer",
        sa.Column("package_id", sa.Uuid, sa.ForeignKey("package.id"), primary_key=True),
        sa.Column("document_id", sa.String(255), primary_key=True),
    )
    op.create_index("ix_document_answer_document_id", "document_answer", ["document_id"])
    op.create_index(
        "ix_delivery_routed_at",
        "delivery",
        ["routed_at"],
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
    due = sa.text("due_on is not null")
    op.create_index(
        "ix_package_due_on", "package", ["due_on"], postgresql_where=due, sqlite_where=due
    )


def downgrade() -> None:
    """Take the tables away."""
    op.drop_index("ix_package_due_on", "package")
    op.drop_index("ix_delivery_routed_at", "delivery")
    for table in ("document_answer", "report_file", "closed_report"):
        op.drop_table(table)
