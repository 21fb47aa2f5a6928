"""Webhooks: where deliveries are pushed, and how that went."""

from __future__ import annotations

revision = "0008_courier"
down_revision = "0007_parts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
