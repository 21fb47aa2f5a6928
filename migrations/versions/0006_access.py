"""Credentials of systems: tokens, shared secrets, webhook keys."""

from __future__ import annotations

revision = "0006_access"
down_revision = "0005_delivery_life"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables."""
