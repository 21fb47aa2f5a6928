"""Certificates, the offices they speak for, and how well each system must sign."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Digest, Instant, Serial

#: One row; who changes the registry updates it first and thereby waits for the one before.
TRUST_VERSION = sa.Table(
    "trust_version",
    METADATA,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
)

#: Certificates are never deleted: packages of years ago were signed with them.
CERTIFICATE = sa.Table(
    "certificate",
    METADATA,
    sa.Column("sha256", Digest, primary_key=True),
    sa.Column("spki_sha256", Digest, nullable=False, index=True),
    sa.Column("der", sa.LargeBinary, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("serial", sa.String(64), nullable=False),
    sa.Column("not_before", Instant, nullable=False),
    sa.Column("not_after", Instant, nullable=False, index=True),
    sa.Column("registered_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Column("revocation_reason", sa.Text),
)

CERTIFICATE_BINDING = sa.Table(
    "certificate_binding",
    METADATA,
    sa.Column("id", Serial, primary_key=True),
    sa.Column("certificate_sha256", Digest, sa.ForeignKey("certificate.sha256"), nullable=False),
    sa.Column("office_id", sa.String(64), nullable=False, index=True),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("valid_to", Instant),
    sa.UniqueConstraint("certificate_sha256", "office_id", "valid_from"),
    sa.CheckConstraint("valid_to is null or valid_from < valid_to", name="validity"),
)

#: A system without a row signs strictly; a row ends by itself.
SIGNATURE_POLICY = sa.Table(
    "signature_policy",
    METADATA,
    sa.Column("system_id", sa.String(64), primary_key=True),
    sa.Column("policy", sa.String(16), nullable=False),
    sa.Column("until", Instant, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("set_at", Instant, nullable=False),
    sa.CheckConstraint("policy in ('strict', 'legacy-sha1', 'legacy-unsigned')", name="policy"),
)
