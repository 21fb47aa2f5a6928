"""The backlog of each office is counted from an index alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_unfinished_by_office"
down_revision = "0015_calls"
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("state in ('held', 'routed', 'fetched', 'parked')")


def upgrade() -> None:
    """Build the index anew, with the office in it."""
    _build(["office_id"])


def downgrade() -> None:
    """Build it without."""
    _build([])


def _build(included: list[str]) -> None:
    op.drop_index("ix_delivery_unfinished", "delivery")
    op.create_index(
        "ix_delivery_unfinished",
        "delivery",
        ["routed_at"],
        postgresql_where=_UNFINISHED,
        postgresql_include=included,
        sqlite_where=_UNFINISHED,
    )
