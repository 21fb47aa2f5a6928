"""What operators are told of, and what they answered."""

from __future__ import annotations

revision = "0011_operations"
down_revision = "0010_peers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""


def downgrade() -> None:
    """Take them away."""
