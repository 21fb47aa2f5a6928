"""Packages with their verdicts, and their deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Digest, Facts, Instant

revision = "0003_delivery"
down_revision = "0002_trust"
branch_labels = None
depends_on = None

_OPEN = sa.text("state in ('routed', 'fetched')")
_HELD = sa.text("state = 'held'")
_UNFINISHED = sa.text("state in ('held', 'routed', 'fetched', 'parked')")
_UNPURGED = sa.text("not purged")
_ABOUT = sa.text("about_package_id is not null")


def upgrade() -> None:
    """Build the tables."""
    op.create_table(
        "package",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("digest", Digest, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("door", sa.String(16), nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("decided_at", Instant, nullable=False),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("refusal", Facts),
        sa.Column("kind", sa.String(16)),
        sa.Column("document_id", sa.String(255)),
        sa.Column("sign", sa.String(128)),
        sa.Column("subject", sa.Text),
        sa.Column("sender", sa.String(64)),
        sa.Column("sender_office", sa.String(64)),
        sa.Column("about_package_id", sa.Uuid),
        sa.Column("about_delivery_id", sa.Uuid),
        sa.Column("business_type", sa.SmallInteger),
        sa.Column("status_code", sa.String(2)),
        sa.Column("priority", sa.SmallInteger),
        sa.Column("due_on", sa.Date),
        sa.Column("certificate", Digest),
        sa.Column("weak", sa.String(32)),
        sa.Column("purged", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.UniqueConstraint("system_id", "digest", name="uq_package_system_id_digest"),
    )
    op.create_index("ix_package_document_id", "package", ["document_id"])
    op.create_index("ix_package_sign", "package", ["sign"])
    op.create_index("ix_package_decided_at", "package", ["decided_at"])
    op.create_index(
        "ix_package_unpurged",
        "package",
        ["accepted", "kind", "decided_at", "id"],
        postgresql_where=_UNPURGED,
        sqlite_where=_UNPURGED,
    )
    op.create_index(
        "ix_package_about",
        "package",
        ["about_package_id"],
        postgresql_where=_ABOUT,
        sqlite_where=_ABOUT,
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column(
            "package_id",
            sa.Uuid,
            sa.ForeignKey("package.id", name="fk_delivery_package_id"),
            nullable=False,
        ),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("office_id", sa.String(64), nullable=False),
        sa.Column("system_id", sa.String(64)),
        sa.Column("lane", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("held_reason", sa.String(64)),
        sa.Column("routed_at", Instant, nullable=False),
        sa.Column("offered_at", Instant),
        sa.Column("fetched_at", Instant),
        sa.Column("confirmed_at", Instant),
        sa.Column("ended_at", Instant),
        sa.Column("status_code", sa.String(2)),
        sa.Column("tries", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("redirect_of", sa.Uuid),
        sa.Column("last_entry", sa.Uuid, nullable=False),
        sa.UniqueConstraint("package_id", "address", name="uq_delivery_package_id_address"),
    )
    op.create_index(
        "ix_delivery_mailbox",
        "delivery",
        ["system_id", "lane", "routed_at", "id"],
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    )
    op.create_index(
        "ix_delivery_held",
        "delivery",
        ["office_id"],
        postgresql_where=_HELD,
        sqlite_where=_HELD,
    )
    op.create_index(
        "ix_delivery_unfinished",
        "delivery",
        ["routed_at"],
        postgresql_where=_UNFINISHED,
        sqlite_where=_UNFINISHED,
    )


def downgrade() -> None:
    """Take the tables away."""
    op.drop_table("delivery")
    op.drop_table("package")
