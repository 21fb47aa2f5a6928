"""When each system called last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Instant

revision = "0015_calls"
down_revision = "0014_types"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the table."""
    op.create_table(
        "system_call",
        sa.Column("system_id", sa.String(64), primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
    )


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("system_call")
