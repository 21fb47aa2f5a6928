"""Figures of periods that are over, the files written from them, and which documents answer."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Digest, Instant

#: One row for each period and revision; a row is never changed, a correction is a new revision.
CLOSED_REPORT = sa.Table(
    "closed_report",
    METADATA,
    sa.Column("period", sa.String(16), primary_key=True),  # 2026-11-20, 2026-W46, 2026-10
    sa.Column("revision", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),  # JSON, packed by zlib
    sa.Column("who", sa.String(255)),  # of a correction
    sa.Column("why", sa.Text),
)

#: One row for each file that was written by schedule: none is written twice.
REPORT_FILE = sa.Table(
    "report_file",
    METADATA,
    sa.Column("name", sa.String(64), primary_key=True),  # in the schedule
    sa.Column("period", sa.String(16), primary_key=True),
    sa.Column("form", sa.String(8), primary_key=True),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("digest", Digest, nullable=False),
    sa.Column("written_at", Instant, nullable=False),
    sa.Column("mailed_at", Instant),  # where the schedule names somebody who gets it
    sa.Index("ix_report_file_written_at", "written_at"),
)

#: One row for each document that says in ResponseFor which document it answers.
DOCUMENT_ANSWER = sa.Table(
    "document_answer",
    METADATA,
    sa.Column("package_id", sa.Uuid, sa.ForeignKey("package.id"), primary_key=True),
    sa.Column("document_id", sa.String(255), primary_key=True),  # of the document answered
    sa.Index("ix_document_answer_document_id", "document_id"),
)
