"""What the clock's checks found, whom alarms were told to, and what people said to them."""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Facts, Instant

#: One row for each check of ``axis doctor``: what it found when the clock ran it last.
CHECK_RESULT = sa.Table(
    "check_result",
    METADATA,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("facts", Facts, nullable=False),
    sa.Column("troubles", Facts, nullable=False),  # codes and subjects that became alarms
)

#: One row for each alarm that somebody was told of or saw to; of its occurrence since ``first_at``.
ALARM_CARE = sa.Table(
    "alarm_care",
    METADATA,
    sa.Column("code", sa.String(64), primary_key=True),
    sa.Column("subject", sa.String(512), primary_key=True),
    sa.Column("first_at", Instant, nullable=False),
    sa.Column("told_at", Instant),
    sa.Column("told", sa.SmallInteger, nullable=False),  # how often
    sa.Column("escalated_at", Instant),
    sa.Column("acked_at", Instant),
    sa.Column("acked_by", sa.String(255)),
    sa.Column("why", sa.Text),
)

#: One row for each order to keep quiet about alarms; the row stays when the order is over.
ALERT_SILENCE = sa.Table(
    "alert_silence",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.String(64), nullable=False),  # a pattern with *
    sa.Column("subject", sa.String(512), nullable=False),  # likewise
    sa.Column("until", Instant, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("made_by", sa.String(255), nullable=False),
    sa.Column("why", sa.Text),
)

#: One row for each message to one receiver; its id follows from what it says, so it is made once.
ALERT_MESSAGE = sa.Table(
    "alert_message",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),  # mail, webhook
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # raised, again, escalated, over, test
    sa.Column("alarms", Facts, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("due_at", Instant),  # when it is tried; null: it was sent
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("answer", sa.Text),  # what came back, last
    sa.Index(
        "ix_alert_message_due",
        "due_at",
        postgresql_where=sa.text("due_at is not null"),
        sqlite_where=sa.text("due_at is not null"),
    ),
)
