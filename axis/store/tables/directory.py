"""Offices in time: each fact is a row, believed from one version of the directory until another.

``valid_from`` and ``valid_to`` say when a fact holds in the country (null: no bound is known);
``since_version`` and ``until_version`` say when the axis believed it. A correction sets
``until_version`` of the old row, once, and adds a row; what a row says is never edited.
"""

from __future__ import annotations

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Facts, Instant, Serial

#: One row; who changes the directory updates it first and thereby waits for the one before.
DIRECTORY_VERSION = sa.Table(
    "directory_version",
    METADATA,
    sa.Column("singleton", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.CheckConstraint("singleton = 1", name="singleton"),
)

#: One row for each version: who recorded what, and on which legal basis.
DIRECTORY_CHANGE = sa.Table(
    "directory_change",
    METADATA,
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("recorded_by", sa.String(255), nullable=False),
    sa.Column("legal_basis", sa.Text, nullable=False),
    sa.Column("facts", Facts, nullable=False),
)

#: An office may be recorded, taken back and recorded again under the same key; so no foreign key
#: can point here. That every fact has its office is the plan's care, under the version's lock.
OFFICE = sa.Table(
    "office",
    METADATA,
    sa.Column("office_id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("since_version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("until_version", sa.BigInteger),
    sa.Index("ix_office_since_version", "since_version"),
)


def _facts(name: str, *columns: sa.schema.SchemaItem, subject: str = "office_id") -> sa.Table:
    """Return a table of facts that have a validity and are believed between two versions."""
    current = sa.text("until_version is null")
    return sa.Table(
        name,
        METADATA,
        sa.Column("id", Serial, primary_key=True),
        sa.Column(subject, sa.String(64), nullable=False),
        *columns,
        sa.Column("since_version", sa.BigInteger, nullable=False),
        sa.Column("until_version", sa.BigInteger),
        sa.Index(f"ix_{name}_current", subject, postgresql_where=current, sqlite_where=current),
        sa.Index(f"ix_{name}_since_version", "since_version"),
        sa.Index(
            f"ix_{name}_until_version",
            "until_version",
            postgresql_where=sa.text("until_version is not null"),
            sqlite_where=sa.text("until_version is not null"),
        ),
    )


def _validity() -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("valid_from", Instant),
        sa.Column("valid_to", Instant),
        sa.CheckConstraint("valid_from < valid_to", name="validity"),
    )


OFFICE_STANDING = _facts(
    "office_standing",
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    *_validity(),
)

OFFICE_NAME = _facts(
    "office_name",
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("variant", sa.Boolean, nullable=False),  # another spelling, only searched
    *_validity(),
)

OFFICE_CODE = _facts(
    "office_code",
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("scheme", sa.String(16), nullable=False),
    *_validity(),
)
sa.Index(
    "uq_office_code_current",
    OFFICE_CODE.c.code,
    OFFICE_CODE.c.scheme,
    OFFICE_CODE.c.valid_from,
    unique=True,
    postgresql_where=sa.text("until_version is null"),
    sqlite_where=sa.text("until_version is null"),
)

OFFICE_PARENT = _facts(
    "office_parent",
    sa.Column("parent_id", sa.String(64), nullable=False),
    *_validity(),
)

OFFICE_CONTACT = _facts(
    "office_contact",
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    *_validity(),
)

SYSTEM = _facts(
    "system",
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("receives_by", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("connected", sa.Boolean, nullable=False),
    subject="system_id",
)
sa.Index(
    "uq_system_current",
    SYSTEM.c.system_id,
    unique=True,
    postgresql_where=sa.text("until_version is null"),
    sqlite_where=sa.text("until_version is null"),
)

SYSTEM_OFFICE = _facts(
    "system_office",
    sa.Column("system_id", sa.String(64), nullable=False),
    *_validity(),
)

#: One row for each pair of old and new office; one act of law shares its ``succession_id``.
SUCCESSION = _facts(
    "succession",
    sa.Column("succession_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("successor_id", sa.String(64)),
    sa.Column("effective_at", Instant, nullable=False),
    sa.Column("legal_basis", sa.Text, nullable=False),
)

SPLIT_RULE = _facts(
    "split_rule",
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("matches", sa.Text, nullable=False),
    sa.Column("successor_id", sa.String(64)),
    *_validity(),
)

#: A named list of addressees: by rule, by hand, or both.
OFFICE_GROUP = _facts(
    "office_group",
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),  # ``level=commune below=H44``; empty: by hand only
    *_validity(),
    subject="group_id",
)

OFFICE_GROUP_MEMBER = _facts(
    "office_group_member",
    sa.Column("group_id", sa.String(64), nullable=False),
    sa.Column("included", sa.Boolean, nullable=False),  # False: an exception from the rule
    *_validity(),
)

#: What an imported file says beyond the facts: the order of its lines and its remarks.
DIRECTORY_SOURCE = sa.Table(
    "directory_source",
    METADATA,
    sa.Column("file", sa.String(128), primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("cells", Facts, nullable=False),
    sa.Column("since_version", sa.BigInteger, nullable=False),
)
