"""The ledger: inbox, entries, head, notary, checkpoints; entries and checkpoints only grow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from axis.store.tables.base import Digest, Instant, Serial
from axis.store.tables.ledger import (
    CHECKPOINT_KEYS,
    COSIGNATURE_KEYS,
    ENTRY_KEYS,
    RECORDING_EXPORTS,
    TIMESTAMP_KEYS,
    triggers_on_postgresql,
    triggers_on_sqlite,
)

revision = "0004_ledger"
down_revision = "0003_delivery"
branch_labels = None
depends_on = None

_ONLY_GROW = (
    ("ledger_entry", ENTRY_KEYS),
    ("ledger_checkpoint", CHECKPOINT_KEYS),
    ("ledger_cosignature", COSIGNATURE_KEYS),
    ("ledger_timestamp", TIMESTAMP_KEYS),
)

#: Rights by role, granted where the role exists: docs/ledger.md says who is to have which.
_RIGHTS = {
    "axis_worker": (
        "grant select, insert on ledger_inbox to axis_worker",
        "grant usage on sequence ledger_inbox_position_seq to axis_worker",
        "grant select on ledger_entry, ledger_head, ledger_checkpoint to axis_worker",
        "grant select on ledger_cosignature, ledger_timestamp to axis_worker",
    ),
    "axis_notary": (
        "grant select, insert, delete on ledger_inbox to axis_notary",
        "grant usage on sequence ledger_inbox_position_seq to axis_notary",
        "grant select, insert on ledger_entry, ledger_checkpoint to axis_notary",
        "grant select, insert on ledger_cosignature, ledger_timestamp to axis_notary",
        "grant usage on sequence ledger_timestamp_number_seq to axis_notary",
        "grant select, insert, update on ledger_head, ledger_notary to axis_notary",
    ),
    "axis_auditor": (
        "grant select on ledger_entry, ledger_head, ledger_checkpoint to axis_auditor",
        "grant select on ledger_cosignature, ledger_timestamp to axis_auditor",
        "grant execute on function ledger_record_export to axis_auditor",
        # what an export says about an entry, and who belongs to a branch
        "grant select on package, delivery to axis_auditor",
        "grant select on directory_version, office, office_standing to axis_auditor",
        "grant select on office_name, office_code, office_parent, office_contact to axis_auditor",
        "grant select on system, system_office, succession, split_rule to axis_auditor",
    ),
}


def upgrade() -> None:
    op.create_table(
        "ledger_inbox",
        sa.Column("position", Serial, nullable=False),
        *_entry_columns(),
        sa.PrimaryKeyConstraint("position", name="pk_ledger_inbox"),
        sa.UniqueConstraint("entry_id", name="uq_ledger_inbox_entry_id"),
    )
    op.create_index("ix_ledger_inbox_package_id", "ledger_inbox", ["package_id"])
    op.create_table(
        "ledger_entry",
        sa.Column("log", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        *_entry_columns(),
        sa.PrimaryKeyConstraint("log", "leaf_index", name="pk_ledger_entry"),
        sa.UniqueConstraint("entry_id", name="uq_ledger_entry_entry_id"),
    )
    op.create_index("ix_ledger_entry_package_id", "ledger_entry", ["package_id"])
    op.create_table(
        "ledger_head",
        sa.Column("log", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log", name="pk_ledger_head"),
    )
    op.create_table(
        "ledger_notary",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(255), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_ledger_notary_one"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_notary"),
    )
    op.create_table(
        "ledger_checkpoint",
        sa.Column("log", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", Digest, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("log", "size", name="pk_ledger_checkpoint"),
    )
    op.create_table(
        "ledger_cosignature",
        sa.Column("log", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.String(255), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("cosigned_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("log", "size", "witness", name="pk_ledger_cosignature"),
    )
    op.create_table(
        "ledger_timestamp",
        sa.Column("number", Serial, nullable=False),
        sa.Column("log", sa.SmallInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_timestamp"),
    )
    op.create_index("ix_ledger_timestamp_log", "ledger_timestamp", ["log", "size"])
    for table, keys in _ONLY_GROW:
        _only_grows(table, keys)
    if op.get_bind().dialect.name == "postgresql":
        for statement in RECORDING_EXPORTS:
            op.execute(sa.text(statement.replace(":", "\\:")))
    _grant_rights()


def downgrade() -> None:
    for table in (
        "ledger_timestamp",
        "ledger_cosignature",
        "ledger_checkpoint",
        "ledger_notary",
        "ledger_head",
        "ledger_entry",
        "ledger_inbox",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function ledger_refuse_change()")
        op.execute("drop function ledger_record_export")


def _entry_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", Digest, nullable=False),
        sa.Column("salt", Digest, nullable=False),
        sa.Column("opening", sa.LargeBinary(), nullable=False),
    ]


def _only_grows(table: str, keys: tuple[str, ...]) -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in (
        triggers_on_postgresql(table) if postgresql else triggers_on_sqlite(table, keys)
    ):
        op.execute(sa.text(statement))  # text() doubles the % that the driver would read


def _grant_rights() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for role, rights in _RIGHTS.items():
        if connection.scalar(
            sa.text("select 1 from pg_roles where rolname = :role"), {"role": role}
        ):
            for right in rights:
                connection.exec_driver_sql(right)
