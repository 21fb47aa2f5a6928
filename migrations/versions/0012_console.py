"""Accounts of the console and their sessions."""

from __future__ import annotations

revision = "0012_console"
down_revision = "0011_operations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""


def downgrade() -> None:
    """Take them away."""
