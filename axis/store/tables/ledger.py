"""The ledger: what waits for its place, what has one for ever, and what was signed over it.

Entries, checkpoints, cosignatures and timestamps only grow: triggers refuse any change of a row. A
superuser can drop a trigger, so this stops mistakes; what stops the superuser is the signed tree.
Every column of ``ledger_entry`` can be re-derived from the entry's bytes and the tree, on purpose.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from axis.store.tables.base import METADATA, Digest, Instant, Serial

#: What workers append; the notary moves it to ``ledger_entry`` in the order of ``position``.
LEDGER_INBOX = sa.Table(
    "ledger_inbox",
    METADATA,
    sa.Column("position", Serial, primary_key=True),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("package_id", sa.Uuid, nullable=False),
    sa.Column("delivery_id", sa.Uuid),
    sa.Column("leaf", sa.LargeBinary, nullable=False),  # RFC 8785 bytes: the entry itself
    sa.Column("leaf_hash", Digest, nullable=False),
    sa.Column("salt", Digest, nullable=False),
    sa.Column("opening", sa.LargeBinary, nullable=False),  # values behind the commitments
    sa.Index("ix_ledger_inbox_package_id", "package_id"),
)

#: The log. Only ``leaf`` is in the tree; the other columns stand beside it to find and open it.
LEDGER_ENTRY = sa.Table(
    "ledger_entry",
    METADATA,
    sa.Column("log", sa.SmallInteger, primary_key=True, autoincrement=False),  # year
    sa.Column("leaf_index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entry_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("package_id", sa.Uuid, nullable=False),
    sa.Column("delivery_id", sa.Uuid),
    sa.Column("leaf", sa.LargeBinary, nullable=False),
    sa.Column("leaf_hash", Digest, nullable=False),
    sa.Column("salt", Digest, nullable=False),
    sa.Column("opening", sa.LargeBinary, nullable=False),
    sa.Index("ix_ledger_entry_package_id", "package_id"),
)

#: How far each log goes: the next entry gets index ``size``.
LEDGER_HEAD = sa.Table(
    "ledger_head",
    METADATA,
    sa.Column("log", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, nullable=False),
)

#: One row: who may sequence and sign. Taking over raises ``epoch``, which fences the one before.
LEDGER_NOTARY = sa.Table(
    "ledger_notary",
    METADATA,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("holder", sa.String(255), nullable=False),
    sa.Column("taken_at", Instant, nullable=False),
    sa.CheckConstraint("id = 1", name="one"),
)

#: Every checkpoint that was ever signed; it is written here before anyone sees it.
LEDGER_CHECKPOINT = sa.Table(
    "ledger_checkpoint",
    METADATA,
    sa.Column("log", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("root", Digest, nullable=False),
    sa.Column("note", sa.Text, nullable=False),  # C2SP signed note, with the log's signature
    sa.Column("signed_at", Instant, nullable=False),
)

#: What witnesses said to checkpoints: that nothing before was changed.
LEDGER_COSIGNATURE = sa.Table(
    "ledger_cosignature",
    METADATA,
    sa.Column("log", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("witness", sa.String(255), primary_key=True),
    sa.Column("line", sa.Text, nullable=False),  # signature line of a signed note
    sa.Column("cosigned_at", Instant, nullable=False),
)

#: What time stamping authorities said to checkpoints, and when they did not answer.
LEDGER_TIMESTAMP = sa.Table(
    "ledger_timestamp",
    METADATA,
    sa.Column("number", Serial, primary_key=True),
    sa.Column("log", sa.SmallInteger, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("token", sa.LargeBinary),  # RFC 3161 TimeStampResp, DER; null where none was given
    sa.Column("failure", sa.Text),
    sa.Index("ix_ledger_timestamp_log", "log", "size"),
)

_REFUSE_ON_POSTGRESQL: Final = """
create or replace function ledger_refuse_change() returns trigger language plpgsql as
$$ begin
  raise exception '% only grows: % refused', tg_table_name, lower(tg_op)
    using errcode = 'insufficient_privilege';
end $$
"""


#: What a user who may only read can put into the inbox: the record that it was given an export.
_RECORD_EXPORT: Final = """
create or replace function ledger_record_export(
  entry uuid, package uuid, said bytea, said_hash bytea, its_salt bytea, its_opening bytea
) returns void language plpgsql security definer set search_path from current as
$$ begin
  if convert_from(said, 'UTF8')::json ->> 'event' is distinct from 'urn:axis:event:LedgerExport'
     or sha256('\\x00'::bytea || said) <> said_hash
  then
    raise exception 'no record of an export' using errcode = 'insufficient_privilege';
  end if;
  insert into ledger_inbox (entry_id, package_id, leaf, leaf_hash, salt, opening)
    values (entry, package, said, said_hash, its_salt, its_opening)
    on conflict do nothing;
end $$
"""
RECORDING_EXPORTS: Final = (
    _RECORD_EXPORT,
    "revoke execute on function ledger_record_export from public",
)


def triggers_on_postgresql(table: str) -> tuple[str, ...]:
    """Return the statements that make a table insert-only on PostgreSQL."""
    return (
        _REFUSE_ON_POSTGRESQL,
        f"""create trigger {table}_only_grows
            before update or delete or truncate on {table}
            for each statement execute function ledger_refuse_change()""",
    )


def triggers_on_sqlite(table: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the statements that make a table insert-only on SQLite.

    ``INSERT OR REPLACE`` removes rows without firing a delete trigger, hence the third one; each of
    ``keys`` is a condition under which a new row would replace an old one.
    """
    refuse = f"begin select raise(abort, '{table} only grows'); end"
    replaces = " or ".join(keys)
    return (
        f"create trigger {table}_no_update before update on {table} {refuse}",
        f"create trigger {table}_no_delete before delete on {table} {refuse}",
        f"""create trigger {table}_no_replace before insert on {table}
            when exists (select 1 from {table} where {replaces}) {refuse}""",  # noqa: S608
    )


ENTRY_KEYS: Final = ("log = new.log and leaf_index = new.leaf_index", "entry_id = new.entry_id")
CHECKPOINT_KEYS: Final = ("log = new.log and size = new.size",)


def _after_create(table: sa.Table, statement: str, dialect: str) -> None:
    ddl = sa.DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    sa.event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


COSIGNATURE_KEYS: Final = ("log = new.log and size = new.size and witness = new.witness",)
TIMESTAMP_KEYS: Final = ("number = new.number",)

#: Tables that only grow, each with the conditions under which a new row would replace an old one.
INSERT_ONLY: Final = (
    (LEDGER_ENTRY, ENTRY_KEYS),
    (LEDGER_CHECKPOINT, CHECKPOINT_KEYS),
    (LEDGER_COSIGNATURE, COSIGNATURE_KEYS),
    (LEDGER_TIMESTAMP, TIMESTAMP_KEYS),
)

for _statement in RECORDING_EXPORTS:
    _after_create(LEDGER_INBOX, _statement, "postgresql")
for _table, _keys in INSERT_ONLY:
    for _statement in triggers_on_postgresql(_table.name):
        _after_create(_table, _statement, "postgresql")
    for _statement in triggers_on_sqlite(_table.name, _keys):
        _after_create(_table, _statement, "sqlite")
