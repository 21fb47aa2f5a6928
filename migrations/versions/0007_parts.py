"""Attachments that travel apart from their envelope, and uploads under way."""

from __future__ import annotations

revision = "0007_parts"
down_revision = "0006_access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
