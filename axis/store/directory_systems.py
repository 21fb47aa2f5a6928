"""Records a system with the offices that it acts for, as installations begin; tells its state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from axis.directory.records import system_of_fact
from axis.directory.systems import plan_add, plan_assign
from axis.directory.values import QUEUED, ReceivesBy, System, SystemFact
from axis.store.directory import rows_of
from axis.store.directory_changes import change_directory
from axis.store.tables.directory import SYSTEM


def connect_system(
    engine: sa.Engine,
    system_id: str,
    codes: Iterable[str],
    *,
    name: str,
    receives_by: ReceivesBy,
    by: str,
    at: datetime,
) -> None:
    """Add a connected system and let it act for offices, since ever where nobody did before.

    Raises:
        DirectoryRefusedError, OfficeUnknownError, SystemExistsError: the directory says otherwise.
        DatabaseUnavailableError: the database cannot be reached.
    """
    change_directory(
        engine,
        lambda directory: plan_add(
            directory, system_id, name=name, receives_by=receives_by, connected=True
        ),
        kind="system",
        by=by,
        at=at,
    )
    change_directory(
        engine,
        lambda directory: plan_assign(directory, system_id, codes, start=None, now=at),
        kind="system",
        by=by,
        at=at,
    )


def has_system(connection: sa.Connection, system_id: str) -> bool:
    """Say whether the directory knows a system of this id now."""
    row = connection.execute(
        sa.select(SYSTEM.c.system_id).where(
            SYSTEM.c.system_id == system_id, SYSTEM.c.until_version.is_(None)
        )
    ).first()
    return row is not None


def systems_named(connection: sa.Connection, names: Collection[str]) -> Mapping[str, System]:
    """Return the systems of these ids as they are now; those that nobody knows are left out."""
    chosen = sa.and_(SYSTEM.c.system_id.in_(names), SYSTEM.c.until_version.is_(None))
    return {
        fact.system_id: system_of_fact(fact) for fact in rows_of(connection, SystemFact, chosen)
    }


def system_states(connection: sa.Connection) -> dict[str, str]:
    """Return the state of every system: active, suspended or closed."""
    rows = connection.execute(
        sa.select(SYSTEM.c.system_id, SYSTEM.c.state).where(SYSTEM.c.until_version.is_(None))
    )
    return {row.system_id: row.state for row in rows}


def queued_systems(connection: sa.Connection) -> frozenset[str]:
    """Return the systems that are told of their deliveries by a queue, whatever their state."""
    rows = connection.execute(
        sa.select(SYSTEM.c.system_id).where(
            SYSTEM.c.until_version.is_(None), SYSTEM.c.receives_by.in_(sorted(QUEUED))
        )
    )
    return frozenset(row.system_id for row in rows)
