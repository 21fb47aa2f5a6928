"""Credentials of systems: tokens, shared secrets, certificates; keys of repeated requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Digest, Instant, Serial

revision = "0006_access"
down_revision = "0005_delivery_life"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_version",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_access_version"),
    )
    op.execute("insert into access_version (id, version) values (1, 0)")
    op.create_table(
        "access_token",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("digest", Digest, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.Column("revoked_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_access_token"),
    )
    op.create_index("ix_access_token_system_id", "access_token", ["system_id"])
    op.create_table(
        "access_secret",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.Column("revoked_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_access_secret"),
    )
    op.create_index("ix_access_secret_system_id", "access_secret", ["system_id"])
    op.create_table(
        "access_certificate",
        sa.Column("id", Serial, nullable=False),
        sa.Column("certificate_sha256", Digest, nullable=False),
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.Column("revoked_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_access_certificate"),
        sa.ForeignKeyConstraint(
            ["certificate_sha256"],
            ["certificate.sha256"],
            name="fk_access_certificate_certificate_sha256",
        ),
    )
    op.create_index("ix_access_certificate_system_id", "access_certificate", ["system_id"])
    op.create_table(
        "idempotency_key",
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("system_id", "key", name="pk_idempotency_key"),
    )
    op.create_index("ix_idempotency_key_used_at", "idempotency_key", ["used_at"])

    op.create_index("ix_package_sent", "package", ["system_id", "decided_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_package_sent", "package")
    for table in (
        "idempotency_key",
        "access_certificate",
        "access_secret",
        "access_token",
        "access_version",
    ):
        op.drop_table(table)
