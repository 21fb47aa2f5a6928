"""Credentials of systems, and the keys by which they repeat a request without doubling it."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Digest, Instant, Serial

#: One row; who changes credentials updates it first and thereby waits for the one before.
ACCESS_VERSION = sa.Table(
    "access_version",
    METADATA,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
)

#: One row for each system that ever called: when it did last, and through which door.
SYSTEM_CALL = sa.Table(
    "system_call",
    METADATA,
    sa.Column("system_id", sa.String(64), primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("door", sa.String(16), nullable=False),
)

#: Bearer tokens: the secret itself is nowhere.
ACCESS_TOKEN = sa.Table(
    "access_token",
    METADATA,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("system_id", sa.String(64), nullable=False, index=True),
    sa.Column("digest", Digest, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),  # words with a blank between
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String(255), nullable=False),
    sa.Column("expires_at", Instant),
    sa.Column("revoked_at", Instant),
)

#: Secrets that both sides know; sealed with the key of ``[access] key``.
ACCESS_SECRET = sa.Table(
    "access_secret",
    METADATA,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("system_id", sa.String(64), nullable=False, index=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String(255), nullable=False),
    sa.Column("expires_at", Instant),
    sa.Column("revoked_at", Instant),
)

#: Certificates by which systems prove themselves on the transport.
ACCESS_CERTIFICATE = sa.Table(
    "access_certificate",
    METADATA,
    sa.Column("id", Serial, primary_key=True),
    sa.Column("certificate_sha256", Digest, sa.ForeignKey("certificate.sha256"), nullable=False),
    sa.Column("system_id", sa.String(64), nullable=False, index=True),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String(255), nullable=False),
    sa.Column("expires_at", Instant),
    sa.Column("revoked_at", Instant),
)

#: What a caller's Idempotency-Key stood for, until it is old.
IDEMPOTENCY_KEY = sa.Table(
    "idempotency_key",
    METADATA,
    sa.Column("system_id", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("package_id", sa.Uuid, nullable=False),
    sa.Column("used_at", Instant, nullable=False, index=True),
)
