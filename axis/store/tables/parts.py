"""Attachments that travel apart from their envelope, uploads under way, and what packages name."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Digest, Instant

#: One row for each attachment and system that brought it; another system's row says nothing to it.
PART = sa.Table(
    "part",
    METADATA,
    sa.Column("system_id", sa.String(64), primary_key=True),
    sa.Column("digest", Digest, primary_key=True),  # SHA-256 of the exact bytes
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("received_at", Instant, nullable=False),  # when it was brought last
    sa.Column("used_at", Instant, nullable=False),  # when it was brought or asked for last
    sa.Column("sha384", sa.LargeBinary(48)),  # only where the system asked for it
    sa.Column("sha512", sa.LargeBinary(64)),
    sa.Column("ended_at", Instant),  # since when it is not given out, and its bytes may be gone
    sa.Index("ix_part_digest", "digest"),
    sa.Index("ix_part_used_at", "used_at"),
)

#: One row for each upload that began lately; until it is completed its bytes are a file of its own.
PART_UPLOAD = sa.Table(
    "part_upload",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("system_id", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.BigInteger),  # what was announced
    sa.Column("digest", Digest),  # likewise
    sa.Column("completed", Digest),  # SHA-256 of what came, once all of it is there
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("touched_at", Instant, nullable=False),
    sa.Index("ix_part_upload_system_id", "system_id"),
    sa.Index("ix_part_upload_touched_at", "touched_at"),
)

#: One row for each attachment of an accepted package that came apart; it stays after a purge.
PACKAGE_PART = sa.Table(
    "package_part",
    METADATA,
    sa.Column("package_id", sa.Uuid, sa.ForeignKey("package.id"), primary_key=True),
    sa.Column("content_id", sa.String(255), primary_key=True),  # without ``cid:``
    sa.Column("position", sa.SmallInteger, nullable=False),  # in the manifest, from 0
    sa.Column("name", sa.Text),  # as the envelope signs it; never a path
    sa.Column("content_type", sa.Text),
    sa.Column("digest", Digest, nullable=False, index=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
)
