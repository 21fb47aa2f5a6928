"""The backlog of each office is counted from an index alone; what is set aside has its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_unfinished_by_office"
down_revision = "0015_calls"
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("state in ('held', 'routed', 'fetched', 'parked')")


_HELD = sa.text("state = 'held'")
_SET_ASIDE = sa.text("state in ('held', 'parked')")


def upgrade() -> None:
    """Build the index anew, with the office in it, and one for what is held or parked."""
    _build(["office_id"])
    op.drop_index("ix_delivery_held", "delivery")
    op.create_index(
        "ix_delivery_set_aside",
        "delivery",
        ["office_id"],
        postgresql_where=_SET_ASIDE,
        sqlite_where=_SET_ASIDE,
    )


def downgrade() -> None:
    """Build them as they were."""
    op.drop_index("ix_delivery_set_aside", "delivery")
    op.create_index(
        "ix_delivery_held", "delivery", ["office_id"], postgresql_where=_HELD, sqlite_where=_HELD
    )
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
