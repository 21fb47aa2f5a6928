"""Message types, who takes which, and what the axis keeps of a message beyond its package."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Digest, Facts, Instant

#: One row; whoever changes types or takers raises it, and every process reads them anew.
TYPE_CHANGE = sa.Table(
    "type_change",
    METADATA,
    sa.Column("singleton", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.CheckConstraint("singleton = 1", name="singleton"),
)

#: One row for each version of a type that was added; edXML's own types have none.
MESSAGE_TYPE = sa.Table(
    "message_type",
    METADATA,
    sa.Column("type", sa.String(16), primary_key=True),
    sa.Column("version", sa.String(16), primary_key=True),
    sa.Column("state", sa.String(8), nullable=False),  # added | active | retired
    sa.Column("files", sa.LargeBinary, nullable=False),  # of its folder, MessagePack
    sa.Column("digest", Digest, nullable=False),  # SHA-256 of ``files``
    sa.Column("added_at", Instant, nullable=False),
    sa.Column("activated_at", Instant),
    sa.Column("retired_at", Instant),
)

#: One row for each version that an office or a system has said that it takes.
TYPE_TAKER = sa.Table(
    "type_taker",
    METADATA,
    sa.Column("kind", sa.String(8), primary_key=True),  # office | system
    sa.Column("taker", sa.String(64), primary_key=True),  # office_id or system_id
    sa.Column("type", sa.String(16), primary_key=True),
    sa.Column("version", sa.String(16), primary_key=True),
    sa.Column("since", Instant, nullable=False),
)

#: One row for each accepted package of another type than edXML's own.
MESSAGE = sa.Table(
    "message",
    METADATA,
    sa.Column("package_id", sa.Uuid, sa.ForeignKey("package.id"), primary_key=True),
    sa.Column("type", sa.String(16), nullable=False),
    sa.Column("version", sa.String(16), nullable=False),
    sa.Column("sender_office", sa.String(64), nullable=False),
    sa.Column("step", sa.String(255)),
    sa.Column("order_key", sa.String(255)),  # what it is a revision of
    sa.Column("revision", sa.Integer),
    sa.Column("content", Digest, nullable=False),  # SHA-256 of the canonical payload
    sa.Column("due_at", Instant),
    sa.Column("facts", Facts),  # what lists show of it
    sa.UniqueConstraint("type", "sender_office", "order_key", "revision"),
    sa.Index("ix_message_type", "type", "version"),
)

#: What packages belong to beyond their DocumentId: a dossier, a report's period, a task.
STORY = sa.Table(
    "story",
    METADATA,
    sa.Column("package_id", sa.Uuid, sa.ForeignKey("package.id"), primary_key=True),
    sa.Column("type", sa.String(16), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Index("ix_story_key", "key", "type"),
)
