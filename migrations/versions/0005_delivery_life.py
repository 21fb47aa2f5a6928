"""Changes asked for, health of systems, operators' acts, reminders, holds, purged bodies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Digest, Facts, Instant

revision = "0005_delivery_life"
down_revision = "0004_ledger"
branch_labels = None
depends_on = None

_LEFT = sa.text("removed_at is null")


def _package(column: str, table: str, **rest: bool) -> sa.Column[object]:
    return sa.Column(
        column,
        sa.Uuid,
        sa.ForeignKey("package.id", name=f"fk_{table}_{column}"),
        **rest,  # type: ignore[arg-type]
    )


def _delivery(column: str, table: str, **rest: bool) -> sa.Column[object]:
    return sa.Column(
        column,
        sa.Uuid,
        sa.ForeignKey("delivery.id", name=f"fk_{table}_{column}"),
        **rest,  # type: ignore[arg-type]
    )


def upgrade() -> None:
    """Build the tables."""
    op.create_table(
        "change_request",
        _package("package_id", "change_request", primary_key=True),
        _delivery("delivery_id", "change_request", primary_key=True),
        sa.Column("target_package_id", sa.Uuid, nullable=False),
        sa.Column("office_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("answered_at", Instant),
        sa.Column("answer_package_id", sa.Uuid),
    )
    op.create_index("ix_change_request_target", "change_request", ["target_package_id"])
    op.create_table(
        "system_health",
        sa.Column("system_id", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("next_try_at", Instant),
        sa.Column("opened_at", Instant),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "operator_act",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("who", sa.String(255), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("chosen", Facts, nullable=False),
        sa.Column("deliveries", sa.Integer, nullable=False),
    )
    op.create_index("ix_operator_act_at", "operator_act", ["at"])
    op.create_table(
        "reminder",
        _delivery("delivery_id", "reminder", primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
    )
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Uuid, primary_key=True),
        _package("package_id", "legal_hold", nullable=False),
        sa.Column("set_at", Instant, nullable=False),
        sa.Column("set_by", sa.String(255), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("lifted_at", Instant),
        sa.Column("lifted_by", sa.String(255)),
    )
    op.create_index("ix_legal_hold_package_id", "legal_hold", ["package_id"])
    op.create_table(
        "body_purge",
        _package("package_id", "body_purge", primary_key=True),
        sa.Column("digest", Digest, nullable=False),
        sa.Column("retention", sa.String(16), nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("removed_at", Instant),
    )
    op.create_index("ix_body_purge_digest", "body_purge", ["digest"])
    op.create_index(
        "ix_body_purge_left",
        "body_purge",
        ["recorded_at"],
        postgresql_where=_LEFT,
        sqlite_where=_LEFT,
    )


def downgrade() -> None:
    """Take the tables away."""
    for table in (
        "body_purge",
        "legal_hold",
        "reminder",
        "operator_act",
        "system_health",
        "change_request",
    ):
        op.drop_table(table)
