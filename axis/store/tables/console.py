"""The console: accounts, sessions, what is searched, and figures that would be slow to count."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from axis.store.tables.base import METADATA, Digest, Instant

#: One row for each account of a person; a removed one stays, without its secrets.
CONSOLE_ACCOUNT = sa.Table(
    "console_account",
    METADATA,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),  # operator, auditor, viewer
    sa.Column("office_id", sa.String(64)),  # of a viewer: the office whose documents it sees
    sa.Column("password", sa.Text),  # Argon2id; null: signs in elsewhere only, or was removed
    sa.Column("totp", sa.LargeBinary),  # sealed with the key of ``[access] key``
    sa.Column("totp_step", sa.BigInteger),  # of the last code that was used: none counts twice
    sa.Column("must_change", sa.Boolean, nullable=False),  # the password was given by somebody else
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String(255), nullable=False),
    sa.Column("removed_at", Instant),
    sa.Column("removed_by", sa.String(255)),
)

#: One row for each browser that is signed in; the secret itself is nowhere.
CONSOLE_SESSION = sa.Table(
    "console_session",
    METADATA,
    sa.Column("digest", Digest, primary_key=True),
    sa.Column("account", sa.String(64), nullable=False, index=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
)

_WORDS = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")
_OFFICES = sa.Text().with_variant(postgresql.ARRAY(sa.Text), "postgresql")

#: One row for each document package, written behind the relay: its words without marks, and the
#: offices that sent it or get it.
DOCUMENT_SEARCH = sa.Table(
    "document_search",
    METADATA,
    sa.Column("package_id", sa.Uuid, primary_key=True),
    sa.Column("at", Instant, nullable=False),  # when the package was judged
    sa.Column("words", _WORDS, nullable=False),
    sa.Column("offices", _OFFICES, nullable=False),
    sa.Index("ix_document_search_at", "at", "package_id"),
)
sa.Index(
    "ix_document_search_words",
    DOCUMENT_SEARCH.c.words,
    DOCUMENT_SEARCH.c.offices,
    postgresql_using="gin",
    info={"only": "postgresql"},
).ddl_if(dialect="postgresql")

#: Which hours are counted in ``traffic``, and when that was.
TRAFFIC_HOUR = sa.Table(
    "traffic_hour",
    METADATA,
    sa.Column("hour", Instant, primary_key=True),
    sa.Column("counted_at", Instant, nullable=False),
)

#: Deliveries by the hour in which their package was judged. ``bucket`` says how they went:
#: axis.figures.buckets.
TRAFFIC = sa.Table(
    "traffic",
    METADATA,
    sa.Column("hour", Instant, primary_key=True),
    sa.Column("sender_level", sa.String(16), primary_key=True),
    sa.Column("receiver_level", sa.String(16), primary_key=True),
    sa.Column("lane", sa.String(8), primary_key=True),
    sa.Column("bucket", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("deliveries", sa.BigInteger, nullable=False),
)

#: What was unfinished at the top of an hour, for the offices with the most of it; ``*`` is all.
BACKLOG = sa.Table(
    "backlog",
    METADATA,
    sa.Column("hour", Instant, primary_key=True),
    sa.Column("office_id", sa.String(64), primary_key=True),
    sa.Column("waiting", sa.BigInteger, nullable=False),
)
