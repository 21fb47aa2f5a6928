"""Doors that the axis opens itself: webhooks of systems, and offices that ask for their place."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Digest, Instant

#: Where a system wants to be told of deliveries; one for each system.
WEBHOOK = sa.Table(
    "webhook",
    METADATA,
    sa.Column("system_id", sa.String(64), primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("set_at", Instant, nullable=False),
    sa.Column("set_by", sa.String(255), nullable=False),
)

#: One row for each delivery that a webhook is to be told of; it stays when it was told.
WEBHOOK_PUSH = sa.Table(
    "webhook_push",
    METADATA,
    sa.Column("delivery_id", sa.Uuid, primary_key=True),
    sa.Column("system_id", sa.String(64), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),  # when it was to be told, last
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("due_at", Instant),  # when it is tried; null: it was told
    sa.Column("told_at", Instant),
    sa.Column("answer", sa.Text),  # what came back, last
    sa.Index(
        "ix_webhook_push_due",
        "system_id",
        "due_at",
        postgresql_where=sa.text("due_at is not null"),
        sqlite_where=sa.text("due_at is not null"),
    ),
)

#: How an endpoint takes what it is told; the row goes when it does.
WEBHOOK_HEALTH = sa.Table(
    "webhook_health",
    METADATA,
    sa.Column("system_id", sa.String(64), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("next_try_at", Instant),
    sa.Column("opened_at", Instant),
    sa.Column("reason", sa.Text, nullable=False),
)

#: One row for each bundle; states: offered, requested, approved, rejected, collected.
ENROLLMENT = sa.Table(
    "enrollment",
    METADATA,
    sa.Column("id", sa.String(12), primary_key=True),
    sa.Column("digest", Digest, nullable=False),  # SHA-256 of the secret part of the code
    sa.Column("office_code", sa.String(64), nullable=False),
    sa.Column("system_id", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String(255), nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("spki", sa.LargeBinary),  # of who asked first with the code
    sa.Column("request_pem", sa.Text),
    sa.Column("certificate_der", sa.LargeBinary),
    sa.Column("requested_at", Instant),
    sa.Column("decided_at", Instant),
    sa.Column("decided_by", sa.String(255)),
    sa.Column("why", sa.Text),
    sa.Column("token_id", sa.String(16)),
)
