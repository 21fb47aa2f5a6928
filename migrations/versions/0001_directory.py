"""The directory: offices, systems, successions and groups in time, and the version they share."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Facts, Instant, Serial

revision = "0001_directory"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "directory_version",
    "directory_change",
    "directory_source",
    "office_group_member",
    "office_group",
    "split_rule",
    "succession",
    "system_office",
    "system",
    "office_contact",
    "office_parent",
    "office_code",
    "office_name",
    "office_standing",
    "office",
)


def upgrade() -> None:
    op.create_table(
        "directory_version",
        sa.Column("singleton", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("singleton = 1", name="singleton"),
        sa.PrimaryKeyConstraint("singleton", name="pk_directory_version"),
    )
    op.execute("insert into directory_version (singleton, version) values (1, 0)")
    op.create_table(
        "directory_change",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.String(255), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("facts", Facts, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_directory_change"),
    )
    op.create_table(
        "directory_source",
        sa.Column("file", sa.String(128), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cells", Facts, nullable=False),
        sa.Column("since_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("file", "line", name="pk_directory_source"),
    )
    op.create_table(
        "office",
        sa.Column("office_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("since_version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until_version", sa.BigInteger()),
        sa.PrimaryKeyConstraint("office_id", "since_version", name="pk_office"),
    )
    op.create_index("ix_office_since_version", "office", ["since_version"])
    _facts(
        "office_standing",
        "office_id",
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        *_validity(),
    )
    _facts(
        "office_name",
        "office_id",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("variant", sa.Boolean(), nullable=False),
        *_validity(),
    )
    _facts(
        "office_code",
        "office_id",
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("scheme", sa.String(16), nullable=False),
        *_validity(),
    )
    _unique_while_believed("uq_office_code_current", "office_code", "code", "scheme", "valid_from")
    _facts(
        "office_parent",
        "office_id",
        sa.Column("parent_id", sa.String(64), nullable=False),
        *_validity(),
    )
    _facts(
        "office_contact",
        "office_id",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        *_validity(),
    )
    _facts(
        "system",
        "system_id",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("receives_by", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("connected", sa.Boolean(), nullable=False),
    )
    _unique_while_believed("uq_system_current", "system", "system_id")
    _facts(
        "system_office",
        "office_id",
        sa.Column("system_id", sa.String(64), nullable=False),
        *_validity(),
    )
    _facts(
        "succession",
        "office_id",
        sa.Column("succession_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("successor_id", sa.String(64)),
        sa.Column("effective_at", Instant(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
    )
    _facts(
        "split_rule",
        "office_id",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("matches", sa.Text(), nullable=False),
        sa.Column("successor_id", sa.String(64)),
        *_validity(),
    )
    _facts(
        "office_group",
        "group_id",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        *_validity(),
    )
    _facts(
        "office_group_member",
        "office_id",
        sa.Column("group_id", sa.String(64), nullable=False),
        sa.Column("included", sa.Boolean(), nullable=False),
        *_validity(),
    )


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)


def _facts(name: str, subject: str, *columns: sa.schema.SchemaItem) -> None:
    """Create a table of facts that are believed from one version until another."""
    op.create_table(
        name,
        sa.Column("id", Serial, nullable=False),
        sa.Column(subject, sa.String(64), nullable=False),
        *(item for item in columns if isinstance(item, sa.Column)),
        sa.Column("since_version", sa.BigInteger(), nullable=False),
        sa.Column("until_version", sa.BigInteger()),
        *(item for item in columns if not isinstance(item, sa.Column)),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_current", name, [subject], **_where("until_version is null"))
    op.create_index(f"ix_{name}_since_version", name, ["since_version"])
    op.create_index(
        f"ix_{name}_until_version",
        name,
        ["until_version"],
        **_where("until_version is not null"),
    )


def _validity() -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("valid_from", Instant()),
        sa.Column("valid_to", Instant()),
        sa.CheckConstraint("valid_from < valid_to", name="validity"),
    )


def _unique_while_believed(name: str, table: str, *columns: str) -> None:
    op.create_index(name, table, list(columns), unique=True, **_where("until_version is null"))


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}
