"""Trust: certificates, the offices they speak for, and the systems that may sign weakly."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Digest, Instant, Serial

revision = "0002_trust"
down_revision = "0001_directory"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trust_version",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_trust_version"),
    )
    op.execute("insert into trust_version (id, version) values (1, 0)")
    op.create_table(
        "certificate",
        sa.Column("sha256", Digest, nullable=False),
        sa.Column("spki_sha256", Digest, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("serial", sa.String(64), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("not_after", Instant(), nullable=False),
        sa.Column("registered_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant()),
        sa.Column("revocation_reason", sa.Text()),
        sa.PrimaryKeyConstraint("sha256", name="pk_certificate"),
    )
    op.create_index("ix_certificate_spki_sha256", "certificate", ["spki_sha256"])
    op.create_index("ix_certificate_not_after", "certificate", ["not_after"])
    op.create_table(
        "certificate_binding",
        sa.Column("id", Serial, nullable=False),
        sa.Column("certificate_sha256", Digest, nullable=False),
        sa.Column("office_id", sa.String(64), nullable=False),
        sa.Column("valid_from", Instant(), nullable=False),
        sa.Column("valid_to", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_binding"),
        sa.ForeignKeyConstraint(
            ["certificate_sha256"],
            ["certificate.sha256"],
            name="fk_certificate_binding_certificate_sha256",
        ),
        sa.UniqueConstraint(
            "certificate_sha256",
            "office_id",
            "valid_from",
            name="uq_certificate_binding_certificate_sha256_office_id_valid_from",
        ),
        sa.CheckConstraint("valid_to is null or valid_from < valid_to", name="validity"),
    )
    op.create_index("ix_certificate_binding_office_id", "certificate_binding", ["office_id"])
    op.create_table(
        "signature_policy",
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("policy", sa.String(16), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.CheckConstraint("policy in ('strict', 'legacy-sha1', 'legacy-unsigned')", name="policy"),
        sa.PrimaryKeyConstraint("system_id", name="pk_signature_policy"),
    )


def downgrade() -> None:
    for table in ("signature_policy", "certificate_binding", "certificate", "trust_version"):
        op.drop_table(table)
