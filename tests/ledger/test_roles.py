"""What the roles of the database may do with the ledger, after the migrations."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from axis.store.engine import open_engine
from axis.store.migrate import upgrade

ROLES = ("axis_worker", "axis_notary", "axis_auditor")

ENTRY = (
    "insert into {table} ({place} entry_id, package_id, leaf, leaf_hash, salt, opening) values"
    " ({values} gen_random_uuid(), gen_random_uuid(), '', '', '', '')"
)
INBOX = ENTRY.format(table="ledger_inbox", place="", values="")
LOG = ENTRY.format(table="ledger_entry", place="log, leaf_index,", values="2026, 0,")

MAY = {
    "axis_worker": {INBOX, "select * from ledger_entry", "select * from ledger_inbox"},
    "axis_notary": {
        INBOX,
        LOG,
        "select * from ledger_entry",
        "select * from ledger_inbox",
        "delete from ledger_inbox",
        "update ledger_head set size = 0",
    },
    "axis_auditor": {"select * from ledger_entry"},
}
ALL = [
    INBOX,
    LOG,
    "select * from ledger_entry",
    "select * from ledger_inbox",
    "delete from ledger_inbox",
    "update ledger_head set size = 0",
    "update ledger_entry set leaf = ''",
    "delete from ledger_entry",
    "truncate ledger_entry",
    "update ledger_checkpoint set note = ''",
    "delete from ledger_checkpoint",
    "update ledger_cosignature set line = ''",
    "delete from ledger_timestamp",
    "drop trigger ledger_entry_only_grows on ledger_entry",
    "drop table ledger_entry",
]


@pytest.fixture
def migrated(postgresql_url: str) -> sa.Engine:
    engine = open_engine(postgresql_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        for role in ROLES:
            connection.exec_driver_sql(
                f"do $$ begin create role {role}; exception when duplicate_object then null; end $$"
            )
            connection.exec_driver_sql(f"grant {role} to current_user")
    upgrade(engine)
    return engine


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_it_needs_and_nothing_else(migrated: sa.Engine, role: str) -> None:
    allowed = set()
    for statement in ALL:
        with migrated.connect() as connection:
            connection.exec_driver_sql(f"set role {role}")
            try:
                connection.exec_driver_sql(statement)
                allowed.add(statement)
            except sa.exc.DBAPIError:
                pass
            connection.rollback()
    migrated.dispose()
    assert allowed == MAY[role]
