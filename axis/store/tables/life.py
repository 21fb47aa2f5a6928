"""Beside the deliveries: changes, systems that do not answer, acts, reminders, holds, purges."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Digest, Facts, Instant

#: One row for each delivery that a recall, an update, a replacement or a status 13 concerns.
CHANGE_REQUEST = sa.Table(
    "change_request",
    METADATA,
    sa.Column("package_id", sa.Uuid, sa.ForeignKey("package.id"), primary_key=True),  # what asks
    sa.Column("delivery_id", sa.Uuid, sa.ForeignKey("delivery.id"), primary_key=True),  # the target
    sa.Column("target_package_id", sa.Uuid, nullable=False),
    sa.Column("office_id", sa.String(64), nullable=False),  # who was asked
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("answered_at", Instant),
    sa.Column("answer_package_id", sa.Uuid),  # the status 15 or 16
    sa.Index("ix_change_request_target", "target_package_id"),
)

#: One row for each system whose queue did not take what it was told; it goes when it does.
SYSTEM_HEALTH = sa.Table(
    "system_health",
    METADATA,
    sa.Column("system_id", sa.String(64), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("next_try_at", Instant),
    sa.Column("opened_at", Instant),
    sa.Column("reason", sa.Text, nullable=False),
)

#: One row for each thing that a person did to deliveries; the ledger has an entry for each of them.
OPERATOR_ACT = sa.Table(
    "operator_act",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("act", sa.String(16), nullable=False),
    sa.Column("who", sa.String(255), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("chosen", Facts, nullable=False),  # the filter or the ids
    sa.Column("deliveries", sa.Integer, nullable=False),
    sa.Index("ix_operator_act_at", "at"),
)

#: One row for each reminder and escalation: it is given once.
REMINDER = sa.Table(
    "reminder",
    METADATA,
    sa.Column("delivery_id", sa.Uuid, sa.ForeignKey("delivery.id"), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
)

#: One row for each order to keep a document's bodies; the row stays when the order is lifted.
LEGAL_HOLD = sa.Table(
    "legal_hold",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("package_id", sa.Uuid, sa.ForeignKey("package.id"), nullable=False, index=True),
    sa.Column("set_at", Instant, nullable=False),
    sa.Column("set_by", sa.String(255), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("lifted_at", Instant),
    sa.Column("lifted_by", sa.String(255)),
)

#: One row for each package whose body is to go or has gone; without ``removed_at`` it may be there.
BODY_PURGE = sa.Table(
    "body_purge",
    METADATA,
    sa.Column("package_id", sa.Uuid, sa.ForeignKey("package.id"), primary_key=True),
    sa.Column("digest", Digest, nullable=False, index=True),
    sa.Column("retention", sa.String(16), nullable=False),  # the class it was purged by
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("removed_at", Instant),
    sa.Index(
        "ix_body_purge_left",
        "recorded_at",
        postgresql_where=sa.text("removed_at is null"),
        sqlite_where=sa.text("removed_at is null"),
    ),
)
